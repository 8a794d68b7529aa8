// SPDX-License-Identifier: BSD-2-Clause
// rasops(9): the operations on characters. All of them are done on rectangles of cells, which a
// turned display only puts elsewhere.
#include "netbsd/dev/rasops/rasops.h"

#include <algorithm>

#include "wscons/rasops/surface.h"

namespace pupci::wscons {
namespace {

struct Cells {
  int row;
  int column;
  int rows;
  int columns;
};

rasops_info& info(void* cookie) {
  return *static_cast<rasops_info*>(cookie);
}

// Where cells lie in the frame buffer.
PixelRect place(const rasops_info& ri, const Cells& cells) {
  const auto width = static_cast<int>(ri.ri_font->fontwidth);
  const auto height = static_cast<int>(ri.ri_font->fontheight);
  const int rows_below = ri.ri_rows - cells.row - cells.rows;
  const int columns_right = ri.ri_cols - cells.column - cells.columns;
  if ((ri.ri_flg & RI_ROTATE_CW) != 0) {
    return {rows_below * width, cells.column * height, cells.rows * width, cells.columns * height};
  }
  if ((ri.ri_flg & RI_ROTATE_CCW) != 0) {
    return {cells.row * width, columns_right * height, cells.rows * width, cells.columns * height};
  }
  if ((ri.ri_flg & RI_ROTATE_UD) != 0) {
    return {columns_right * width, rows_below * height, cells.columns * width, cells.rows * height};
  }
  return {cells.column * width, cells.row * height, cells.columns * width, cells.rows * height};
}

// The lines of an underline in a cell.
PixelRect underline(const rasops_info& ri, const PixelRect& cell) {
  const int thick = ri.ri_ul.height;
  const int below = ri.ri_ul.off;
  if ((ri.ri_flg & RI_ROTATE_CW) != 0) return {cell.x + below, cell.y, thick, cell.height};
  if ((ri.ri_flg & RI_ROTATE_CCW) != 0) {
    return {cell.x + cell.width - below - thick, cell.y, thick, cell.height};
  }
  if ((ri.ri_flg & RI_ROTATE_UD) != 0) return {cell.x, cell.y + below, cell.width, thick};
  return {cell.x, cell.y + cell.height - below - thick, cell.width, thick};
}

Inks inks(const rasops_info& ri, long attr) {
  int foreground = 0;
  int background = 0;
  rasops_unpack_attr(attr, &foreground, &background, nullptr);
  return {ri.ri_devcmap[foreground], ri.ri_devcmap[background]};
}

// Keeps a range of cells within 0..limit. False if nothing is left.
bool clip(int& from, int& count, int limit) {
  if (from < 0) {
    count += from;
    from = 0;
  }
  count = std::min(count, limit - from);
  return count > 0;
}

bool clip(int& from, int& to, int& count, int limit) {
  const int low = std::min({from, to, 0});
  from -= low;
  to -= low;
  count = std::min(count + low, limit - std::max(from, to));
  return from != to && count > 0;
}

bool has_row(const rasops_info& ri, int row) {
  return row >= 0 && row < ri.ri_rows;
}
bool has_column(const rasops_info& ri, int column) {
  return column >= 0 && column < ri.ri_cols;
}

void put_character(void* cookie, int row, int column, u_int character, long attr) {
  const rasops_info& ri = info(cookie);
  if (!has_row(ri, row) || !has_column(ri, column)) return;
  const PixelRect cell = place(ri, {row, column, 1, 1});
  const wsdisplay_font* font = PICK_FONT(&ri, character);
  const Inks colours = inks(ri, attr);
  if (character == ' ' || !CHAR_IN_FONT(character, font)) {
    fill(ri, cell, colours.background);
  } else {
    const std::uint8_t* glyph = WSFONT_GLYPH(character, font);
    const auto draw = FONT_IS_ALPHA(font) ? draw_alpha_glyph : draw_glyph;
    draw(ri, cell.x, cell.y, *font, glyph, colours);
  }
  if ((attr & WSATTR_UNDERLINE) != 0) fill(ri, underline(ri, cell), colours.foreground);
}

void copy_rows(void* cookie, int from, int to, int count) {
  const rasops_info& ri = info(cookie);
  if (!clip(from, to, count, ri.ri_rows)) return;
  const PixelRect target = place(ri, {to, 0, count, ri.ri_cols});
  copy(ri, place(ri, {from, 0, count, ri.ri_cols}), target.x, target.y);
}

void move_cursor(void* cookie, int on, int row, int column) {
  rasops_info& ri = info(cookie);
  if ((ri.ri_flg & (RI_CURSOR | RI_CURSORCLIP)) == RI_CURSOR) ri.ri_do_cursor(&ri);
  ri.ri_crow = row;
  ri.ri_ccol = column;
  ri.ri_flg &= ~(RI_CURSOR | RI_CURSORCLIP);
  if (!has_row(ri, row) || !has_column(ri, column)) ri.ri_flg |= RI_CURSORCLIP;
  if (on == 0) return;
  ri.ri_flg |= RI_CURSOR;
  if ((ri.ri_flg & RI_CURSORCLIP) == 0) ri.ri_do_cursor(&ri);
}

int map_character(void* cookie, int code, u_int* character) {
  constexpr int exact = 5;
  const rasops_info& ri = info(cookie);
  const int found = wsfont_map_unichar(ri.ri_font, code);
  *character = ' ';
  if (found < 0) return 0;
  const auto candidate = static_cast<u_int>(found);
  if (!CHAR_IN_FONT(candidate, PICK_FONT(&ri, candidate))) return 0;
  *character = candidate;
  return exact;
}

}  // namespace

wsdisplay_emulops default_operations(bool mono) noexcept {
  wsdisplay_emulops operations{};
  operations.cursor = move_cursor;
  operations.mapchar = map_character;
  operations.putchar = put_character;
  operations.copycols = rasops_copycols;
  operations.erasecols = rasops_erasecols;
  operations.copyrows = copy_rows;
  operations.eraserows = rasops_eraserows;
  operations.allocattr = mono ? allocattr_mono : allocattr_colour;
  return operations;
}

void invert_cursor(rasops_info* ri) noexcept {
  invert(*ri, place(*ri, {ri->ri_crow, ri->ri_ccol, 1, 1}));
}

}  // namespace pupci::wscons

