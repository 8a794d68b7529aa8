// SPDX-License-Identifier: BSD-2-Clause
// Enumeration over configuration spaces that a test makes up, good ones and malformed ones.
#include "host/enumerate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "pupci/pci_config.h"

namespace pupci {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint64_t mib = 1U << 20;
constexpr std::uint64_t gib = 1U << 30;

// A function's registers: values, and which bits can be written.
class FakeFunction {
 public:
  explicit FakeFunction(std::uint32_t id, std::uint8_t header_type = 0) {
    put(pci::vendor_id, 4, id, 0);
    put(pci::header_type, 1, header_type, 0);
    put(pci::command, 2, 0, 0x0547);
    put(pci::interrupt_line, 1, 0, 0xff);
  }
  void put(unsigned offset, unsigned width, std::uint64_t value, std::uint64_t writable) {
    for (unsigned i = 0; i < width; i++) {
      value_[offset + i] = static_cast<std::uint8_t>(value >> 8 * (i % 8));
      writable_[offset + i] = static_cast<std::uint8_t>(writable >> 8 * (i % 8));
    }
  }
  FakeFunction& bar(unsigned index, std::uint32_t flags, std::uint64_t size, unsigned bits = 32) {
    const std::uint64_t mask = ~(size - 1);
    put(pci::bar0 + 4 * index, bits / 8, flags, mask);
    return *this;
  }
  FakeFunction& rom(std::uint64_t size) {
    put(pci::rom_bar, 4, 0, ~(size - 1) | 1);
    return *this;
  }
  FakeFunction& at(unsigned index, std::uint32_t address, unsigned command) {
    set(pci::bar0 + 4 * index, 4, address | get(pci::bar0 + 4 * index, 4));
    set(pci::command, 2, command);
    return *this;
  }

  [[nodiscard]] std::uint32_t get(unsigned offset, unsigned width) const {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < width; i++) value |= std::uint32_t{value_[offset + i]} << 8 * i;
    return value;
  }
  void set(unsigned offset, unsigned width, std::uint32_t value) {
    for (unsigned i = 0; i < width; i++) {
      const std::uint8_t bits = writable_[offset + i];
      const auto byte = static_cast<std::uint8_t>(value >> 8 * (i % 8));
      value_[offset + i] = static_cast<std::uint8_t>((value_[offset + i] & ~bits) | (byte & bits));
    }
  }

 private:
  std::array<std::uint8_t, 256> value_{};
  std::array<std::uint8_t, 256> writable_{};
};

FakeFunction endpoint() {
  return FakeFunction(0x11e81234);
}

FakeFunction bridge(bool wide = true) {
  FakeFunction f(0x00011b36, 1);
  f.put(pci::primary_bus, 4, 0, 0x00ffffff);
  f.put(pci::io_base, 2, 0, 0xf0f0);
  f.put(pci::memory_base, 4, 0, 0xfff0fff0);
  f.put(pci::prefetch_base, 4, wide ? 0x00010001 : 0, 0xfff0fff0);
  f.put(pci::prefetch_base_upper, 8, 0, wide ? UINT64_MAX : 0);
  f.put(pci::bridge_control, 2, 0, 0xffff);
  return f;
}

// A segment: functions by device and function number, and segments behind its bridges.
struct FakeBus {
  std::map<std::pair<unsigned, unsigned>, FakeFunction> functions;
  std::map<std::pair<unsigned, unsigned>, std::shared_ptr<FakeBus>> behind;

  FakeFunction& add(unsigned device, FakeFunction f, unsigned function = 0) {
    return functions.insert_or_assign({device, function}, f).first->second;
  }
  std::shared_ptr<FakeBus> add_bridge(unsigned device, FakeFunction f = bridge()) {
    add(device, f);
    return behind[{device, 0}] = std::make_shared<FakeBus>();
  }
};

// Routes configuration accesses as bridges do: by their bus numbers.
class FakeConfig : public ConfigAccess {
 public:
  std::shared_ptr<FakeBus> root = std::make_shared<FakeBus>();
  std::uint64_t accesses = 0;

