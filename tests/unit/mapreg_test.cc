// SPDX-License-Identifier: BSD-2-Clause
// pci_mapreg_map(9) and its kin: every kind of base address register.
#include <gmock/gmock.h>

#include <cerrno>

#include "unit/pci_fixture.h"

namespace {

using namespace pupci;
using namespace pupci::kern;
using pupci::test::PciTest;

constexpr pcireg_t mem32 = PCI_MAPREG_TYPE_MEM | PCI_MAPREG_MEM_TYPE_32BIT;
constexpr pcireg_t mem64 = PCI_MAPREG_TYPE_MEM | PCI_MAPREG_MEM_TYPE_64BIT;
constexpr pcireg_t io = PCI_MAPREG_TYPE_IO;

// One BAR of each kind, each cell of which remembers what was written.
class Bars final : public sim::Model {
 public:
  Bars() : Model({.vendor = 0x1234, .device = 0x5678, .class_code = 0x030000}) {
    add_bar(0, {.kind = Bar::Kind::memory32, .size = 0x1000});
    add_bar(1, {.kind = Bar::Kind::io, .size = 0x20});
    add_bar(2, {.kind = Bar::Kind::memory64, .size = 0x10000, .prefetchable = true});
    add_bar(4, {.kind = Bar::Kind::memory32, .size = 0x2000, .direct = true});
  }

 protected:
  std::uint64_t read(unsigned bar, std::uint64_t offset, unsigned) override {
    return cells_[{bar, offset}];
  }
  void write(unsigned bar, std::uint64_t offset, unsigned, std::uint64_t value) override {
    cells_[{bar, offset}] = value;
  }

 private:
  std::map<std::pair<unsigned, std::uint64_t>, std::uint64_t> cells_;
};

class Mapreg : public PciTest {
 protected:
  void SetUp() override {
    bus.root().add(3, 0, std::make_shared<Bars>());
    start();
    pa = args(3);
  }
  pcireg_t command() const {
    return pci_conf_read(chipset, pa.pa_tag, PCI_COMMAND_STATUS_REG) & PCI_COMMAND_MASK;
  }

