// SPDX-License-Identifier: BSD-2-Clause
// Text screens in memory, as a driver of wsdisplay(9) has them: what was drawn can be read back.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kern/loader.h"
#include "netbsd/dev/wscons/wsdisplayvar.h"
#include "wscons/painter.h"

namespace pupci::wscons::test {

// The emulops draw into one of these; it checks what it is asked for.
class TextDevice {
 public:
  TextDevice(int columns, int rows, int capabilities = every_capability);

  static constexpr int every_capability =
      WSSCREEN_WSCOLORS | WSSCREEN_REVERSE | WSSCREEN_HILIT | WSSCREEN_UNDERLINE;
  static const wsdisplay_emulops& ops();
  [[nodiscard]] TextScreen screen();

  struct Attribute {
    int foreground = WS_DEFAULT_FG;
    int background = WS_DEFAULT_BG;
    int flags = 0;
    friend bool operator==(const Attribute&, const Attribute&) = default;
  };
  struct Counts {
    int characters = 0;
    int copies = 0;  // copyrows
    int erases = 0;
    int cursors = 0;
    [[nodiscard]] int all() const { return characters + copies + erases + cursors; }
  };

  [[nodiscard]] std::string text(int row) const;  // blanks at the end dropped; 7-bit or '?'
  [[nodiscard]] std::string all()
      const;  // rows, with newlines between, blank ones dropped at the end
  [[nodiscard]] Attribute attribute(int row, int column) const;
  [[nodiscard]] char32_t character(int row, int column) const;
  [[nodiscard]] bool cursor_at(int row, int column) const;
  [[nodiscard]] bool cursor_shown() const;
  [[nodiscard]] std::string wrong() const;  // requests out of range
  Counts counts() const;
  void reset_counts();
  // Characters beyond this one have no glyph.
  void set_last_glyph(char32_t last);

  struct Ops;

 private:
  struct Cell {
    char32_t character = U' ';
    long attribute = 0;
    bool cursor = false;
  };
  bool check(bool good, const char* what);
  Cell& at(int row, int column) {
    return cells_[static_cast<std::size_t>(row * columns_ + column)];
  }
  [[nodiscard]] const Cell& at(int row, int column) const {
    return cells_[static_cast<std::size_t>(row * columns_ + column)];
  }

  mutable std::mutex mutex_;
  int columns_;
  int rows_;
  int capabilities_;
  std::vector<Cell> cells_;
  std::vector<Attribute> attributes_{Attribute{}};
  Counts counts_;
  std::string wrong_;
  char32_t last_glyph_ = 0x10ffff;
};

// A driver "textfb" that attaches at root and has displays of TextDevices, with wsdisplay(4)
// beside.
class TextDriver {
 public:
  struct Options {
    bool console = false;
    int columns = 40;
    int rows = 10;
    int screens = 8;  // that can be allocated
  };
  explicit TextDriver(Options options);
  ~TextDriver();  // detaches
  TextDriver(const TextDriver&) = delete;
  TextDriver& operator=(const TextDriver&) = delete;

  // In the order of their allocation; the console's is the first.
  [[nodiscard]] TextDevice& device(int index) const;
  [[nodiscard]] int devices() const;
  [[nodiscard]] int shown() const;  // index of the one shown
  // Another size from the next WSDISPLAYIO_SFONT on.
  void set_size(int columns, int rows);
  device_t display() const;  // the wsdisplay
  void detach();

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

// Waits, a minute at most, until it is so.
bool eventually(const std::function<bool()>& condition);

}  // namespace pupci::wscons::test
