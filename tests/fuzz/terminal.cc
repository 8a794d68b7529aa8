// SPDX-License-Identifier: BSD-2-Clause
// Fuzzes the terminal with what programs write: the screen asked to draw never reaches outside, and
// shows in the end what a screen shows that was drawn only once. A byte 0xff is no part of UTF-8:
// there the terminal draws, is resized, typed to, or looked back in.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "wscons/terminal.h"

using namespace pupci::wscons;

// libvterm 0.1 answers an unknown DECRQSS with the format "%.s", whose pointer no C library
// follows; the sanitizers do.
extern "C" const char* __asan_default_options();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "check_printf=0";
}
extern "C" const char* __tsan_default_options();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __tsan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "check_printf=0";
}

namespace {

struct Drawn {
  std::uint32_t character = ' ';
  long attribute = 0;
  bool cursor = false;
  friend bool operator==(const Drawn&, const Drawn&) = default;
};

struct Device {
  int columns;
  int rows;
  std::vector<Drawn> cells =
      std::vector<Drawn>(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows));

  Drawn* at(int row, int column, int count = 1) {
    if (row < 0 || row >= rows || column < 0 || count <= 0 || column + count > columns)
      std::abort();
    return &cells[static_cast<std::size_t>(row * columns + column)];
  }
};

Device& of(void* cookie) {
  return *static_cast<Device*>(cookie);
}

void cursor(void* cookie, int on, int row, int column) {
  of(cookie).at(row, column)->cursor = on != 0;
}

int mapchar(void*, int unicode, unsigned* glyph) {
  *glyph = static_cast<unsigned>(unicode);
  return 5;
}

void put(void* cookie, int row, int column, u_int glyph, long attribute) {
  Drawn* cell = of(cookie).at(row, column);
  *cell = {glyph, attribute, cell->cursor};
}

void copy_columns(void* cookie, int row, int from, int to, int count) {
  const std::vector<Drawn> moved(of(cookie).at(row, from, count),
                                 of(cookie).at(row, from, count) + count);
  std::copy(moved.begin(), moved.end(), of(cookie).at(row, to, count));
}

void erase_columns(void* cookie, int row, int column, int count, long attribute) {
  Drawn* cell = of(cookie).at(row, column, count);
  for (int i = 0; i < count; i++) cell[i] = {' ', attribute, cell[i].cursor};
}

void copy_rows(void* cookie, int from, int to, int count) {
  Device& device = of(cookie);
  if (count <= 0) std::abort();
  device.at(from + count - 1, 0);
  device.at(to + count - 1, 0);
  const auto size = static_cast<std::ptrdiff_t>(count) * device.columns;
  const std::vector<Drawn> moved(device.at(from, 0), device.at(from, 0) + size);
  std::copy(moved.begin(), moved.end(), device.at(to, 0));
}

void erase_rows(void* cookie, int row, int count, long attribute) {
  for (int i = 0; i < count; i++) erase_columns(cookie, row + i, 0, of(cookie).columns, attribute);
}

int allocattr(void*, int foreground, int background, int flags, long* attribute) {
  if (foreground < 0 || foreground > 15 || background < 0 || background > 15) std::abort();
  *attribute = 1 + foreground + 16 * background + 256 * flags;
  return 0;
}

constexpr wsdisplay_emulops ops = {cursor,    mapchar,    put,       copy_columns, erase_columns,
                                   copy_rows, erase_rows, allocattr, nullptr};

TextScreen screen_of(Device& device) {
  return {&ops,
          &device,
          device.columns,
          device.rows,
          WSSCREEN_WSCOLORS | WSSCREEN_HILIT | WSSCREEN_UNDERLINE | WSSCREEN_REVERSE,
          0};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view left(reinterpret_cast<const char*>(data), size);
  std::vector<std::unique_ptr<Device>> devices;
  devices.push_back(std::make_unique<Device>(Device{20, 7}));
  Terminal often(screen_of(*devices.back()), 0, 0);
  often.set_reply([](std::string_view) {});
  while (!left.empty()) {
    const std::size_t end = std::min(left.find('\xff'), left.size());
    often.write(left.substr(0, end));
    left.remove_prefix(end);
    if (left.empty()) break;
    left.remove_prefix(1);
    if (left.empty()) break;
    const auto what = static_cast<unsigned char>(left[0]);
    left.remove_prefix(1);
    switch (what % 8) {
      case 0:
        devices.push_back(std::make_unique<Device>(Device{1 + what / 8, 1 + what % 13}));
        often.resize(screen_of(*devices.back()));
        break;
      case 1:
        often.scroll_back(what - 100);
        break;
      case 2:
        often.type(what, {.alt = (what & 8) != 0, .control = (what & 16) != 0});
        break;
      case 3:
        often.press(0xff00U + what, {.shift = (what & 8) != 0});
        break;
      case 4:
        often.point(what / 8, what / 16, what, {});
        break;
      default:
        often.flush();
    }
  }
  often.scroll_to_end();
  often.flush();
  Device once{often.columns(), often.rows()};
  const std::vector<Drawn> shown = devices.back()->cells;
  *devices.back() = once;
  often.redraw();
  often.flush();
  // A redraw has no cursor to hide first.
  if (shown != devices.back()->cells) std::abort();
  return 0;
}
