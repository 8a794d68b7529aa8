// SPDX-License-Identifier: BSD-2-Clause
// Anti-aliased glyphs: each pixel a mixture of foreground and background.
#include <cstring>

#include "wscons/rasops/surface.h"

namespace pupci::wscons {
namespace {

constexpr unsigned opaque = 255;

// The 256 mixtures of two colours; text comes in runs of one attribute, so the last ones are kept.
struct Mixtures {
  std::uint32_t foreground = 0;
  std::uint32_t background = 0;
  std::uint64_t format = 0;  // 0: nothing is kept yet
  std::array<std::uint32_t, opaque + 1> pixels{};
};

thread_local Mixtures kept;

// What tells pixel formats apart; never 0.
std::uint64_t format_of(const rasops_info& ri) noexcept {
  std::uint64_t format = static_cast<unsigned>(ri.ri_depth);
  const bool swapped = (ri.ri_flg & RI_BSWAP) != 0;
  for (const unsigned field :
       {swapped ? 1U : 0U, has_channels(ri) ? 1U : 0U, ri.ri_rnum + 0U, ri.ri_gnum + 0U,
        ri.ri_bnum + 0U, ri.ri_rpos + 0U, ri.ri_gpos + 0U, ri.ri_bpos + 0U}) {
    format = format << 6 | (field & 63);
  }
  return format;
}

unsigned mix(unsigned foreground, unsigned background, unsigned alpha) noexcept {
  return (foreground * alpha + background * (opaque - alpha) + opaque / 2) / opaque;
}

// The channels of two pixels, mixed each by itself.
std::uint32_t mix_pixels(const rasops_info& ri, const Channels& ink, const Channels& paper,
                         unsigned alpha) noexcept {
  return pack(ri, {mix(ink.red, paper.red, alpha), mix(ink.green, paper.green, alpha),
                   mix(ink.blue, paper.blue, alpha)});
}

template <unsigned bytes>
void draw_line(std::uint8_t* to, const std::uint8_t* glyph, unsigned width,
               const Mixtures& mixtures) noexcept {
  for (; width > 0; width--, to += bytes) std::memcpy(to, &mixtures.pixels[*glyph++], bytes);
}

// Pixel after pixel to where they belong: a line made first would be read in larger pieces than it
// was written, which processors are slow at.
template <unsigned bytes>
void draw(const rasops_info& ri, int x, int y, const wsdisplay_font& font,
          const std::uint8_t* glyph, const Mixtures& mixtures) noexcept {
  const unsigned width = font.fontwidth;
  std::ptrdiff_t at = static_cast<std::ptrdiff_t>(y) * ri.ri_stride + std::ptrdiff_t{x} * bytes;
  for (unsigned row = font.fontheight; row > 0; row--, glyph += font.stride, at += ri.ri_stride) {
    draw_line<bytes>(ri.ri_bits + at, glyph, width, mixtures);
    if (ri.ri_hwbits != nullptr) draw_line<bytes>(ri.ri_hwbits + at, glyph, width, mixtures);
  }
}

}  // namespace

void draw_alpha_glyph(const rasops_info& ri, int x, int y, const wsdisplay_font& font,
                      const std::uint8_t* glyph, const Inks& inks) noexcept {
  Mixtures& mixtures = kept;
  const std::uint64_t format = format_of(ri);
  if (mixtures.format != format || mixtures.foreground != inks.foreground ||
      mixtures.background != inks.background) {
    mixtures.format = format;
    mixtures.foreground = inks.foreground;
    mixtures.background = inks.background;
    const Channels ink = unpack(ri, inks.foreground);
    const Channels paper = unpack(ri, inks.background);
    for (unsigned alpha = 0; alpha <= opaque; alpha++) {
      // A colour map has no mixtures: the nearer of the two.
      mixtures.pixels[alpha] = has_channels(ri)     ? mix_pixels(ri, ink, paper, alpha)
                               : alpha > opaque / 2 ? inks.foreground
                                                    : inks.background;
    }
    mixtures.pixels[0] = inks.background;
    mixtures.pixels[opaque] = inks.foreground;
  }
  switch (ri.ri_pelbytes) {
    case 1:
      return draw<1>(ri, x, y, font, glyph, mixtures);
    case 2:
      return draw<2>(ri, x, y, font, glyph, mixtures);
    case 3:
      return draw<3>(ri, x, y, font, glyph, mixtures);
    default:
      return draw<4>(ri, x, y, font, glyph, mixtures);
  }
}

}  // namespace pupci::wscons
