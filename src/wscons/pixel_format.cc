// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/pixel_format.h"

#include <algorithm>
#include <cstring>

namespace pupci::wscons {
namespace {

bool fits(const ColourField& field, unsigned bits) noexcept {
  return field.bits <= 8 && field.offset <= bits && field.bits <= bits - field.offset;
}

}  // namespace

bool PixelFormat::valid() const noexcept {
  if (bits == 1 || bits == 2 || bits == 4) return indexed;
  if (bits != 8 && bits != 16 && bits != 24 && bits != 32) return false;
  return indexed ? bits == 8 : fits(red, bits) && fits(green, bits) && fits(blue, bits);
}

std::uint8_t widen(unsigned value, unsigned bits) noexcept {
  if (bits == 0) return 0;
  unsigned wide = value << (8 - bits);
  for (unsigned filled = bits; filled < 8; filled *= 2) wide |= wide >> filled;
  return static_cast<std::uint8_t>(wide);
}

PixelReader::PixelReader(const PixelFormat& format) noexcept
    : bits_(format.bits), indexed_(format.indexed), palette_(format.palette) {
  unsigned shift = 16;
  plain_ = bits_ == 32 && !indexed_;
  const ColourField* const sources[] = {&format.red, &format.green, &format.blue};
  for (std::size_t i = 0; i < fields_.size(); ++i, shift -= 8) {
    const ColourField& source = *sources[i];
    Field& field = fields_[i];
    field.offset = source.bits == 0 ? 0 : source.offset;
    field.mask = (1U << source.bits) - 1;
    for (std::uint32_t value = 0; value <= field.mask; ++value)
      field.value[value] = std::uint32_t{widen(value, source.bits)} << shift;
    plain_ = plain_ && source.bits == 8 && source.offset == shift;
  }
}

std::uint32_t PixelReader::colour(std::uint32_t pixel) const noexcept {
  std::uint32_t result = 0;
  for (const Field& field : fields_) result |= field.value[pixel >> field.offset & field.mask];
  return result;
}

template <unsigned Bytes>
void PixelReader::convert_whole(const std::byte* from, std::size_t count,
                                std::uint32_t* to) const noexcept {
  for (std::size_t i = 0; i < count; ++i, from += Bytes) {
    std::uint32_t pixel = 0;
    for (unsigned byte = 0; byte < Bytes; ++byte)
      pixel |= std::to_integer<std::uint32_t>(from[byte]) << (8 * byte);
    to[i] = colour(pixel);
  }
}

void PixelReader::convert(const std::byte* row, std::size_t first, std::size_t count,
                          std::uint32_t* to) const noexcept {
  if (indexed_) {
    const unsigned mask = (1U << bits_) - 1;
    for (std::size_t i = first; i < first + count; ++i) {
      const std::size_t bit = i * bits_;
      const unsigned shift = 8 - bits_ - static_cast<unsigned>(bit % 8);
      *to++ = palette_[std::to_integer<unsigned>(row[bit / 8]) >> shift & mask];
    }
    return;
  }
  const std::byte* from = row + first * (bits_ / 8);
  if (plain_) {
    std::memcpy(to, from, count * sizeof *to);
    std::transform(to, to + count, to, [](std::uint32_t pixel) { return pixel & 0xffffffU; });
    return;
  }
  switch (bits_) {
    case 8:
      convert_whole<1>(from, count, to);
      break;
    case 16:
      convert_whole<2>(from, count, to);
      break;
    case 24:
      convert_whole<3>(from, count, to);
      break;
    default:
      convert_whole<4>(from, count, to);
      break;
  }
}

}  // namespace pupci::wscons
