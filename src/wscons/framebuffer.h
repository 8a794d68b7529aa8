// SPDX-License-Identifier: BSD-2-Clause
// The pixels of a display, read from the device's own memory through what its driver gives to
// wsdisplay(9): geometry and colour map by its ioctl, memory by its mmap.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "kern/api.h"
#include "wscons/display.h"
#include "wscons/pixel_format.h"

struct wsdisplay_accessops;

namespace pupci::wscons {

// Any thread, without the kernel lock, while the driver is attached. `screen` is the cookie of the
// screen that is shown, or null.
class PUPCI_API Framebuffer {
 public:
  // `name` is the display's, for messages.
  Framebuffer(const wsdisplay_accessops& ops, void* cookie, std::string name);

  // 0 x 0 when the driver tells of no pixels that can be read; a message says why, once.
  Size size(void* screen) noexcept;
  // As Display::read(). False also for what is not within the size.
  bool read(void* screen, Rectangle what, std::uint32_t* to, std::size_t stride) noexcept;

 private:
  struct Geometry {
    Size size;
    std::uint64_t offset = 0;  // of the first pixel, in what mmap gives
    std::uint64_t stride = 0;  // bytes
    PixelFormat format;
  };

  bool learn(void* screen, Geometry& geometry);
  bool ask_fbinfo(void* screen, Geometry& geometry);
  bool ask_ginfo(void* screen, Geometry& geometry);
  void ask_colours(void* screen, PixelFormat& format);
  int ioctl(void* screen, unsigned long command, void* data);
  bool copy(void* screen, std::uint64_t offset, std::byte* to, std::size_t size);
  void complain(const std::string& why);

  const wsdisplay_accessops& ops_;
  void* const cookie_;
  const std::string name_;
  std::mutex complaint_mutex_;
  std::string complaint_;  // the last one
};

}  // namespace pupci::wscons
