// SPDX-License-Identifier: BSD-2-Clause
// The text that a terminal holds: rows of cells, which of them were touched, and what scrolled off
// the top.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "wscons/cell.h"

namespace pupci::wscons {

using Row = std::vector<Cell>;

// Rectangles that reach outside are cut; nothing is out of range.
class Grid {
 public:
  Grid(int columns, int rows, std::size_t history_limit);

  [[nodiscard]] int columns() const noexcept { return columns_; }
  [[nodiscard]] int rows() const noexcept { return static_cast<int>(rows_.size()); }
  [[nodiscard]] const Row& row(int index) const { return rows_[static_cast<std::size_t>(index)]; }
  // Oldest first.
  [[nodiscard]] const std::deque<Row>& history() const noexcept { return history_; }

  void put(int row, int column, const Cell& cell);
  void erase(CellRect what, const Cell& blank);
  // What is in it moves up and left by so much (down, right when negative); blanks follow. Rows
  // that leave the whole grid at its top are history.
  void scroll(CellRect what, int up, int left, const Cell& blank);
  // Rows that find no place go into the history, from the top, but not those below `cursor_row` as
  // long as they are blank. How many went.
  int resize(int columns, int rows, int cursor_row);

  // Since clear_touched().
  [[nodiscard]] bool touched(int index) const {
    return touched_[static_cast<std::size_t>(index)] != 0;
  }
  void touch_all();
  void clear_touched();

  // How the touched rows may have come about: rows of [top, bottom) moved up by `lines`.
  struct Scroll {
    int top = 0;
    int bottom = 0;
    int lines = 0;  // 0: nothing moved, or not in one way
  };
  [[nodiscard]] const Scroll& scrolled() const noexcept { return scrolled_; }

 private:
  [[nodiscard]] CellRect cut(CellRect what) const noexcept;
  void touch(int top, int bottom);
  void scroll_rows(const CellRect& what, int up, const Cell& blank);
  void scroll_cells(const CellRect& what, int up, int left, const Cell& blank);
  void note_scroll(const CellRect& what, int up);
  void remember(Row&& row);

  int columns_;
  std::size_t history_limit_;
  std::vector<Row> rows_;
  std::vector<char> touched_;
  std::deque<Row> history_;
  Scroll scrolled_;
};

}  // namespace pupci::wscons
