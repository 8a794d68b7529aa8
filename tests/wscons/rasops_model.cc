// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/rasops_model.h"

#include <fmt/format.h>

#include <stdexcept>

namespace pupci::tests {
namespace {

constexpr std::uint8_t canary = 0x5c;
constexpr std::size_t guard = 4096;  // bytes before and after

int bytes_per_pixel(int depth) {
  return (depth + 7) / 8;
}

// A channel's value with its bits repeated, so that the highest is 255.
unsigned widened(unsigned value, unsigned bits) {
  switch (bits) {
    case 2:
      return value * 85;
    case 3:
      return value * 73 / 2;
    case 5:
      return value * 33 / 4;
    case 6:
      return value * 65 / 16;
    default:
      return value;
  }
}

}  // namespace

RasopsModel::RasopsModel(const ModelSetup& setup) : setup_(setup) {
  const int stride = (setup.width * bytes_per_pixel(setup.depth) + 3) / 4 * 4 + 8;
  const std::size_t size = static_cast<std::size_t>(stride * setup.height) + 2 * guard;
  bits_.assign(size, canary);
  device_.assign(size, canary);
  ri_.ri_depth = setup.depth;
  ri_.ri_width = setup.width;
  ri_.ri_height = setup.height;
  ri_.ri_stride = stride;
  ri_.ri_bits = bits_.data() + guard;
  ri_.ri_hwbits = setup.shadow ? device_.data() + guard : nullptr;
  ri_.ri_flg = setup.flags | (setup.alpha ? RI_ENABLE_ALPHA | RI_PREFER_ALPHA : 0);
  wsfont_init();
  upright_cookie_ = wsfont_find(nullptr, 8, 16, 0, WSDISPLAY_FONTORDER_L2R, WSDISPLAY_FONTORDER_L2R,
                                setup.alpha ? WSFONT_FIND_ALPHA : WSFONT_FIND_BITMAP);
  if (wsfont_lock(upright_cookie_, &upright_) != 0) throw std::runtime_error("no font");
  upright_info_ = ri_;
  upright_info_.ri_flg &= ~(RI_ROTATE_MASK | RI_CENTER);
  upright_info_.ri_font = upright_;
  if (rasops_init(&ri_, 100, 100) != 0 || rasops_init(&upright_info_, 100, 100) != 0) {
    throw std::runtime_error("rasops_init() failed");
  }
  cell_width_ = static_cast<int>(upright_->fontwidth);
  cell_height_ = static_cast<int>(upright_->fontheight);
  picture_.resize(static_cast<std::size_t>(ri_.ri_cols * cell_width_ * ri_.ri_rows * cell_height_));
  ri_.ri_ops.eraserows(&ri_, 0, ri_.ri_rows, attr(7, 0, 0));
  fill({0, 0, ri_.ri_cols * cell_width_, ri_.ri_rows * cell_height_}, pixel(0));
  margin_ = (setup.flags & RI_FULLCLEAR) != 0 ? pixel(0) : read(bits_, -1, 0);
}

RasopsModel::~RasopsModel() {
  wsfont_unlock(upright_cookie_);
  wsfont_unlock(ri_.ri_wsfcookie);
}

long RasopsModel::attr(int foreground, int background, int flags) {
  long attribute = 0;
  if (ri_.ri_ops.allocattr(&ri_, foreground, background, flags | WSATTR_WSCOLORS, &attribute) !=
      0) {
    throw std::runtime_error("no attribute");
  }
  return attribute;
}

std::uint32_t RasopsModel::mixed(int foreground, int background, unsigned alpha) const {
  if (setup_.depth == 8 && (setup_.flags & RI_8BIT_IS_RGB) == 0) {
    return static_cast<std::uint32_t>(alpha >= 128 ? foreground : background);
  }
  std::uint32_t value = 0;
  const unsigned bits[3] = {ri_.ri_rnum, ri_.ri_gnum, ri_.ri_bnum};
  const unsigned positions[3] = {ri_.ri_rpos, ri_.ri_gpos, ri_.ri_bpos};
  for (int i = 0; i < 3; i++) {
    const auto level = [&](int colour) {
      return widened(rasops_cmap[3 * colour + i] >> (8 - bits[i]), bits[i]);
    };
    const unsigned mix =
        (level(foreground) * alpha + level(background) * (255 - alpha) + 127) / 255;
    value |= (mix >> (8 - bits[i])) << positions[i];
  }
  return value;
}

std::uint32_t RasopsModel::pixel(int colour) const {
  return mixed(colour, colour, 255);
}

std::uint32_t RasopsModel::read(const std::vector<std::uint8_t>& memory, int x, int y) const {
  const int bytes = bytes_per_pixel(setup_.depth);
  const std::size_t at = guard + static_cast<std::size_t>(y * ri_.ri_stride) +
                         static_cast<std::size_t>(x) * static_cast<std::size_t>(bytes);
  std::uint32_t value = 0;
  for (int i = 0; i < bytes; i++) {
    const int shift = (setup_.flags & RI_BSWAP) != 0 ? bytes - 1 - i : i;
    value |= static_cast<std::uint32_t>(memory[at + static_cast<std::size_t>(i)]) << (8 * shift);
  }
  return value;
}

void RasopsModel::fill(const Rect& rect, std::uint32_t value) {
  for (int y = rect.y; y < rect.y + rect.height; y++) {
    for (int x = rect.x; x < rect.x + rect.width; x++) at(x, y) = value;
  }
}

void RasopsModel::put(int row, int column, unsigned character, int foreground, int background,
                      int flags) {
  ri_.ri_ops.putchar(&ri_, row, column, character, attr(foreground, background, flags));
  if (row < 0 || row >= ri_.ri_rows || column < 0 || column >= ri_.ri_cols) return;
  const int paper = (flags & WSATTR_REVERSE) != 0 ? foreground : background;
  const int ink = (flags & WSATTR_REVERSE) != 0 ? background : foreground;
  const wsdisplay_font* font = PICK_FONT(&upright_info_, character);
  const bool known = CHAR_IN_FONT(character, font);
  for (int y = 0; y < cell_height_; y++) {
    for (int x = 0; x < cell_width_; x++) {
      unsigned alpha = 0;
      if (known) {
        const std::uint8_t* line =
            WSFONT_GLYPH(character, font) + static_cast<unsigned>(y) * font->stride;
        alpha = setup_.alpha ? line[x] : (line[x / 8] >> (7 - x % 8) & 1) * 255U;
      }
      const bool under = (flags & WSATTR_UNDERLINE) != 0 && y == cell_height_ - 2;
      at(column * cell_width_ + x, row * cell_height_ + y) =
          under ? pixel(ink) : mixed(ink, paper, alpha);
    }
  }
}

void RasopsModel::copy_columns(int row, int from, int to, int count) {
  ri_.ri_ops.copycols(&ri_, row, from, to, count);
  const std::vector<std::uint32_t> old = picture_;
  for (int i = 0; i < count; i++) {
    const bool inside = row >= 0 && row < ri_.ri_rows && from + i >= 0 && to + i >= 0 &&
                        from + i < ri_.ri_cols && to + i < ri_.ri_cols;
    if (!inside) continue;
    for (int y = row * cell_height_; y < (row + 1) * cell_height_; y++) {
      for (int x = 0; x < cell_width_; x++) {
        at((to + i) * cell_width_ + x, y) = old[index((from + i) * cell_width_ + x, y)];
      }
    }
  }
}

void RasopsModel::copy_rows(int from, int to, int count) {
  ri_.ri_ops.copyrows(&ri_, from, to, count);
  const std::vector<std::uint32_t> old = picture_;
  for (int i = 0; i < count; i++) {
    const bool inside =
        from + i >= 0 && to + i >= 0 && from + i < ri_.ri_rows && to + i < ri_.ri_rows;
    if (!inside) continue;
    for (int y = 0; y < cell_height_; y++) {
      for (int x = 0; x < ri_.ri_cols * cell_width_; x++) {
        at(x, (to + i) * cell_height_ + y) = old[index(x, (from + i) * cell_height_ + y)];
      }
    }
  }
}

void RasopsModel::erase_columns(int row, int column, int count, int background) {
  ri_.ri_ops.erasecols(&ri_, row, column, count, attr(7, background, 0));
  for (int i = column; i < column + count; i++) {
    if (row < 0 || row >= ri_.ri_rows || i < 0 || i >= ri_.ri_cols) continue;
    fill({i * cell_width_, row * cell_height_, cell_width_, cell_height_}, pixel(background));
  }
}

void RasopsModel::erase_rows(int row, int count, int background) {
  ri_.ri_ops.eraserows(&ri_, row, count, attr(7, background, 0));
  for (int i = row; i < row + count; i++) {
    if (i < 0 || i >= ri_.ri_rows) continue;
    fill({0, i * cell_height_, ri_.ri_cols * cell_width_, cell_height_}, pixel(background));
  }
  const bool all = row <= 0 && row + count >= ri_.ri_rows;
  if (all && (setup_.flags & RI_FULLCLEAR) != 0) margin_ = pixel(background);
}

void RasopsModel::invert_cell(int row, int column) {
  if (row < 0 || row >= ri_.ri_rows || column < 0 || column >= ri_.ri_cols) return;
  const bool indexed = setup_.depth == 8 && (setup_.flags & RI_8BIT_IS_RGB) == 0;
  const std::uint32_t mask = indexed ? 0xff : pixel(15);
  for (int y = row * cell_height_; y < (row + 1) * cell_height_; y++) {
    for (int x = column * cell_width_; x < (column + 1) * cell_width_; x++) at(x, y) ^= mask;
  }
}

void RasopsModel::cursor(bool on, int row, int column) {
  ri_.ri_ops.cursor(&ri_, on ? 1 : 0, row, column);
  if (cursor_on_) invert_cell(cursor_row_, cursor_column_);
  cursor_on_ = on;
  cursor_row_ = row;
  cursor_column_ = column;
  if (on) invert_cell(row, column);
}

// Of a place in the frame buffer, counted from the text area's corner.
std::uint32_t RasopsModel::expected(int x, int y) const {
  const int width = ri_.ri_cols * cell_width_;
  const int height = ri_.ri_rows * cell_height_;
  int u = x;
  int v = y;
  if ((setup_.flags & RI_ROTATE_CW) != 0) {
    u = y;
    v = height - 1 - x;
  } else if ((setup_.flags & RI_ROTATE_CCW) != 0) {
    u = width - 1 - y;
    v = x;
  } else if ((setup_.flags & RI_ROTATE_UD) != 0) {
    u = width - 1 - x;
    v = height - 1 - y;
  }
  return u < 0 || v < 0 || u >= width || v >= height ? margin_ : picture_[index(u, v)];
}

std::string RasopsModel::difference() const {
  for (const auto* memory : {&bits_, &device_}) {
    if (memory == &device_ && !setup_.shadow) continue;
    for (int y = 0; y < ri_.ri_height; y++) {
      for (int x = 0; x < ri_.ri_width; x++) {
        const std::uint32_t is = read(*memory, x, y);
        const std::uint32_t should = expected(x - ri_.ri_xorigin, y - ri_.ri_yorigin);
        if (is == should) continue;
        return fmt::format("{} pixel {},{} is {:#x}, not {:#x}",
                           memory == &bits_ ? "memory's" : "device's", x, y, is, should);
      }
    }
  }
  // Neither the ends of lines nor what lies around.
  const auto line = static_cast<std::size_t>(ri_.ri_width * bytes_per_pixel(setup_.depth));
  const auto stride = static_cast<std::size_t>(ri_.ri_stride);
  for (std::size_t i = 0; i < bits_.size(); i++) {
    const bool outside = i < guard || i >= bits_.size() - guard || (i - guard) % stride >= line;
    if (outside && (bits_[i] != canary || device_[i] != canary)) {
      return fmt::format("byte {} outside was written", i);
    }
  }
  return {};
}

}  // namespace pupci::tests
