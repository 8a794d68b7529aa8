// SPDX-License-Identifier: BSD-2-Clause
// pci_configure_bus(9): BARs of all kinds move to the addresses given, bridges forward them.
#include <gmock/gmock.h>

#include <cerrno>

#include "netbsd/dev/pci/pciconf.h"
#include "netbsd/sys/param.h"
#include "unit/fake_region.h"
#include "unit/pci_fixture.h"

namespace {

using namespace pupci;
using namespace pupci::kern;
using pupci::test::PciTest;

class WithBars final : public sim::Model {
 public:
  explicit WithBars(std::uint64_t memory) : Model({.vendor = 0x1234, .device = 0x5678}) {
    add_bar(0, {.kind = Bar::Kind::memory32, .size = memory, .direct = true});
    add_bar(1, {.kind = Bar::Kind::io, .size = 0x20});
    add_bar(2, {.kind = Bar::Kind::memory64, .size = 0x10000, .prefetchable = true});
  }
};

class PciConfigureBus : public PciTest {
 protected:
  void SetUp() override {
    bus.root().add(3, 0, std::make_shared<WithBars>(0x1000));
    bus.root().add_bridge(4).add(0, 0, std::make_shared<WithBars>(0x4000));
    start();
    resources = pciconf_resource_init();
  }
  void TearDown() override { pciconf_resource_fini(resources); }
  void give(bus_size_t memory) {
    ASSERT_EQ(pciconf_resource_add(resources, PCICONF_RESOURCE_IO, 0x4000, 0x4000), 0);
    ASSERT_EQ(pciconf_resource_add(resources, PCICONF_RESOURCE_MEM, first, memory), 0);
  }
  [[nodiscard]] std::vector<Bar> bars(unsigned number, unsigned device) {
    return bus
        .function({0, static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(device), 0})
        ->bars();
  }
  static constexpr bus_addr_t first = 0xc8000000;
  struct pciconf_resources* resources = nullptr;
};

TEST_F(PciConfigureBus, AddressesAreThoseThatWereGiven) {
  give(0x1000000);
  ASSERT_EQ(pci_configure_bus(chipset, resources, 0, 64), 0) << console;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken;
  for (const auto& [number, device] : {std::pair{0U, 3U}, std::pair{1U, 0U}}) {
    for (const Bar& bar : bars(number, device)) {
      const bool ports = bar.kind == Bar::Kind::io;
      EXPECT_GE(bar.address, ports ? 0x4000 : first);
      EXPECT_LE(bar.address + bar.size, ports ? 0x8000 : first + 0x1000000);
      EXPECT_EQ(bar.address % bar.size, 0U);
      for (const auto& [begin, end] : taken) {
        EXPECT_TRUE(bar.address >= end || bar.address + bar.size <= begin);
      }
      taken.emplace_back(bar.address, bar.address + bar.size);
    }
    const pcireg_t line = pci_conf_read(
        chipset, pci_make_tag(chipset, static_cast<int>(number), static_cast<int>(device), 0),
        PCI_BHLC_REG);
    EXPECT_EQ(PCI_CACHELINE(line), 64U / 4);
  }
  // And the function answers there, behind the bridge as well.
  const pci_attach_args pa = args(0, 0, 1);
  bus_space_tag_t tag = nullptr;
  bus_space_handle_t handle = 0;
  bus_addr_t address = 0;
  ASSERT_EQ(
      pci_mapreg_map(&pa, PCI_BAR(0), PCI_MAPREG_TYPE_MEM, 0, &tag, &handle, &address, nullptr), 0);
  EXPECT_EQ(address, bars(1, 0).at(0).address);
  bus_space_write_4(tag, handle, 8, 0x12345678);
  EXPECT_EQ(bus_space_read_4(tag, handle, 8), 0x12345678U);
  bus_space_unmap(tag, handle, 0x4000);
}

TEST_F(PciConfigureBus, WhatThereIsNoRoomForIsTold) {
  give(0x8000);
  EXPECT_EQ(pci_configure_bus(chipset, resources, 0, 0), ENOMEM);
  console_flush();
  EXPECT_THAT(console, testing::HasSubstr("pci_configure_bus: "));
}

TEST_F(PciConfigureBus, RangesThatCannotBeAreRefused) {
  EXPECT_EQ(pciconf_resource_add(resources, PCICONF_RESOURCE_NTYPES, 0, 16), EINVAL);
  EXPECT_EQ(pciconf_resource_add(resources, -1, 0, 16), EINVAL);
  EXPECT_EQ(pciconf_resource_add(resources, PCICONF_RESOURCE_MEM, 0, 0), EINVAL);
  EXPECT_EQ(pciconf_resource_add(resources, PCICONF_RESOURCE_MEM, ~bus_addr_t{0}, 2), EINVAL);
  EXPECT_EQ(pciconf_resource_add(resources, PCICONF_RESOURCE_IO, 0xfff0, 0x20), EINVAL);
  EXPECT_EQ(pciconf_resource_add(resources, PCICONF_RESOURCE_MEM, 0x1000, 0x1000), 0);
  EXPECT_EQ(pciconf_resource_add(resources, PCICONF_RESOURCE_PREFETCHABLE_MEM, 0x1fff, 1), EINVAL);
  EXPECT_EQ(pciconf_resource_add(resources, PCICONF_RESOURCE_PREFETCHABLE_MEM, 0xfffff000, 0x2000),
            0)
      << "on both sides of 4 GiB";
  EXPECT_EQ(pci_configure_bus(chipset, resources, 1, 0), EINVAL);
  EXPECT_EQ(pci_configure_bus(chipset, resources, 0, 4096), EINVAL);
}

}  // namespace
