// SPDX-License-Identifier: BSD-2-Clause
// QEMU's ati-vga (Rage 128 Pro) as a driver uses it: its memory mapped linear, and its 2D engine,
// one byte a pixel.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "host/qemu_support.h"
#include "kern/bus_space.h"
#include "kern/pci_attach.h"
#include "kern/pci_chipset.h"

namespace pupci::test {

class Rage {
 public:
  Rage() : bus_(qemu_test::open({"-device", "ati-vga"})) {
    kern::pci_start(*bus_);
    function_ = qemu_test::find(*bus_, 0x50461002).at(0);
    EXPECT_TRUE(kern::pci_function_args(function_->address(), &pa_));
    map(PCI_BAR(0), BUS_SPACE_MAP_LINEAR, &memory_, &memory_size_);
    map(PCI_BAR(2), 0, &registers_, &register_size_);
  }
  ~Rage() {
    bus_space_unmap(tag_, memory_, memory_size_);
    bus_space_unmap(tag_, registers_, register_size_);
    function_.reset();
    kern::pci_stop();
  }
  Rage(const Rage&) = delete;
  Rage& operator=(const Rage&) = delete;

  [[nodiscard]] unsigned char* pixels() {
    return static_cast<unsigned char*>(bus_space_vaddr(tag_, memory_));
  }
  void set_pitch(unsigned bytes) {
    set(default_offset, 0);
    set(default_pitch, bytes / 8);
    set(control, left_to_right | top_to_bottom);
  }
  void fill(unsigned x, unsigned y, unsigned width, unsigned height, unsigned color) {
    set(master, bits_8 | solid_brush | 0xf00000);
    set(brush_color, color * 0x01010101U);
    set(target_place, y << 16 | x);
    set(target_size, height << 16 | width);
  }
  void copy(unsigned from_x, unsigned from_y, unsigned x, unsigned y, unsigned width,
            unsigned height) {
    set(master, bits_8 | source_rectangle | 0xcc0000);
    set(source_place, from_y << 16 | from_x);
    set(target_place, y << 16 | x);
    set(target_size, height << 16 | width);
  }
  void wait() {
    constexpr std::uint32_t active = 0x80000000;
    while ((bus_space_read_4(tag_, registers_, 0x1740) & active) != 0) continue;
  }
  // By a region of its own.
  [[nodiscard]] std::vector<std::byte> read(std::size_t size) {
    std::vector<std::byte> bytes(size);
    function_->map(0, 0, size)->read_memory(0, bytes.data(), size);
    return bytes;
  }
  Bus& bus() { return *bus_; }

 private:
  static constexpr bus_size_t source_place = 0x1434;  // y in the upper half, x in the lower
  static constexpr bus_size_t target_place = 0x1438;
  static constexpr bus_size_t target_size = 0x143c;  // height, width; starts
  static constexpr bus_size_t master = 0x146c;
  static constexpr bus_size_t brush_color = 0x147c;
  static constexpr bus_size_t control = 0x16c0;
  static constexpr bus_size_t default_offset = 0x16e0;
  static constexpr bus_size_t default_pitch = 0x16e4;
  static constexpr std::uint32_t bits_8 = 0x200;
  static constexpr std::uint32_t solid_brush = 0xd0;
  static constexpr std::uint32_t source_rectangle = 0x2003000;
  static constexpr std::uint32_t left_to_right = 1;
  static constexpr std::uint32_t top_to_bottom = 2;

  void map(int bar, int flags, bus_space_handle_t* handle, bus_size_t* size) {
    EXPECT_EQ(pci_mapreg_map(&pa_, bar, PCI_MAPREG_TYPE_MEM, flags, &tag_, handle, nullptr, size),
              0);
  }
  void set(bus_size_t offset, std::uint32_t value) {
    bus_space_write_4(tag_, registers_, offset, value);
  }

  std::shared_ptr<QemuBus> bus_;
  std::shared_ptr<Function> function_;
  pci_attach_args pa_{};
  bus_space_tag_t tag_ = nullptr;
  bus_space_handle_t memory_ = 0;
  bus_space_handle_t registers_ = 0;
  bus_size_t memory_size_ = 0;
  bus_size_t register_size_ = 0;
};

}  // namespace pupci::test