using namespace pupci::wscons;

void rasops_copycols(void* cookie, int row, int from, int to, int count) {
  const rasops_info& ri = info(cookie);
  if (!has_row(ri, row) || !clip(from, to, count, ri.ri_cols)) return;
  const PixelRect target = place(ri, {row, to, 1, count});
  copy(ri, place(ri, {row, from, 1, count}), target.x, target.y);
}

void rasops_erasecols(void* cookie, int row, int column, int count, long attr) {
  const rasops_info& ri = info(cookie);
  if (!has_row(ri, row) || !clip(column, count, ri.ri_cols)) return;
  fill(ri, place(ri, {row, column, 1, count}), inks(ri, attr).background);
}

void rasops_eraserows(void* cookie, int row, int count, long attr) {
  const rasops_info& ri = info(cookie);
  if (!clip(row, count, ri.ri_rows)) return;
  const std::uint32_t background = inks(ri, attr).background;
  if (count < ri.ri_rows || (ri.ri_flg & RI_FULLCLEAR) == 0) {
    fill(ri, place(ri, {row, 0, count, ri.ri_cols}), background);
    return;
  }
  rasops_info whole = ri;
  whole.ri_bits = ri.ri_origbits;
  whole.ri_hwbits = ri.ri_hworigbits;
  fill(whole, {0, 0, ri.ri_width, ri.ri_height}, background);
}
