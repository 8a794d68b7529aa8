// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/painter.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "wscons/compose.h"

namespace pupci::wscons {
namespace {

constexpr unsigned colors = default_color + 1;
constexpr unsigned styles = 8;
constexpr Cell unknown{0xffffffff, 0xff, 0xff, 0xff, 0xff};

bool is_blank(const Cell& cell) {
  return (cell.character == U' ' || cell.width == 0) && (cell.style & style_underline) == 0;
}

bool looks_equal(const Cell* a, const Cell* b, int count) {
  return std::memcmp(a, b, sizeof(Cell) * static_cast<std::size_t>(count)) == 0;
}

}  // namespace

Painter::Painter(const TextScreen& screen)
    : screen_(screen),
      shown_(static_cast<std::size_t>(screen.columns) * static_cast<std::size_t>(screen.rows)),
      attributes_(std::size_t{colors} * colors * styles) {
  forget();  // the driver may have put kernel messages there
}

void Painter::forget() {
  std::fill(shown_.begin(), shown_.end(), unknown);
}

bool Painter::same(const Cell* cells, int row) {
  return looks_equal(cells, shown(row), screen_.columns);
}

void Painter::draw(const Frame& frame, std::vector<CellRect>& damage) {
  if (frame.reverse != reverse_) {
    reverse_ = frame.reverse;
    for (Attribute& attribute : attributes_) attribute.known = false;
    forget();
  }
  bool anything = false;
  for (int row = 0; row < screen_.rows && !anything; row++) {
    anything = frame.touched(row) && !same(frame.row(row), row);
  }
  const bool cursor_stays =
      frame.cursor == cursor_shown_ &&
      (!frame.cursor || (frame.cursor_row == cursor_row_ && frame.cursor_column == cursor_column_));
  if (!anything && cursor_stays) return;
  const bool scrolls = anything && frame.scroll_lines != 0 && scroll_pays(frame);
  const bool in_the_way =
      scrolls || !cursor_stays ||
      (cursor_shown_ && frame.touched(cursor_row_) && !same(frame.row(cursor_row_), cursor_row_));
  if (in_the_way && cursor_shown_) {
    hide_cursor();
    damage.push_back({cursor_row_, cursor_column_, cursor_row_ + 1, cursor_column_ + 1});
  }
  if (scrolls) scroll(frame, damage);
  if (anything) draw_rows(frame, damage);
  if (in_the_way && frame.cursor) show_cursor(frame, damage);
}

// Whether more rows are right after a copy than without.
bool Painter::scroll_pays(const Frame& frame) {
  int in_place = 0;
  int moved = 0;
  for (int row = frame.scroll_top; row < frame.scroll_bottom; row++) {
    const Cell* want = frame.row(row);
    if (same(want, row)) in_place++;
    const int from = row + frame.scroll_lines;
    if (from >= frame.scroll_top && from < frame.scroll_bottom && same(want, from)) moved++;
  }
  return moved > in_place;
}

void Painter::scroll(const Frame& frame, std::vector<CellRect>& damage) {
  const int lines = frame.scroll_lines;
  const int count = frame.scroll_bottom - frame.scroll_top - std::abs(lines);
  if (count <= 0) return;
  const int from = frame.scroll_top + std::max(lines, 0);
  const int to = frame.scroll_top + std::max(-lines, 0);
  screen_.ops->copyrows(screen_.cookie, from, to, count);
  std::memmove(
      shown(to), shown(from),
      sizeof(Cell) * static_cast<std::size_t>(count) * static_cast<std::size_t>(screen_.columns));
  damage.push_back({to, 0, to + count, screen_.columns});
}

void Painter::draw_rows(const Frame& frame, std::vector<CellRect>& damage) {
  for (int row = 0; row < screen_.rows; row++) {
    const bool within = row >= frame.scroll_top && row < frame.scroll_bottom;
    if (!frame.touched(row) && !(within && frame.scroll_lines != 0)) continue;
    if (const int erased = erase_rows(frame, row); erased > 0) {
      damage.push_back({row, 0, row + erased, screen_.columns});
      row += erased - 1;
    } else if (const auto span = draw_row(frame.row(row), row)) {
      damage.push_back({row, span->left, row + 1, span->right});
    }
  }
}

// How many rows from this one on are blank in one colour, and were not: they are erased at once.
int Painter::erase_rows(const Frame& frame, int row) {
  const Cell blank = frame.row(row)[0];
  if (!is_blank(blank)) return 0;
  int count = 0;
  for (int next = row; next < screen_.rows; next++) {
    const Cell* want = frame.row(next);
    const bool one_color =
        std::all_of(want, want + screen_.columns, [&](const Cell& cell) { return cell == blank; });
    if (!one_color || same(want, next)) break;
    // A row of which only the end differs is cheaper to erase by columns.
    if (want[0] == shown(next)[0] && count == 0) break;
    count++;
  }
  if (count == 0) return 0;
  screen_.ops->eraserows(screen_.cookie, row, count, attribute_of(blank));
  std::fill(shown(row), shown(row) + static_cast<std::ptrdiff_t>(count) * screen_.columns, blank);
  return count;
}

std::optional<Painter::Span> Painter::draw_row(const Cell* want, int row) {
  Cell* have = shown(row);
  std::optional<Span> span;
  for (int column = 0; column < screen_.columns; column++) {
    if (want[column] == have[column]) continue;
    int end = column + 1;
    if (is_blank(want[column]) && want[column].width == 1) {
      int next = end;
      for (; next < screen_.columns && want[next] == want[column]; next++) {
        if (want[next] != have[next]) end = next + 1;
      }
    }
    if (end - column > 1) {
      screen_.ops->erasecols(screen_.cookie, row, column, end - column, attribute_of(want[column]));
    } else {
      put(want[column], row, column);
    }
    if (!span) span = Span{column, end};
    span->right = end;
    column = end - 1;
  }
  if (span) std::copy(want + span->left, want + span->right, have + span->left);
  return span;
}

void Painter::put(const Cell& cell, int row, int column) {
  const unsigned glyph = glyph_of(cell.width == 0 ? U' ' : cell.character);
  screen_.ops->putchar(screen_.cookie, row, column, glyph, attribute_of(cell));
}

void Painter::hide_cursor() {
  if (!cursor_shown_) return;
  cursor_shown_ = false;
  screen_.ops->cursor(screen_.cookie, 0, cursor_row_, cursor_column_);
}

void Painter::show_cursor(const Frame& frame, std::vector<CellRect>& damage) {
  cursor_shown_ = true;
  cursor_row_ = frame.cursor_row;
  cursor_column_ = frame.cursor_column;
  screen_.ops->cursor(screen_.cookie, 1, cursor_row_, cursor_column_);
  damage.push_back({cursor_row_, cursor_column_, cursor_row_ + 1, cursor_column_ + 1});
}

long Painter::attribute_of(const Cell& cell) {
  const unsigned style = (cell.style ^ (reverse_ ? style_reverse : 0)) % styles;
  const unsigned foreground = std::min<unsigned>(cell.foreground, default_color);
  const unsigned background = std::min<unsigned>(cell.background, default_color);
  Attribute& attribute = attributes_[(foreground * colors + background) * styles + style];
  if (!attribute.known) {
    attribute.known = true;
    attribute.value = allocate(static_cast<int>(foreground), static_cast<int>(background), style);
  }
  return attribute.value;
}

long Painter::allocate(int foreground, int background, unsigned style) {
  const int can = screen_.capabilities;
  const bool plain = foreground == default_color && background == default_color;
  if (plain && style == 0) return screen_.attribute;
  int flags = 0;
  if ((style & style_underline) != 0 && (can & WSSCREEN_UNDERLINE) != 0) flags |= WSATTR_UNDERLINE;
  if ((style & style_bold) != 0 && (can & WSSCREEN_HILIT) != 0) flags |= WSATTR_HILIT;
  bool reverse = (style & style_reverse) != 0;
  if (plain || (can & WSSCREEN_WSCOLORS) == 0) {
    // Without colours, a bright background is one in reverse.
    if (!plain && background != default_color && (background & 7) > WSCOL_BLUE) reverse = !reverse;
    if (reverse && (can & WSSCREEN_REVERSE) != 0) flags |= WSATTR_REVERSE;
    foreground = background = 0;
  } else {
    if (foreground == default_color) foreground = WS_DEFAULT_FG;
    if (background == default_color) background = WS_DEFAULT_BG;
    if (reverse) std::swap(foreground, background);
    if (foreground > WSCOL_WHITE && (can & WSSCREEN_HILIT) != 0) {
      foreground &= WSCOL_WHITE;
      flags |= WSATTR_HILIT;
    }
    flags |= WSATTR_WSCOLORS;
  }
  long attribute = 0;
  if (screen_.ops->allocattr(screen_.cookie, foreground, background, flags, &attribute) == 0)
    return attribute;
  // Not every driver has bright backgrounds.
  if (screen_.ops->allocattr(screen_.cookie, foreground & WSCOL_WHITE, background & WSCOL_WHITE,
                             flags & ~WSATTR_HILIT, &attribute) == 0)
    return attribute;
  return screen_.attribute;
}

unsigned Painter::glyph_of(char32_t character) {
  if (character < latin_.size()) {
    std::optional<unsigned>& glyph = latin_[character];
    if (!glyph) glyph = find_glyph(character);
    return *glyph;
  }
  const auto known = glyphs_.find(character);
  if (known != glyphs_.end()) return known->second;
  static constexpr std::size_t most = 65536;  // what a program may make us remember
  if (glyphs_.size() >= most) glyphs_.clear();
  return glyphs_[character] = find_glyph(character);
}

unsigned Painter::find_glyph(char32_t character) {
  unsigned glyph = 0;
  const auto has = [&](char32_t candidate) {
    return screen_.ops->mapchar(screen_.cookie, static_cast<int>(candidate), &glyph) > 0;
  };
  // Rather without a mark than not at all.
  for (char32_t plain = character; plain != 0; plain = without_mark(plain)) {
    if (has(plain)) return glyph;
  }
  return has(look_alike(character)) || has(U'?') ? glyph : U' ';
}

}  // namespace pupci::wscons
