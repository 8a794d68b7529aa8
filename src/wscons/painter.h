// SPDX-License-Identifier: BSD-2-Clause
// Draws cells with a driver's emulops, and knows what they show: only what differs is drawn.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "kern/api.h"
#include "netbsd/dev/wscons/wsdisplayvar.h"
#include "wscons/cell.h"

namespace pupci::wscons {

// A driver's text screen.
struct TextScreen {
  const wsdisplay_emulops* ops = nullptr;
  void* cookie = nullptr;
  int columns = 0;
  int rows = 0;
  int capabilities = 0;  // WSSCREEN_*
  long attribute = 0;    // the driver's default
};

// Every call draws, so it is under the kernel lock unless the screen is nobody's.
class PUPCI_API Painter {
 public:
  explicit Painter(const TextScreen& screen);

  [[nodiscard]] const TextScreen& screen() const noexcept { return screen_; }

  struct Frame {
    std::function<const Cell*(int row)> row;  // screen().columns cells
    std::function<bool(int row)> touched;     // false: as in the frame before
    int scroll_top = 0;                       // rows [top, bottom) may have moved up so many lines
    int scroll_bottom = 0;
    int scroll_lines = 0;
    bool reverse = false;  // the whole screen
    bool cursor = false;
    int cursor_row = 0;
    int cursor_column = 0;
  };
  // Adds to `damage` what it changed.
  void draw(const Frame& frame, std::vector<CellRect>& damage);
  void hide_cursor();
  // What is shown is not known any more.
  void forget();

 private:
  struct Span {
    int left;
    int right;
  };
  [[nodiscard]] Cell* shown(int row) {
    return &shown_[static_cast<std::size_t>(row) * static_cast<std::size_t>(screen_.columns)];
  }
  [[nodiscard]] bool same(const Cell* cells, int row);
  void scroll(const Frame& frame, std::vector<CellRect>& damage);
  [[nodiscard]] bool scroll_pays(const Frame& frame);
  void draw_rows(const Frame& frame, std::vector<CellRect>& damage);
  int erase_rows(const Frame& frame, int row);
  std::optional<Span> draw_row(const Cell* want, int row);
  void put(const Cell& cell, int row, int column);
  void show_cursor(const Frame& frame, std::vector<CellRect>& damage);
  long attribute_of(const Cell& cell);
  long allocate(int foreground, int background, unsigned style);
  unsigned glyph_of(char32_t character);
  unsigned find_glyph(char32_t character);

  TextScreen screen_;
  std::vector<Cell> shown_;
  bool reverse_ = false;
  bool cursor_shown_ = false;
  int cursor_row_ = 0;
  int cursor_column_ = 0;
  struct Attribute {
    bool known = false;
    long value = 0;
  };
  std::vector<Attribute> attributes_;
  std::array<std::optional<unsigned>, 256> latin_;
  std::unordered_map<char32_t, unsigned> glyphs_;
};

// What to show for a character that a font lacks: a look-alike in ASCII, else '?'.
char32_t look_alike(char32_t character) noexcept;

}  // namespace pupci::wscons
