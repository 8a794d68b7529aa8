// SPDX-License-Identifier: BSD-2-Clause
// An engine and the CPU draw in one frame buffer, at random; in the end every byte must be as if
// each had waited for the other. On the sim host with an engine that is done at once and one that
// is not, and on QEMU's ati-vga.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <thread>

#include "host/qemu_support.h"
#include "kern/bus_space.h"
#include "kern/linear.h"
#include "kern/pci_attach.h"
#include "kern/pci_chipset.h"
#include "linear/blitter.h"
#include "linear/rage.h"
#include "netbsd/dev/pci/pcivar.h"

namespace {

using namespace pupci;
using namespace pupci::kern;
using namespace std::chrono_literals;
using test::Blitter;
using test::Rage;

struct Rect {
  unsigned x = 0;
  unsigned y = 0;
  unsigned width = 0;
  unsigned height = 0;
};

constexpr unsigned pitch = 1024;  // bytes a line, of one byte a pixel

// A device with an engine, and its memory as the driver sees it.
class Screen {
 public:
  virtual ~Screen() = default;
  virtual void fill(const Rect& where, unsigned color) = 0;
  virtual void copy(const Rect& to, unsigned x, unsigned y) = 0;
  virtual void wait() = 0;
  // What the device has, by another way than the mapping.
  virtual std::vector<std::byte> device(std::size_t size) = 0;

  unsigned char* pixels = nullptr;
  unsigned height = 0;
  unsigned most_height = 1;   // of an engine's operation
  bool done_at_once = false;  // then the CPU may draw anywhere without waiting
};

class Mixer {
 public:
  Mixer(Screen& screen, unsigned seed)
      : screen_(screen), random_(seed), expected_(std::size_t{pitch} * screen.height) {
    const auto now = screen.device(expected_.size());
    std::copy(now.begin(), now.end(), expected_.begin());
  }

  void run(unsigned operations) {
    for (unsigned i = 0; i < operations && !testing::Test::HasFailure(); i++) step();
    screen_.wait();
    const auto device = screen_.device(expected_.size());
    for (std::size_t i = 0; i < expected_.size(); i++) {
      ASSERT_EQ(device[i], expected_[i]) << "x " << i % pitch << " y " << i / pitch;
    }
  }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  Rect anywhere(unsigned most_width, unsigned most_height) {
    Rect rect;
    rect.width = 1 + below(most_width);
    rect.height = 1 + below(most_height);
    rect.x = below(pitch - rect.width);
    rect.y = below(screen_.height - rect.height);
    return rect;
  }
  template <typename Use>
  static void each_line(const Rect& rect, Use use) {
    for (unsigned line = 0; line < rect.height; line++) {
      use(std::size_t{pitch} * (rect.y + line) + rect.x);
    }
  }

  void step() {
    switch (below(8)) {
      case 0:
        return fill_by_engine();
      case 1:
        return copy_by_engine();
      case 2:
        return check(anywhere(200, 40));
      case 3:
        return move(anywhere(300, 1));
      default:
        return draw(anywhere(64, 16));
    }
  }

  void draw(const Rect& rect) {
    each_line(rect, [&](std::size_t at) {
      for (unsigned i = 0; i < rect.width; i++) {
        if (below(4) == 0) continue;  // as a glyph
        const auto value = static_cast<unsigned char>(random_());
        screen_.pixels[at + i] = value;
        expected_[at + i] = static_cast<std::byte>(value);
      }
    });
  }
  void move(const Rect& rect) {
    const std::size_t to = std::size_t{pitch} * rect.y + rect.x;
    const std::size_t from = below(pitch * screen_.height - rect.width);
    std::memmove(screen_.pixels + to, screen_.pixels + from, rect.width);
    std::memmove(expected_.data() + to, expected_.data() + from, rect.width);
  }
  void check(const Rect& rect) {
    each_line(rect, [&](std::size_t at) {
      for (unsigned i = 0; i < rect.width; i++) {
        ASSERT_EQ(screen_.pixels[at + i], std::to_integer<unsigned>(expected_[at + i])) << at + i;
      }
    });
  }
  void fill_by_engine() {
    const Rect rect = anywhere(300, screen_.most_height);
    const unsigned color = below(256);
    screen_.fill(rect, color);
    each_line(rect, [&](std::size_t at) {
      std::fill_n(expected_.begin() + static_cast<std::ptrdiff_t>(at), rect.width,
                  static_cast<std::byte>(color));
    });
    meanwhile(rect);
  }
  // To another line, or beside, so that there is no overlap.
  void copy_by_engine() {
    Rect rect = anywhere(300, screen_.most_height);
    const unsigned y =
        rect.y >= rect.height ? below(rect.y - rect.height + 1) : rect.y + rect.height;
    if (y + rect.height > screen_.height) return;
    const unsigned x = below(pitch - rect.width);
    screen_.copy(rect, x, y);
    for (unsigned line = 0; line < rect.height; line++) {
      std::memcpy(expected_.data() + std::size_t{pitch} * (rect.y + line) + rect.x,
                  expected_.data() + std::size_t{pitch} * (y + line) + x, rect.width);
    }
    busy_source_ = Rect{x, y, rect.width, rect.height};
    meanwhile(rect);
    busy_source_ = {};
  }
  // The CPU draws while the engine does: beside its target, in the same pages.
  void meanwhile(const Rect& target) {
    if (screen_.done_at_once) {
      if (below(2) == 0) screen_.wait();
      return;
    }
    const Rect beside[] = {{0, target.y, target.x, 1},
                           {target.x + target.width, target.y, pitch - target.x - target.width, 1}};
    for (const Rect& rect : beside) {
      const bool is_source = busy_source_.width != 0 && busy_source_.y == rect.y;
      if (rect.width > 0 && !is_source && below(2) == 0) draw(rect);
    }
    screen_.wait();
  }

