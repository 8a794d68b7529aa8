// SPDX-License-Identifier: BSD-2-Clause
// Colours: the console's sixteen, how they look as pixels, and the attributes made of them.

#include <algorithm>
#include <array>
#include <cerrno>

#include "wscons/rasops/surface.h"

namespace pupci::wscons {
namespace {

constexpr std::size_t colours = 16;
constexpr std::size_t map_entries = 256;

// An attribute: background in bits 16..19, foreground in 24..27, flags below 16.
constexpr int background_shift = 16;
constexpr int foreground_shift = 24;
constexpr long attr_underline = WSATTR_UNDERLINE | 1;  // drivers test either bit
constexpr long attr_gray_foreground = 0x100;
constexpr long attr_gray_background = 0x200;

// Dim and bright levels of ANSI's eight colours, whose bits are red, green and blue.
struct Levels {
  unsigned on;
  unsigned white;  // a white that is lighter than the colours
};
constexpr Levels dim{0x7f, 0xc7};
constexpr Levels bright{0xff, 0xff};

constexpr Channels ansi(unsigned colour) {
  const Levels levels = colour < 8 ? dim : bright;
  const unsigned index = colour % 8;
  if (index == 7) return {levels.white, levels.white, levels.white};
  if (colour == 8) return {dim.on, dim.on, dim.on};
  return {(index & 1) != 0 ? levels.on : 0, (index & 2) != 0 ? levels.on : 0,
          (index & 4) != 0 ? levels.on : 0};
}

// The cursor inverts an index, so the last sixteen entries make its cell readable: each has the
// colour with the other brightness than its index's complement.
constexpr Channels map_colour(std::size_t entry) {
  if (entry < colours) return ansi(static_cast<unsigned>(entry));
  if (entry < map_entries - colours) return {255, 255, 255};
  return ansi(static_cast<unsigned>(entry - (map_entries - colours)) ^ 8U);
}

constexpr std::uint8_t map_byte(std::size_t at) {
  const Channels colour = map_colour(at / 3);
  return static_cast<std::uint8_t>(at % 3 == 0   ? colour.red
                                   : at % 3 == 1 ? colour.green
                                                 : colour.blue);
}

constexpr unsigned to_channel(unsigned value, unsigned bits) {
  return bits <= 8 ? value >> (8 - bits) : value << (bits - 8);
}

// Repeats the bits, so that the highest value is 255.
constexpr unsigned from_channel(unsigned value, unsigned bits) {
  if (bits == 0) return 0;
  if (bits >= 8) return value >> (bits - 8);
  unsigned result = 0;
  for (int shift = 8 - static_cast<int>(bits); shift > -static_cast<int>(bits);
       shift -= static_cast<int>(bits)) {
    result |= shift >= 0 ? value << shift : value >> -shift;
  }
  return result & 0xff;
}

std::uint32_t swap_pixel(const rasops_info& ri, std::uint32_t pixel) {
  if ((ri.ri_flg & RI_BSWAP) == 0) return pixel;
  switch (ri.ri_pelbytes) {
    case 2:
      return __builtin_bswap16(static_cast<std::uint16_t>(pixel));
    case 3:
      return __builtin_bswap32(pixel) >> 8;
    case 4:
      return __builtin_bswap32(pixel);
    default:
      return pixel;
  }
}

// As drivers and generic code fill a word with it.
std::uint32_t widen(const rasops_info& ri, std::uint32_t pixel) {
  switch (ri.ri_pelbytes) {
    case 1:
      return (pixel & 0xff) * 0x01010101U;
    case 2:
      return (pixel & 0xffff) * 0x00010001U;
    case 3:
      return pixel | pixel << 24;
    default:
      return pixel;
  }
}

void set_channels(rasops_info& ri, const std::array<std::uint8_t, 3>& bits,
                  const std::array<std::uint8_t, 3>& positions) {
  ri.ri_rnum = bits[0];
  ri.ri_gnum = bits[1];
  ri.ri_bnum = bits[2];
  ri.ri_rpos = positions[0];
  ri.ri_gpos = positions[1];
  ri.ri_bpos = positions[2];
}

}  // namespace

std::uint32_t pack(const rasops_info& ri, const Channels& colour) noexcept {
  const std::uint32_t pixel = to_channel(colour.red, ri.ri_rnum) << ri.ri_rpos |
                              to_channel(colour.green, ri.ri_gnum) << ri.ri_gpos |
                              to_channel(colour.blue, ri.ri_bnum) << ri.ri_bpos;
  return swap_pixel(ri, pixel);
}

Channels unpack(const rasops_info& ri, std::uint32_t pixel) noexcept {
  const std::uint32_t straight = swap_pixel(ri, pixel);
  const auto channel = [&](unsigned bits, unsigned position) {
    return from_channel(straight >> position & ((1U << bits) - 1), bits);
  };
  return {channel(ri.ri_rnum, ri.ri_rpos), channel(ri.ri_gnum, ri.ri_gpos),
          channel(ri.ri_bnum, ri.ri_bpos)};
}

void init_channels(rasops_info& ri) noexcept {
  switch (ri.ri_depth) {
    case 8:
      if (has_channels(ri)) set_channels(ri, {3, 3, 2}, {5, 2, 0});
      return;
    case 15:
      if (ri.ri_rnum == 0) set_channels(ri, {5, 5, 5}, {10, 5, 0});
      return;
    case 16:
      if (ri.ri_rnum == 0) set_channels(ri, {5, 6, 5}, {11, 5, 0});
      return;
    default:
      if (ri.ri_rnum == 0) set_channels(ri, {8, 8, 8}, {0, 8, 16});
      return;
  }
}

void init_colours(rasops_info& ri) noexcept {
  for (unsigned i = 0; i < colours; i++) {
    ri.ri_devcmap[i] = widen(ri, has_channels(ri) ? pack(ri, ansi(i)) : i);
  }
}

int allocattr_colour(void* /*cookie*/, int foreground, int background, int flags, long* attr) {
  auto ink = static_cast<unsigned>(foreground);
  auto paper = static_cast<unsigned>(background);
  if (ink >= colours || paper >= colours || (flags & WSATTR_BLINK) != 0) return EINVAL;
  if ((flags & WSATTR_WSCOLORS) == 0) {
    ink = WSCOL_WHITE;
    paper = WSCOL_BLACK;
  }
  if ((flags & WSATTR_HILIT) != 0 && ink < 8) ink += 8;
  if ((flags & WSATTR_REVERSE) != 0) std::swap(ink, paper);
  *attr = static_cast<long>(paper) << background_shift |
          static_cast<long>(ink) << foreground_shift |
          ((flags & WSATTR_UNDERLINE) != 0 ? attr_underline : 0) |
          (rasops_isgray[ink] != 0 ? attr_gray_foreground : 0) |
          (rasops_isgray[paper] != 0 ? attr_gray_background : 0);
  return 0;
}

int allocattr_mono(void* /*cookie*/, int /*foreground*/, int /*background*/, int flags,
                   long* attr) {
  if ((flags & (WSATTR_BLINK | WSATTR_HILIT | WSATTR_WSCOLORS)) != 0) return EINVAL;
  constexpr long white = WSCOL_LIGHT_WHITE;
  *attr = white << ((flags & WSATTR_REVERSE) != 0 ? background_shift : foreground_shift) |
          ((flags & WSATTR_UNDERLINE) != 0 ? attr_underline : 0) | attr_gray_foreground |
          attr_gray_background;
  return 0;
}

}  // namespace pupci::wscons

