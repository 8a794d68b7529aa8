// SPDX-License-Identifier: BSD-2-Clause
#include "glass.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "netbsd/sys/errno.h"

namespace pupci::wscons::test {

namespace {

long erased(long attr) {
  return attr & ~long{WSATTR_UNDERLINE};
}

}  // namespace

Glass* Glass::of(void* ri) {
  return static_cast<Glass*>(
      static_cast<vcons_screen*>(static_cast<rasops_info*>(ri)->ri_hw)->scr_cookie);
}

void Glass::init_screen(void* cookie, vcons_screen* scr, int, long*) {
  auto* const glass = static_cast<Glass*>(cookie);
  rasops_info& ri = scr->scr_ri;
  ri.ri_rows = glass->screen_rows;
  ri.ri_cols = glass->screen_cols;
  ri.ri_width = glass->screen_cols * 8;
  ri.ri_height = glass->screen_rows * 16;
  ri.ri_depth = 32;
  ri.ri_stride = ri.ri_width * 4;
  scr->scr_flags |= glass->flags_;
  auto& ops = ri.ri_ops;
  ops.putchar = [](void* v, int r, int c, u_int ch, long attr) {
    Glass* const g = of(v);
    ++g->calls["putchar"];
    ASSERT_TRUE(r >= 0 && r < rows && c >= 0 && c < cols);
    g->cells_[index(r, c)] = {ch, attr};
  };
  ops.copycols = [](void* v, int r, int from, int to, int n) {
    Glass* const g = of(v);
    ++g->calls["copycols"];
    std::vector<Cell> line(g->cells_.begin() + r * cols, g->cells_.begin() + (r + 1) * cols);
    std::copy_n(line.begin() + from, n, g->cells_.begin() + r * cols + to);
  };
  ops.erasecols = [](void* v, int r, int c, int n, long attr) {
    Glass* const g = of(v);
    ++g->calls["erasecols"];
    ASSERT_TRUE(r >= 0 && r < rows && c >= 0 && n > 0 && c + n <= cols);
    std::fill_n(g->cells_.begin() + r * cols + c, n, Cell{' ', erased(attr)});
  };
  ops.copyrows = [](void* v, int from, int to, int n) {
    Glass* const g = of(v);
    ++g->calls["copyrows"];
    const auto all = g->cells_;
    std::copy_n(all.begin() + from * cols, n * cols, g->cells_.begin() + to * cols);
  };
  ops.eraserows = [](void* v, int r, int n, long attr) {
    Glass* const g = of(v);
    ++g->calls["eraserows"];
    ASSERT_TRUE(r >= 0 && n > 0 && r + n <= rows);
    std::fill_n(g->cells_.begin() + r * cols, n * cols, Cell{' ', erased(attr)});
  };
  ops.cursor = [](void* v, int on, int r, int c) {
    Glass* const g = of(v);
    auto* const info = static_cast<rasops_info*>(v);
    ++g->calls["cursor"];
    info->ri_crow = r;
    info->ri_ccol = c;
    info->ri_flg = on != 0 ? info->ri_flg | RI_CURSOR : info->ri_flg & ~RI_CURSOR;
    g->cursor_on = on != 0;
    g->cursor_row = r;
    g->cursor_col = c;
  };
  ops.mapchar = [](void*, int character, unsigned* glyph) {
    *glyph = static_cast<unsigned>(character);
    return 5;
  };
  ops.allocattr = [](void*, int fg, int bg, int flags, long* attr) {
    *attr = long{fg} << 24 | long{bg} << 16 | (flags & WSATTR_UNDERLINE);
    return 0;
  };
  if (glass->incomplete) ops.putchar = nullptr;
}

Glass::Glass(int type_capabilities, unsigned flags)
    : cells_(static_cast<std::size_t>(rows * cols)), flags_(flags) {
  type.name = "glass";
  type.nrows = rows;
  type.ncols = cols;
  type.capabilities = type_capabilities;
  access.ioctl = [](void* v, void*, u_long cmd, void*, int, lwp*) {
    auto* const glass = static_cast<Glass*>(static_cast<vcons_data*>(v)->cookie);
    glass->last_ioctl = cmd;
    return EPASSTHROUGH;
  };
  EXPECT_EQ(vcons_init(&vd, this, &type, &access), 0);
  vd.init_screen = init_screen;
  vd.show_screen_cb = [](vcons_screen* scr, void* cookie) {
    static_cast<Glass*>(cookie)->shown.push_back(scr);
  };
  vd.show_screen_cookie = this;
  console.scr_flags = VCONS_SCREEN_IS_STATIC;
}

Glass::~Glass() {
  while (vcons_screen* const scr = LIST_FIRST(&vd.screens)) free_screen(scr);
}

vcons_screen* Glass::add_screen() {
  void* cookie = nullptr;
  int column = -1;
  int row = -1;
  EXPECT_EQ(access.alloc_screen(&vd, &type, &cookie, &column, &row, &defattr), 0);
  EXPECT_EQ(column, 0);
  EXPECT_EQ(row, 0);
  return static_cast<vcons_screen*>(cookie);
}

void Glass::free_screen(vcons_screen* scr) {
  access.free_screen(&vd, scr);
}

void Glass::show(vcons_screen* scr) {
  EXPECT_EQ(access.show_screen(&vd, scr, 1, nullptr, nullptr), 0);
}

int Glass::ioctl(vcons_screen* scr, unsigned long cmd, void* data) {
  return access.ioctl(&vd, scr, cmd, data, 0, nullptr);
}

std::string Glass::row(int r) const {
  std::string text;
  for (int c = 0; c < cols; ++c) text += static_cast<char>(at(r, c).c);
  return text;
}

bool Glass::shows(const vcons_screen* scr) const {
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < cols; ++c) {
      if (at(r, c) != Cell{scr->scr_chars[index(r, c)], scr->scr_attrs[index(r, c)]}) return false;
    }
  }
  return true;
}

}  // namespace pupci::wscons::test
