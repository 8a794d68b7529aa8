// SPDX-License-Identifier: BSD-2-Clause
// What keeps a function of a NetBSD system from being used, in the user's terms: the thing, the
// reason, and the command that mends it.
#pragma once

#include <string>

#include "pupci/address.h"
#include "pupci/error.h"

namespace pupci::netbsd {

/// Of an errno value.
std::string reason(int error);
/// As NetBSD writes it: "0:3:0", in decimal.
std::string netbsd_address(const Address& address);

/// Of open(2) of a node of pupci(4) or pci(4).
Error cannot_open_node(const std::string& path, int error);
Error cannot_open_bus(const std::string& path, int error);
/// The module speaks another version of the requests; 0 for one that cannot even be asked.
Error other_version(const std::string& path, unsigned version);
/// It is no node of pci(4).
Error no_bus(const std::string& path, int error);

/// How to take a function from what holds it: a kernel driver's instance, or nothing ("").
std::string how_to_claim(const Address& address, const std::string& holder);
/// Why a BAR cannot be mapped, or DMA memory be had, though the node is open.
std::string why_not_mapped(int error);

}  // namespace pupci::netbsd
