// SPDX-License-Identifier: BSD-2-Clause
// The server of the control socket; its language is in control_protocol.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kern/api.h"

namespace pupci::kern {

class Kernel;

// The directory of the sockets of this user, made if need be. Throws pupci::Error when it is not
// ours alone (another owner, other rights).
PUPCI_API std::string control_directory();
// The sockets in it that a process listens on, with its id. Those of processes that have gone are
// removed.
struct ControlSocket {
  int pid;
  std::string path;
};
PUPCI_API std::vector<ControlSocket> control_sockets();

class PUPCI_API ControlServer {
 public:
  // Listens on PID.sock in the directory, or on `path`. Throws pupci::Error.
  explicit ControlServer(Kernel& kernel, const std::string& path = {});
  ~ControlServer();  // closes all that clients have open, waits for their calls, removes the socket
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  [[nodiscard]] const std::string& path() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace pupci::kern
