// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/palette.h"

#include <array>
#include <limits>

namespace pupci::wscons {
namespace {

// As rasops(9) shows them.
constexpr std::array<Rgb, 16> colors{{
    {0x00, 0x00, 0x00},
    {0x7f, 0x00, 0x00},
    {0x00, 0x7f, 0x00},
    {0x7f, 0x7f, 0x00},
    {0x00, 0x00, 0x7f},
    {0x7f, 0x00, 0x7f},
    {0x00, 0x7f, 0x7f},
    {0xc7, 0xc7, 0xc7},
    {0x7f, 0x7f, 0x7f},
    {0xff, 0x00, 0x00},
    {0x00, 0xff, 0x00},
    {0xff, 0xff, 0x00},
    {0x00, 0x00, 0xff},
    {0xff, 0x00, 0xff},
    {0x00, 0xff, 0xff},
    {0xff, 0xff, 0xff},
}};

int square(int value) {
  return value * value;
}

}  // namespace

Rgb console_color(unsigned index) noexcept {
  return colors[index % colors.size()];
}

std::uint8_t nearest_color(Rgb color) noexcept {
  std::uint8_t best = 0;
  int best_distance = std::numeric_limits<int>::max();
  for (std::size_t i = 0; i < colors.size(); i++) {
    const int distance = 3 * square(color.red - colors[i].red) +
                         4 * square(color.green - colors[i].green) +
                         2 * square(color.blue - colors[i].blue);
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = static_cast<std::uint8_t>(i);
  }
  return best;
}

int brightness(Rgb color) noexcept {
  return 299 * color.red + 587 * color.green + 114 * color.blue;
}

}  // namespace pupci::wscons
