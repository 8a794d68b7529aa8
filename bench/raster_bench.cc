// SPDX-License-Identifier: BSD-2-Clause
// Characters drawn by rasops(9) into plain memory, beside memset() and memcpy() of the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "netbsd/dev/rasops/rasops.h"
#include "ratio.h"

namespace {

constexpr int width = 1920;
constexpr int height = 1080;

// A screen, and a second one of the same size to copy from.
class Screen {
 public:
  explicit Screen(int depth, int font_width = 8, int flags = 0)
      : bits_(static_cast<std::size_t>(width * height * 4)), other_(bits_.size(), 1) {
    ri_.ri_depth = depth;
    ri_.ri_width = width;
    ri_.ri_height = height;
    ri_.ri_stride = width * ((depth + 7) / 8);
    ri_.ri_bits = bits_.data();
    ri_.ri_flg = flags;
    if (rasops_init(&ri_, height / (2 * font_width), width / font_width) != 0) {
      throw std::runtime_error("rasops_init");
    }
    ri_.ri_ops.allocattr(&ri_, 2, 4, WSATTR_WSCOLORS, &attr_);
  }
  ~Screen() { wsfont_unlock(ri_.ri_wsfcookie); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  rasops_info& info() { return ri_; }
  [[nodiscard]] long attr() const { return attr_; }
  [[nodiscard]] int cells() const { return ri_.ri_rows * ri_.ri_cols; }
  [[nodiscard]] std::size_t bytes() const {
    return static_cast<std::size_t>(ri_.ri_emustride) * static_cast<unsigned>(ri_.ri_emuheight);
  }
  std::uint8_t* bits() { return bits_.data(); }
  std::uint8_t* other() { return other_.data(); }

 private:
  std::vector<std::uint8_t> bits_;
  std::vector<std::uint8_t> other_;
  rasops_info ri_{};
  long attr_ = 0;
};

void count(benchmark::State& state, const Screen& screen) {
  state.SetItemsProcessed(state.iterations() * screen.cells());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(screen.bytes()));
}

void put_all(benchmark::State& state, int depth, int font_width, int flags) {
  Screen screen(depth, font_width, flags);
  rasops_info& ri = screen.info();
  unsigned character = 0;
  for (auto _ : state) {
    for (int row = 0; row < ri.ri_rows; row++) {
      for (int column = 0; column < ri.ri_cols; column++) {
        ri.ri_ops.putchar(&ri, row, column, '!' + character++ % 93, screen.attr());
      }
    }
    benchmark::ClobberMemory();
  }
  count(state, screen);
}

template <int depth>
void screen_of_characters(benchmark::State& state) {
  put_all(state, depth, 8, 0);
}
template <int depth>
void screen_of_large_characters(benchmark::State& state) {
  put_all(state, depth, 16, 0);
}
template <int depth>
void screen_of_smooth_characters(benchmark::State& state) {
  put_all(state, depth, 8, RI_ENABLE_ALPHA | RI_PREFER_ALPHA);
}

template <int depth>
void screen_memset(benchmark::State& state) {
  Screen screen(depth);
  for (auto _ : state) {
    std::memset(screen.bits(), 0x20, screen.bytes());
    benchmark::ClobberMemory();
  }
  count(state, screen);
}

template <int depth>
void screen_memcpy(benchmark::State& state) {
  Screen screen(depth);
  for (auto _ : state) {
    std::memcpy(screen.bits(), screen.other(), screen.bytes());
    benchmark::ClobberMemory();
  }
  count(state, screen);
}

// Every line up by one row.
template <int depth>
void scroll(benchmark::State& state) {
  Screen screen(depth);
  rasops_info& ri = screen.info();
  for (auto _ : state) {
    ri.ri_ops.copyrows(&ri, 1, 0, ri.ri_rows - 1);
    ri.ri_ops.eraserows(&ri, ri.ri_rows - 1, 1, screen.attr());
    benchmark::ClobberMemory();
  }
  count(state, screen);
}

template <int depth>
void scroll_memmove(benchmark::State& state) {
  Screen screen(depth);
  const std::size_t row = static_cast<std::size_t>(screen.info().ri_yscale);
  for (auto _ : state) {
    std::memmove(screen.bits(), screen.bits() + row, screen.bytes() - row);
    std::memset(screen.bits() + screen.bytes() - row, 0x20, row);
    benchmark::ClobberMemory();
  }
  count(state, screen);
}

template <int depth>
void erase(benchmark::State& state) {
  Screen screen(depth);
  rasops_info& ri = screen.info();
  for (auto _ : state) {
    ri.ri_ops.eraserows(&ri, 0, ri.ri_rows, screen.attr());
    benchmark::ClobberMemory();
  }
  count(state, screen);
}

BENCHMARK(screen_of_characters<8>)->Unit(benchmark::kMicrosecond);
BENCHMARK(screen_of_characters<16>)->Unit(benchmark::kMicrosecond);
BENCHMARK(screen_of_characters<24>)->Unit(benchmark::kMicrosecond);
BENCHMARK(screen_of_characters<32>)->Unit(benchmark::kMicrosecond);
BENCHMARK(screen_of_large_characters<32>)->Unit(benchmark::kMicrosecond);
BENCHMARK(screen_of_smooth_characters<32>)->Unit(benchmark::kMicrosecond);
BENCHMARK(erase<24>)->Unit(benchmark::kMicrosecond);
BENCHMARK(erase<32>)->Unit(benchmark::kMicrosecond);
BENCHMARK(scroll<32>)->Unit(benchmark::kMicrosecond);
BENCHMARK(scroll_memmove<32>)->Unit(benchmark::kMicrosecond);
BENCHMARK(screen_memset<8>)->Unit(benchmark::kMicrosecond);
BENCHMARK(screen_memset<16>)->Unit(benchmark::kMicrosecond);
BENCHMARK(screen_memset<24>)->Unit(benchmark::kMicrosecond);
BENCHMARK(screen_memset<32>)->Unit(benchmark::kMicrosecond);
BENCHMARK(screen_memcpy<32>)->Unit(benchmark::kMicrosecond);

}  // namespace

int main(int argc, char** argv) {
  return pupci::bench::run(argc, argv,
                           {{"screen_of_characters<8>", "screen_memset<8>"},
                            {"screen_of_characters<16>", "screen_memset<16>"},
                            {"screen_of_characters<24>", "screen_memset<24>"},
                            {"screen_of_characters<32>", "screen_memset<32>"},
                            {"screen_of_characters<32>", "screen_memcpy<32>"},
                            {"screen_of_large_characters<32>", "screen_memset<32>"},
                            {"screen_of_smooth_characters<32>", "screen_memset<32>"},
                            {"erase<24>", "screen_memset<24>"},
                            {"erase<32>", "screen_memset<32>"},
                            {"scroll<32>", "scroll_memmove<32>"}});
}