  std::uint32_t read(const Address& address, unsigned offset, unsigned width) noexcept override {
    accesses++;
    const FakeFunction* f = find(address);
    return f != nullptr ? f->get(offset, width) : 0xffffffffU >> (32 - 8 * width);
  }
  void write(const Address& address, unsigned offset, unsigned width,
             std::uint32_t value) noexcept override {
    accesses++;
    if (FakeFunction* f = find(address)) f->set(offset, width, value);
  }
  FakeFunction* find(const Address& address) {
    FakeBus* bus = root.get();
    for (unsigned number = 0; number != address.bus;) {
      FakeBus* next = nullptr;
      for (auto& [where, f] : bus->functions) {
        const unsigned secondary = f.get(pci::secondary_bus, 1);
        if (f.get(pci::header_type, 1) % 128 != 1 || secondary <= number ||
            secondary > address.bus || f.get(pci::subordinate_bus, 1) < address.bus) {
          continue;
        }
        const auto behind = bus->behind.find(where);
        if (behind == bus->behind.end()) continue;
        next = behind->second.get();
        number = secondary;
        break;
      }
      if (next == nullptr) return nullptr;
      bus = next;
    }
    const auto it = bus->functions.find({address.device, address.function});
    return it == bus->functions.end() ? nullptr : &it->second;
  }
};

BusResources resources() {
  return {{{0x1000, 0x10000}}, {{0xc0000000, 0xfec00000}}, {{4 * gib, 1024 * gib}}, 255};
}

class Enumerate : public ::testing::Test {
 protected:
  void run() { result = enumerate(config, resources()); }
  const EnumeratedFunction& function(std::uint8_t bus, std::uint8_t device,
                                     std::uint8_t number = 0) {
    static const EnumeratedFunction none{};
    for (const auto& f : result.functions) {
      if (f.address == Address{0, bus, device, number}) return f;
    }
    ADD_FAILURE() << "no function " << unsigned{bus} << ":" << unsigned{device};
    return none;
  }
  std::uint32_t get(std::uint8_t bus, std::uint8_t device, unsigned offset, unsigned width) {
    const FakeFunction* f = config.find({0, bus, device, 0});
    return f != nullptr ? f->get(offset, width) : 0;
  }
  unsigned command(std::uint8_t bus, std::uint8_t device) {
    return get(bus, device, pci::command, 2) & 7;
  }

  FakeConfig config;
  Enumeration result;
};

TEST_F(Enumerate, Nothing) {
  run();
  EXPECT_THAT(result.functions, IsEmpty());
  EXPECT_THAT(result.warnings, IsEmpty());
}

TEST_F(Enumerate, BarsOfAllKinds) {
  config.root->add(3, endpoint()
                          .bar(0, 0, mib)
                          .bar(1, pci::bar::io, 0x20)
                          .bar(2, pci::bar::type_64 | pci::bar::prefetchable, gib, 64)
                          .bar(4, pci::bar::type_64, 0x4000, 64)
                          .rom(0x10000));
  run();
  EXPECT_THAT(result.warnings, IsEmpty());
  const auto& bars = function(0, 3).bars;
  ASSERT_EQ(bars.size(), 5U);
  EXPECT_EQ(bars[0].size, mib);
  EXPECT_EQ(bars[0].address % mib, 0U);
  EXPECT_GE(bars[0].address, 0xc0000000U);
  EXPECT_EQ(bars[1].kind, Bar::Kind::io);
  EXPECT_GE(bars[1].address, 0x1000U);
  EXPECT_EQ(bars[2].address, 4 * gib);
  EXPECT_TRUE(bars[2].prefetchable);
  EXPECT_LT(bars[3].address, 4 * gib) << "small and not prefetchable: where drivers expect it";
  EXPECT_EQ(bars[4].kind, Bar::Kind::rom);
  EXPECT_EQ(get(0, 3, pci::bar0 + 8, 4), 0xcU);
  EXPECT_EQ(get(0, 3, pci::bar0 + 12, 4), 1U);
  EXPECT_EQ(get(0, 3, pci::rom_bar, 4), bars[4].address) << "not enabled";
  EXPECT_EQ(command(0, 3), pci::command_bit::io | pci::command_bit::memory);
}

