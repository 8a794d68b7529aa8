// SPDX-License-Identifier: BSD-2-Clause
// A driver for tests of vcons(9): its screen is a grid of cells, so that what a person would see
// can be compared with what vcons remembers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "netbsd/dev/wscons/wsdisplay_vconsvar.h"

namespace pupci::wscons::test {

class Glass {
 public:
  static constexpr int rows = 7;
  static constexpr int cols = 13;

  struct Cell {
    unsigned c = '#';  // what no screen shows by itself
    long attr = -1;
    bool operator==(const Cell&) const = default;
  };

  // `type_capabilities` as wsscreen_descr has them; `flags` are put into each screen's scr_flags.
  explicit Glass(int type_capabilities = 0, unsigned flags = 0);
  ~Glass();
  Glass(const Glass&) = delete;
  Glass& operator=(const Glass&) = delete;

  vcons_data vd{};
  vcons_screen console{};
  wsscreen_descr type{};
  wsdisplay_accessops access{};
  long defattr = 0;

  [[nodiscard]] vcons_screen* add_screen();  // by the accessop
  void free_screen(vcons_screen* scr);
  void show(vcons_screen* scr);
  int ioctl(vcons_screen* scr, unsigned long cmd, void* data);
  static const wsdisplay_emulops& ops(const vcons_screen* scr) { return scr->scr_ri.ri_ops; }

  [[nodiscard]] std::string row(int index) const;  // characters
  [[nodiscard]] const Cell& at(int r, int c) const { return cells_[index(r, c)]; }
  [[nodiscard]] bool shows(const vcons_screen* scr) const;  // cell by cell
  void spoil() { cells_.assign(cells_.size(), Cell{}); }

  bool cursor_on = false;
  int cursor_row = -1;
  int cursor_col = -1;
  std::map<std::string, int> calls;        // how often each of the driver's functions
  std::vector<const vcons_screen*> shown;  // calls of show_screen_cb
  unsigned long last_ioctl = 0;
  int screen_rows = rows;
  int screen_cols = cols;
  bool incomplete = false;  // init_screen leaves putchar null

 private:
  static std::size_t index(int r, int c) { return static_cast<std::size_t>(r * cols + c); }
  static Glass* of(void* ri);
  static void init_screen(void* cookie, vcons_screen* scr, int existing, long* attr);
  std::vector<Cell> cells_;
  unsigned flags_;
};

}  // namespace pupci::wscons::test
