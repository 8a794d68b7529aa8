// SPDX-License-Identifier: BSD-2-Clause
// rasops_init() and rasops_reconfig(): the choice of a font, and the geometry that follows from it.
#include <algorithm>
#include <cstring>

#include "netbsd/dev/rasops/rasops.h"
#include "netbsd/sys/systm.h"
#include "wscons/rasops/surface.h"

namespace pupci::wscons {
namespace {

constexpr int fewest_rows = 10;
constexpr int fewest_columns = 20;
constexpr unsigned narrowest_font = 4;
constexpr unsigned widest_font = 32;
constexpr int word_bits = 32;
constexpr int word_bytes = 4;

bool is_sideways(const rasops_info& ri) {
  return (ri.ri_flg & (RI_ROTATE_CW | RI_ROTATE_CCW)) != 0;
}

// 0 if the depth is not supported.
int bits_per_pixel(int depth) {
  switch (depth) {
    case 15:
      return 16;
    case 8:
    case 16:
    case 24:
    case 32:
      return depth;
    default:
      return 0;
  }
}

int turned_font(const rasops_info& ri, int cookie) {
  if ((ri.ri_flg & RI_ROTATE_CW) != 0) return wsfont_rotate(cookie, WSFONT_ROTATE_CW);
  if ((ri.ri_flg & RI_ROTATE_CCW) != 0) return wsfont_rotate(cookie, WSFONT_ROTATE_CCW);
  if ((ri.ri_flg & RI_ROTATE_UD) != 0) return wsfont_rotate(cookie, WSFONT_ROTATE_UD);
  return cookie;
}

// 0 or -1, after a message.
int choose_font(rasops_info& ri, int columns) {
  wsfont_init();
  int flags = WSFONT_FIND_BESTWIDTH | WSFONT_FIND_BITMAP;
  if ((ri.ri_flg & RI_ENABLE_ALPHA) != 0) flags |= WSFONT_FIND_ALPHA;
  if ((ri.ri_flg & RI_PREFER_ALPHA) != 0) flags |= WSFONT_PREFER_ALPHA;
  if ((ri.ri_flg & RI_PREFER_WIDEFONT) != 0) flags |= WSFONT_PREFER_WIDE;
  const int line = is_sideways(ri) ? ri.ri_height : ri.ri_width;
  const int width = std::clamp(line / columns, 1, static_cast<int>(widest_font));
  int cookie =
      wsfont_find(nullptr, width, 0, 0, WSDISPLAY_FONTORDER_L2R, WSDISPLAY_FONTORDER_L2R, flags);
  if (cookie > 0) cookie = turned_font(ri, cookie);
  if (cookie <= 0 || wsfont_lock(cookie, &ri.ri_font) != 0) {
    aprint_error("rasops_init: no font found\n");
    return -1;
  }
  ri.ri_wsfcookie = cookie;
  return 0;
}

// What is wrong with the frame buffer, or null.
const char* fault(const rasops_info& ri) {
  const int bits = bits_per_pixel(ri.ri_depth);
  if (bits == 0) return "depth not supported";
  if (ri.ri_width <= 0 || ri.ri_height <= 0) return "no width or height";
  if (ri.ri_stride < ri.ri_width * (bits / 8)) return "stride smaller than the width";
  if (ri.ri_stride % word_bytes != 0) return "stride not a multiple of 4 bytes";
  if (reinterpret_cast<std::uintptr_t>(ri.ri_bits) % word_bytes != 0) {
    return "bits not aligned to 4 bytes";
  }
  if (ri.ri_font->fontwidth < narrowest_font || ri.ri_font->fontwidth > widest_font) {
    return "font narrower than 4 or wider than 32 pixels";
  }
  return nullptr;
}

int complain(rasops_info& ri, const char* what) {
  aprint_error("rasops: %dx%d, depth %d, stride %d: %s\n", ri.ri_width, ri.ri_height, ri.ri_depth,
               ri.ri_stride, what);
  ri.ri_flg &= ~RI_CFGDONE;
  return -1;
}

// For so many cells down and across the frame buffer, whichever way the display is turned.
void set_text_area(rasops_info& ri, int rows, int columns) {
  const int bits = bits_per_pixel(ri.ri_depth);
  const auto font_width = static_cast<int>(ri.ri_font->fontwidth);
  const auto font_height = static_cast<int>(ri.ri_font->fontheight);
  const bool sideways = is_sideways(ri);
  ri.ri_emuwidth = std::min(font_width * columns, ri.ri_width);
  ri.ri_emuheight = std::min(font_height * rows, ri.ri_height);
  while (ri.ri_emuwidth * bits % word_bits != 0) ri.ri_emuwidth--;
  const int fit_across = ri.ri_emuwidth / font_width;
  const int fit_down = ri.ri_emuheight / font_height;
  ri.ri_cols = sideways ? fit_down : fit_across;
  ri.ri_rows = sideways ? fit_across : fit_down;
  ri.ri_pelbytes = bits / 8;
  ri.ri_emustride = ri.ri_emuwidth * ri.ri_pelbytes;
  ri.ri_delta = ri.ri_stride - ri.ri_emustride;
  ri.ri_xscale = font_width * ri.ri_pelbytes;
  ri.ri_yscale = font_height * ri.ri_stride;
  ri.ri_fontscale = font_height * static_cast<int>(ri.ri_font->stride);
  ri.ri_ccol = 0;
  ri.ri_crow = 0;
  const int row_height = sideways ? font_width : font_height;
  ri.ri_ul.off = row_height / 16;
  ri.ri_ul.height = (row_height + 15) / 16;
}

// Puts the text area in the middle, at a word and at a pixel.
void centre(rasops_info& ri) {
  const int step = ri.ri_pelbytes == 3 ? 3 * word_bytes : word_bytes;
  const int spare = (ri.ri_width * ri.ri_pelbytes - ri.ri_emustride) / 2;
  const int right = spare - spare % step;
  ri.ri_xorigin = right / ri.ri_pelbytes;
  ri.ri_yorigin = (ri.ri_height - ri.ri_emuheight) / 2;
  const std::ptrdiff_t by = static_cast<std::ptrdiff_t>(ri.ri_yorigin) * ri.ri_stride + right;
  if (ri.ri_bits != nullptr) ri.ri_bits += by;
  if (ri.ri_hwbits != nullptr) ri.ri_hwbits += by;
}

void clear(const rasops_info& ri) {
  const std::size_t bytes =
      static_cast<std::size_t>(ri.ri_stride) * static_cast<unsigned>(ri.ri_height);
  if (ri.ri_bits != nullptr) std::memset(ri.ri_bits, 0, bytes);
  if (ri.ri_hwbits != nullptr) std::memset(ri.ri_hwbits, 0, bytes);
}

}  // namespace
}  // namespace pupci::wscons

