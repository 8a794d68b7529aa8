// SPDX-License-Identifier: BSD-2-Clause
// What stands after --host netbsd: and which nodes it means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pupci::netbsd {

struct Spec {
  std::string name;                ///< "netbsd:/dev/pci0", as in messages
  std::vector<std::string> buses;  ///< nodes of pci(4): each with all below
  std::vector<std::string> nodes;  ///< nodes of pupci(4): each one function
  std::string kernel;              ///< the socket of a kernel in another process; or empty

  /// The node of pupci(4) for an instance, "pupci3", beside the node of a bus.
  [[nodiscard]] static std::string node_beside(const std::string& bus, std::string_view instance);
};

/// Words between commas: paths of nodes; kernel=SOCKET. `native`: whether this is NetBSD, so that
/// no kernel need be named. Throws Error.
Spec parse_spec(std::string_view text, bool native);

}  // namespace pupci::netbsd
