// SPDX-License-Identifier: BSD-2-Clause
// Device memory by what bus_space_mmap() answers, bulk transfers, and the reference for pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>
#include <random>

#include "host/qemu_support.h"
#include "kern/bus_space.h"
#include "kern/pci_chipset.h"
#include "support/picture.h"

namespace {

using namespace pupci;
using namespace pupci::kern;

// With the short cut into QEMU's memory and without it.
class PhysicalMemory : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) ::setenv("PUPCI_QEMU_NO_WINDOW", "1", 1);
    bus = qemu_test::open({"-device", "VGA"});
    pci_start(*bus);
    function = qemu_test::find(*bus, 0x11111234).at(0);
    bar = function->bars().at(0);
    ASSERT_EQ(bar.size, std::uint64_t{16} << 20);
    memory = function->map(0, 0, bar.size);
  }
  void TearDown() override {
    memory.reset();
    pci_stop();
    ::unsetenv("PUPCI_QEMU_NO_WINDOW");
  }
  [[nodiscard]] paddr_t cookie(std::uint64_t offset) const {
    return bus_space_mmap(bus_space_tag(Space::memory), bar.address, static_cast<off_t>(offset), 0,
                          0);
  }

  std::shared_ptr<QemuBus> bus;
  std::shared_ptr<Function> function;
  Bar bar;
  std::unique_ptr<Region> memory;
};

std::vector<std::byte> noise(std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::mt19937 random(static_cast<unsigned>(size));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

TEST_P(PhysicalMemory, BulkWritesAreReadBack) {
  for (const std::size_t size : {1, 2, 3, 7, 8, 9, 100, 4096, 49152, 49153, 300001}) {
    const std::vector<std::byte> sent = noise(size);
    memory->write_memory(size % 11, sent.data(), size);
    std::vector<std::byte> got(size);
    memory->read_memory(size % 11, got.data(), size);
    ASSERT_EQ(got, sent) << size;
    EXPECT_EQ(memory->read(size % 11 + size - 1, 1), std::to_integer<unsigned>(sent.back()));
  }
}

TEST_P(PhysicalMemory, FillsAreReadBack) {
  for (const std::size_t size : {7, 8, 64, 100000}) {
    const std::vector<std::byte> sent(size, std::byte{0xa5});
    memory->write_memory(3, sent.data(), size);
    std::vector<std::byte> got(size);
    memory->read_memory(3, got.data(), size);
    ASSERT_EQ(got, sent) << size;
  }
}

TEST_P(PhysicalMemory, OutOfBoundsReadsAreAllOnes) {
  std::vector<std::byte> got(16);
  memory->read_memory(bar.size - 8, got.data(), 16);
  for (std::size_t i = 8; i < 16; i++) EXPECT_EQ(got[i], std::byte{0xff});
}

TEST_P(PhysicalMemory, CookiesLeadToTheDevicesMemory) {
  const std::vector<std::byte> sent = noise(10000);
  memory->write_memory(0x5000 - 100, sent.data(), sent.size());
  std::vector<std::byte> got(sent.size());
  ASSERT_TRUE(bus_space_read_physical(cookie(0x4000), got, 0x1000 - 100));
  EXPECT_EQ(got, sent);
  ASSERT_TRUE(bus_space_read_physical(cookie(0x5000), std::span(got).first(100)));
  EXPECT_TRUE(std::equal(got.begin(), got.begin() + 100, sent.begin() + 100));
}

TEST_P(PhysicalMemory, RefusesWhatNoBarHolds) {
  std::vector<std::byte> got(4097);
  EXPECT_FALSE(bus_space_read_physical(cookie(bar.size - 4096), got));
  EXPECT_FALSE(bus_space_read_physical(0x1000, got));
}

TEST_P(PhysicalMemory, ALostBusIsTold) {
  std::vector<std::byte> got(4096);
  ASSERT_TRUE(bus_space_read_physical(cookie(0), got));
  ::kill(bus->qemu_pid(), SIGKILL);
  ASSERT_TRUE(qemu_test::readable(bus->failure_fd(), 60000));
  EXPECT_FALSE(bus_space_read_physical(cookie(0), got));
}

INSTANTIATE_TEST_SUITE_P(Each, PhysicalMemory, testing::Bool(),
                         [](const auto& which) { return which.param ? "ShortCut" : "Connection"; });

// The registers that choose a mode, at 0x500 of BAR 2 (QEMU, docs/specs/standard-vga).
void set_mode(Function& function, unsigned width, unsigned height) {
  const auto registers = function.map(2, 0, 0x1000);
  const auto set = [&](unsigned index, unsigned value) {
    registers->write(0x500 + 2 * index, 2, value);
  };
  set(4, 0);
  set(1, width);
  set(2, height);
  set(3, 32);
  set(6, width);
  set(4, 0x41);  // enabled, linear
}

TEST(Screendump, ShowsWhatWasDrawn) {
  const auto bus = qemu_test::open({"-device", "bochs-display"});
  const auto function = qemu_test::find(*bus, 0x11111234).at(0);
  set_mode(*function, 640, 480);
  std::vector<std::uint32_t> pixels(640 * 480);
  std::iota(pixels.begin(), pixels.end(), 0x123456);
  function->map(0, 0, pixels.size() * 4)->write_memory(0, pixels.data(), pixels.size() * 4);
  const test::Picture shown = test::screendump(*bus);
  EXPECT_TRUE(test::same_picture(shown, {640, 480, pixels}));
  pixels[641] ^= 1;
  const auto result = test::same_picture(shown, {640, 480, pixels});
  EXPECT_FALSE(result);
  EXPECT_THAT(result.message(),
              testing::HasSubstr("1 of 307200 pixels differ, the first at x 1 y 1"));
}

}  // namespace