using namespace pupci::wscons;

int rasops_init(rasops_info* ri, int rows, int columns) {
  ri->ri_optfont = {};
  if (ri->ri_font == nullptr &&
      choose_font(*ri, columns <= 0 ? RASOPS_DEFAULT_WIDTH : columns) != 0) {
    return -1;
  }
  if (rasops_reconfig(ri, rows, columns) != 0) return -1;
  init_colours(*ri);
  return 0;
}

int rasops_reconfig(rasops_info* ri, int rows, int columns) {
  if ((ri->ri_flg & RI_CFGDONE) != 0) {
    ri->ri_bits = ri->ri_origbits;
    ri->ri_hwbits = ri->ri_hworigbits;
  }
  if (const char* what = fault(*ri); what != nullptr) return complain(*ri, what);
  set_text_area(*ri, std::max(rows == 0 ? RASOPS_DEFAULT_HEIGHT : rows, fewest_rows),
                std::max(columns == 0 ? RASOPS_DEFAULT_WIDTH : columns, fewest_columns));
  if (ri->ri_rows < 1 || ri->ri_cols < 1) return complain(*ri, "no character of the font fits");
  const bool automatic = (ri->ri_flg & RI_NO_AUTO) == 0;
  ri->ri_optfont =
      automatic ? box_font(*ri->ri_font, ri->ri_flg & RI_ROTATE_MASK) : wsdisplay_font{};
  ri->ri_origbits = ri->ri_bits;
  ri->ri_hworigbits = ri->ri_hwbits;
  ri->ri_xorigin = 0;
  ri->ri_yorigin = 0;
  init_channels(*ri);
  if ((ri->ri_flg & RI_CLEAR) != 0) clear(*ri);
  if ((ri->ri_flg & RI_CENTER) != 0) centre(*ri);
  const bool mono = (ri->ri_flg & RI_FORCEMONO) != 0;
  ri->ri_ops = default_operations(mono);
  ri->ri_do_cursor = invert_cursor;
  constexpr int colour_caps = WSSCREEN_HILIT | WSSCREEN_WSCOLORS;
  constexpr int all_caps = WSSCREEN_UNDERLINE | WSSCREEN_REVERSE | colour_caps;
  ri->ri_caps = (ri->ri_caps & ~all_caps) | (mono ? all_caps & ~colour_caps : all_caps);
  ri->ri_flg |= RI_CFGDONE;
  return 0;
}