TEST_F(Enumerate, BusNumbersDepthFirst) {
  const auto a = config.root->add_bridge(1);
  const auto b = a->add_bridge(0);
  b->add(5, endpoint().bar(0, 0, 0x1000));
  a->add_bridge(2)->add(0, endpoint());
  config.root->add_bridge(4)->add(7, endpoint().bar(0, pci::bar::io, 0x100));
  run();
  EXPECT_THAT(result.warnings, IsEmpty());
  EXPECT_EQ(get(0, 1, pci::primary_bus, 4), 0x00030100U);
  EXPECT_EQ(get(1, 0, pci::primary_bus, 4), 0x00020201U);
  EXPECT_EQ(get(1, 2, pci::primary_bus, 4), 0x00030301U);
  EXPECT_EQ(get(0, 4, pci::primary_bus, 4), 0x00040400U);
  EXPECT_THAT(function(2, 5).path, ElementsAre(1, 0));
  EXPECT_EQ(function(2, 5).parent, (Address{0, 1, 0, 0}));
  EXPECT_EQ(command(0, 1), 7U) << "bridges master the bus";
  EXPECT_EQ(command(4, 7), pci::command_bit::io) << "functions do not";
  EXPECT_TRUE(std::is_sorted(result.functions.begin(), result.functions.end(),
                             [](auto& x, auto& y) { return x.address < y.address; }));
}

TEST_F(Enumerate, WindowsHoldWhatIsBehindThem) {
  const auto outer = config.root->add_bridge(1);
  const auto inner = outer->add_bridge(3);
  inner->add(0, endpoint()
                    .bar(0, 0, 2 * mib)
                    .bar(1, pci::bar::io, 0x40)
                    .bar(2, pci::bar::type_64 | pci::bar::prefetchable, 16 * mib, 64)
                    .bar(4, pci::bar::type_64, mib, 64));
  outer->add(4, endpoint().bar(0, 0, 0x1000));
  run();
  EXPECT_THAT(result.warnings, IsEmpty());
  const auto window = [&](std::uint8_t bus, std::uint8_t device, unsigned base) {
    const std::uint64_t low = (get(bus, device, base, 2) & 0xfff0) << 16;
    const std::uint64_t high = (get(bus, device, base + 2, 2) & 0xfff0) << 16;
    return AddressRange{low, high + mib};
  };
  const auto inside = [](const Bar& bar, const AddressRange& range) {
    return bar.address >= range.begin && bar.address + bar.size <= range.end;
  };
  const auto& bars = function(2, 0).bars;
  const auto memory = window(1, 3, pci::memory_base);
  EXPECT_TRUE(inside(bars[0], memory));
  EXPECT_TRUE(inside(bars[3], memory)) << "not prefetchable: 32-bit window, though 64 bits wide";
  const auto outer_memory = window(0, 1, pci::memory_base);
  EXPECT_TRUE(outer_memory.begin <= memory.begin && memory.end <= outer_memory.end);
  EXPECT_TRUE(inside(function(1, 4).bars[0], outer_memory));
  EXPECT_FALSE(inside(function(1, 4).bars[0], memory));
  EXPECT_GE(bars[2].address, 4 * gib);
  EXPECT_EQ(get(1, 3, pci::prefetch_base_upper, 4), bars[2].address >> 32);
  EXPECT_EQ(get(0, 1, pci::prefetch_limit_upper, 4), bars[2].address >> 32);
  const unsigned io = get(1, 3, pci::io_base, 2);
  EXPECT_EQ((io & 0xf0) << 8, bars[1].address & 0xf000);
  EXPECT_EQ(io >> 8 & 0xf0, io & 0xf0) << "4 KiB";
}

