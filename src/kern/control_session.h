// SPDX-License-Identifier: BSD-2-Clause
// One connection's requests and descriptors, without its socket.
#pragma once

#include <string>
#include <string_view>

#include "kern/api.h"
#include "kern/file_table.h"

namespace pupci::kern {

class Kernel;

class PUPCI_API ControlSession {
 public:
  explicit ControlSession(Kernel& kernel);
  ~ControlSession() = default;  // close_all()
  ControlSession(const ControlSession&) = delete;
  ControlSession& operator=(const ControlSession&) = delete;

  // The reply to a request, both without the newline. Never throws: what is wrong with a request is
  // its reply.
  std::string answer(std::string_view line) noexcept;
  // Closes all that is open.
  void close_all() { files_.close_all(); }
  // From another thread: the call that sleeps ends, and none sleeps any more.
  void interrupt() { files_.interrupt(); }

  struct Request;

 private:
  friend struct Request;
  Kernel& kernel_;
  FileTable files_;
};

}  // namespace pupci::kern
