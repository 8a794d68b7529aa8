// SPDX-License-Identifier: BSD-2-Clause
// The pixels below rasops(9): filling, copying, inverting and glyphs at each depth. Rectangles are
// in pixels from ri_bits; what is drawn in a shadow (ri_bits) is copied to ri_hwbits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "netbsd/dev/rasops/rasops.h"

namespace pupci::wscons {

struct PixelRect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

// Four pixels of one colour as they lie in memory: as many words as a pixel has bytes.
using Quad = std::array<std::uint32_t, 4>;

// How to fill in the pixels of a glyph.
struct Inks {
  std::uint32_t foreground = 0;  // pixels, as in ri_devcmap
  std::uint32_t background = 0;
};

void fill(const rasops_info& ri, const PixelRect& rect, std::uint32_t pixel) noexcept;
// Source and destination may overlap.
void copy(const rasops_info& ri, const PixelRect& from, int x, int y) noexcept;
void invert(const rasops_info& ri, const PixelRect& rect) noexcept;
// A cell of the font's size.
void draw_glyph(const rasops_info& ri, int x, int y, const wsdisplay_font& font,
                const std::uint8_t* glyph, const Inks& inks) noexcept;
// The same with a byte a pixel.
void draw_alpha_glyph(const rasops_info& ri, int x, int y, const wsdisplay_font& font,
                      const std::uint8_t* glyph, const Inks& inks) noexcept;

Quad quad(const rasops_info& ri, std::uint32_t pixel) noexcept;

// Colours, 0..255 a channel.
struct Channels {
  unsigned red;
  unsigned green;
  unsigned blue;
};

// A pixel of 15 bits or more, or of 3, 3 and 2, from a colour and back, as ri_devcmap holds it.
std::uint32_t pack(const rasops_info& ri, const Channels& colour) noexcept;
Channels unpack(const rasops_info& ri, std::uint32_t pixel) noexcept;

// Whether a pixel's bits are its colour, rather than an index.
inline bool has_channels(const rasops_info& ri) noexcept {
  return ri.ri_depth > 8 || (ri.ri_flg & RI_8BIT_IS_RGB) != 0;
}

// ri_devcmap for the depth, and where the channels lie if the caller left that open.
void init_channels(rasops_info& ri) noexcept;
void init_colours(rasops_info& ri) noexcept;

// What rasops_init() puts into ri_ops and ri_do_cursor.
wsdisplay_emulops default_operations(bool mono) noexcept;
void invert_cursor(rasops_info* ri) noexcept;

// 0 or an errno value.
int allocattr_colour(void* cookie, int foreground, int background, int flags, long* attr);
int allocattr_mono(void* cookie, int foreground, int background, int flags, long* attr);

// The sixteen line-drawing characters for cells of the font's size, turned as RI_ROTATE_* says;
// they live for ever. No data if memory is short.
wsdisplay_font box_font(const wsdisplay_font& font, int rotation) noexcept;

}  // namespace pupci::wscons
