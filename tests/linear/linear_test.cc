// SPDX-License-Identifier: BSD-2-Clause
// Linear mappings of memory that only calls reach, on a model that notes each access.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <thread>

#include "kern/bus_space.h"
#include "kern/console.h"
#include "kern/linear.h"
#include "kern/pci_attach.h"
#include "kern/pci_chipset.h"
#include "linear/blitter.h"
#include "netbsd/dev/pci/pcivar.h"

namespace {

using namespace pupci;
using namespace pupci::kern;
using test::Blitter;
using namespace std::chrono_literals;

constexpr std::size_t page = 4096;

class Linear : public testing::Test {
 protected:
  void start(std::chrono::nanoseconds delay = {}) {
    set_console([this](std::string_view text) { console += text; });
    model = std::make_shared<Blitter>(delay);
    bus.root().add(model);
    pci_start(bus);
    started = true;
    ASSERT_TRUE(pci_function_args(bus.functions().at(0), &pa));
    std::mt19937 random(1);
    for (std::byte& byte : model->bytes) byte = static_cast<std::byte>(random());
    pixels = static_cast<unsigned char*>(map(PCI_BAR(0), BUS_SPACE_MAP_LINEAR, &memory));
    ASSERT_NE(pixels, nullptr);
    map(PCI_BAR(1), 0, &registers);
  }
  ~Linear() override {
    if (memory != 0) unmap(&memory, Blitter::memory_size);
    if (registers != 0) unmap(&registers, page);
    if (started) pci_stop();
    set_console({});
  }
  void* map(int bar, int flags, bus_space_handle_t* handle) {
    EXPECT_EQ(pci_mapreg_map(&pa, bar, PCI_MAPREG_TYPE_MEM, flags, &tag, handle, nullptr, nullptr),
              0);
    return bus_space_vaddr(tag, *handle);
  }
  void unmap(bus_space_handle_t* handle, bus_size_t size) {
    bus_space_unmap(tag, *handle, size);
    *handle = 0;
  }
  std::uint32_t status() { return bus_space_read_4(tag, registers, Blitter::status); }
  void wait_idle() {
    while (status() != 0) std::this_thread::yield();
  }
  void blit(std::uint64_t what, std::size_t from, std::size_t to, std::size_t length,
            unsigned color = 0) {
    bus_space_write_4(tag, registers, Blitter::source, static_cast<std::uint32_t>(from));
    bus_space_write_4(tag, registers, Blitter::target, static_cast<std::uint32_t>(to));
    bus_space_write_4(tag, registers, Blitter::length, static_cast<std::uint32_t>(length));
    bus_space_write_4(tag, registers, Blitter::color, color);
    bus_space_write_4(tag, registers, Blitter::command, static_cast<std::uint32_t>(what));
  }
  [[nodiscard]] unsigned device(std::size_t offset) const {
    return std::to_integer<unsigned>(model->bytes[offset]);
  }

