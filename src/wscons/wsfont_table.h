// SPDX-License-Identifier: BSD-2-Clause
// What the parts of wsfont(9) share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "netbsd/dev/wscons/wsconsio.h"
#include "netbsd/dev/wsfont/wsfont.h"
#include "wscons/wsfont_builtin.h"

namespace pupci::wscons {

// wsdisplay_font::encoding of the built-in fonts is this and their number: each has its own list of
// code points, which its turned and converted copies share.
constexpr int builtin_encoding = 0x100;

// Bytes of all of a font's glyphs.
inline std::size_t font_bytes(const wsdisplay_font& font) noexcept {
  return std::size_t{font.stride} * font.fontheight * static_cast<unsigned>(font.numchars);
}

// Line-drawing characters are made of arms; their bits are the character in an optional font.
enum Arm : unsigned { arm_up = 1, arm_right = 2, arm_down = 4, arm_left = 8 };

// The nearest of the sixteen for U+2500..U+257F; 0 if there is none.
unsigned box_arms(unsigned code) noexcept;

// Pixels of a glyph: 0..255, how much foreground.
unsigned get_pixel(const wsdisplay_font& font, const std::uint8_t* glyph, unsigned x,
                   unsigned y) noexcept;
void set_pixel(const wsdisplay_font& font, std::uint8_t* glyph, unsigned x, unsigned y,
               unsigned value) noexcept;

// Draws a glyph into one of a font whose cells are turned by WSFONT_ROTATE_*.
void turn_glyph(const wsdisplay_font& from, const std::uint8_t* old, const wsdisplay_font& to,
                std::uint8_t* glyph, int how) noexcept;

}  // namespace pupci::wscons
