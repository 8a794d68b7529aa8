// SPDX-License-Identifier: BSD-2-Clause
// The emulops of a vcons(9) screen: each keeps what is on it in the screen's buffer and, if the
// screen is on view, has the driver draw.
#include <algorithm>

#include "netbsd/sys/param.h"
#include "wscons/vcons.h"

namespace pupci::wscons {
namespace {

constexpr std::uint32_t blank = ' ';

// Callers are trusted no further than the buffer reaches.
struct Span {
  int first;
  int count;
};

Span clip(int first, int count, int limit) noexcept {
  const int from = std::clamp(first, 0, limit);
  const auto end = std::clamp<std::int64_t>(std::int64_t{first} + count, from, limit);
  return {from, static_cast<int>(end) - from};
}

bool fits(int first, int count, int limit) noexcept {
  return first >= 0 && count > 0 && first <= limit - count;
}

std::size_t at(const VconsScreen& state, int row, int col) noexcept {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(state.cols) +
         static_cast<std::size_t>(col);
}

// An erased cell is a blank that no attribute underlines, however it was asked for.
constexpr long underline_bits = WSATTR_UNDERLINE | 1;
long erased(long attr) noexcept {
  return (attr & WSATTR_UNDERLINE) != 0 ? attr & ~underline_bits : attr;
}

void fill(VconsScreen& state, std::size_t first, std::size_t count, long attr) noexcept {
  std::fill_n(state.chars.begin() + static_cast<std::ptrdiff_t>(first), count, blank);
  std::fill_n(state.attrs.begin() + static_cast<std::ptrdiff_t>(first), count, erased(attr));
}

template <typename Cells>
void move(Cells& cells, std::size_t from, std::size_t to, std::size_t count) noexcept {
  auto* const data = cells.data();
  if (to < from) {
    std::copy(data + from, data + from + count, data + to);
  } else {
    std::copy_backward(data + from, data + from + count, data + to + count);
  }
}

void move_cells(VconsScreen& state, std::size_t from, std::size_t to, std::size_t count) noexcept {
  move(state.chars, from, to, count);
  move(state.attrs, from, to, count);
}

void putchar(void* cookie, int row, int col, u_int c, long attr) noexcept {
  vcons_screen* const scr = screen_of(cookie);
  const Drawing drawing(scr);
  VconsScreen& state = state_of(scr);
  if (!fits(row, 1, state.rows) || !fits(col, 1, state.cols)) return;
  const std::size_t cell = at(state, row, col);
  state.chars[cell] = c;
  state.attrs[cell] = attr;
  if (drawing.shown()) scr->putchar(cookie, row, col, c, attr);
}

void copycols(void* cookie, int row, int from, int to, int count) noexcept {
  vcons_screen* const scr = screen_of(cookie);
  const Drawing drawing(scr);
  VconsScreen& state = state_of(scr);
  if (!fits(row, 1, state.rows) || !fits(from, count, state.cols) || !fits(to, count, state.cols)) {
    return;
  }
  move_cells(state, at(state, row, from), at(state, row, to), static_cast<std::size_t>(count));
  if (!drawing.shown()) return;
  if ((scr->scr_flags & VCONS_NO_COPYCOLS) != 0) {
    redraw_cells(scr, row, to, count, false);
  } else {
    state.driver.copycols(cookie, row, from, to, count);
  }
}

void erasecols(void* cookie, int row, int col, int count, long attr) noexcept {
  vcons_screen* const scr = screen_of(cookie);
  const Drawing drawing(scr);
  VconsScreen& state = state_of(scr);
  const Span cols = clip(col, count, state.cols);
  if (!fits(row, 1, state.rows) || cols.count == 0) return;
  fill(state, at(state, row, cols.first), static_cast<std::size_t>(cols.count), attr);
  if (drawing.shown()) state.driver.erasecols(cookie, row, cols.first, cols.count, attr);
}

void copyrows(void* cookie, int from, int to, int count) noexcept {
  vcons_screen* const scr = screen_of(cookie);
  const Drawing drawing(scr);
  VconsScreen& state = state_of(scr);
  if (!fits(from, count, state.rows) || !fits(to, count, state.rows)) return;
  move_cells(state, at(state, from, 0), at(state, to, 0), at(state, count, 0));
  if (!drawing.shown()) return;
  if ((scr->scr_flags & VCONS_NO_COPYROWS) != 0) {
    for (int row = to; row < to + count; ++row) redraw_cells(scr, row, 0, state.cols, false);
  } else {
    state.driver.copyrows(cookie, from, to, count);
  }
}

void eraserows(void* cookie, int row, int count, long attr) noexcept {
  vcons_screen* const scr = screen_of(cookie);
  const Drawing drawing(scr);
  VconsScreen& state = state_of(scr);
  const Span rows = clip(row, count, state.rows);
  if (rows.count == 0) return;
  fill(state, at(state, rows.first, 0), at(state, rows.count, 0), attr);
  if (drawing.shown()) state.driver.eraserows(cookie, rows.first, rows.count, attr);
}

void cursor(void* cookie, int on, int row, int col) noexcept {
  vcons_screen* const scr = screen_of(cookie);
  const Drawing drawing(scr);
  state_of(scr).cursor_on = on != 0;
  if (drawing.shown()) {
    state_of(scr).driver.cursor(cookie, on, row, col);
  } else {
    scr->scr_ri.ri_crow = row;
    scr->scr_ri.ri_ccol = col;
  }
}

void replaceattr(void* cookie, long from, long to) noexcept {
  vcons_screen* const scr = screen_of(cookie);
  const Drawing drawing(scr);
  VconsScreen& state = state_of(scr);
  const bool shown = drawing.shown();
  if (shown && state.cursor_on) {
    state.driver.cursor(cookie, 0, scr->scr_ri.ri_crow, scr->scr_ri.ri_ccol);
  }
  for (int row = 0; row < state.rows; ++row) {
    for (int col = 0; col < state.cols; ++col) {
      const std::size_t cell = at(state, row, col);
      if (state.attrs[cell] != from) continue;
      state.attrs[cell] = to;
      if (shown) scr->putchar(cookie, row, col, state.chars[cell], to);
    }
  }
  if (shown && state.cursor_on) {
    state.driver.cursor(cookie, 1, scr->scr_ri.ri_crow, scr->scr_ri.ri_ccol);
  }
}

}  // namespace

void redraw_cells(vcons_screen* scr, int row, int col, int count,
                  bool skip_default_blanks) noexcept {
  const VconsScreen& state = state_of(scr);
  void* const cookie = &scr->scr_ri;
  const int end = col + count;
  while (col < end) {
    const std::uint32_t c = state.chars[at(state, row, col)];
    const long attr = state.attrs[at(state, row, col)];
    if (c != blank || (attr & WSATTR_UNDERLINE) != 0) {
      scr->putchar(cookie, row, col, c, attr);
      ++col;
      continue;
    }
    const int first = col;
    while (col < end && state.chars[at(state, row, col)] == blank &&
           state.attrs[at(state, row, col)] == attr) {
      ++col;
    }
    if (skip_default_blanks && attr == scr->scr_defattr) continue;
    state.driver.erasecols(cookie, row, first, col - first, attr);
  }
}

void wrap_operations(vcons_screen* scr) noexcept {
  wsdisplay_emulops& ops = scr->scr_ri.ri_ops;
  vcons_data* const vd = scr->scr_vd;
  state_of(scr).driver = ops;
  scr->putchar = ops.putchar;
  vd->putchar = ops.putchar;
  vd->copycols = ops.copycols;
  vd->erasecols = ops.erasecols;
  vd->copyrows = ops.copyrows;
  vd->eraserows = ops.eraserows;
  vd->cursor = ops.cursor;
  ops.putchar = putchar;
  ops.copycols = copycols;
  ops.erasecols = erasecols;
  ops.copyrows = copyrows;
  ops.eraserows = eraserows;
  ops.cursor = cursor;
  ops.replaceattr = replaceattr;
  scr->scr_ri.ri_hw = scr;
}

void unwrap_operations(vcons_screen* scr) noexcept {
  scr->scr_ri.ri_ops = state_of(scr).driver;
}

}  // namespace pupci::wscons

using pupci::wscons::Drawing;
using pupci::wscons::redraw_cells;
using pupci::wscons::state_of;

void vcons_redraw_screen(vcons_screen* scr) {
  const Drawing drawing(scr);
  if (!drawing.shown()) return;
  const auto& state = state_of(scr);
  rasops_info* const ri = &scr->scr_ri;
  const bool cleared = (ri->ri_flg & RI_FULLCLEAR) != 0;
  // Whatever was on view, the cursor is not, so it must not be undone by inverting it.
  ri->ri_flg &= ~RI_CURSOR;
  if (cleared) state.driver.eraserows(ri, 0, state.rows, scr->scr_defattr);
  for (int row = 0; row < state.rows; ++row) redraw_cells(scr, row, 0, state.cols, cleared);
  if (state.cursor_on) state.driver.cursor(ri, 1, ri->ri_crow, ri->ri_ccol);
}