  pci_attach_args pa{};
  bus_space_tag_t tag = nullptr;
  bus_space_handle_t handle = 0;
  bus_addr_t base = 0;
  bus_size_t size = 0;
};

TEST_F(Mapreg, TypesAndInformation) {
  EXPECT_EQ(pci_mapreg_type(chipset, pa.pa_tag, PCI_BAR(0)), mem32);
  EXPECT_EQ(pci_mapreg_type(chipset, pa.pa_tag, PCI_BAR(1)), io);
  EXPECT_EQ(pci_mapreg_type(chipset, pa.pa_tag, PCI_BAR(2)), mem64);
  pcireg_t type = 99;
  EXPECT_EQ(pci_mapreg_probe(chipset, pa.pa_tag, PCI_BAR(2), &type), 1);
  EXPECT_EQ(type, mem64);
  EXPECT_EQ(pci_mapreg_probe(chipset, pa.pa_tag, PCI_BAR(5), &type), 0);
  int flags = 0;
  ASSERT_EQ(pci_mapreg_info(chipset, pa.pa_tag, PCI_BAR(2), mem64, &base, &size, &flags), 0);
  EXPECT_EQ(size, 0x10000U);
  EXPECT_EQ(flags, BUS_SPACE_MAP_PREFETCHABLE);
  EXPECT_NE(base, 0U);
  EXPECT_EQ(base % size, 0U);
  ASSERT_EQ(pci_mapreg_info(chipset, pa.pa_tag, PCI_BAR(1), io, &base, &size, &flags), 0);
  EXPECT_EQ(size, 0x20U);
  EXPECT_EQ(flags, 0);
  EXPECT_EQ(pci_mapreg_info(chipset, pa.pa_tag, PCI_BAR(0), mem64, &base, &size, &flags), 1);
  EXPECT_EQ(pci_mapreg_info(chipset, pa.pa_tag, PCI_BAR(0), io, &base, &size, &flags), 1);
  EXPECT_EQ(pci_mapreg_info(chipset, pa.pa_tag, PCI_BAR(5), mem32, &base, &size, &flags), 1);
}

TEST_F(Mapreg, MapsMemoryAndTurnsDecodingOn) {
  pci_conf_write(chipset, pa.pa_tag, PCI_COMMAND_STATUS_REG, 0);
  ASSERT_EQ(pci_mapreg_map(&pa, PCI_BAR(0), mem32, 0, &tag, &handle, &base, &size), 0);
  EXPECT_EQ(tag, pa.pa_memt);
  EXPECT_EQ(size, 0x1000U);
  EXPECT_EQ(base, PCI_MAPREG_MEM_ADDR(pci_conf_read(chipset, pa.pa_tag, PCI_BAR(0))));
  EXPECT_EQ(command(), static_cast<pcireg_t>(PCI_COMMAND_MEM_ENABLE));
  bus_space_write_4(tag, handle, 0x10, 0xabcd);
  EXPECT_EQ(bus_space_read_4(tag, handle, 0x10), 0xabcdU);
  bus_space_unmap(tag, handle, size);
}

TEST_F(Mapreg, MapsPortsAndPrefetchable64) {
  ASSERT_EQ(pci_mapreg_map(&pa, PCI_BAR(1), io, 0, &tag, &handle, &base, &size), 0);
  EXPECT_EQ(tag, pa.pa_iot);
  EXPECT_NE(command() & PCI_COMMAND_IO_ENABLE, 0U);
  bus_space_write_1(tag, handle, 3, 0x5a);
  EXPECT_EQ(bus_space_read_1(tag, handle, 3), 0x5a);
  bus_space_unmap(tag, handle, size);
  ASSERT_EQ(pci_mapreg_map(&pa, PCI_BAR(2), mem64, 0, &tag, &handle, &base, &size), 0);
  EXPECT_EQ(size, 0x10000U);
  bus_space_write_8(tag, handle, 0xfff8, 0x1122334455667788);
  EXPECT_EQ(bus_space_read_8(tag, handle, 0xfff8), 0x1122334455667788U);
  bus_space_unmap(tag, handle, size);
}

TEST_F(Mapreg, LinearWhereTheRegionIsMemory) {
  ASSERT_EQ(
      pci_mapreg_map(&pa, PCI_BAR(4), mem32, BUS_SPACE_MAP_LINEAR, &tag, &handle, &base, &size), 0);
  auto* memory = static_cast<std::uint32_t*>(bus_space_vaddr(tag, handle));
  ASSERT_NE(memory, nullptr);
  bus_space_write_4(tag, handle, 8, 0x77);
  EXPECT_EQ(memory[2], 0x77U);
  EXPECT_EQ(bus_space_mmap(tag, base, 0x1004, 0, 0), (base + 0x1004) >> 12);
  EXPECT_EQ(bus_space_mmap(tag, base, 0x2000, 0, 0), static_cast<paddr_t>(-1));
  bus_space_unmap(tag, handle, size);
  EXPECT_EQ(
      pci_mapreg_map(&pa, PCI_BAR(0), mem32, BUS_SPACE_MAP_LINEAR, &tag, &handle, &base, &size), 0);
  // A trapped one has a shadow; each sees what the other wrote.
  memory = static_cast<std::uint32_t*>(bus_space_vaddr(tag, handle));
  ASSERT_NE(memory, nullptr);
  memory[2] = 0x55;
  EXPECT_EQ(bus_space_read_4(tag, handle, 8), 0x55U);
  bus_space_write_4(tag, handle, 12, 0x66);
  EXPECT_EQ(memory[3], 0x66U);
  bus_space_unmap(tag, handle, size);
}

TEST_F(Mapreg, SubmapsStayWithin) {
  ASSERT_EQ(pci_mapreg_submap(&pa, PCI_BAR(0), mem32, 0, 0x100, 0x800, &tag, &handle, &base, &size),
            0);
  EXPECT_EQ(size, 0x100U);
  bus_addr_t whole = 0;
  ASSERT_EQ(pci_mapreg_info(chipset, pa.pa_tag, PCI_BAR(0), mem32, &whole, nullptr, nullptr), 0);
  EXPECT_EQ(base, whole + 0x800);
  bus_space_write_4(tag, handle, 4, 42);
  bus_space_handle_t all = 0;
  ASSERT_EQ(pci_mapreg_map(&pa, PCI_BAR(0), mem32, 0, nullptr, &all, nullptr, nullptr), 0);
  EXPECT_EQ(bus_space_read_4(tag, all, 0x804), 42U);
  bus_space_unmap(tag, all, 0x1000);
  bus_space_unmap(tag, handle, size);
  EXPECT_EQ(pci_mapreg_submap(&pa, PCI_BAR(0), mem32, 0, 0x801, 0x800, &tag, &handle, &base, &size),
            1);
  EXPECT_EQ(pci_mapreg_submap(&pa, PCI_BAR(0), mem32, 0, 0, 0x800, &tag, &handle, &base, &size), 1);
}

TEST_F(Mapreg, BusSpaceMapFindsTheBar) {
  ASSERT_EQ(pci_mapreg_info(chipset, pa.pa_tag, PCI_BAR(0), mem32, &base, &size, nullptr), 0);
  ASSERT_EQ(bus_space_map(pa.pa_memt, base + 0x10, 0x20, 0, &handle), 0);
  bus_space_write_4(pa.pa_memt, handle, 0, 5);
  EXPECT_EQ(bus_space_read_4(pa.pa_memt, handle, 0), 5U);
  bus_space_unmap(pa.pa_memt, handle, 0x20);
  EXPECT_EQ(bus_space_map(pa.pa_memt, base + 0xff0, 0x20, 0, &handle), ENXIO);
  EXPECT_THAT(console, testing::HasSubstr("no function has a BAR that holds"));
}

TEST_F(Mapreg, WithoutPermissionOfTheBusNothingIsMapped) {
  pa.pa_flags &= ~PCI_FLAGS_MEM_OKAY;
  EXPECT_EQ(pci_mapreg_map(&pa, PCI_BAR(0), mem32, 0, &tag, &handle, &base, &size), 1);
  pa.pa_flags &= ~PCI_FLAGS_IO_OKAY;
  EXPECT_EQ(pci_mapreg_map(&pa, PCI_BAR(1), io, 0, &tag, &handle, &base, &size), 1);
}

// Two images, the second of which is ours.
class Rom final : public sim::Model {
 public:
  Rom() : Model({.vendor = 0x1234, .device = 0x5678, .class_code = 0x030000}) {
    add_bar(0, {.kind = Bar::Kind::memory32, .size = 0x1000, .direct = true});
  }
  void fill() {
    std::byte* rom = memory(0);
    image(rom, 0x9999, false);
    image(rom + 1024, 0x1234, true);
  }

