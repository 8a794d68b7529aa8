// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/rasops/surface.h"

#include <algorithm>
#include <cstring>

namespace pupci::wscons {
namespace {

constexpr unsigned quad_pixels = 4;

// A rectangle's bytes in the shadow and, if there is one, in the device.
struct Area {
  std::uint8_t* bits;
  std::uint8_t* device;  // or null
  std::ptrdiff_t stride;
  std::size_t line;  // bytes
  int lines;

  Area(const rasops_info& ri, const PixelRect& rect) noexcept
      : bits(ri.ri_bits + offset(ri, rect)),
        device(ri.ri_hwbits == nullptr ? nullptr : ri.ri_hwbits + offset(ri, rect)),
        stride(ri.ri_stride),
        line(static_cast<std::size_t>(rect.width) * static_cast<unsigned>(ri.ri_pelbytes)),
        lines(rect.height) {}

  // Shows a line of the shadow.
  void show(std::ptrdiff_t at) const noexcept {
    if (device != nullptr) std::memcpy(device + at, bits + at, line);
  }

 private:
  static std::ptrdiff_t offset(const rasops_info& ri, const PixelRect& rect) noexcept {
    return static_cast<std::ptrdiff_t>(rect.y) * ri.ri_stride +
           static_cast<std::ptrdiff_t>(rect.x) * ri.ri_pelbytes;
  }
};

// Bytes of a line: quads while they last. What remains begins with a whole pixel.
template <unsigned words>
void fill_line(std::uint8_t* to, std::size_t bytes, const Quad& colour) noexcept {
  constexpr std::size_t size = std::size_t{4} * words;
  for (; bytes >= size; to += size, bytes -= size) std::memcpy(to, colour.data(), size);
  std::memcpy(to, colour.data(), bytes);
}

void fill_line(unsigned pixel_bytes, std::uint8_t* to, std::size_t bytes,
               const Quad& colour) noexcept {
  // Lines of one byte's value, black above all, are the C library's to fill.
  const std::uint32_t word = colour[0];
  const std::uint32_t byte = word & 0xff;
  if (word == byte * 0x01010101U && pixel_bytes != 3) {
    std::memset(to, static_cast<int>(byte), bytes);
  } else if (pixel_bytes == 3) {
    fill_line<3>(to, bytes, colour);
  } else {
    fill_line<4>(to, bytes, colour);
  }
}

}  // namespace

Quad quad(const rasops_info& ri, std::uint32_t pixel) noexcept {
  switch (ri.ri_pelbytes) {
    case 1:
      pixel = (pixel & 0xff) * 0x01010101U;
      return {pixel, pixel, pixel, pixel};
    case 2:
      pixel = (pixel & 0xffff) * 0x00010001U;
      return {pixel, pixel, pixel, pixel};
    case 3:
      pixel &= 0xffffff;
      return {pixel | pixel << 24, pixel >> 8 | pixel << 16, pixel >> 16 | pixel << 8, 0};
    default:
      return {pixel, pixel, pixel, pixel};
  }
}

void fill(const rasops_info& ri, const PixelRect& rect, std::uint32_t pixel) noexcept {
  if (rect.width <= 0 || rect.height <= 0) return;
  const Area area(ri, rect);
  const Quad colour = quad(ri, pixel);
  const auto pixel_bytes = static_cast<unsigned>(ri.ri_pelbytes);
  std::ptrdiff_t at = 0;
  for (int line = 0; line < area.lines; line++, at += area.stride) {
    fill_line(pixel_bytes, area.bits + at, area.line, colour);
    if (area.device != nullptr) fill_line(pixel_bytes, area.device + at, area.line, colour);
  }
}

void copy(const rasops_info& ri, const PixelRect& from, int x, int y) noexcept {
  if (from.width <= 0 || from.height <= 0) return;
  const Area source(ri, from);
  const Area target(ri, {x, y, from.width, from.height});
  const bool upwards = y <= from.y;
  std::ptrdiff_t at = upwards ? 0 : (source.lines - 1) * source.stride;
  for (int line = 0; line < source.lines; line++, at += upwards ? source.stride : -source.stride) {
    std::memmove(target.bits + at, source.bits + at, source.line);
    target.show(at);
  }
}

void invert(const rasops_info& ri, const PixelRect& rect) noexcept {
  if (rect.width <= 0 || rect.height <= 0) return;
  const Area area(ri, rect);
  const bool channels = has_channels(ri);
  const Quad mask = quad(ri, channels ? pack(ri, {255, 255, 255}) : 0xff);
  const std::size_t period = ri.ri_pelbytes == 3 ? 3 : 4;
  std::ptrdiff_t at = 0;
  for (int line = 0; line < area.lines; line++, at += area.stride) {
    for (std::size_t i = 0; i < area.line; i += sizeof(std::uint32_t)) {
      const std::size_t bytes = std::min(area.line - i, sizeof(std::uint32_t));
      std::uint32_t word = 0;
      std::memcpy(&word, area.bits + at + i, bytes);
      word ^= mask[i / sizeof(word) % period];
      std::memcpy(area.bits + at + i, &word, bytes);
    }
    area.show(at);
  }
}

namespace {

// For each four bits of a glyph, ones where the pixels of the foreground are, in quads of pixels
// of so many bytes.
template <unsigned words>
using Masks = std::array<std::array<std::uint32_t, words>, 16>;

template <unsigned words>
constexpr Masks<words> make_masks() {
  Masks<words> masks{};
  for (unsigned bits = 0; bits < 16; bits++) {
    for (unsigned byte = 0; byte < 4 * words; byte++) {
      const unsigned pixel = byte / words;
      if ((bits >> (3 - pixel) & 1) != 0) masks[bits][byte / 4] |= 0xffU << (8 * (byte % 4));
    }
  }
  return masks;
}

template <unsigned words>
struct GlyphPen {
  static constexpr Masks<words> masks = make_masks<words>();
  static constexpr std::size_t quad_bytes = std::size_t{4} * words;

