// SPDX-License-Identifier: BSD-2-Clause
#include "memory_display.h"

#include <algorithm>

namespace pupci::test {

using wscons::Rectangle;
using wscons::Size;

MemoryDisplay::MemoryDisplay(unsigned width, unsigned height)
    : size_{width, height}, pixels_(std::size_t{width} * height) {}

Size MemoryDisplay::size() const {
  const std::scoped_lock lock(mutex_);
  return size_;
}

bool MemoryDisplay::read(Rectangle what, std::uint32_t* to, std::size_t stride) {
  const std::scoped_lock lock(mutex_);
  ++reads_;
  area_ += std::uint64_t{what.width} * what.height;
  if (gone_ || what.x + what.width > size_.width || what.y + what.height > size_.height)
    return false;
  for (unsigned y = 0; y < what.height; ++y)
    std::copy_n(pixels_.data() + std::size_t{what.y + y} * size_.width + what.x, what.width,
                to + y * stride);
  return true;
}

void MemoryDisplay::set_listener(std::function<void(Rectangle)> listener) {
  const std::scoped_lock lock(listener_mutex_);
  listener_ = std::move(listener);
}

void MemoryDisplay::key(std::uint32_t keysym, bool down) {
  const std::scoped_lock lock(mutex_);
  keys_.push_back({keysym, down});
  changed_.notify_all();
}

void MemoryDisplay::pointer(unsigned x, unsigned y, unsigned buttons) {
  const std::scoped_lock lock(mutex_);
  pointers_.push_back({x, y, buttons});
  changed_.notify_all();
}

void MemoryDisplay::report(Rectangle what) {
  const std::scoped_lock lock(listener_mutex_);
  if (listener_) listener_(what);
}

void MemoryDisplay::fill(Rectangle what, std::uint32_t colour) {
  {
    const std::scoped_lock lock(mutex_);
    for (unsigned y = what.y; y < what.y + what.height; ++y)
      std::fill_n(pixels_.data() + std::size_t{y} * size_.width + what.x, what.width, colour);
  }
  report(what);
}

void MemoryDisplay::scramble(std::uint32_t seed) {
  Size all;
  {
    const std::scoped_lock lock(mutex_);
    all = size_;
    for (std::size_t i = 0; i < pixels_.size(); ++i)
      pixels_[i] = (static_cast<std::uint32_t>(i) * 2654435761U + seed * 40503U) >> 8U;
  }
  report({0, 0, all.width, all.height});
}

void MemoryDisplay::resize(unsigned width, unsigned height, std::uint32_t colour) {
  {
    const std::scoped_lock lock(mutex_);
    size_ = {width, height};
    pixels_.assign(std::size_t{width} * height, colour);
  }
  report({0, 0, width, height});
}

void MemoryDisplay::detach() {
  const std::scoped_lock lock(mutex_);
  gone_ = true;
}

std::vector<std::uint32_t> MemoryDisplay::pixels() const {
  const std::scoped_lock lock(mutex_);
  return pixels_;
}

unsigned MemoryDisplay::reads() const {
  const std::scoped_lock lock(mutex_);
  return reads_;
}

std::uint64_t MemoryDisplay::area() const {
  const std::scoped_lock lock(mutex_);
  return area_;
}

std::vector<MemoryDisplay::Key> MemoryDisplay::keys() const {
  const std::scoped_lock lock(mutex_);
  return keys_;
}

std::vector<MemoryDisplay::Pointer> MemoryDisplay::pointers() const {
  const std::scoped_lock lock(mutex_);
  return pointers_;
}

bool MemoryDisplay::wait_for_keys(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return keys_.size() >= count; });
}

bool MemoryDisplay::wait_for_pointers(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return pointers_.size() >= count; });
}

}  // namespace pupci::test
