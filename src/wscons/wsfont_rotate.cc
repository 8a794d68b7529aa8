// SPDX-License-Identifier: BSD-2-Clause
// Fonts turned, for displays that stand on a side or on their head. A turned font is a font of its
// own in the table, with the old one's name and how it was turned.
#include <string>
#include <vector>

#include "wscons/wsfont_table.h"

namespace pupci::wscons {

unsigned get_pixel(const wsdisplay_font& font, const std::uint8_t* glyph, unsigned x,
                   unsigned y) noexcept {
  const std::uint8_t* row = glyph + std::size_t{y} * font.stride;
  if (FONT_IS_ALPHA(&font)) return row[x];
  return (row[x / 8] >> (7 - x % 8) & 1) != 0 ? 255 : 0;
}

void set_pixel(const wsdisplay_font& font, std::uint8_t* glyph, unsigned x, unsigned y,
               unsigned value) noexcept {
  std::uint8_t* row = glyph + std::size_t{y} * font.stride;
  if (FONT_IS_ALPHA(&font)) {
    row[x] = static_cast<std::uint8_t>(value);
    return;
  }
  const auto bit = static_cast<std::uint8_t>(0x80U >> (x % 8));
  row[x / 8] = static_cast<std::uint8_t>(value >= 128 ? row[x / 8] | bit : row[x / 8] & ~bit);
}

namespace {

const char* suffix(int how) {
  switch (how) {
    case WSFONT_ROTATE_CW:
      return "cw";
    case WSFONT_ROTATE_CCW:
      return "ccw";
    case WSFONT_ROTATE_UD:
      return "ud";
    default:
      return nullptr;
  }
}

}  // namespace

void turn_glyph(const wsdisplay_font& from, const std::uint8_t* old, const wsdisplay_font& to,
                std::uint8_t* glyph, int how) noexcept {
  for (unsigned y = 0; y < from.fontheight; y++) {
    for (unsigned x = 0; x < from.fontwidth; x++) {
      const unsigned right = from.fontwidth - 1 - x;
      const unsigned below = from.fontheight - 1 - y;
      const unsigned value = get_pixel(from, old, x, y);
      if (how == WSFONT_ROTATE_CW) set_pixel(to, glyph, below, x, value);
      if (how == WSFONT_ROTATE_CCW) set_pixel(to, glyph, y, right, value);
      if (how == WSFONT_ROTATE_UD) set_pixel(to, glyph, right, below, value);
    }
  }
}

}  // namespace pupci::wscons

using namespace pupci::wscons;

int wsfont_rotate(int cookie, int how) {
  const char* how_named = suffix(how);
  wsdisplay_font* from = nullptr;
  // Glyphs are turned in the order that get_pixel() reads.
  const int straight = wsfont_make_cookie(cookie, WSDISPLAY_FONTORDER_L2R, WSDISPLAY_FONTORDER_L2R);
  if (how_named == nullptr || wsfont_lock(straight, &from) != 0) return -1;
  const std::string name = std::string(from->name) + how_named;
  const bool alpha = FONT_IS_ALPHA(from);
  wsdisplay_font to = *from;
  if (how != WSFONT_ROTATE_UD) {
    to.fontwidth = from->fontheight;
    to.fontheight = from->fontwidth;
    to.stride = alpha ? to.fontwidth : (to.fontwidth + 7) / 8;
  }
  to.name = name.c_str();
  std::vector<std::uint8_t> data(font_bytes(to));
  to.data = data.data();
  const auto* old = static_cast<const std::uint8_t*>(from->data);
  for (std::size_t i = 0; i < static_cast<std::size_t>(from->numchars); i++) {
    turn_glyph(*from, old + i * from->stride * from->fontheight, to,
               data.data() + i * to.stride * to.fontheight, how);
  }
  wsfont_unlock(straight);
  const int error = wsfont_add(&to, 1);  // EEXIST: it was turned before
  if (error != 0 && error != EEXIST) return -1;
  return wsfont_find(name.c_str(), static_cast<int>(to.fontwidth), static_cast<int>(to.fontheight),
                     static_cast<int>(to.stride), WSDISPLAY_FONTORDER_L2R, WSDISPLAY_FONTORDER_L2R,
                     alpha ? WSFONT_FIND_ALPHA : WSFONT_FIND_BITMAP);
}