  std::array<std::uint32_t, words> background;
  std::array<std::uint32_t, words> difference;  // to the foreground

  GlyphPen(const Quad& ink, const Quad& paper) noexcept {
    for (unsigned i = 0; i < words; i++) {
      background[i] = paper[i];
      difference[i] = ink[i] ^ paper[i];
    }
  }

  [[nodiscard]] std::uint32_t word(unsigned bits, unsigned i) const noexcept {
    return background[i] ^ (masks[bits][i] & difference[i]);
  }

  void put(std::uint8_t* to, unsigned bits) const noexcept {
    if constexpr (words == 3) {
      // A quad that is no register's size would be stored twice.
      for (unsigned i = 0; i < words; i++) {
        const std::uint32_t value = word(bits, i);
        std::memcpy(to + std::size_t{4} * i, &value, sizeof(value));
      }
    } else {
      std::array<std::uint32_t, words> quad;
      for (unsigned i = 0; i < words; i++) quad[i] = word(bits, i);
      std::memcpy(to, quad.data(), sizeof(quad));
    }
  }

  void put_some(std::uint8_t* to, unsigned bits, std::size_t pixels) const noexcept {
    std::array<std::uint8_t, quad_bytes> quad;
    put(quad.data(), bits);
    std::memcpy(to, quad.data(), pixels * words);
  }

  void row(std::uint8_t* to, const std::uint8_t* glyph, unsigned width) const noexcept {
    for (; width >= 8; width -= 8, to += 2 * quad_bytes, glyph++) {
      put(to, *glyph >> 4);
      put(to + quad_bytes, *glyph & 15U);
    }
    if (width >= 4) put(to, *glyph >> 4);
    const unsigned rest = width % quad_pixels;
    if (rest == 0) return;
    const bool low = width >= 4;
    put_some(low ? to + quad_bytes : to, low ? *glyph & 15U : *glyph >> 4, rest);
  }
};

template <unsigned words>
void draw(const Area& area, const wsdisplay_font& font, const std::uint8_t* glyph, const Quad& ink,
          const Quad& paper) noexcept {
  const GlyphPen<words> pen(ink, paper);
  const unsigned width = font.fontwidth;
  const std::size_t glyph_stride = font.stride;
  std::ptrdiff_t at = 0;
  for (int line = 0; line < area.lines; line++, at += area.stride, glyph += glyph_stride) {
    pen.row(area.bits + at, glyph, width);
    if (area.device != nullptr) pen.row(area.device + at, glyph, width);
  }
}

}  // namespace

void draw_glyph(const rasops_info& ri, int x, int y, const wsdisplay_font& font,
                const std::uint8_t* glyph, const Inks& inks) noexcept {
  const Area area(ri, {x, y, static_cast<int>(font.fontwidth), static_cast<int>(font.fontheight)});
  const Quad ink = quad(ri, inks.foreground);
  const Quad paper = quad(ri, inks.background);
  switch (ri.ri_pelbytes) {
    case 1:
      return draw<1>(area, font, glyph, ink, paper);
    case 2:
      return draw<2>(area, font, glyph, ink, paper);
    case 3:
      return draw<3>(area, font, glyph, ink, paper);
    default:
      return draw<4>(area, font, glyph, ink, paper);
  }
}

}  // namespace pupci::wscons
