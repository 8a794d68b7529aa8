// SPDX-License-Identifier: BSD-2-Clause
// Bitmap fonts in X11's portable compiled format (PCF), as far as a console needs them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pupci::fonts {

// One cell of pixels, row by row; nonzero is foreground.
using Cell = std::vector<std::uint8_t>;

struct Font {
  unsigned width = 0;
  unsigned height = 0;
  std::map<std::uint32_t, Cell> glyphs;  // by Unicode code point
};

// Reads a font whose characters are all one cell wide; gzip is undone. Throws std::runtime_error
// that says what is wrong with the file.
Font read_pcf(const std::string& path);

}  // namespace pupci::fonts
