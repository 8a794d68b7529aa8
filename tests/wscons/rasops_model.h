// SPDX-License-Identifier: BSD-2-Clause
// A frame buffer that rasops draws into, and beside it what should be there: a picture of plain
// pixels, drawn one by one, upright, whatever the depth, byte order or turn of the display.
#pragma once

#include <netbsd/dev/rasops/rasops.h>
#include <netbsd/dev/wscons/wsconsio.h>
#include <netbsd/dev/wscons/wsdisplayvar.h>

#include <cstdint>
#include <string>
#include <vector>

namespace pupci::tests {

struct ModelSetup {
  int depth = 32;
  int flags = 0;  // RI_*
  bool shadow = false;
  bool alpha = false;
  int width = 331;
  int height = 203;
};

class RasopsModel {
 public:
  explicit RasopsModel(const ModelSetup& setup);
  ~RasopsModel();
  RasopsModel(const RasopsModel&) = delete;
  RasopsModel& operator=(const RasopsModel&) = delete;

  rasops_info& info() { return ri_; }

  // Each does it to both.
  void put(int row, int column, unsigned character, int foreground, int background, int flags);
  void copy_columns(int row, int from, int to, int count);
  void copy_rows(int from, int to, int count);
  void erase_columns(int row, int column, int count, int background);
  void erase_rows(int row, int count, int background);
  void cursor(bool on, int row, int column);

  // Empty, or where they differ.
  [[nodiscard]] std::string difference() const;

 private:
  struct Rect {
    int x, y, width, height;
  };
  [[nodiscard]] std::uint32_t pixel(int colour) const;
  [[nodiscard]] std::uint32_t mixed(int foreground, int background, unsigned alpha) const;
  [[nodiscard]] std::uint32_t read(const std::vector<std::uint8_t>& memory, int x, int y) const;
  [[nodiscard]] std::uint32_t expected(int x, int y) const;
  void fill(const Rect& rect, std::uint32_t value);
  void invert_cell(int row, int column);
  std::uint32_t& at(int x, int y) { return picture_[index(x, y)]; }
  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(cell_width_ * ri_.ri_cols) +
           static_cast<std::size_t>(x);
  }
  long attr(int foreground, int background, int flags);

  ModelSetup setup_;
  rasops_info ri_{};
  std::vector<std::uint8_t> bits_;
  std::vector<std::uint8_t> device_;
  wsdisplay_font* upright_ = nullptr;
  int upright_cookie_ = 0;
  rasops_info upright_info_{};  // only for its line-drawing characters
  int cell_width_ = 0;
  int cell_height_ = 0;
  std::vector<std::uint32_t> picture_;
  std::uint32_t margin_ = 0;
  bool cursor_on_ = false;
  int cursor_row_ = 0;
  int cursor_column_ = 0;
};

}  // namespace pupci::tests
