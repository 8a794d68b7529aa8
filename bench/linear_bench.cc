// SPDX-License-Identifier: BSD-2-Clause
// Drawing characters of 8x16 pixels, 32 bits each, on QEMU's ati-vga: through a linear mapping, and
// by accesses to a mapping that is not. Bytes, commands and faults are for each character. And what
// whole frames of 1024x768x32 take to be written and read.
#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <random>

#include "kern/bus_space.h"
#include "kern/linear.h"
#include "kern/pci_chipset.h"
#include "pupci/bus.h"
#include "ratio.h"

namespace {

using namespace pupci;
using namespace pupci::kern;

constexpr unsigned width = 1024;
constexpr unsigned columns = 80;
constexpr unsigned rows = 25;
constexpr unsigned glyph_width = 8;
constexpr unsigned glyph_height = 16;
constexpr std::size_t frame_bytes = std::size_t{width} * 768 * 4;

class Display {
 public:
  Display() {
    BusOptions options;
    options.arguments = {"-device", "ati-vga"};
    bus = open_bus("qemu", options);
    pci_start(*bus);
    for (const Address& address : bus->functions()) {
      function = bus->function(address);
      if (function->config_read(0, 4) == 0x50461002) break;
    }
    map(0, BUS_SPACE_MAP_LINEAR, &linear);
    map(0, 0, &plain);
    map(2, 0, &registers);
    pixels = static_cast<std::uint32_t*>(bus_space_vaddr(tag, linear));
    std::mt19937 random(1);
    for (auto& glyph : glyphs) {
      for (std::uint8_t& line : glyph) line = static_cast<std::uint8_t>(random() & random());
    }
  }
  // What a driver does that has an engine, before it draws by itself.
  void wait_idle() const { (void)bus_space_read_4(tag, registers, 0x1740); }
  [[nodiscard]] std::uint32_t pixel(unsigned character, unsigned line, unsigned column) const {
    return (glyphs[character % 96][line] >> column & 1) != 0 ? 0xc0c0c0 : 0;
  }

  std::shared_ptr<Bus> bus;
  std::shared_ptr<Function> function;
  bus_space_tag_t tag = bus_space_tag(Space::memory);
  bus_space_handle_t linear = 0;
  bus_space_handle_t plain = 0;
  bus_space_handle_t registers = 0;
  std::uint32_t* pixels = nullptr;
  std::uint8_t glyphs[96][glyph_height] = {};

 private:
  void map(unsigned index, int flags, bus_space_handle_t* handle) const {
    for (const Bar& bar : function->bars()) {
      if (bar.index != index) continue;
      if (bus_space_map(tag, bar.address, bar.size, flags, handle) != 0) std::abort();
    }
  }
};

Display& display() {
  static Display instance;
  return instance;
}

std::size_t place(unsigned cell) {
  const unsigned column = cell % columns;
  const unsigned row = cell / columns % rows;
  return std::size_t{row} * glyph_height * width + std::size_t{column} * glyph_width;
}

void draw(unsigned cell, unsigned character) {
  const Display& d = display();
  std::uint32_t* to = d.pixels + place(cell);
  for (unsigned line = 0; line < glyph_height; line++, to += width) {
    for (unsigned x = 0; x < glyph_width; x++) to[x] = d.pixel(character, line, x);
  }
}

void draw_by_accesses(unsigned cell, unsigned character) {
  const Display& d = display();
  std::size_t to = place(cell);
  for (unsigned line = 0; line < glyph_height; line++, to += width) {
    for (unsigned x = 0; x < glyph_width; x++) {
      bus_space_write_4(d.tag, d.plain, 4 * (to + x), d.pixel(character, line, x));
    }
  }
}

// The counters of a run, for each of `characters`.
class Costs {
 public:
  void report(benchmark::State& state, double characters) const {
    const LinearStatistics now = linear_statistics();
    const auto each = [&](std::uint64_t after, std::uint64_t before) {
      return static_cast<double>(after - before) / characters;
    };
    state.counters["bytes"] = each(now.bytes_sent, before_.bytes_sent);
    state.counters["commands"] = each(now.transfers, before_.transfers);
    state.counters["faults"] = each(now.faults, before_.faults);
    state.counters["characters/s"] = benchmark::Counter(characters, benchmark::Counter::kIsRate);
  }

