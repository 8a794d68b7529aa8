// SPDX-License-Identifier: BSD-2-Clause
// The fonts that are built in, as pupci-fonts writes them when pupci is built.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pupci::wscons {

// Glyphs 0..255 are Latin-1's; those from 256 on are of the code points listed.
struct BuiltinFont {
  const char* name;
  unsigned width;              // pixels
  unsigned height;             // pixels
  unsigned stride;             // bytes a row; the width, if a byte is a pixel
  const std::uint16_t* codes;  // ascending
  std::size_t code_count;
  const std::uint8_t* data;
};

extern const BuiltinFont builtin_fonts[];
extern const std::size_t builtin_font_count;

}  // namespace pupci::wscons