  sim::Bus bus;
  std::shared_ptr<Blitter> model;
  bool started = false;
  pci_attach_args pa{};
  bus_space_tag_t tag = nullptr;
  bus_space_handle_t memory = 0;
  bus_space_handle_t registers = 0;
  unsigned char* pixels = nullptr;
  std::string console;
};

TEST_F(Linear, ReadsAreTheDevices) {
  start();
  for (std::size_t at = 0; at < Blitter::memory_size; at += 1234) {
    ASSERT_EQ(pixels[at], device(at)) << at;
  }
  EXPECT_EQ(bus_space_read_1(tag, memory, 77), device(77));
  EXPECT_EQ(bus_space_read_4(tag, memory, Blitter::memory_size - 4) >> 24,
            device(Blitter::memory_size - 1));
}

TEST_F(Linear, ReadsOfNeighboursAreForeseen) {
  start();
  const LinearStatistics before = linear_statistics();
  unsigned sum = 0;
  for (std::size_t at = 0; at < Blitter::memory_size; at += page) {
    sum += *const_cast<volatile unsigned char*>(&pixels[at]);
  }
  EXPECT_GT(sum, 0U);
  EXPECT_LE(linear_statistics().faults - before.faults, 8U);  // of 64 pages
  EXPECT_EQ(linear_statistics().pages_fetched - before.pages_fetched, 64U);
}

TEST_F(Linear, WritesReachTheDeviceBeforeTheNextAccess) {
  start();
  pixels[5] = 0x42;
  pixels[3 * page] = 0x43;
  (void)status();
  EXPECT_EQ(device(5), 0x42U);
  EXPECT_EQ(device(3 * page), 0x43U);
  pixels[5] = 0x44;
  bus_space_write_4(tag, registers, Blitter::color, 0);
  EXPECT_EQ(device(5), 0x44U);
  pixels[5] = 0x45;
  pci_conf_write(pa.pa_pc, pa.pa_tag, PCI_COMMAND_STATUS_REG,
                 pci_conf_read(pa.pa_pc, pa.pa_tag, PCI_COMMAND_STATUS_REG));
  EXPECT_EQ(device(5), 0x45U);
}

TEST_F(Linear, WritesReachTheDeviceByThemselves) {
  start();
  const std::uint64_t before = linear_statistics().bytes_sent;
  const auto old = pixels[9];
  pixels[9] = static_cast<unsigned char>(~old);
  while (linear_statistics().bytes_sent == before) std::this_thread::yield();
  (void)status();  // after the model's own lock
  EXPECT_EQ(device(9), static_cast<unsigned char>(~old));
  EXPECT_EQ(linear_statistics().bytes_sent - before, 1U);
}

TEST_F(Linear, OnlyWhatDiffersIsSent) {
  start();
  for (std::size_t i = 0; i < 100; i++) pixels[i] = pixels[i];
  (void)status();
  EXPECT_TRUE(model->writes.empty());
  pixels[page - 1] ^= 1;
  pixels[page] ^= 1;
  pixels[page + 2] ^= 1;
  (void)status();
  std::vector<std::uint64_t> where;
  for (const Blitter::Write& write : model->writes) {
    EXPECT_EQ(write.width, 1U);
    where.push_back(write.offset);
  }
  EXPECT_EQ(where, (std::vector<std::uint64_t>{page - 1, page, page + 2}));
}

TEST_F(Linear, TheEnginesDrawingIsSeen) {
  start();
  EXPECT_EQ(pixels[100], device(100));
  blit(Blitter::fill, 0, 50, 100, 0xee);
  EXPECT_EQ(pixels[100], 0xee);
  pixels[60] = 0x11;  // is there before the copy
  blit(Blitter::copy, 50, 5 * page - 50, 100);
  wait_idle();
  EXPECT_EQ(pixels[5 * page - 40], 0x11);
  EXPECT_EQ(pixels[5 * page + 20], 0xee);
}

TEST_F(Linear, EngineAndCpuShareAPage) {
  start(200us);
  EXPECT_EQ(pixels[0], device(0));
  for (unsigned round = 0; round < 20; round++) {
    // The engine is at work on the second half of these while the first bytes are drawn.
    blit(Blitter::fill, 0, 1000, 2000, round);
    for (std::size_t i = 0; i < 1000; i++) pixels[i] = static_cast<unsigned char>(round + 1);
    for (std::size_t i = 3000; i < page; i++) pixels[i] = static_cast<unsigned char>(round + 2);
    wait_idle();
    for (std::size_t i = 0; i < page; i++) {
      const unsigned expected = round + (i < 1000 ? 1 : i < 3000 ? 0 : 2);
      ASSERT_EQ(device(i), expected) << i;
      ASSERT_EQ(pixels[i], expected) << i;
    }
  }
}

TEST_F(Linear, MappingsOfOneBarAreOne) {
  start();
  bus_space_handle_t part = 0;
  ASSERT_EQ(pci_mapreg_submap(&pa, PCI_BAR(0), PCI_MAPREG_TYPE_MEM, BUS_SPACE_MAP_LINEAR, page,
                              2 * page, &tag, &part, nullptr, nullptr),
            0);
  auto* second = static_cast<unsigned char*>(bus_space_vaddr(tag, part));
  second[7] ^= 0xff;
  EXPECT_EQ(pixels[2 * page + 7], second[7]);
  bus_space_handle_t whole = 0;
  bus_addr_t address = 0;
  ASSERT_EQ(pci_mapreg_info(pa.pa_pc, pa.pa_tag, PCI_BAR(0), PCI_MAPREG_TYPE_MEM, &address, nullptr,
                            nullptr),
            0);
  ASSERT_EQ(bus_space_map(tag, address + page, page, BUS_SPACE_MAP_LINEAR, &whole), 0);
  EXPECT_EQ(bus_space_vaddr(tag, whole), pixels + page);
  unmap(&whole, page);
  unmap(&part, page);
  (void)status();
  EXPECT_EQ(pixels[2 * page + 7], device(2 * page + 7));
}

TEST_F(Linear, AccessesThroughAnotherMappingAgree) {
  start();
  bus_space_handle_t plain = 0;
  EXPECT_EQ(map(PCI_BAR(0), 0, &plain), nullptr);
  pixels[300] = 0x21;
  EXPECT_EQ(bus_space_read_1(tag, plain, 300), 0x21);
  bus_space_write_1(tag, plain, 300, 0x22);
  EXPECT_EQ(pixels[300], 0x22);
  // Blocks to and from the linear memory itself.
  bus_space_write_region_1(tag, plain, 2 * page, pixels, 6000);
  EXPECT_TRUE(std::equal(pixels, pixels + 6000, pixels + 2 * page));
  bus_space_read_region_4(tag, plain, 8 * page,
                          reinterpret_cast<std::uint32_t*>(pixels + 20 * page), 2500);
  EXPECT_TRUE(std::equal(pixels + 8 * page, pixels + 8 * page + 10000, pixels + 20 * page));
  bus_space_copy_region_4(tag, plain, 0, memory, 30 * page, 4000);
  EXPECT_TRUE(std::equal(pixels, pixels + 16000, pixels + 30 * page));
  unmap(&plain, Blitter::memory_size);
}

TEST_F(Linear, UnmappingSendsTheRest) {
  start();
  pixels[17] = 0x5a;
  unmap(&memory, Blitter::memory_size);
  EXPECT_EQ(device(17), 0x5aU);
}

TEST_F(Linear, OutputsSeeWhatWasDrawn) {
  start();
  bus_addr_t address = 0;
  ASSERT_EQ(pci_mapreg_info(pa.pa_pc, pa.pa_tag, PCI_BAR(0), PCI_MAPREG_TYPE_MEM, &address, nullptr,
                            nullptr),
            0);
  const paddr_t cookie = bus_space_mmap(tag, address, page, 0, BUS_SPACE_MAP_LINEAR);
  for (unsigned i = 0; i < 3 * page; i++) pixels[i] = static_cast<unsigned char>(i / 3);
  std::vector<std::byte> got(page);
  ASSERT_TRUE(bus_space_read_physical(cookie, got, 5));
  for (unsigned i = 0; i < page; i++) {
    ASSERT_EQ(std::to_integer<unsigned>(got[i]), static_cast<unsigned char>((page + 5 + i) / 3));
  }
}

TEST_F(Linear, ThreadsDrawAtOnce) {
  start();
  // Each has every eighth run of 100 bytes, so that all share pages, while others read registers.
  const auto draw = [this](unsigned self) {
    for (unsigned round = 0; round < 30; round++) {
      for (std::size_t at = self * 100; at + 100 <= Blitter::memory_size; at += 800) {
        for (std::size_t i = 0; i < 100; i += 33) {
          pixels[at + i] = static_cast<unsigned char>(self + round + at / 800);
        }
      }
      (void)status();
    }
  };
  std::vector<std::thread> threads;
  for (unsigned self = 0; self < 4; self++) threads.emplace_back(draw, self);
  for (std::thread& thread : threads) thread.join();
  (void)status();
  for (unsigned self = 0; self < 4; self++) {
    for (std::size_t at = self * 100; at + 100 <= Blitter::memory_size; at += 800) {
      for (std::size_t i = 0; i < 100; i += 33) {
        ASSERT_EQ(device(at + i), static_cast<unsigned char>(self + 29 + at / 800)) << at;
      }
    }
  }
}

// What is no linear mapping is as it was before: the next handler's.
TEST_F(Linear, OtherFaultsAreHandedOn) {
  struct sigaction action{};
  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = [](int, siginfo_t* info, void*) {
    std::_Exit(info->si_addr != nullptr ? 42 : 43);
  };
  EXPECT_EXIT(
      {
        ::sigaction(SIGSEGV, &action, nullptr);
        start();
        pixels[0] = 1;
        void* guard = ::mmap(nullptr, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        *static_cast<volatile char*>(guard) = 1;
      },
      testing::ExitedWithCode(42), "");
}

}  // namespace
