// SPDX-License-Identifier: BSD-2-Clause
// A terminal (xterm's sequences, by libvterm) on a driver's text screen. What is written changes
// the text at once and the screen at the next flush(), where what came in between costs nothing: a
// page that has scrolled by is never drawn. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "kern/api.h"
#include "wscons/grid.h"
#include "wscons/painter.h"

namespace pupci::wscons {

class PUPCI_API Terminal {
 public:
  static constexpr std::size_t history_lines = 5000;

  // The cursor starts where the driver's is. What the driver has put on other rows stays there
  // until something is written to them.
  Terminal(const TextScreen& screen, int cursor_row, int cursor_column);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] int columns() const noexcept;
  [[nodiscard]] int rows() const noexcept;

  // Where answers, keys and mouse reports go; it must not call back.
  void set_reply(std::function<void(std::string_view)> reply);

  void write(std::string_view bytes);
  // Text of the kernel: its newlines start a line.
  void write_message(std::string_view text);

  // Whether a flush() would draw.
  [[nodiscard]] bool pending() const noexcept;
  // Draws what changed since the last, so under the kernel lock. What it changed on the screen.
  std::vector<CellRect> flush();
  // Takes the cursor off the screen till the next flush(); under the kernel lock.
  void hide_cursor();
  // What the screen shows is lost: the next flush() draws all of it.
  void redraw();
  // Another screen from here on, perhaps of another size.
  void resize(const TextScreen& screen);

  // What is typed, in X11's terms; `character` is 0 for keys that type none.
  struct Modifiers {
    bool shift = false;
    bool alt = false;
    bool control = false;
  };
  void type(char32_t character, Modifiers modifiers);
  // A keysym beyond those that type a character. False if there is no such key here.
  bool press(std::uint32_t keysym, Modifiers modifiers);
  // The pointer, in cells; `buttons` as in Display::pointer(). False if the program does not want
  // it.
  bool point(int row, int column, unsigned buttons, Modifiers modifiers);

  // Looks so many lines further back, or forward if negative; what is shown stays as output comes.
  void scroll_back(int lines);
  void scroll_to_end();

  // Rows as they would be shown, for tests: UTF-8, blanks at the end dropped.
  [[nodiscard]] std::string text(int row) const;
  [[nodiscard]] const Cell& cell(int row, int column) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pupci::wscons
