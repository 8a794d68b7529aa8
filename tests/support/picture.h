// SPDX-License-Identifier: BSD-2-Clause
// Pictures that tests compare: what QEMU shows, what a PNG holds.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "pupci/bus.h"

namespace pupci::test {

struct Picture {
  unsigned width = 0;
  unsigned height = 0;
  std::vector<std::uint32_t> pixels;  // 0x00RRGGBB, row by row

  [[nodiscard]] std::uint32_t at(unsigned x, unsigned y) const {
    return pixels.at(std::size_t{y} * width + x);
  }
};

// Throws std::runtime_error that names the file and what is wrong with it.
Picture read_png(const std::string& path);

// What the emulated monitor shows now, once QEMU has executed every access made before: QMP's
// screendump. The bus must be the qemu host's; `device` is the id of a -device, or empty for the
// first display.
Picture screendump(Bus& bus, const std::string& device = {});

// Equal, or where they first differ and in how many pixels.
testing::AssertionResult same_picture(const Picture& one, const Picture& other);

}  // namespace pupci::test
