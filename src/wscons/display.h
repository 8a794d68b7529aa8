// SPDX-License-Identifier: BSD-2-Clause
// What a person sees of a wsdisplay(4), and types to it: the edge between the displays that drivers
// attach and the outputs (VNC, PNG) above them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kern/api.h"

namespace pupci::wscons {

// In pixels; x + width and y + height do not exceed the display's size.
struct Rectangle {
  unsigned x = 0;
  unsigned y = 0;
  unsigned width = 0;
  unsigned height = 0;
};

struct Size {
  unsigned width = 0;
  unsigned height = 0;
};

// One display, from the attachment of its wsdisplay to its detachment; after that read() fails and
// input goes nowhere. Every function may be called from any thread, without the kernel lock.
class PUPCI_API Display {
 public:
  Display() = default;
  virtual ~Display() = default;
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;

  [[nodiscard]] virtual std::string name() const = 0;  // "wsdisplay0"
  [[nodiscard]] virtual Size size() const = 0;         // of the mode now; 0 x 0 if it has no pixels

  // What the device's own memory holds of the rectangle now, through its colour map, a pixel
  // 0x00RRGGBB; `stride` is in pixels. Everything that the driver or its engine was told to draw
  // before the call is in it. False if the display is gone or its memory cannot be read.
  virtual bool read(Rectangle what, std::uint32_t* to, std::size_t stride) = 0;

  // Called, from any thread, with each rectangle that may show something else than before; a change
  // of size reports the whole new display. An empty function ends it, and when set_listener()
  // returns, no call is under way. It must not call back into the display.
  virtual void set_listener(std::function<void(Rectangle)> listener) = 0;

  // Keyboard and pointer, in X11's terms: keysyms; buttons as a mask, bit 0 the left one.
  virtual void key(std::uint32_t keysym, bool down) = 0;
  virtual void pointer(unsigned x, unsigned y, unsigned buttons) = 0;
};

// Those attached now, in order of their units.
PUPCI_API std::vector<std::shared_ptr<Display>> displays();

}  // namespace pupci::wscons
