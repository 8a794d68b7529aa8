// SPDX-License-Identifier: BSD-2-Clause
// Decoding of configuration space that lies: each fault of capability lists and BARs by name.
#include "host/config_space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>

#include "pupci/capability.h"
#include "pupci/pci_config.h"

namespace pupci {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Fault = BarFault::Kind;

// Bytes, and for each the bits that can be written.
class FakeConfig final : public ConfigSpace {
 public:
  explicit FakeConfig(unsigned size = 4096) : size_(size) {
    set(pci::vendor_id, 4, 0x11e81234);
    set(pci::capability_pointer, 1, 0x40);
    set(pci::status, 2, pci::status_bit::capabilities);
    set(pci::command, 2, 7);
    writable(pci::command, 2, 7);
  }
  [[nodiscard]] unsigned size() const noexcept override { return size_; }
  std::uint32_t read(unsigned offset, unsigned width) noexcept override {
    if (dead || offset + width > size_) return UINT32_MAX >> (32 - 8 * width);
    std::uint32_t value = 0;
    std::memcpy(&value, &bytes_.at(offset), width);
    return value;
  }
  void write(unsigned offset, unsigned width, std::uint32_t value) noexcept override {
    if (offset != pci::command && (bytes_[pci::command] & 3) != 0) wrote_while_decoding = true;
    for (unsigned i = 0; i < width; i++, value >>= 8) {
      auto& byte = bytes_.at(offset + i);
      const auto mask = mask_.at(offset + i);
      byte = static_cast<unsigned char>((byte & ~mask) | (value & mask));
    }
  }
  void set(unsigned offset, unsigned width, std::uint32_t value) {
    std::memcpy(&bytes_.at(offset), &value, width);
  }
  void writable(unsigned offset, unsigned width, std::uint32_t mask) {
    std::memcpy(&mask_.at(offset), &mask, width);
  }
  // A BAR: `fixed` low bits, `mask` of writable address bits, `value` now.
  void bar(unsigned index, std::uint32_t fixed, std::uint32_t mask, std::uint32_t value = 0) {
    set(pci::bar0 + 4 * index, 4, value | fixed);
    writable(pci::bar0 + 4 * index, 4, mask);
  }
  void capability(unsigned offset, unsigned id, unsigned next) { set(offset, 2, id | next << 8); }

  bool dead = false;
  bool wrote_while_decoding = false;

