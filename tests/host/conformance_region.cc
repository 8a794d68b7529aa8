// SPDX-License-Identifier: BSD-2-Clause
// Conformance: mappings, accesses at all widths, blocks and FIFOs, order, threads; DMA.
#include <cerrno>
#include <cstring>
#include <numeric>
#include <thread>

#include "host/conformance.h"
#include "host/dma_limits.h"
#include "pupci/pci_config.h"

namespace pupci::conformance {
namespace {

TEST_P(Conformance, MapRefusesWhatIsNotThere) {
  const auto edu = function(board_.edu[0]);
  EXPECT_EQ(error_of([&] { edu->map(1, 0, 4); }), EINVAL);
  EXPECT_EQ(error_of([&] { edu->map(5, 0, 4); }), EINVAL);
  EXPECT_EQ(error_of([&] { edu->map(99, 0, 4); }), EINVAL);
  EXPECT_EQ(error_of([&] { edu->map(0, 0, Edu::bar_size + 1); }), ERANGE);
  EXPECT_EQ(error_of([&] { edu->map(0, Edu::bar_size, 4); }), ERANGE);
  EXPECT_EQ(error_of([&] { edu->map(0, 4, Edu::bar_size); }), ERANGE);
  EXPECT_EQ(error_of([&] { edu->map(0, UINT64_MAX - 3, 8); }), ERANGE);
  EXPECT_EQ(error_of([&] { edu->map(0, 8, UINT64_MAX - 3); }), ERANGE);
}

TEST_P(Conformance, MapOfAPart) {
  const auto edu = function(board_.edu[0]);
  const auto part = edu->map(0, Edu::liveness, 4);
  EXPECT_EQ(part->size(), 4U);
  EXPECT_EQ(part->space(), Space::memory);
  EXPECT_EQ(part->bus_address(), edu->bars().at(0).address + Edu::liveness);
  part->write(0, 4, 0x0f0f0f0f);
  EXPECT_EQ(part->read(0, 4), 0xf0f0f0f0U);
  // Two mappings show the same device.
  EXPECT_EQ(edu->map(0, 0, 64)->read(Edu::liveness, 4), 0xf0f0f0f0U);
  const auto whole = edu->map(0, 0, Edu::bar_size, MapMode::write_combining);
  EXPECT_EQ(whole->read(Edu::liveness, 4), 0xf0f0f0f0U);
}

TEST_P(Conformance, OutOfBoundsChangesNothing) {
  const auto edu = function(board_.edu[0]);
  const auto part = edu->map(0, 0, 8);
  part->write(Edu::liveness, 4, 5);
  for (const std::uint64_t offset :
       {std::uint64_t{8}, std::uint64_t{5}, std::uint64_t{1} << 40, UINT64_MAX, UINT64_MAX - 3}) {
    EXPECT_EQ(part->read(offset, 4) & UINT32_MAX, UINT32_MAX) << offset;
    part->write(offset, 4, 0);
  }
  EXPECT_EQ(part->read(4, 8), UINT64_MAX);
  EXPECT_EQ(part->read(Edu::liveness, 4), 0xfffffffaU);
}

TEST_P(Conformance, BusMapFindsTheBar) {
  const Bar bar = function(board_.edu[0])->bars().at(0);
  const auto region = board_.bus->map(Space::memory, bar.address + Edu::liveness, 4);
  region->write(0, 4, 0);
  EXPECT_EQ(region->read(0, 4), UINT32_MAX);
  EXPECT_EQ(region->bus_address(), bar.address + Edu::liveness);
  EXPECT_NE(error_of([&] { board_.bus->map(Space::memory, bar.address, UINT64_MAX); }), 0);
}

TEST_P(Conformance, AllWidthsAndAlignments) {
  const auto region = scratch();
  region->write(0, 8, 0x8877665544332211);
  for (unsigned i = 0; i < 8; i++) EXPECT_EQ(region->read(i, 1), 0x11U * (i + 1));
  EXPECT_EQ(region->read(2, 2), 0x4433U);
  EXPECT_EQ(region->read(4, 4), 0x88776655U);
  EXPECT_EQ(region->read(0, 8), 0x8877665544332211U);
  // Misaligned ones reach the device as the bus allows, but with these bytes.
  EXPECT_EQ(region->read(1, 2), 0x3322U);
  EXPECT_EQ(region->read(3, 4), 0x77665544U);
  region->write(17, 8, 0x0807060504030201);
  for (unsigned i = 0; i < 8; i++) EXPECT_EQ(region->read(17 + i, 1), i + 1);
  EXPECT_EQ(region->read(16, 1), 0U);
  // Only the width that was asked for is written.
  region->write(32, 8, 0);
  region->write(33, 1, 0xfff);
  region->write(36, 2, 0xfeeee);
  EXPECT_EQ(region->read(32, 8), 0x0000eeee0000ff00U);
}

TEST_P(Conformance, DirectRegionsAreWhatTheyShow) {
  const auto region = scratch();
  if (region->base() == nullptr) GTEST_SKIP() << "this host traps";
  auto* words = static_cast<volatile std::uint32_t*>(region->base());
  words[3] = 0x12345678;
  EXPECT_EQ(region->read(12, 4), 0x12345678U);
  region->write(16, 4, 0x9abcdef0);
  EXPECT_EQ(words[4], 0x9abcdef0U);
}

TEST_P(Conformance, Blocks) {
  const auto region = scratch();
  for (const unsigned width : {1U, 2U, 4U, 8U}) {
    std::vector<unsigned char> out(300UL * width);
    std::iota(out.begin(), out.end(), static_cast<unsigned char>(width));
    region->write_block(64, width, width, out.data(), 300);
    std::vector<unsigned char> in(out.size());
    region->read_block(64, width, width, in.data(), 300);
    EXPECT_EQ(in, out) << width;
    EXPECT_EQ(region->read(64 + 5, 1), out[5]);
  }
  unsigned char untouched = 0x77;
  region->read_block(0, 4, 4, &untouched, 0);
  region->write_block(0, 4, 4, &untouched, 0);
  EXPECT_EQ(untouched, 0x77);
}

TEST_P(Conformance, LargeBlocks) {
  const auto region = scratch();
  const std::size_t words = static_cast<std::size_t>(region->size() / 4);
  std::vector<std::uint32_t> out(words);
  std::iota(out.begin(), out.end(), 0xabc00000U);
  region->write_block(0, 4, 4, out.data(), words);
  std::vector<std::uint32_t> in(words);
  region->read_block(0, 4, 4, in.data(), words);
  EXPECT_EQ(in, out);
}

TEST_P(Conformance, BlocksBeyondTheEnd) {
  const auto region =
      function(board_.scratch.function)->map(board_.scratch.bar, board_.scratch.offset, 64);
  const auto after =
      function(board_.scratch.function)->map(board_.scratch.bar, board_.scratch.offset + 64, 64);
  after->write(0, 8, 0);
  const std::vector<std::uint32_t> out(32, 0x11111111);
  region->write_block(0, 4, 4, out.data(), out.size());
  EXPECT_EQ(after->read(0, 8), 0U);
  std::vector<std::uint32_t> in(32);
  after->write(0, 8, 0x2222222222222222);
  region->read_block(32, 4, 4, in.data(), in.size());
  EXPECT_EQ(in[8], UINT32_MAX);
  EXPECT_EQ(in[31], UINT32_MAX);
}

TEST_P(Conformance, Fifos) {
  const Edu device = edu();
  const std::vector<std::uint32_t> out{1, 2, 3, 4};
  device.bar->write_block(Edu::liveness, 4, 0, out.data(), out.size());
  std::vector<std::uint32_t> in(3);
  device.bar->read_block(Edu::liveness, 4, 0, in.data(), in.size());
  EXPECT_THAT(in, testing::ElementsAre(~4U, ~4U, ~4U));
}

TEST_P(Conformance, ReadsDoNotPassWrites) {
  const Edu device = edu();
  const auto second = device.function->map(0, 0, 64);
  for (std::uint32_t i = 0; i < 200; i++) {
    for (std::uint32_t k = 0; k < i % 7; k++) device.write(Edu::liveness, k);
    device.write(Edu::liveness, i);
    ASSERT_EQ(second->read(Edu::liveness, 4), ~i & UINT32_MAX);
  }
  // Nor do configuration reads.
  device.write(Edu::irq_raise, 1);
  EXPECT_NE(device.function->config_read(pci::status, 2) & pci::status_bit::intx, 0U);
  device.write(Edu::irq_acknowledge, 1);
  EXPECT_EQ(device.function->config_read(pci::status, 2) & pci::status_bit::intx, 0U);
}

TEST_P(Conformance, ManyPostedWrites) {
  const auto region = scratch();
  constexpr unsigned count = 5000;
  for (std::uint32_t i = 0; i < count; i++) region->write(4 * (i % 64), 4, i);
  region->flush();
  for (std::uint32_t i = 0; i < 64; i++) {
    const std::uint32_t last = count - 1 - (count - 1 - i) % 64;
    ASSERT_EQ(region->read(4 * i, 4), last);
  }
}

TEST_P(Conformance, TestDeviceCountsOnBothSpaces) {
  const auto testdev = function(board_.testdev);
  for (const unsigned index : {0U, 1U}) {
    const auto region = testdev->map(index, 0, testdev->bars().at(index).size);
    EXPECT_EQ(region->space(), index == 0 ? Space::memory : Space::io);
    region->write(0, 1, 0);
    const std::string expected = index == 0 ? "mmio-no-eventfd" : "portio-no-eventfd";
    std::string name(expected.size(), '?');
    region->read_block(0x10, 1, 1, name.data(), name.size());
    EXPECT_EQ(name, expected);
    EXPECT_EQ(region->read(0x10, 4), index == 0 ? 0x6f696d6dU : 0x74726f70U);
    EXPECT_EQ(region->read(0x10, 2), index == 0 ? 0x6d6dU : 0x6f70U);
    const std::uint64_t offset = region->read(4, 4);
    const std::uint64_t data = region->read(8, 1);
    for (int i = 0; i < 10; i++) region->write(offset, 1, data);
    EXPECT_EQ(region->read(0xc, 4), 10U);
  }
}

TEST_P(Conformance, ThreadsShareRegionsAndConfiguration) {
  const auto region = scratch();
  const auto edu = function(board_.edu[0]);
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < 3; id++) {
    threads.emplace_back([&region, id] {
      for (std::uint32_t i = 0; i < 500; i++) {
        const std::uint64_t offset = 1024UL * id + 4UL * (i % 200);
        region->write(offset, 4, i << 4 | id);
        ASSERT_EQ(region->read(offset, 4), i << 4 | id);
      }
    });
  }
  threads.emplace_back([&edu] {
    for (int i = 0; i < 300; i++) ASSERT_EQ(edu->config_read(0, 4), 0x11e81234U);
  });
  threads.emplace_back([this] {
    for (int i = 0; i < 20; i++) ASSERT_EQ(function(board_.edu[1])->bars().size(), 1U);
  });
  for (auto& thread : threads) thread.join();
}

TEST_P(Conformance, ArenaKeepsItsRules) {
  Dma& dma = board_.bus->dma();
  constexpr std::size_t page = Dma::page_size;
  ASSERT_GE(dma.arena_size(), std::size_t{16} << 20);
  void* a = dma.allocate(100);
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a) % page, 0U);
  EXPECT_TRUE(dma.in_arena(a, page));
  EXPECT_EQ(dma.from_bus(dma.to_bus(a), page), a);
  EXPECT_GE(dma.to_bus(a), dma.arena_bus());
  EXPECT_EQ(dma.from_bus(dma.arena_bus() + dma.arena_size(), 1), nullptr);

  DmaConstraints narrow;
  narrow.alignment = 4 * page;
  narrow.boundary = 16 * page;
  narrow.highest = Edu::dma_highest;
  for (int i = 0; i < 4; i++) {
    void* b = dma.allocate(3 * page, narrow);
    ASSERT_NE(b, nullptr);
    EXPECT_TRUE(satisfied(narrow, dma.to_bus(b), 3 * page)) << std::hex << dma.to_bus(b);
    EXPECT_EQ(static_cast<unsigned char*>(b)[3 * page - 1], 0);
    std::memset(b, 0xee, 3 * page);
    dma.release(b, 3 * page);
  }
  EXPECT_EQ(dma.allocate(dma.arena_size() + 1), nullptr);
  EXPECT_EQ(dma.allocate(page, {.highest = dma.arena_bus() == 0 ? 0 : dma.arena_bus() - 1}),
            nullptr);
  dma.release(a, 100);
}

