// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/grid.h"

#include <algorithm>
#include <cstdlib>

namespace pupci::wscons {
namespace {

bool is_blank(const Row& row) {
  return std::all_of(row.begin(), row.end(), [](const Cell& cell) { return cell == Cell{}; });
}

}  // namespace

Grid::Grid(int columns, int rows, std::size_t history_limit)
    : columns_(std::max(columns, 1)),
      history_limit_(history_limit),
      rows_(static_cast<std::size_t>(std::max(rows, 1)), Row(static_cast<std::size_t>(columns_))),
      touched_(rows_.size(), 1) {}

CellRect Grid::cut(CellRect what) const noexcept {
  what.top = std::clamp(what.top, 0, rows());
  what.bottom = std::clamp(what.bottom, what.top, rows());
  what.left = std::clamp(what.left, 0, columns_);
  what.right = std::clamp(what.right, what.left, columns_);
  return what;
}

void Grid::touch(int top, int bottom) {
  std::fill(touched_.begin() + top, touched_.begin() + bottom, 1);
}

void Grid::touch_all() {
  touch(0, rows());
}

void Grid::clear_touched() {
  std::fill(touched_.begin(), touched_.end(), 0);
  scrolled_ = {};
}

void Grid::put(int row, int column, const Cell& cell) {
  if (row < 0 || row >= rows() || column < 0 || column >= columns_) return;
  rows_[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] = cell;
  touched_[static_cast<std::size_t>(row)] = 1;
}

void Grid::erase(CellRect what, const Cell& blank) {
  what = cut(what);
  for (int row = what.top; row < what.bottom; row++) {
    Row& cells = rows_[static_cast<std::size_t>(row)];
    std::fill(cells.begin() + what.left, cells.begin() + what.right, blank);
  }
  touch(what.top, what.bottom);
}

void Grid::remember(Row&& row) {
  if (history_limit_ == 0) return;
  if (history_.size() >= history_limit_) history_.pop_front();
  history_.push_back(std::move(row));
}

void Grid::scroll(CellRect what, int up, int left, const Cell& blank) {
  what = cut(what);
  if (what.top == what.bottom || what.left == what.right) return;
  up = std::clamp(up, what.top - what.bottom, what.bottom - what.top);
  left = std::clamp(left, what.left - what.right, what.right - what.left);
  touch(what.top, what.bottom);
  if (left == 0 && what.left == 0 && what.right == columns_) {
    note_scroll(what, up);
    scroll_rows(what, up, blank);
  } else {
    scroll_cells(what, up, left, blank);
  }
}

// A hint for the painter, nothing more: it compares what it draws anyway.
void Grid::note_scroll(const CellRect& what, int up) {
  if (scrolled_.lines != 0 && scrolled_.top == what.top && scrolled_.bottom == what.bottom) {
    scrolled_.lines += up;
  } else {
    scrolled_ = {what.top, what.bottom, up};
  }
  // More than all: nothing of what was shown is left.
  const int height = what.bottom - what.top;
  scrolled_.lines = std::clamp(scrolled_.lines, -height, height);
}

void Grid::scroll_rows(const CellRect& what, int up, const Cell& blank) {
  const auto first = rows_.begin() + what.top;
  const auto last = rows_.begin() + what.bottom;
  const bool leaves = up > 0 && what.top == 0 && history_limit_ != 0;
  auto fresh = up > 0 ? first : last + up;
  for (auto row = fresh; row != fresh + std::abs(up); ++row) {
    if (leaves) {
      // The oldest row's memory is the new one's.
      Row next;
      if (history_.size() >= history_limit_) {
        next = std::move(history_.front());
        history_.pop_front();
      }
      remember(std::move(*row));
      *row = std::move(next);
    }
    row->assign(static_cast<std::size_t>(columns_), blank);
  }
  std::rotate(first, up > 0 ? first + up : last + up, last);
}

namespace {

// A column or row that is known not to be negative.
std::size_t index(int at) noexcept {
  return static_cast<std::size_t>(at);
}

}  // namespace

void Grid::scroll_cells(const CellRect& what, int up, int left, const Cell& blank) {
  const int height = what.bottom - what.top;
  const int width = what.right - what.left;
  for (int i = 0; i < height; i++) {
    const int to = up >= 0 ? i : height - 1 - i;  // from where nothing is needed any more
    const int from = to + up;
    Row& target = rows_[index(what.top + to)];
    Row source(static_cast<std::size_t>(width), blank);
    if (from >= 0 && from < height) {
      const Row& cells = rows_[index(what.top + from)];
      for (int column = std::max(0, -left); column < width && column + left < width; column++) {
        source[static_cast<std::size_t>(column)] = cells[index(what.left + column + left)];
      }
    }
    std::copy(source.begin(), source.end(), target.begin() + what.left);
  }
}

int Grid::resize(int columns, int rows, int cursor_row) {
  columns = std::max(columns, 1);
  rows = std::max(rows, 1);
  int gone = 0;
  while (static_cast<int>(rows_.size()) > rows) {
    const bool below = static_cast<int>(rows_.size()) - 1 > cursor_row - gone;
    // The cursor's own row stays, whatever is below it.
    if (below && (is_blank(rows_.back()) || gone >= cursor_row)) {
      rows_.pop_back();
      continue;
    }
    remember(std::move(rows_.front()));
    rows_.erase(rows_.begin());
    gone++;
  }
  columns_ = columns;
  for (Row& row : rows_) row.resize(static_cast<std::size_t>(columns));
  rows_.resize(static_cast<std::size_t>(rows), Row(static_cast<std::size_t>(columns)));
  touched_.assign(rows_.size(), 1);
  scrolled_ = {};
  return gone;
}

}  // namespace pupci::wscons
