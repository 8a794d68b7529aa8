// SPDX-License-Identifier: BSD-2-Clause
// Addresses to names: function, offset, file and line, static functions included (libdw), and
// backtraces. The fallback without debug information is the dynamic symbol table.
#pragma once

#include <string>
#include <vector>

#include "kern/api.h"

namespace pupci::kern {

// "edu_attach+0x1c (edu.c:231)"; "0x7f... in edu.so" if nothing better is known.
PUPCI_API std::string symbolize(const void* pc);
// Just the function: "edu_attach"; empty if unknown.
PUPCI_API std::string function_at(const void* pc);
// One line a frame, innermost first: "#0 edu_intr+0x12 (edu.c:210) in edu.so".
PUPCI_API std::vector<std::string> backtrace(unsigned skip = 0);

}  // namespace pupci::kern