TEST_P(Conformance, MapOfOwnMemoryOrARefusal) {
  Dma& dma = board_.bus->dma();
  if (dma.can_map()) GTEST_SKIP() << "a host that can is tested on its own";
  alignas(4096) static std::byte memory[4096];
  errno = 0;
  EXPECT_EQ(dma.map(memory, sizeof memory, {}), std::nullopt);
  EXPECT_EQ(errno, ENOTSUP);
}

TEST_P(Conformance, DevicesReadAndWriteMemory) {
  Dma& dma = board_.bus->dma();
  constexpr DmaConstraints low{.highest = Edu::dma_highest};
  auto* out = static_cast<unsigned char*>(dma.allocate(8192, low));
  auto* in = static_cast<unsigned char*>(dma.allocate(8192, low));
  ASSERT_TRUE(out != nullptr && in != nullptr);
  for (const unsigned index : {0U, 2U}) {
    const Edu device = edu(index);
    for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{4000}}) {
      for (std::size_t i = 0; i < size; i++) out[50 + i] = static_cast<unsigned char>(i * 7 + size);
      std::memset(in, 0, 8192);
      device.to_device(dma.to_bus(out) + 50, 3, size);
      device.from_device(3, dma.to_bus(in) + 4090, size);
      EXPECT_EQ(std::memcmp(in + 4090, out + 50, size), 0);
      EXPECT_EQ(in[4089], 0);
      EXPECT_EQ(in[4090 + size], 0);
    }
  }
  dma.release(out, 8192);
  dma.release(in, 8192);
}

TEST_P(Conformance, NoDmaWithoutBusMastering) {
  Dma& dma = board_.bus->dma();
  auto* in = static_cast<unsigned char*>(dma.allocate(4096, {.highest = Edu::dma_highest}));
  ASSERT_NE(in, nullptr);
  std::memset(in, 0x42, 4096);
  const Edu device = edu();
  const std::uint32_t command = device.function->config_read(pci::command, 2);
  device.function->config_write(pci::command, 2,
                                command & ~static_cast<unsigned>(pci::command_bit::master));
  device.from_device(0, dma.to_bus(in), 64);
  EXPECT_EQ(in[0], 0x42);
  device.function->config_write(pci::command, 2, command);
  device.from_device(0, dma.to_bus(in), 64);
  EXPECT_EQ(in[0], 0);
  dma.release(in, 4096);
}

}  // namespace
}  // namespace pupci::conformance