TEST_F(Enumerate, UnusedWindowsAreClosed) {
  config.root->add_bridge(1);
  run();
  EXPECT_GT(get(0, 1, pci::memory_base, 2) & 0xfff0, get(0, 1, pci::memory_limit, 2) & 0xfff0);
  EXPECT_GT(get(0, 1, pci::prefetch_base, 2) & 0xfff0, get(0, 1, pci::prefetch_limit, 2) & 0xfff0);
  EXPECT_GT(get(0, 1, pci::io_base, 1), get(0, 1, pci::io_limit, 1));
}

TEST_F(Enumerate, WithoutAWidePrefetchableWindowEverythingIsBelow4GiB) {
  config.root->add_bridge(1, bridge(false))
      ->add(0, endpoint().bar(0, pci::bar::type_64 | pci::bar::prefetchable, mib, 64));
  run();
  EXPECT_THAT(result.warnings, IsEmpty());
  EXPECT_LT(function(1, 0).bars.at(0).address, 4 * gib);
  EXPECT_NE(function(1, 0).bars.at(0).address, 0U);
}

TEST_F(Enumerate, AllFunctionsOfADevice) {
  FakeFunction first = endpoint();
  first.put(pci::header_type, 1, pci::header::multifunction, 0);
  config.root->add(1, first);
  config.root->add(1, endpoint(), 7);
  config.root->add(2, endpoint());
  config.root->add(2, endpoint(), 1);  // must not be looked for
  run();
  ASSERT_EQ(result.functions.size(), 3U);
  EXPECT_EQ(result.functions[1].address, (Address{0, 0, 1, 7}));
}

TEST_F(Enumerate, WhatIsAssignedStays) {
  config.root->add(1, endpoint().bar(0, 0, mib).at(0, 0xd0000000, 2));
  config.root->add(2, endpoint().bar(0, 0, mib));
  FakeFunction b = bridge();
  b.set(pci::primary_bus, 4, 0x00090500);
  b.set(pci::memory_base, 4, 0xe010e000);
  b.set(pci::command, 2, 7);
  config.root->add_bridge(3, b)->add(0, endpoint().bar(0, 0, mib).at(0, 0xe0100000, 2));
  config.root->add_bridge(4)->add(0, endpoint());
  run();
  EXPECT_THAT(result.warnings, IsEmpty());
  EXPECT_EQ(function(0, 1).bars.at(0).address, 0xd0000000U);
  EXPECT_NE(function(0, 2).bars.at(0).address, 0xd0000000U);
  EXPECT_EQ(get(0, 3, pci::primary_bus, 4), 0x00090500U);
  EXPECT_EQ(get(0, 3, pci::memory_base, 4), 0xe010e000U);
  EXPECT_EQ(function(5, 0).bars.at(0).address, 0xe0100000U);
  EXPECT_EQ(get(0, 4, pci::secondary_bus, 1), 1U);
}

// Bad input.

TEST_F(Enumerate, OverlappingBarsAreMovedApart) {
  config.root->add(1, endpoint().bar(0, 0, mib).at(0, 0xd0000000, 2));
  config.root->add(2, endpoint().bar(0, 0, mib).at(0, 0xd0000000, 2));
  run();
  EXPECT_THAT(result.warnings,
              ElementsAre("0000:00:02.0: BAR 0 at 0xd0000000 overlaps something or is not "
                          "reachable there: moved"));
  EXPECT_NE(function(0, 2).bars.at(0).address, 0xd0000000U);
  EXPECT_NE(function(0, 2).bars.at(0).address, 0U);
}

TEST_F(Enumerate, BarOfSizeZero) {
  FakeFunction f = endpoint();
  f.put(pci::bar0, 4, pci::bar::io, 0);
  f.put(pci::bar0 + 8, 4, pci::bar::prefetchable, 0);
  f.bar(4, 0, 0x1000);
  config.root->add(1, f);
  run();
  EXPECT_EQ(result.warnings.size(), 2U);
  EXPECT_THAT(result.warnings.at(0), HasSubstr("0000:00:01.0: BAR 0"));
  ASSERT_EQ(function(0, 1).bars.size(), 1U);
  EXPECT_NE(function(0, 1).bars.at(0).address, 0U) << "the others are unharmed";
}

