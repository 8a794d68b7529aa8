// SPDX-License-Identifier: BSD-2-Clause
// Configuration space in words, whatever it holds.
#include "pupci/config_text.h"

#include <gmock/gmock.h>

#include <random>
#include <vector>

#include "pupci/sim.h"

namespace {

using namespace pupci;
using testing::HasSubstr;

class Sample final : public sim::Model {
 public:
  Sample()
      : Model({.vendor = 0xfff9,
               .device = 0x0001,
               .class_code = 0x020000,
               .revision = 7,
               .interrupt_pin = 2}) {
    add_bar(0, {.kind = Bar::Kind::memory64, .size = 0x4000, .prefetchable = true});
    add_bar(2, {.kind = Bar::Kind::io, .size = 0x20});
    add_power_management();
    add_msi(4, true);
    add_express(true);
    add_extended_capability(3, 1, std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 7, 8});
  }
};

TEST(ConfigText, ShowsHeaderBarsAndCapabilities) {
  sim::Bus bus;
  bus.root().add(3, 0, std::make_shared<Sample>());
  const std::string text = config_text(*bus.function({0, 0, 3, 0}));
  EXPECT_THAT(text, HasSubstr("Vendor: vendor fff9 (0xfff9)\n"));
  EXPECT_THAT(text, HasSubstr("Class: ethernet network (0x020000, revision 0x07)\n"));
  EXPECT_THAT(text, HasSubstr("      Memory space accesses: "));
  EXPECT_THAT(text, HasSubstr("BAR 0: 64-bit memory prefetchable, 0x4000 bytes at 0x"));
  EXPECT_THAT(text, HasSubstr("BAR 2: I/O, 0x20 bytes at 0x"));
  EXPECT_THAT(text, HasSubstr("Interrupt pin: B\n"));
  EXPECT_THAT(text, HasSubstr("      Power state: D0\n"));
  EXPECT_THAT(text, HasSubstr("      Multiple message capable: 4\n"));
  EXPECT_THAT(text, HasSubstr("Vector mask register: 0x"));
  EXPECT_THAT(text, HasSubstr("      Function level reset: on\n"));
  EXPECT_THAT(text, HasSubstr("Extended capability at 0x100: "));
  EXPECT_THAT(text, HasSubstr("Serial number (high): 0x08070605\n"));
}

TEST(ConfigText, ShowsTheWindowsOfABridge) {
  sim::Bus bus;
  bus.root().add_bridge(4).add(0, 0, std::make_shared<Sample>());
  const std::string text = config_text(*bus.function({0, 0, 4, 0}));
  EXPECT_THAT(text, HasSubstr("Secondary bus: 1\n"));
  EXPECT_THAT(text, testing::ContainsRegex("I/O window: 0x[0-9a-f]+-0x[0-9a-f]+fff\n"));
  EXPECT_THAT(text, HasSubstr("Memory window: "));
  EXPECT_THAT(text, HasSubstr("Bridge control register: 0x"));
}

// A function whose configuration space is noise.
class Noise final : public Function {
 public:
  explicit Noise(unsigned seed) : Function({}), bytes_(4096) {
    std::mt19937 random(seed);
    for (auto& byte : bytes_) byte = static_cast<std::uint8_t>(random());
    bytes_[0x0e] &= 0x81;  // a header that is decoded
    bytes_[0x06] |= 0x10;
  }
  [[nodiscard]] unsigned config_size() const noexcept override { return 4096; }
  std::uint32_t config_read(unsigned offset, unsigned width) noexcept override {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < width; i++) {
      value |= std::uint32_t{offset + i < 4096 ? bytes_[offset + i] : 0xffU} << (8 * i);
    }
    return value;
  }
  void config_write(unsigned, unsigned, std::uint32_t) noexcept override {}
  std::vector<Bar> bars() override { return {}; }
  std::unique_ptr<Region> map(unsigned, std::uint64_t, std::uint64_t, MapMode) override {
    return nullptr;
  }
  unsigned interrupt_count(InterruptType) override { return 0; }
  std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType, unsigned) override {
    return {};
  }
  void disable_interrupts() noexcept override {}
  void reset() override {}

 private:
  std::vector<std::uint8_t> bytes_;
};

TEST(ConfigText, NoiseIsDecodedToItsEnd) {
  for (unsigned seed = 0; seed < 300; seed++) {
    Noise noise(seed);
    const std::string text = config_text(noise);
    ASSERT_THAT(text, HasSubstr("Common header:"));
    ASSERT_EQ(text.back(), '\n');
  }
}

}  // namespace
