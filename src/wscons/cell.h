// SPDX-License-Identifier: BSD-2-Clause
// What stands at one place of a text screen.
#pragma once

#include <cstdint>

namespace pupci::wscons {

inline constexpr std::uint8_t default_color = 16;  // what nobody chose; else 0..15 as WSCOL_*

enum Style : std::uint8_t { style_bold = 1, style_underline = 2, style_reverse = 4 };

struct Cell {
  char32_t character = U' ';
  std::uint8_t foreground = default_color;
  std::uint8_t background = default_color;
  std::uint8_t style = 0;  // Style
  std::uint8_t width = 1;  // 0: the right half of the wide character before it

  friend bool operator==(const Cell&, const Cell&) = default;
};
static_assert(sizeof(Cell) == 8, "rows are compared as bytes");

// In cells; the first row and column that are in it, and the first that are not.
struct CellRect {
  int top = 0;
  int left = 0;
  int bottom = 0;
  int right = 0;
};

}  // namespace pupci::wscons
