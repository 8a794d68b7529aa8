// SPDX-License-Identifier: BSD-2-Clause
// A display as its outputs see it.
#include <algorithm>

#include "kern/klock.h"
#include "wscons/geometry.h"
#include "wscons/keysym.h"
#include "wscons/wsdisplay_device.h"

namespace pupci::wscons {
namespace {

constexpr unsigned wheel_up = 1U << 3;
constexpr unsigned wheel_down = 1U << 4;
constexpr int lines_of_wheel = 3;

}  // namespace

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
  notify(to_pixels(cells, of->shape(), size(), of->turn()));
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
  Terminal& terminal = screen->terminal();
  const Place at = to_cell(x, y, screen->shape(), size(), screen->turn());
  const unsigned pressed = buttons & ~buttons_;
  buttons_ = buttons;
  if (terminal.point(at.row, at.column, buttons, keyboard_.modifiers())) return;
  if ((pressed & wheel_up) != 0) terminal.scroll_back(lines_of_wheel);
  if ((pressed & wheel_down) != 0) terminal.scroll_back(-lines_of_wheel);
}

}  // namespace pupci::wscons
