// SPDX-License-Identifier: BSD-2-Clause
// Line-drawing characters for fonts that have none: U+2500..U+257F as sixteen shapes.
#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include "wscons/rasops/surface.h"
#include "wscons/wsfont_table.h"

namespace pupci::wscons {
namespace {

constexpr unsigned shapes = 16;

using Key = std::tuple<unsigned, unsigned, unsigned, int>;  // width, height, stride, rotation

struct Cache {
  std::mutex mutex;
  std::map<Key, std::vector<std::uint8_t>> fonts;
};

Cache& cache() {
  static Cache& cache = *new Cache;
  return cache;
}

void draw_arms(const wsdisplay_font& font, std::uint8_t* glyph, unsigned arms) {
  const unsigned width = font.fontwidth;
  const unsigned height = font.fontheight;
  const unsigned thick = std::max(1U, std::min(width, height) / 6);
  const unsigned left = (width - thick) / 2;
  const unsigned top = (height - thick) / 2;
  const auto block = [&](unsigned x0, unsigned y0, unsigned x1, unsigned y1) {
    for (unsigned y = y0; y < y1; y++) {
      for (unsigned x = x0; x < x1; x++) set_pixel(font, glyph, x, y, 255);
    }
  };
  if ((arms & arm_up) != 0) block(left, 0, left + thick, top + thick);
  if ((arms & arm_down) != 0) block(left, top, left + thick, height);
  if ((arms & arm_left) != 0) block(0, top, left + thick, top + thick);
  if ((arms & arm_right) != 0) block(left, top, width, top + thick);
}

wsdisplay_font shaped(const wsdisplay_font& font, unsigned width, unsigned height) {
  wsdisplay_font box{};
  box.firstchar = WSFONT_FLAG_OPT;
  box.numchars = shapes;
  box.fontwidth = width;
  box.fontheight = height;
  box.stride = FONT_IS_ALPHA(&font) ? width : (width + 7) / 8;
  box.bitorder = WSDISPLAY_FONTORDER_L2R;
  box.byteorder = WSDISPLAY_FONTORDER_L2R;
  return box;
}

int how_turned(int rotation) {
  if ((rotation & RI_ROTATE_CW) != 0) return WSFONT_ROTATE_CW;
  return (rotation & RI_ROTATE_CCW) != 0 ? WSFONT_ROTATE_CCW : WSFONT_ROTATE_UD;
}

// Drawn upright, then turned, so that they meet the font's own lines as those are turned.
std::vector<std::uint8_t> draw_shapes(const wsdisplay_font& box, int rotation) {
  const bool sideways = (rotation & (RI_ROTATE_CW | RI_ROTATE_CCW)) != 0;
  const wsdisplay_font upright = shaped(box, sideways ? box.fontheight : box.fontwidth,
                                        sideways ? box.fontwidth : box.fontheight);
  std::vector<std::uint8_t> data(font_bytes(box));
  std::uint8_t* glyph = data.data();
  for (unsigned shape = 0; shape < shapes; shape++, glyph += font_bytes(box) / shapes) {
    if (rotation == 0) {
      draw_arms(box, glyph, shape);
      continue;
    }
    std::vector<std::uint8_t> drawn(font_bytes(upright) / shapes);
    draw_arms(upright, drawn.data(), shape);
    turn_glyph(upright, drawn.data(), box, glyph, how_turned(rotation));
  }
  return data;
}

}  // namespace

wsdisplay_font box_font(const wsdisplay_font& font, int rotation) noexcept {
  wsdisplay_font box = shaped(font, font.fontwidth, font.fontheight);
  box.stride = font.stride;
  try {
    const std::scoped_lock lock(cache().mutex);
    const Key key{font.fontwidth, font.fontheight, font.stride, rotation};
    std::vector<std::uint8_t>& data = cache().fonts[key];
    if (data.empty()) data = draw_shapes(box, rotation);
    box.data = data.data();
  } catch (const std::exception&) {
    box = {};
  }
  return box;
}

}  // namespace pupci::wscons
