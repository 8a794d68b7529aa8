// SPDX-License-Identifier: BSD-2-Clause
// A copy of what a display shows, kept for those who look at it. The display's memory is read when
// somebody wants to see it, once for all of them, and only where it was said to have changed.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "kern/api.h"
#include "wscons/display.h"
#include "wscons/output/damage.h"

namespace pupci::wscons {

struct Image {
  Size size;
  std::vector<std::uint32_t> pixels;  // 0x00RRGGBB, rows one after the other
};

class PUPCI_API Picture {
 public:
  explicit Picture(std::shared_ptr<Display> display);
  ~Picture();  // after its viewers
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  [[nodiscard]] Display& display() noexcept { return *display_; }

  // One who looks at it. Its functions are for one thread at a time.
  class PUPCI_API Viewer {
   public:
    // `changed` is called from any thread when there may be something new, once until refresh().
    // It must neither block nor call back.
    Viewer(Picture& picture, std::function<void()> changed);
    ~Viewer();
    Viewer(const Viewer&) = delete;
    Viewer& operator=(const Viewer&) = delete;

    // Whether refresh() may find something.
    [[nodiscard]] bool pending() const;
    // When it should be called again, so that reading leaves time for drawing.
    [[nodiscard]] std::chrono::steady_clock::time_point next() const;
    // Brings `image` up to date; the rectangles in which it changed. A new size changes it all.
    std::vector<Rectangle> refresh(Image& image);

   private:
    friend class Picture;
    void tell();  // with damage_mutex_ held

    Picture& picture_;
    std::function<void()> changed_;
    bool told_ = false;  // and the rest by damage_mutex_
    bool resized_ = true;
    Damage damage_;
  };

 private:
  void report(Rectangle what);
  void update();
  void read(Rectangle what);
  void spread(Rectangle what);

  const std::shared_ptr<Display> display_;
  std::mutex read_mutex_;  // held while the display is read
  Image image_;
  std::vector<std::uint32_t> read_;  // what was read, before it is compared

  mutable std::mutex damage_mutex_;  // taken last, and for moments only
  Damage stale_;                     // not read yet
  bool vanished_ = false;            // no pixels are left, so none are stale
  std::vector<Viewer*> viewers_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace pupci::wscons
