// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/damage.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace pupci::wscons {
namespace {

constexpr std::size_t most = 24;

std::uint64_t area(const Rectangle& r) noexcept {
  return std::uint64_t{r.width} * r.height;
}

Rectangle cover(const Rectangle& a, const Rectangle& b) noexcept {
  const unsigned left = std::min(a.x, b.x);
  const unsigned top = std::min(a.y, b.y);
  return {left, top, std::max(a.x + a.width, b.x + b.width) - left,
          std::max(a.y + a.height, b.y + b.height) - top};
}

}  // namespace

Rectangle clip(Rectangle what, Size size) noexcept {
  what.x = std::min(what.x, size.width);
  what.y = std::min(what.y, size.height);
  what.width = std::min(what.width, size.width - what.x);
  what.height = std::min(what.height, size.height - what.y);
  return what;
}

void Damage::add(Rectangle what) {
  if (area(what) == 0) return;
  for (std::size_t i = 0; i < rectangles_.size();) {
    const Rectangle both = cover(rectangles_[i], what);
    if (area(both) == area(rectangles_[i])) return;
    if (area(both) > area(rectangles_[i]) + area(what)) {
      ++i;
      continue;
    }
    // The larger one may touch those that were passed.
    what = both;
    rectangles_[i] = rectangles_.back();
    rectangles_.pop_back();
    i = 0;
  }
  if (rectangles_.size() == most) {
    for (const Rectangle& other : rectangles_) what = cover(what, other);
    rectangles_.clear();
  }
  rectangles_.push_back(what);
}

std::vector<Rectangle> Damage::take() {
  return std::exchange(rectangles_, {});
}

}  // namespace pupci::wscons
