// SPDX-License-Identifier: BSD-2-Clause
// The parts of a display that may show something else than before: a few rectangles that cover
// them.
#pragma once

#include <vector>

#include "kern/api.h"
#include "wscons/display.h"

namespace pupci::wscons {

// The part of `what` that lies within `size`; its width or height is 0 when there is none.
PUPCI_API Rectangle clip(Rectangle what, Size size) noexcept;

// Not for several threads at a time.
class PUPCI_API Damage {
 public:
  // Rectangles are joined where that costs little, and all of them when they become many.
  void add(Rectangle what);
  void clear() noexcept { rectangles_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return rectangles_.empty(); }
  // They may overlap.
  [[nodiscard]] const std::vector<Rectangle>& rectangles() const noexcept { return rectangles_; }
  [[nodiscard]] std::vector<Rectangle> take();

 private:
  std::vector<Rectangle> rectangles_;
};

}  // namespace pupci::wscons
