// SPDX-License-Identifier: BSD-2-Clause
// Addresses to names: function, offset, file and line, static functions included (libdw), and
// backtraces. The fallback without debug information is the dynamic symbol table.
#pragma once

#include <string>
#include <vector>

#include "kern/api.h"

namespace pupci::kern {

// "edu_attach+0x1c (edu.c:231)"; "0x7f... in edu.so" if nothing better is known. `pc` is a return
// address: the line is that of the call before it. Thread-safe.
PUPCI_API std::string symbolize(const void* pc);
// The same for the address of an instruction, as of a fault.
PUPCI_API std::string symbolize_exact(const void* pc);
// Just the function: "edu_attach"; empty if unknown.
PUPCI_API std::string function_at(const void* pc);
// The shared object or program: "edu.so"; empty if unknown.
PUPCI_API std::string object_at(const void* pc);
// One line a frame, innermost first: "#0 edu_intr+0x12 (edu.c:210) in edu.so".
PUPCI_API std::vector<std::string> backtrace(unsigned skip = 0);
// Reads the debug information of the object at `pc` now, so that a crash handler, which calls the
// functions above at its own risk, need not (they allocate, but take no lock that they hold).
PUPCI_API void symbolize_warm(const void* pc) noexcept;

}  // namespace pupci::kern
