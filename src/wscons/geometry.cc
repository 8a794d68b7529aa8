// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/geometry.h"

#include <algorithm>
#include <utility>

#include "netbsd/dev/rasops/rasops.h"

namespace pupci::wscons {
namespace {

Rectangle cut(int left, int top, int right, int bottom, Size size) {
  const auto x = static_cast<unsigned>(std::max(left, 0));
  const auto y = static_cast<unsigned>(std::max(top, 0));
  const unsigned end_x = std::min(static_cast<unsigned>(std::max(right, 0)), size.width);
  const unsigned end_y = std::min(static_cast<unsigned>(std::max(bottom, 0)), size.height);
  if (end_x <= x || end_y <= y) return {};
  return {x, y, end_x - x, end_y - y};
}

// Spans of rows that lie below one another and overlap are one rectangle.
std::vector<CellRect> joined(std::vector<CellRect> cells) {
  std::sort(cells.begin(), cells.end(), [](const CellRect& a, const CellRect& b) {
    return a.top != b.top ? a.top < b.top : a.left < b.left;
  });
  std::vector<CellRect> result;
  for (const CellRect& next : cells) {
    if (!result.empty()) {
      CellRect& last = result.back();
      const bool touches =
          next.top <= last.bottom && next.left <= last.right && next.right >= last.left;
      if (touches) {
        last = {last.top, std::min(last.left, next.left), std::max(last.bottom, next.bottom),
                std::max(last.right, next.right)};
        continue;
      }
    }
    result.push_back(next);
  }
  return result;
}

// Cells along one side of a display.
struct Side {
  int pixels;
  int count;
  int each;
  bool from_the_end;

  [[nodiscard]] int slack() const { return pixels - count * each; }
  // The pixels that cells [first, end) may have.
  [[nodiscard]] std::pair<int, int> span(int first, int end) const {
    const int low = first * each;
    const int high = end * each + slack();
    return from_the_end ? std::pair(pixels - high, pixels - low) : std::pair(low, high);
  }
  // Of text that begins at `margin`.
  [[nodiscard]] int index(unsigned at, int margin) const {
    const int inside = static_cast<int>(std::min(at, static_cast<unsigned>(pixels)));
    const int found = (inside - margin) / std::max(each, 1);
    return std::clamp(from_the_end ? count - 1 - found : found, 0, std::max(count - 1, 0));
  }
  // Where text begins that is in the middle.
  [[nodiscard]] int middle() const { return std::max(slack(), 0) / 2; }
};

struct Sides {
  Side columns;
  Side rows;
};

bool is_sideways(const Turn& turn) {
  return (turn.how & (RI_ROTATE_CW | RI_ROTATE_CCW)) != 0;
}

Sides sides(const wsscreen_descr& type, Size size, const Turn& turn) {
  const int width = static_cast<int>(size.width);
  const int height = static_cast<int>(size.height);
  if (is_sideways(turn)) {
    return {{height, type.ncols, turn.cell_height, (turn.how & RI_ROTATE_CCW) != 0},
            {width, type.nrows, turn.cell_width, (turn.how & RI_ROTATE_CW) != 0}};
  }
  const bool upside_down = (turn.how & RI_ROTATE_UD) != 0;
  return {{width, type.ncols, type.fontwidth, upside_down},
          {height, type.nrows, type.fontheight, upside_down}};
}

}  // namespace

std::vector<Rectangle> to_pixels(const std::vector<CellRect>& cells, const wsscreen_descr& type,
                                 Size size, const Turn& turn) {
  const auto [columns, rows] = sides(type, size, turn);
  // Nothing is known of its cells.
  if (columns.each <= 0 || rows.each <= 0 || columns.slack() < 0 || rows.slack() < 0)
    return {{0, 0, size.width, size.height}};
  std::vector<Rectangle> result;
  for (const CellRect& rect : joined(cells)) {
    auto across = columns.span(rect.left, rect.right);
    auto down = rows.span(rect.top, rect.bottom);
    if (is_sideways(turn)) std::swap(across, down);
    const Rectangle pixels = cut(across.first, down.first, across.second, down.second, size);
    if (pixels.width != 0) result.push_back(pixels);
  }
  return result;
}

Place to_cell(unsigned x, unsigned y, const wsscreen_descr& type, Size size, const Turn& turn) {
  const auto [columns, rows] = sides(type, size, turn);
  const bool known = turn.cell_width > 0;
  int left = known ? turn.left : columns.middle();
  int top = known ? turn.top : rows.middle();
  if (is_sideways(turn)) {
    std::swap(x, y);
    std::swap(left, top);
  }
  return {rows.index(y, top), columns.index(x, left)};
}

}  // namespace pupci::wscons