using namespace pupci::wscons;

const std::uint8_t rasops_isgray[16] = {1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1};

#define MAP_4(i) map_byte(i), map_byte((i) + 1), map_byte((i) + 2), map_byte((i) + 3)
#define MAP_16(i) MAP_4(i), MAP_4((i) + 4), MAP_4((i) + 8), MAP_4((i) + 12)
#define MAP_64(i) MAP_16(i), MAP_16((i) + 16), MAP_16((i) + 32), MAP_16((i) + 48)
#define MAP_256(i) MAP_64(i), MAP_64((i) + 64), MAP_64((i) + 128), MAP_64((i) + 192)
const std::uint8_t rasops_cmap[map_entries * 3] = {MAP_256(0), MAP_256(256), MAP_256(512)};
#undef MAP_4
#undef MAP_16
#undef MAP_64
#undef MAP_256

void rasops_unpack_attr(long attr, int* foreground, int* background, int* underline) {
  *foreground = static_cast<int>(attr >> foreground_shift & 15);
  *background = static_cast<int>(attr >> background_shift & 15);
  if (underline != nullptr) *underline = (attr & WSATTR_UNDERLINE) != 0 ? 1 : 0;
}

int rasops_get_cmap(rasops_info* ri, std::uint8_t* map, std::size_t bytes) {
  if (ri->ri_depth != 8 || !has_channels(*ri)) {
    std::copy_n(rasops_cmap, std::min(bytes, sizeof(rasops_cmap)), map);
    return 0;
  }
  if (bytes < sizeof(rasops_cmap)) return EINVAL;
  for (unsigned i = 0; i < map_entries; i++) {
    *map++ = static_cast<std::uint8_t>(from_channel(i >> 5 & 7, 3));
    *map++ = static_cast<std::uint8_t>(from_channel(i >> 2 & 7, 3));
    *map++ = static_cast<std::uint8_t>(from_channel(i & 3, 2));
  }
  return 0;
}