TEST_F(Enumerate, BarsThatMakeNoSense) {
  FakeFunction f = endpoint();
  f.put(pci::bar0, 4, 0xffffffff, 0);                       // all ones
  f.put(pci::bar0 + 4, 4, 0, 0xf0f00000);                   // a hole in the mask
  f.put(pci::bar0 + 20, 4, pci::bar::type_64, 0xfffff000);  // half of a BAR
  config.root->add(1, f);
  run();
  EXPECT_EQ(result.warnings.size(), 3U);
  for (const auto& warning : result.warnings) EXPECT_THAT(warning, HasSubstr("0000:00:01.0: BAR"));
  EXPECT_THAT(function(0, 1).bars, IsEmpty());
}

TEST_F(Enumerate, BarThatDoesNotKeepItsAddress) {
  // Sizing works, but addresses do not stay: only the bits of the mask that are tested last do.
  class Forgetful : public FakeConfig {
   public:
    void write(const Address& address, unsigned offset, unsigned width,
               std::uint32_t value) noexcept override {
      const bool forgets = offset == pci::bar0 && value != 0xffffffff;
      FakeConfig::write(address, offset, width, forgets ? 0 : value);
    }
  };
  Forgetful forgetful;
  forgetful.root->add(1, endpoint().bar(0, 0, mib));
  const Enumeration e = enumerate(forgetful, resources());
  ASSERT_EQ(e.warnings.size(), 1U);
  EXPECT_THAT(e.warnings[0], HasSubstr("BAR 0 does not keep the address"));
  EXPECT_EQ(e.functions.at(0).bars.at(0).address, 0U);
  EXPECT_EQ(forgetful.find({0, 0, 1, 0})->get(pci::command, 2) & 3, 0U) << "it must not decode";
}

TEST_F(Enumerate, BarTooLargeForTheBoard) {
  config.root->add(1, endpoint().bar(0, 0, 2 * gib).bar(1, 0, mib));
  config.root->add(2, endpoint().bar(0, pci::bar::type_64, std::uint64_t{1} << 60, 64));
  run();
  EXPECT_THAT(result.warnings,
              ElementsAre("0000:00:01.0: BAR 0: no room for 2 GiB of 32-bit memory: not assigned",
                          "0000:00:02.0: BAR 0: no room for 1073741824 GiB of 64-bit memory: not "
                          "assigned"));
  EXPECT_EQ(function(0, 1).bars.at(0).address, 0U);
  EXPECT_NE(function(0, 1).bars.at(1).address, 0U);
}

TEST_F(Enumerate, OneGreedyBarBehindABridgeIsNotTheEndOfItsNeighbours) {
  const auto bus = config.root->add_bridge(1);
  bus->add(0, endpoint().bar(0, 0, 2 * gib));
  bus->add(1, endpoint().bar(0, 0, mib));
  run();
  EXPECT_THAT(result.warnings,
              ElementsAre("0000:01:00.0: BAR 0: no room for 2 GiB of 32-bit memory behind "
                          "0000:00:01.0: not assigned"));
  EXPECT_EQ(function(1, 0).bars.at(0).address, 0U);
  EXPECT_NE(function(1, 1).bars.at(0).address, 0U);
}

TEST_F(Enumerate, UnknownHeaderType) {
  FakeFunction f = endpoint();
  f.put(pci::header_type, 1, 0x7f, 0);
  f.bar(0, 0, mib);
  config.root->add(1, f);
  FakeFunction cardbus(0x12345678, 2);
  config.root->add(2, cardbus);
  run();
  EXPECT_THAT(result.warnings,
              ElementsAre("0000:00:01.0: header type 0x7f is unknown: left alone",
                          "0000:00:02.0: CardBus bridges are not supported: left alone"));
  ASSERT_EQ(result.functions.size(), 2U) << "listed all the same";
  EXPECT_EQ(function(0, 1).header_type, 0x7f);
  EXPECT_EQ(get(0, 1, pci::bar0, 4), 0U);
}

