// SPDX-License-Identifier: BSD-2-Clause
// The sockets that a server listens on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/fd.h"

namespace pupci::wscons {

struct Listener {
  std::vector<Fd> sockets;  // one for each address that the name has; they do not block
  std::uint16_t port = 0;   // of all of them
  bool loopback_only = true;
};

// `what` is how the user wrote it, for messages. Throws pupci::Error.
Listener listen_on(const std::string& what, const std::string& address, std::uint16_t port);

}  // namespace pupci::wscons