 private:
  unsigned size_;
  std::array<unsigned char, 4096> bytes_{};
  std::array<unsigned char, 4096> mask_{};
};

TEST(Capabilities, InOrderOfTheList) {
  FakeConfig config;
  config.capability(0x40, 0x01, 0x63);  // the low bits of a pointer are reserved
  config.capability(0x60, 0x10, 0x50);
  config.capability(0x50, 0x09, 0);
  const auto list = capabilities(config);
  EXPECT_EQ(list.fault, CapabilityFault::none);
  EXPECT_EQ(list.fault_text(), "");
  EXPECT_THAT(list.found, ElementsAre(Capability{1, 0, 0x40}, Capability{0x10, 0, 0x60},
                                      Capability{9, 0, 0x50}));
  EXPECT_EQ(find_capability(config, 0x10), 0x60U);
  EXPECT_EQ(find_capability(config, 0x11), std::nullopt);
  EXPECT_EQ(list.find(9)->offset, 0x50U);
}

TEST(Capabilities, NoneWithoutTheStatusBit) {
  FakeConfig config;
  config.capability(0x40, 0x01, 0);
  config.set(pci::status, 2, 0);
  EXPECT_THAT(capabilities(config).found, IsEmpty());
}

TEST(Capabilities, Loop) {
  FakeConfig config;
  config.capability(0x40, 0x01, 0x48);
  config.capability(0x48, 0x09, 0x40);
  const auto list = capabilities(config);
  EXPECT_EQ(list.fault, CapabilityFault::loop);
  EXPECT_EQ(list.fault_text(), "capability list: loops back to 0x40");
  EXPECT_EQ(list.found.size(), 2U);
  EXPECT_EQ(find_capability(config, 0x7e), std::nullopt);
}

TEST(Capabilities, PointerIntoTheHeader) {
  FakeConfig config;
  config.capability(0x40, 0x01, 0x20);
  const auto list = capabilities(config);
  EXPECT_EQ(list.fault, CapabilityFault::in_header);
  EXPECT_EQ(list.fault_text(), "capability list: pointer 0x20 lies in the header");
  EXPECT_EQ(list.found.size(), 1U);
}

TEST(Capabilities, CutOffByTheEnd) {
  FakeConfig config;
  config.capability(0x40, 0x01, 0xfc);
  config.capability(0xfc, pci::capability_id::msix, 0);
  const auto list = capabilities(config);
  EXPECT_EQ(list.fault, CapabilityFault::out_of_range);
  EXPECT_EQ(list.fault_text(), "capability list: the capability at 0xfc does not fit");
  EXPECT_EQ(msix_capability(config), std::nullopt);
  // An MSI capability is longer with a 64-bit address and masks.
  config.capability(0x40, 0x01, 0xf0);
  config.capability(0xf0, pci::capability_id::msi, 0);
  EXPECT_EQ(capabilities(config).fault, CapabilityFault::none);
  config.set(0xf2, 2, pci::msi::address64 | pci::msi::maskable);
  EXPECT_EQ(capabilities(config).fault, CapabilityFault::out_of_range);
}

TEST(Capabilities, AllOnesInTheMiddle) {
  FakeConfig config;
  config.capability(0x40, 0xff, 0xff);
  EXPECT_EQ(capabilities(config).fault, CapabilityFault::all_ones);
}

TEST(Capabilities, DeadOrUnknownHeader) {
  FakeConfig config;
  config.capability(0x40, 0x01, 0);
  config.set(pci::header_type, 1, 0x7f);
  EXPECT_THAT(capabilities(config).found, IsEmpty());
  config.dead = true;
  EXPECT_THAT(capabilities(config).found, IsEmpty());
  EXPECT_THAT(extended_capabilities(config).found, IsEmpty());
}

TEST(ExtendedCapabilities, ListAndFaults) {
  FakeConfig config;
  EXPECT_THAT(extended_capabilities(config).found, IsEmpty());
  config.set(0x100, 4, 0x20010001);
  config.set(0x200, 4, 0x00010003);
  EXPECT_THAT(extended_capabilities(config).found,
              ElementsAre(Capability{1, 1, 0x100}, Capability{3, 1, 0x200}));
  EXPECT_EQ(find_extended_capability(config, 3), 0x200U);
  config.set(0x200, 4, 0x10010003);
  EXPECT_EQ(extended_capabilities(config).fault, CapabilityFault::loop);
  config.set(0x200, 4, 0x04010003);
  EXPECT_EQ(extended_capabilities(config).fault, CapabilityFault::in_header);
  config.set(0x200, 4, UINT32_MAX);
  EXPECT_EQ(extended_capabilities(config).fault, CapabilityFault::all_ones);
  config.set(0x100, 4, UINT32_MAX);
  EXPECT_EQ(extended_capabilities(config).fault, CapabilityFault::none);
  FakeConfig conventional(256);
  conventional.set(0x100, 4, 0x00010001);
  EXPECT_THAT(extended_capabilities(conventional).found, IsEmpty());
}

TEST(Capabilities, MsiAndMsix) {
  FakeConfig config;
  config.capability(0x40, pci::capability_id::msi, 0x60);
  config.set(0x42, 2, 0x1a7);  // enabled, 8 offered, 4 in use, 64-bit, maskable
  config.capability(0x60, pci::capability_id::msix, 0);
  config.set(0x62, 2, 0xc01f);
  config.set(0x64, 4, 0x2004);
  config.set(0x68, 4, 0x3004);
  const auto msi = msi_capability(config);
  ASSERT_TRUE(msi);
  EXPECT_EQ(msi->vectors, 8U);
  EXPECT_EQ(msi->vectors_enabled, 4U);
  EXPECT_TRUE(msi->address64 && msi->maskable && msi->enabled);
  const auto msix = msix_capability(config);
  ASSERT_TRUE(msix);
  EXPECT_EQ(msix->vectors, 32U);
  EXPECT_EQ(msix->table_bar, 4U);
  EXPECT_EQ(msix->table_offset, 0x2000U);
  EXPECT_EQ(msix->pending_offset, 0x3000U);
  EXPECT_TRUE(msix->enabled && msix->masked);
  config.set(0x64, 4, 0x2007);
  EXPECT_EQ(msix_capability(config), std::nullopt);
}

TEST(Capabilities, Names) {
  EXPECT_EQ(capability_name(5), "MSI");
  EXPECT_EQ(capability_name(0x7e), "capability 0x7e");
  EXPECT_EQ(extended_capability_name(3), "Serial Number");
}

TEST(Header, Kinds) {
  FakeConfig config;
  config.set(pci::header_type, 1, 0x81);
  const Header bridge = read_header(config);
  EXPECT_EQ(bridge.kind, HeaderKind::bridge);
  EXPECT_TRUE(bridge.multifunction);
  EXPECT_EQ(bridge.bar_count(), 2U);
  EXPECT_EQ(bridge.rom_register(), 0x38U);
  config.set(pci::header_type, 1, 0x7f);
  EXPECT_EQ(read_header(config).kind, HeaderKind::unknown);
  EXPECT_EQ(read_header(config).bar_count(), 0U);
  EXPECT_THAT(size_bars(config).bars, IsEmpty());
  config.dead = true;
  EXPECT_EQ(read_header(config).kind, HeaderKind::absent);
}

TEST(Bars, EveryKind) {
  FakeConfig config;
  config.bar(0, 0, ~0xfffU, 0xfe000000);
  config.bar(1, 1, ~0x1fU, 0xc000);
  config.bar(2, 0xc, ~0xfffffU, 0x00100000);
  config.bar(3, 0, 0xffffffff, 0x8);
  config.bar(4, 1, 0xff00, 0xd000);    // 16 bits of I/O address
  config.bar(5, 2, 0xfffffff0, 0x50);  // below 1 MiB, from the days of PCI 2.1
  config.set(pci::rom_bar, 4, 0xfd000001);
  config.writable(pci::rom_bar, 4, 0xffff0001);
  const auto list = size_bars(config);
  EXPECT_THAT(list.faults, IsEmpty());
  EXPECT_THAT(list.bars, ElementsAre(Bar{0, Bar::Kind::memory32, false, 0xfe000000, 0x1000},
                                     Bar{1, Bar::Kind::io, false, 0xc000, 0x20},
                                     Bar{2, Bar::Kind::memory64, true, 0x800100000, 0x100000},
                                     Bar{4, Bar::Kind::io, false, 0xd000, 0x100},
                                     Bar{5, Bar::Kind::memory32, false, 0x50, 0x10},
                                     Bar{6, Bar::Kind::rom, false, 0xfd000000, 0x10000}));
  // Everything is as it was, and decoding was off meanwhile.
  EXPECT_FALSE(config.wrote_while_decoding);
  EXPECT_EQ(config.read(pci::command, 2), 7U);
  EXPECT_EQ(config.read(pci::bar0, 4), 0xfe000000U);
  EXPECT_EQ(config.read(pci::bar0 + 12, 4), 8U);
  EXPECT_EQ(config.read(pci::rom_bar, 4), 0xfd000001U);

  config.set(pci::bar0, 4, 0xf0000000);
  auto bars = list.bars;
  refresh_addresses(config, bars);
  EXPECT_EQ(bars[0].address, 0xf0000000U);
  EXPECT_EQ(bars[2].address, 0x800100000U);
  EXPECT_EQ(bars[5].address, 0xfd000000U);
}

TEST(Bars, SixtyFourBitSizes) {
  FakeConfig config;
  config.bar(0, 4, 0, 0);
  config.bar(1, 0, ~0x3U, 8);  // 16 GiB
  const auto list = size_bars(config);
  EXPECT_THAT(list.bars, ElementsAre(Bar{0, Bar::Kind::memory64, false, 8ULL << 32, 4ULL << 32}));
}

TEST(Bars, Faults) {
  FakeConfig config;
  config.bar(0, 0xffffffff, 0);  // stuck at all ones
  config.bar(1, 0x8, 0);         // prefetchable, but no address bit
  config.bar(2, 0, 0xff00ff00);  // a gap
  config.bar(3, 0x6, ~0xfffU);   // type 3
  config.bar(4, 0x1, 0);         // I/O of size 0
  config.bar(5, 0x4, ~0xfffU);   // 64 bits in the last register
  const auto list = size_bars(config);
  EXPECT_THAT(list.bars, IsEmpty());
  EXPECT_THAT(list.faults,
              ElementsAre(BarFault{0, Fault::all_ones}, BarFault{1, Fault::size_zero},
                          BarFault{2, Fault::not_power_of_two}, BarFault{3, Fault::reserved_type},
                          BarFault{4, Fault::size_zero}, BarFault{5, Fault::upper_half}));
  EXPECT_EQ(to_string(list.faults[5]), "BAR 5: 64 bits wide, but the last register");
}

TEST(Bars, OverlapIsSaidAndListed) {
  FakeConfig config;
  config.bar(0, 0, ~0xfffU, 0xfe000000);
  config.bar(1, 0, ~0xffU, 0xfe000f00);
  config.bar(2, 1, ~0xffU, 0xfe000f00);  // another space
  const auto list = size_bars(config);
  EXPECT_EQ(list.bars.size(), 3U);
  EXPECT_THAT(list.faults, ElementsAre(BarFault{1, Fault::overlap}));
}

TEST(Bars, RandomSpacesEndAndAreRestored) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; round++) {
    FakeConfig config;
    for (unsigned offset = 0; offset < 256; offset += 4) {
      config.set(offset, 4, static_cast<std::uint32_t>(random()));
      config.writable(offset, 4, static_cast<std::uint32_t>(random() | random()));
    }
    for (unsigned offset = 0x100; offset < 0x1000; offset += 4) {
      config.set(offset, 4, static_cast<std::uint32_t>(random()));
    }
    if (round % 2 == 0) config.set(pci::header_type, 1, static_cast<std::uint32_t>(round) / 2 % 3);
    std::array<std::uint32_t, 64> before{};
    for (unsigned i = 0; i < 64; i++) before.at(i) = config.read(4 * i, 4);
    const auto list = size_bars(config);
    for (const Bar& bar : list.bars) ASSERT_EQ(bar.size & (bar.size - 1), 0U);
    for (unsigned i = 0; i < 64; i++) ASSERT_EQ(config.read(4 * i, 4), before.at(i)) << i;
    ASSERT_LE(capabilities(config).found.size(), 48U);
    ASSERT_LE(extended_capabilities(config).found.size(), 960U);
  }
}

}  // namespace
}  // namespace pupci