TEST_F(Enumerate, ConfigurationSpaceOfAllOnes) {
  FakeFunction gone = endpoint();
  gone.put(4, 4, UINT64_MAX, 0);
  gone.put(8, 8, UINT64_MAX, 0);
  gone.put(16, 48, UINT64_MAX, 0);
  for (unsigned offset = 4; offset < 0x40; offset += 4) gone.put(offset, 4, UINT32_MAX, 0);
  config.root->add(1, gone);
  run();
  EXPECT_THAT(result.warnings,
              ElementsAre("0000:00:01.0: configuration space reads as all ones: left alone"));
  ASSERT_EQ(result.functions.size(), 1U);
  EXPECT_THAT(function(0, 1).bars, IsEmpty());
}

TEST_F(Enumerate, BridgeWhoseBusNumbersAreFixed) {
  FakeFunction b = bridge();
  b.put(pci::primary_bus, 4, 0x00000000, 0);
  config.root->add_bridge(1, b)->add(0, endpoint());
  run();
  EXPECT_THAT(result.warnings,
              ElementsAre("0000:00:01.0: bus numbers cannot be set: nothing behind "
                          "this bridge is reachable"));
  EXPECT_EQ(result.functions.size(), 1U);
}

TEST_F(Enumerate, ABridgeThatLeadsToItsOwnBus) {
  const auto bus = config.root->add_bridge(1);
  bus->behind[{0, 0}] = bus;
  bus->add(0, bridge());
  bus->add(1, endpoint().bar(0, 0, mib));
  run();
  // Its numbers are one set of registers, seen on every bus that leads here.
  EXPECT_LE(result.functions.size(), 256U * 2);
  EXPECT_FALSE(result.functions.empty());
  bus->behind.clear();  // it owns itself
}

TEST_F(Enumerate, MoreBridgesThanBusNumbers) {
  // A chain of 300, and beside it as many that come too late.
  auto bus = config.root;
  for (int i = 0; i < 300; i++) {
    const auto next = bus->add_bridge(0);
    bus->add_bridge(1);
    bus = next;
  }
  run();
  ASSERT_EQ(result.warnings.size(), 1U);
  EXPECT_THAT(result.warnings[0],
              HasSubstr("no bus number is left for what is behind this bridge"));
  EXPECT_LE(result.functions.back().address.bus, 255);
}

TEST_F(Enumerate, EverythingEverywhere) {
  // Each of 64 buses has 31 greedy devices and one bridge.
  auto bus = config.root;
  for (int i = 0; i < 64; i++) {
    for (unsigned device = 1; device < 32; device++) {
      bus->add(device, endpoint().bar(0, 0, gib).bar(1, pci::bar::io, 0x8000));
    }
    bus = bus->add_bridge(0);
  }
  run();
  EXPECT_LE(result.warnings.size(), 101U);
  EXPECT_THAT(result.warnings.back(), HasSubstr("more warnings like these"));
  EXPECT_EQ(result.functions.size(), 64U * 32);
}

TEST_F(Enumerate, WindowsThatOverlap) {
  for (const unsigned device : {1U, 2U}) {
    FakeFunction b = bridge();
    b.set(pci::memory_base, 4, 0xd010d000);
    b.set(pci::command, 2, 7);
    config.root->add_bridge(device, b)->add(0, endpoint().bar(0, 0, mib).at(0, 0xd0000000, 2));
  }
  run();
  EXPECT_EQ(result.warnings.size(), 2U) << "the window, and what was in it";
  EXPECT_EQ(function(1, 0).bars.at(0).address, 0xd0000000U);
  EXPECT_NE(function(2, 0).bars.at(0).address, 0xd0000000U);
  EXPECT_NE(function(2, 0).bars.at(0).address, 0U);
}

TEST_F(Enumerate, VgaIsForwarded) {
  FakeFunction vga = endpoint();
  vga.put(pci::class_code, 3, 0x030000, 0);
  config.root->add_bridge(1)->add(0, endpoint());
  config.root->add_bridge(2)->add(0, vga);
  run();
  EXPECT_EQ(get(0, 1, pci::bridge_control, 2), 0U);
  EXPECT_EQ(get(0, 2, pci::bridge_control, 2), 0x18U);
}

}  // namespace
}  // namespace pupci
