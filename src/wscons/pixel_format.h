// SPDX-License-Identifier: BSD-2-Clause
// Pixels as a device's memory holds them, made into 0x00RRGGBB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kern/api.h"

namespace pupci::wscons {

// Where one colour lies in a pixel: the position of its lowest bit, and how many bits it has.
struct ColourField {
  unsigned offset = 0;
  unsigned bits = 0;
};

struct PixelFormat {
  unsigned bits = 0;     // of a pixel: 1, 2, 4 (the leftmost one highest), 8, 16, 24 or 32
  bool indexed = false;  // into `palette`; else the fields count
  ColourField red;
  ColourField green;
  ColourField blue;
  std::array<std::uint32_t, 256> palette{};

  // Whether convert() knows it: bits as above, fields within the pixel, no wider than 8 bits.
  [[nodiscard]] PUPCI_API bool valid() const noexcept;
  // The bytes of so many pixels.
  [[nodiscard]] std::uint64_t bytes(std::uint64_t pixels) const noexcept {
    return (pixels * bits + 7) / 8;
  }
};

// A colour of few bits, spread over eight: the highest bits are repeated below, so that full
// intensity stays full.
PUPCI_API std::uint8_t widen(unsigned value, unsigned bits) noexcept;

// Converts rows of a valid format, from the first bit of `from` on.
class PUPCI_API PixelReader {
 public:
  explicit PixelReader(const PixelFormat& format) noexcept;
  // `first` is the pixel of the row to start with.
  void convert(const std::byte* row, std::size_t first, std::size_t count,
               std::uint32_t* to) const noexcept;

 private:
  [[nodiscard]] std::uint32_t colour(std::uint32_t pixel) const noexcept;
  template <unsigned Bytes>
  void convert_whole(const std::byte* from, std::size_t count, std::uint32_t* to) const noexcept;

  struct Field {
    unsigned offset = 0;
    std::uint32_t mask = 0;
    std::array<std::uint32_t, 256> value{};  // in its place in the result
  };
  unsigned bits_;
  bool indexed_;
  bool plain_;  // 0xXXRRGGBB already
  std::array<Field, 3> fields_;
  std::array<std::uint32_t, 256> palette_;
};

}  // namespace pupci::wscons
