// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/picture.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace pupci::wscons {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Rows that are read and compared together.
constexpr unsigned band = 16;
// A device is read at most so often, and at most a third of the time.
constexpr Clock::duration shortest = milliseconds(16);
constexpr Clock::duration longest = milliseconds(250);

}  // namespace

Picture::Picture(std::shared_ptr<Display> display)
    : display_(std::move(display)), next_(Clock::now()) {
  display_->set_listener([this](Rectangle what) { report(what); });
}

Picture::~Picture() {
  display_->set_listener({});
}

void Picture::report(Rectangle what) {
  const std::scoped_lock lock(damage_mutex_);
  if (what.width == 0 || what.height == 0) vanished_ = true;
  stale_.add(what);
  for (Viewer* viewer : viewers_) viewer->tell();
}

// Reads what is stale. With read_mutex_ held.
void Picture::update() {
  const Size size = display_->size();
  if (size.width != image_.size.width || size.height != image_.size.height) {
    image_.size = size;
    image_.pixels.assign(std::size_t{size.width} * size.height, 0);
    const std::scoped_lock lock(damage_mutex_);
    stale_.clear();
    stale_.add({0, 0, size.width, size.height});
    for (Viewer* viewer : viewers_) {
      viewer->resized_ = true;
      viewer->tell();
    }
  }
  std::vector<Rectangle> stale;
  {
    const std::scoped_lock lock(damage_mutex_);
    vanished_ = false;
    stale = stale_.take();
  }
  if (stale.empty()) return;
  const auto start = Clock::now();
  for (const Rectangle& what : stale) read(clip(what, size));
  const auto end = Clock::now();
  const std::scoped_lock lock(damage_mutex_);
  next_ = end + std::clamp<Clock::duration>(2 * (end - start), shortest, longest);
}

// Reads a rectangle and tells the viewers of those parts that really changed.
void Picture::read(Rectangle what) {
  if (what.width == 0 || what.height == 0) return;
  const unsigned bottom = what.y + what.height;
  read_.resize(std::size_t{what.width} * what.height);
  if (!display_->read(what, read_.data(), what.width)) return;
  for (unsigned top = what.y; top < bottom; top += band) {
    const unsigned end = std::min(top + band, bottom);
    Rectangle changed;
    unsigned left = what.width;
    unsigned right = 0;
    for (unsigned y = top; y < end; ++y) {
      const std::uint32_t* from = read_.data() + std::size_t{y - what.y} * what.width;
      std::uint32_t* to = image_.pixels.data() + std::size_t{y} * image_.size.width + what.x;
      if (std::memcmp(from, to, what.width * sizeof *to) == 0) continue;
      const auto first =
          static_cast<unsigned>(std::mismatch(from, from + what.width, to).first - from);
      unsigned last = what.width;
      while (from[last - 1] == to[last - 1]) --last;
      left = std::min(left, first);
      right = std::max(right, last);
      if (changed.height == 0) changed.y = y;
      changed.height = y + 1 - changed.y;
      std::copy(from + first, from + last, to + first);
    }
    changed.x = what.x + left;
    changed.width = right > left ? right - left : 0;
    spread(changed);
  }
}

void Picture::spread(Rectangle what) {
  if (what.width == 0 || what.height == 0) return;
  const std::scoped_lock lock(damage_mutex_);
  for (Viewer* viewer : viewers_) {
    viewer->damage_.add(what);
    viewer->tell();
  }
}

Picture::Viewer::Viewer(Picture& picture, std::function<void()> changed)
    : picture_(picture), changed_(std::move(changed)) {
  const std::scoped_lock lock(picture_.damage_mutex_);
  picture_.viewers_.push_back(this);
}

Picture::Viewer::~Viewer() {
  const std::scoped_lock lock(picture_.damage_mutex_);
  auto& all = picture_.viewers_;
  all.erase(std::find(all.begin(), all.end(), this));
}

void Picture::Viewer::tell() {
  if (!std::exchange(told_, true)) changed_();
}

bool Picture::Viewer::pending() const {
  const std::scoped_lock lock(picture_.damage_mutex_);
  return resized_ || !damage_.empty() || picture_.vanished_ || !picture_.stale_.empty();
}

Clock::time_point Picture::Viewer::next() const {
  const std::scoped_lock lock(picture_.damage_mutex_);
  return picture_.next_;
}

std::vector<Rectangle> Picture::Viewer::refresh(Image& image) {
  const std::scoped_lock reading(picture_.read_mutex_);
  {
    const std::scoped_lock lock(picture_.damage_mutex_);
    told_ = true;  // of what it reads itself it need not be
  }
  picture_.update();
  std::vector<Rectangle> changed;
  {
    const std::scoped_lock lock(picture_.damage_mutex_);
    told_ = false;
    changed = damage_.take();
    if (std::exchange(resized_, false))
      changed = {{0, 0, picture_.image_.size.width, picture_.image_.size.height}};
  }
  const Image& from = picture_.image_;
  if (image.size.width != from.size.width || image.size.height != from.size.height) {
    image = from;
    return {{0, 0, from.size.width, from.size.height}};
  }
  for (const Rectangle& what : changed) {
    for (unsigned y = what.y; y < what.y + what.height; ++y) {
      const std::size_t start = std::size_t{y} * from.size.width + what.x;
      std::copy_n(from.pixels.data() + start, what.width, image.pixels.data() + start);
    }
  }
  return changed;
}

}  // namespace pupci::wscons
