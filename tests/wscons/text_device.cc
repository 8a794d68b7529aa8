// SPDX-License-Identifier: BSD-2-Clause
#include "text_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

namespace pupci::wscons::test {

struct TextDevice::Ops {
  static TextDevice& of(void* cookie) { return *static_cast<TextDevice*>(cookie); }

  static void cursor(void* cookie, int on, int row, int column) {
    TextDevice& device = of(cookie);
    const std::scoped_lock lock(device.mutex_);
    device.counts_.cursors++;
    if (device.check(row >= 0 && row < device.rows_ && column >= 0 && column < device.columns_,
                     "cursor"))
      device.at(row, column).cursor = on != 0;
  }
  static int mapchar(void* cookie, int unicode, unsigned* glyph) {
    TextDevice& device = of(cookie);
    const std::scoped_lock lock(device.mutex_);
    if (static_cast<char32_t>(unicode) > device.last_glyph_) {
      *glyph = ' ';
      return 0;
    }
    *glyph = static_cast<unsigned>(unicode);
    return 5;
  }
  static void putchar(void* cookie, int row, int column, u_int glyph, long attribute) {
    TextDevice& device = of(cookie);
    const std::scoped_lock lock(device.mutex_);
    device.counts_.characters++;
    if (!device.check(row >= 0 && row < device.rows_ && column >= 0 && column < device.columns_,
                      "putchar"))
      return;
    device.check(!device.at(row, column).cursor, "putchar under the cursor");
    device.at(row, column).character = glyph;
    device.at(row, column).attribute = attribute;
  }
  static void copycols(void* cookie, int row, int from, int to, int count) {
    TextDevice& device = of(cookie);
    const std::scoped_lock lock(device.mutex_);
    if (!device.check(row >= 0 && row < device.rows_ && from >= 0 && to >= 0 && count > 0 &&
                          std::max(from, to) + count <= device.columns_,
                      "copycols"))
      return;
    std::vector<Cell> moved(&device.at(row, from), &device.at(row, from) + count);
    std::copy(moved.begin(), moved.end(), &device.at(row, to));
  }
  static void erase(TextDevice& device, int row, int column, int count, long attribute) {
    for (int i = 0; i < count; i++) {
      Cell& cell = device.at(row, column + i);
      device.check(!cell.cursor, "erase under the cursor");
      cell = {U' ', attribute, cell.cursor};
    }
  }
  static void erasecols(void* cookie, int row, int column, int count, long attribute) {
    TextDevice& device = of(cookie);
    const std::scoped_lock lock(device.mutex_);
    device.counts_.erases++;
    if (device.check(row >= 0 && row < device.rows_ && column >= 0 && count > 0 &&
                         column + count <= device.columns_,
                     "erasecols"))
      erase(device, row, column, count, attribute);
  }
  static void copyrows(void* cookie, int from, int to, int count) {
    TextDevice& device = of(cookie);
    const std::scoped_lock lock(device.mutex_);
    device.counts_.copies++;
    if (!device.check(
            from >= 0 && to >= 0 && count > 0 && std::max(from, to) + count <= device.rows_,
            "copyrows"))
      return;
    const auto size = static_cast<std::ptrdiff_t>(count) * device.columns_;
    for (const Cell& cell : device.cells_) device.check(!cell.cursor, "copyrows with the cursor");
    std::vector<Cell> moved(&device.at(from, 0), &device.at(from, 0) + size);
    std::copy(moved.begin(), moved.end(), &device.at(to, 0));
  }
  static void eraserows(void* cookie, int row, int count, long attribute) {
    TextDevice& device = of(cookie);
    const std::scoped_lock lock(device.mutex_);
    device.counts_.erases++;
    if (device.check(row >= 0 && count > 0 && row + count <= device.rows_, "eraserows"))
      erase(device, row, 0, count * device.columns_, attribute);
  }
  static int allocattr(void* cookie, int foreground, int background, int flags, long* attribute) {
    TextDevice& device = of(cookie);
    const std::scoped_lock lock(device.mutex_);
    if (foreground < 0 || foreground > 15 || background < 0 || background > 15) return EINVAL;
    if ((flags & WSATTR_WSCOLORS) != 0 && (device.capabilities_ & WSSCREEN_WSCOLORS) == 0)
      return EINVAL;
    if ((flags & WSATTR_UNDERLINE) != 0 && (device.capabilities_ & WSSCREEN_UNDERLINE) == 0)
      return EINVAL;
    if ((flags & WSATTR_WSCOLORS) == 0) {
      foreground = WS_DEFAULT_FG;
      background = WS_DEFAULT_BG;
    }
    *attribute = static_cast<long>(device.attributes_.size());
    device.attributes_.push_back({foreground, background, flags});
    return 0;
  }
};

TextDevice::TextDevice(int columns, int rows, int capabilities)
    : columns_(columns),
      rows_(rows),
      capabilities_(capabilities),
      cells_(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows)) {}

const wsdisplay_emulops& TextDevice::ops() {
  static const wsdisplay_emulops the_ops = {
      .cursor = Ops::cursor,
      .mapchar = Ops::mapchar,
      .putchar = Ops::putchar,
      .copycols = Ops::copycols,
      .erasecols = Ops::erasecols,
      .copyrows = Ops::copyrows,
      .eraserows = Ops::eraserows,
      .allocattr = Ops::allocattr,
      .replaceattr = nullptr,
  };
  return the_ops;
}

TextScreen TextDevice::screen() {
  return {&ops(), this, columns_, rows_, capabilities_, 0};
}

bool TextDevice::check(bool good, const char* what) {
  if (!good && wrong_.size() < 1000) wrong_ += std::string(what) + "; ";
  return good;
}

std::string TextDevice::text(int row) const {
  const std::scoped_lock lock(mutex_);
  std::string text;
  for (int column = 0; column < columns_; column++) {
    const char32_t c = at(row, column).character;
    text += c < 0x80 ? static_cast<char>(c) : '?';
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string TextDevice::all() const {
  std::string text_of_all;
  for (int row = 0; row < rows_; row++) text_of_all += text(row) + "\n";
  text_of_all.erase(text_of_all.find_last_not_of('\n') + 1);
  return text_of_all;
}

TextDevice::Attribute TextDevice::attribute(int row, int column) const {
  const std::scoped_lock lock(mutex_);
  return attributes_[static_cast<std::size_t>(at(row, column).attribute)];
}

char32_t TextDevice::character(int row, int column) const {
  const std::scoped_lock lock(mutex_);
  return at(row, column).character;
}

bool TextDevice::cursor_at(int row, int column) const {
  const std::scoped_lock lock(mutex_);
  return at(row, column).cursor;
}

bool TextDevice::cursor_shown() const {
  const std::scoped_lock lock(mutex_);
  return std::any_of(cells_.begin(), cells_.end(), [](const Cell& cell) { return cell.cursor; });
}

std::string TextDevice::wrong() const {
  const std::scoped_lock lock(mutex_);
  return wrong_;
}

TextDevice::Counts TextDevice::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

void TextDevice::reset_counts() {
  const std::scoped_lock lock(mutex_);
  counts_ = {};
}

void TextDevice::set_last_glyph(char32_t last) {
  const std::scoped_lock lock(mutex_);
  last_glyph_ = last;
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace pupci::wscons::test
