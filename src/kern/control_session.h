// SPDX-License-Identifier: BSD-2-Clause
// One connection's requests and descriptors, without its socket.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "kern/api.h"
#include "kern/open_device.h"

namespace pupci::kern {

class Kernel;

class PUPCI_API ControlSession {
 public:
  explicit ControlSession(Kernel& kernel) : kernel_(kernel) {}
  ~ControlSession() { close_all(); }
  ControlSession(const ControlSession&) = delete;
  ControlSession& operator=(const ControlSession&) = delete;

  // The reply to a request, both without the newline. Never throws: what is wrong with a request is
  // its reply.
  std::string answer(std::string_view line) noexcept;
  // Closes all that is open.
  void close_all();
  // From another thread: the call that sleeps ends, and none sleeps any more.
  void interrupt();

  struct Request;

 private:
  friend struct Request;
  int add(std::shared_ptr<OpenDevice> device);
  std::shared_ptr<OpenDevice> find(long fd);
  std::shared_ptr<OpenDevice> take(long fd);

  Kernel& kernel_;
  std::mutex mutex_;
  bool interrupted_ = false;
  std::map<int, std::shared_ptr<OpenDevice>> descriptors_;
};

}  // namespace pupci::kern