 protected:
  void config_written(unsigned, unsigned) override { fill(); }

 private:
  static void image(std::byte* at, std::uint16_t vendor, bool last) {
    const pci_rom_header header{PCI_ROM_HEADER_MAGIC, {}, 0x40};
    pci_rom data{};
    data.rom_signature = PCI_ROM_SIGNATURE;
    data.rom_vendor = vendor;
    data.rom_product = 0x5678;
    data.rom_class = 3;
    data.rom_len = 2;
    data.rom_indicator = last ? PCI_ROM_INDICATOR_LAST : 0;
    std::memcpy(at, &header, sizeof header);
    std::memcpy(at + 0x40, &data, sizeof data);
  }
};

TEST_F(PciTest, FindsTheRomImageOfTheFunction) {
  bus.root().add(3, 0, std::make_shared<Rom>());
  start();
  const auto pa = args(3);
  pci_conf_write(chipset, pa.pa_tag, PCI_COMMAND_STATUS_REG, PCI_COMMAND_MEM_ENABLE);
  bus_space_tag_t tag = nullptr;
  bus_space_handle_t handle = 0;
  bus_size_t size = 0;
  ASSERT_EQ(pci_mapreg_map(&pa, PCI_BAR(0), mem32, 0, &tag, &handle, nullptr, &size), 0);
  bus_space_handle_t image = 0;
  bus_size_t image_size = 0;
  ASSERT_EQ(pci_find_rom(&pa, tag, handle, size, PCI_ROM_CODE_TYPE_X86, &image, &image_size), 0);
  EXPECT_EQ(image, handle + 1024);
  EXPECT_EQ(image_size, 1024U);
  EXPECT_EQ(pci_find_rom(&pa, tag, handle, size, PCI_ROM_CODE_TYPE_OFW, &image, &image_size), 1);
  EXPECT_EQ(pci_find_rom(&pa, tag, handle + 4, size - 4, 0, &image, &image_size), 1);
  EXPECT_EQ(pci_find_rom(&pa, tag, handle, 10, 0, &image, &image_size), 1);
  bus_space_unmap(tag, handle, size);
}

}  // namespace
