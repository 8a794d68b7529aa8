// SPDX-License-Identifier: BSD-2-Clause
// The sixteen colours of wsdisplay(9), which are all that a driver's allocattr() takes, and which
// of them comes nearest to another.
#pragma once

#include <cstdint>

namespace pupci::wscons {

struct Rgb {
  std::uint8_t red;
  std::uint8_t green;
  std::uint8_t blue;
};

Rgb console_color(unsigned index) noexcept;  // 0..15
std::uint8_t nearest_color(Rgb color) noexcept;
// Brightness as an eye sees it, 0..255000.
int brightness(Rgb color) noexcept;

}  // namespace pupci::wscons