 private:
  LinearStatistics before_ = linear_statistics();
};

unsigned character = 0;

// The driver waits for its engine before each character: nothing can be gathered.
void characters_one_by_one(benchmark::State& state) {
  const Costs costs;
  double count = 0;
  for (auto _ : state) {
    display().wait_idle();
    draw(static_cast<unsigned>(count), character += 7);
    count++;
  }
  display().wait_idle();
  costs.report(state, count);
}
BENCHMARK(characters_one_by_one)->UseRealTime()->Unit(benchmark::kMicrosecond);

// A screenful between two accesses, as when a terminal draws what has changed at once.
void characters_by_screens(benchmark::State& state) {
  const Costs costs;
  double count = 0;
  for (auto _ : state) {
    for (unsigned cell = 0; cell < columns * rows; cell++) draw(cell, character += 7);
    display().wait_idle();
    count += columns * rows;
  }
  costs.report(state, count);
}
BENCHMARK(characters_by_screens)->UseRealTime()->Unit(benchmark::kMicrosecond);

void screens_by_accesses(benchmark::State& state) {
  double count = 0;
  for (auto _ : state) {
    for (unsigned cell = 0; cell < columns * rows; cell++) {
      draw_by_accesses(cell, character += 7);
    }
    display().wait_idle();
    count += columns * rows;
  }
  state.counters["characters/s"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
}
BENCHMARK(screens_by_accesses)->UseRealTime()->Unit(benchmark::kMicrosecond);

std::vector<std::byte>& frame() {
  static std::vector<std::byte> bytes(frame_bytes);
  return bytes;
}

void rate(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(frame_bytes));
}

void frame_written(benchmark::State& state) {
  std::mt19937 random(2);
  for (std::byte& byte : frame()) byte = static_cast<std::byte>(random());
  const auto memory = display().function->map(0, 0, frame_bytes);
  for (auto _ : state) {
    memory->write_memory(0, frame().data(), frame_bytes);
    memory->flush();
  }
  rate(state);
}
BENCHMARK(frame_written)->UseRealTime()->Unit(benchmark::kMillisecond);

void frame_filled(benchmark::State& state) {
  std::fill(frame().begin(), frame().end(), std::byte{0});
  const auto memory = display().function->map(0, 0, frame_bytes);
  for (auto _ : state) {
    memory->write_memory(0, frame().data(), frame_bytes);
    memory->flush();
  }
  rate(state);
}
BENCHMARK(frame_filled)->UseRealTime()->Unit(benchmark::kMillisecond);

void read_frames(benchmark::State& state) {
  const auto memory = display().function->map(0, 0, frame_bytes);
  for (auto _ : state) memory->read_memory(0, frame().data(), frame_bytes);
  rate(state);
}
void frame_read_from_qemus_memory(benchmark::State& state) {
  read_frames(state);
}
BENCHMARK(frame_read_from_qemus_memory)->UseRealTime()->Unit(benchmark::kMillisecond);

void frame_read_by_connection(benchmark::State& state) {
  ::setenv("PUPCI_QEMU_NO_WINDOW", "1", 1);
  read_frames(state);
  ::unsetenv("PUPCI_QEMU_NO_WINDOW");
}
BENCHMARK(frame_read_by_connection)->UseRealTime()->Unit(benchmark::kMillisecond);

void frame_read_by_accesses(benchmark::State& state) {
  const auto memory = display().function->map(0, 0, frame_bytes);
  for (auto _ : state) memory->read_block(0, 8, 8, frame().data(), frame_bytes / 8);
  rate(state);
}
BENCHMARK(frame_read_by_accesses)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace

int main(int argc, char** argv) {
  return pupci::bench::run(argc, argv,
                           {{"screens_by_accesses", "characters_by_screens"},
                            {"frame_read_by_accesses", "frame_read_by_connection"},
                            {"frame_read_by_connection", "frame_read_from_qemus_memory"}});
}
