// SPDX-License-Identifier: BSD-2-Clause
// What stands after --display: KIND:TARGET[,OPTION=VALUE]... A comma within a word is doubled, as
// QEMU has it.
#pragma once

#include <cstdint>
#include <string>

#include "kern/api.h"

namespace pupci::wscons {

struct OutputSpec {
  enum class Kind { vnc, png };
  Kind kind = Kind::vnc;
  std::string address;     // vnc: host name or address, without brackets
  std::uint16_t port = 0;  // vnc: 0 lets the system choose
  std::string file;        // png
  std::string password;    // vnc: the file that holds it; empty: none
  std::string display;     // "wsdisplay1"; empty: the first
};

// Throws pupci::Error that names the part that is wrong and shows what is right.
PUPCI_API OutputSpec parse_output(const std::string& text);

}  // namespace pupci::wscons
