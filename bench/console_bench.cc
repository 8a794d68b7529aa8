// SPDX-License-Identifier: BSD-2-Clause
// Text through the terminal, vcons(9) and rasops(9) into plain memory at 1920 x 1080 x 32, beside
// memcpy() of the text, and of the picture.
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "netbsd/dev/wscons/wsdisplay_vconsvar.h"
#include "ratio.h"
#include "wscons/terminal.h"

namespace {

using pupci::wscons::Terminal;

constexpr int width = 1920;
constexpr int height = 1080;
constexpr std::size_t picture_bytes = std::size_t{width} * height * 4;

class Console {
 public:
  Console() : memory_(picture_bytes) {
    type_.name = "memory";
    if (vcons_init(&data_, this, &type_, &access_) != 0) throw std::runtime_error("vcons_init");
    data_.init_screen = init_screen;
    screen_.scr_flags = VCONS_SCREEN_IS_STATIC;
    long attribute = 0;
    if (vcons_init_screen(&data_, &screen_, 1, &attribute) != 0)
      throw std::runtime_error("vcons_init_screen");
    const rasops_info& ri = screen_.scr_ri;
    terminal_ =
        std::make_unique<Terminal>(pupci::wscons::TextScreen{&ri.ri_ops, &screen_, ri.ri_cols,
                                                             ri.ri_rows, ri.ri_caps, attribute},
                                   0, 0);
  }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  Terminal& terminal() { return *terminal_; }
  [[nodiscard]] int cells() const { return screen_.scr_ri.ri_cols * screen_.scr_ri.ri_rows; }

 private:
  static void init_screen(void* v, vcons_screen* screen, int /*existing*/, long* /*attribute*/) {
    rasops_info& ri = screen->scr_ri;
    ri.ri_depth = 32;
    ri.ri_width = width;
    ri.ri_height = height;
    ri.ri_stride = width * 4;
    ri.ri_bits = static_cast<Console*>(v)->memory_.data();
    rasops_init(&ri, 0, 0);
    ri.ri_caps = WSSCREEN_WSCOLORS | WSSCREEN_HILIT | WSSCREEN_UNDERLINE | WSSCREEN_REVERSE;
    rasops_reconfig(&ri, height / ri.ri_font->fontheight, width / ri.ri_font->fontwidth);
    ri.ri_hw = screen;
  }

  std::vector<std::uint8_t> memory_;
  vcons_data data_{};
  vcons_screen screen_{};
  wsscreen_descr type_{};
  wsdisplay_accessops access_{};
  std::unique_ptr<Terminal> terminal_;
};

// Lines as a compiler's log has them.
std::string text_of(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; i++) {
    text += "[" + std::to_string(i) + "] cc -O2 -c -o build/file_" + std::to_string(i % 97) +
            ".o source/file.c: \033[1;35mwarning:\033[0m unused variable\r\n";
  }
  return text;
}

// What comes between two drawings when a program writes without end.
void text_that_scrolls_by(benchmark::State& state) {
  Console console;
  const std::string text = text_of(std::size_t{1} << 20);
  for (auto _ : state) {
    console.terminal().write(text);
    console.terminal().flush();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

// The same, with every line drawn and scrolled, as a terminal does that draws as it reads.
void text_line_by_line(benchmark::State& state) {
  Console console;
  const std::string text = text_of(std::size_t{1} << 16);
  for (auto _ : state) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at) + 1;
      console.terminal().write(std::string_view(text).substr(at, end - at));
      console.terminal().flush();
      at = end;
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

// Every cell differs from the picture before.
void pages_of_text(benchmark::State& state) {
  Console console;
  std::vector<std::string> pages(2);
  for (int cell = 0; cell < console.cells(); cell++) {
    pages[0] += static_cast<char>('!' + cell % 93);
    pages[1] += static_cast<char>('!' + (cell + 1) % 93);
  }
  std::size_t page = 0;
  for (auto _ : state) {
    console.terminal().write("\033[H");
    console.terminal().write(pages[page++ % 2]);
    console.terminal().flush();
  }
  state.SetItemsProcessed(state.iterations() * console.cells());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(picture_bytes));
}

void text_memcpy(benchmark::State& state) {
  const std::string text = text_of(std::size_t{1} << 20);
  std::vector<char> to(text.size());
  for (auto _ : state) {
    std::memcpy(to.data(), text.data(), text.size());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void picture_memcpy(benchmark::State& state) {
  const std::vector<std::uint8_t> from(picture_bytes, 1);
  std::vector<std::uint8_t> to(picture_bytes);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(picture_bytes));
}

BENCHMARK(text_that_scrolls_by)->Unit(benchmark::kMicrosecond);
BENCHMARK(text_line_by_line)->Unit(benchmark::kMicrosecond);
BENCHMARK(pages_of_text)->Unit(benchmark::kMicrosecond);
BENCHMARK(text_memcpy)->Unit(benchmark::kMicrosecond);
BENCHMARK(picture_memcpy)->Unit(benchmark::kMicrosecond);

}  // namespace

int main(int argc, char** argv) {
  return pupci::bench::run(
      argc, argv, {{"text_that_scrolls_by", "text_memcpy"}, {"pages_of_text", "picture_memcpy"}});
}
