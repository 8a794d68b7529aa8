// SPDX-License-Identifier: BSD-2-Clause
// Configuration space in words, register by register, as pci_conf_print(9) and `list -v` show it.
#pragma once

#include <string>

#include "pupci/function.h"

namespace pupci {

/// The header of type 0 or 1 with every bit of its registers, the BARs, bridge windows, and all
/// capabilities, those that are known with their registers. Many lines, each ending in a newline;
/// a fault of a capability list is one of them. Reads whatever is there: no value makes it fail.
/// Throws only for want of memory.
std::string config_text(Function& function);

}  // namespace pupci