  Screen& screen_;
  std::mt19937 random_;
  std::vector<std::byte> expected_;
  Rect busy_source_;
};

class SimScreen final : public Screen {
 public:
  explicit SimScreen(std::chrono::nanoseconds delay) : model_(std::make_shared<Blitter>(delay)) {
    bus_.root().add(model_);
    pci_start(bus_);
    EXPECT_TRUE(pci_function_args(bus_.functions().at(0), &pa_));
    map(PCI_BAR(0), BUS_SPACE_MAP_LINEAR, &memory_);
    map(PCI_BAR(1), 0, &registers_);
    pixels = static_cast<unsigned char*>(bus_space_vaddr(tag_, memory_));
    height = Blitter::memory_size / pitch;
    done_at_once = delay.count() == 0;
  }
  ~SimScreen() override {
    bus_space_unmap(tag_, memory_, Blitter::memory_size);
    bus_space_unmap(tag_, registers_, 4096);
    pci_stop();
  }
  void fill(const Rect& where, unsigned color) override {
    set(Blitter::target, pitch * where.y + where.x);
    set(Blitter::length, where.width);
    set(Blitter::color, color);
    set(Blitter::command, Blitter::fill);
  }
  void copy(const Rect& to, unsigned x, unsigned y) override {
    set(Blitter::source, pitch * y + x);
    set(Blitter::target, pitch * to.y + to.x);
    set(Blitter::length, to.width);
    set(Blitter::command, Blitter::copy);
  }
  void wait() override {
    while (bus_space_read_4(tag_, registers_, Blitter::status) != 0) std::this_thread::yield();
  }
  std::vector<std::byte> device(std::size_t size) override {
    return {model_->bytes.begin(), model_->bytes.begin() + static_cast<std::ptrdiff_t>(size)};
  }

 private:
  void map(int bar, int flags, bus_space_handle_t* handle) {
    EXPECT_EQ(
        pci_mapreg_map(&pa_, bar, PCI_MAPREG_TYPE_MEM, flags, &tag_, handle, nullptr, nullptr), 0);
  }
  void set(std::uint64_t offset, std::uint64_t value) {
    bus_space_write_4(tag_, registers_, offset, static_cast<std::uint32_t>(value));
  }
  sim::Bus bus_;
  std::shared_ptr<Blitter> model_;
  pci_attach_args pa_{};
  bus_space_tag_t tag_ = nullptr;
  bus_space_handle_t memory_ = 0;
  bus_space_handle_t registers_ = 0;
};

class RageScreen final : public Screen {
 public:
  RageScreen() {
    rage_.set_pitch(pitch);
    pixels = rage_.pixels();
    height = 600;
    most_height = 60;
    done_at_once = true;
  }
  void fill(const Rect& where, unsigned color) override {
    rage_.fill(where.x, where.y, where.width, where.height, color);
  }
  void copy(const Rect& to, unsigned x, unsigned y) override {
    rage_.copy(x, y, to.x, to.y, to.width, to.height);
  }
  void wait() override { rage_.wait(); }
  std::vector<std::byte> device(std::size_t size) override { return rage_.read(size); }

 private:
  Rage rage_;
};

TEST(Mixed, EngineThatIsDoneAtOnce) {
  for (unsigned seed = 1; seed <= 3; seed++) {
    SimScreen screen(0ns);
    Mixer(screen, seed).run(3000);
  }
}

TEST(Mixed, EngineThatTakesItsTime) {
  for (unsigned seed = 1; seed <= 3; seed++) {
    SimScreen screen(20us);
    Mixer(screen, seed).run(1500);
  }
}

TEST(Mixed, RageWithShortCut) {
  RageScreen screen;
  Mixer(screen, 1).run(3000);
}

TEST(Mixed, RageByTheConnection) {
  ::setenv("PUPCI_QEMU_NO_WINDOW", "1", 1);
  {
    RageScreen screen;
    Mixer(screen, 2).run(1500);
  }
  ::unsetenv("PUPCI_QEMU_NO_WINDOW");
}

}  // namespace
