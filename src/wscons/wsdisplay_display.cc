// SPDX-License-Identifier: BSD-2-Clause
// A display as its outputs see it.
#include <algorithm>

#include "kern/klock.h"
#include "wscons/keysym.h"
#include "wscons/wsdisplay_device.h"

namespace pupci::wscons {
namespace {

constexpr unsigned wheel_up = 1U << 3;
constexpr unsigned wheel_down = 1U << 4;
constexpr int lines_of_wheel = 3;

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

}  // namespace

std::vector<Rectangle> to_pixels(const std::vector<CellRect>& cells, const wsscreen_descr& type,
                                 Size size) {
  const int width = static_cast<int>(size.width);
  const int height = static_cast<int>(size.height);
  const int slack_x = width - type.ncols * type.fontwidth;
  const int slack_y = height - type.nrows * type.fontheight;
  // Rotated, or unknown.
  if (type.fontwidth <= 0 || type.fontheight <= 0 || slack_x < 0 || slack_y < 0)
    return {{0, 0, size.width, size.height}};
  std::vector<Rectangle> result;
  for (const CellRect& rect : joined(cells)) {
    const Rectangle pixels =
        cut(rect.left * type.fontwidth, rect.top * type.fontheight,
            rect.right * type.fontwidth + slack_x, rect.bottom * type.fontheight + slack_y, size);
    if (pixels.width != 0) result.push_back(pixels);
  }
  return result;
}

Size WsDisplay::size() const {
  const std::scoped_lock lock(mutex_);
  return size_;
}

bool WsDisplay::read(Rectangle what, std::uint32_t* to, std::size_t stride) {
  const kern::KernelLock kernel;  // so that it is not detached meanwhile
  if (gone_) return false;
  const auto screen = shown();
  return framebuffer_.read(screen ? screen->cookie() : nullptr, what, to, stride);
}

void WsDisplay::set_listener(std::function<void(Rectangle)> listener) {
  const std::scoped_lock lock(listener_mutex_);
  listener_ = std::move(listener);
}

void WsDisplay::notify(const std::vector<Rectangle>& rectangles) {
  const std::scoped_lock lock(listener_mutex_);
  if (!listener_) return;
  for (const Rectangle& rectangle : rectangles) listener_(rectangle);
}

void WsDisplay::notify_all() {
  const Size now = size();
  if (now.width != 0) notify({{0, 0, now.width, now.height}});
}

void WsDisplay::damaged(const Screen* of, const std::vector<CellRect>& cells) {
  if (shown().get() != of) return;
  notify(to_pixels(cells, of->shape(), size()));
}

void WsDisplay::key(std::uint32_t keysym, bool down) {
  const std::scoped_lock lock(mutex_);
  if (!service_) return;
  service_->post([self = weak_from_this(), keysym, down] {
    if (const auto display = self.lock()) display->press(keysym, down);
  });
}

void WsDisplay::pointer(unsigned x, unsigned y, unsigned buttons) {
  const std::scoped_lock lock(mutex_);
  if (!service_) return;
  service_->post([self = weak_from_this(), x, y, buttons] {
    if (const auto display = self.lock()) display->point(x, y, buttons);
  });
}

void WsDisplay::press(std::uint32_t keysym, bool down) {
  const Keyboard::Stroke stroke = keyboard_.key(keysym, down);
  if (stroke.meaning == Keyboard::Meaning::nothing || gone_) return;
  if (stroke.meaning == Keyboard::Meaning::screen) {
    show(static_cast<int>(stroke.value));
    return;
  }
  const auto screen = shown();
  if (!screen) return;
  Terminal& terminal = screen->terminal();
  switch (stroke.meaning) {
    case Keyboard::Meaning::page_back:
      terminal.scroll_back(std::max(terminal.rows() / 2, 1));
      return;
    case Keyboard::Meaning::page_forward:
      terminal.scroll_back(-std::max(terminal.rows() / 2, 1));
      return;
    case Keyboard::Meaning::character:
      terminal.scroll_to_end();
      terminal.type(stroke.value, stroke.modifiers);
      return;
    default:
      break;
  }
  if (stroke.value == keysym_return && screen->run_again()) return;
  terminal.scroll_to_end();
  terminal.press(stroke.value, stroke.modifiers);
}

void WsDisplay::point(unsigned x, unsigned y, unsigned buttons) {
  const auto screen = shown();
  if (!screen || gone_) return;
  const wsscreen_descr& type = screen->shape();
  Terminal& terminal = screen->terminal();
  const Size pixels = size();
  const auto cell = [](unsigned at, unsigned all, int count, int each) {
    const int size = std::max(each, 1);
    const int margin = std::max(static_cast<int>(all) - count * size, 0) / 2;
    return std::clamp((static_cast<int>(std::min(at, all)) - margin) / size, 0, count - 1);
  };
  const int column = cell(x, pixels.width, terminal.columns(), type.fontwidth);
  const int row = cell(y, pixels.height, terminal.rows(), type.fontheight);
  const unsigned pressed = buttons & ~buttons_;
  buttons_ = buttons;
  if (terminal.point(row, column, buttons, keyboard_.modifiers())) return;
  if ((pressed & wheel_up) != 0) terminal.scroll_back(lines_of_wheel);
  if ((pressed & wheel_down) != 0) terminal.scroll_back(-lines_of_wheel);
}

}  // namespace pupci::wscons
