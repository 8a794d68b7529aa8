// SPDX-License-Identifier: BSD-2-Clause
// The page allocator of the DMA arena: constraints, order, misuse, and agreement with a naive
// model.
#include "host/arena.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/dma_limits.h"
#include "pupci/error.h"

namespace pupci {
namespace {

constexpr std::size_t page = Dma::page_size;
constexpr std::size_t MiB = std::size_t{1} << 20;

std::uint64_t bus_of(const Dma& dma, void* p) {
  return dma.to_bus(p);
}

TEST(Arena, TakesTheHighestAddressFirst) {
  ArenaDma dma({.size = 16 * page, .bus = 0x100000});
  void* a = dma.allocate(1);
  void* b = dma.allocate(page + 1);
  ASSERT_NE(a, nullptr);
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(bus_of(dma, a), 0x100000 + 15 * page);
  EXPECT_EQ(bus_of(dma, b), 0x100000 + 13 * page);
  EXPECT_EQ(dma.arena().free_bytes(), 13 * page);
  dma.release(a, 1);
  dma.release(b, page + 1);
  EXPECT_EQ(dma.arena().largest_free(), 16 * page);
}

TEST(Arena, HonoursLimits) {
  ArenaDma dma({.size = 64 * page});
  void* low = dma.allocate(2 * page, {.highest = 8 * page - 1});
  ASSERT_NE(low, nullptr);
  EXPECT_EQ(bus_of(dma, low), 6 * page);
  // The limit is inclusive and counts bytes, not pages.
  void* short_one = dma.allocate(100, {.lowest = 3 * page, .highest = 3 * page + 99});
  ASSERT_NE(short_one, nullptr);
  EXPECT_EQ(bus_of(dma, short_one), 3 * page);
  EXPECT_EQ(dma.allocate(101, {.lowest = 4 * page, .highest = 4 * page + 99}), nullptr);
  EXPECT_EQ(dma.allocate(page, {.lowest = 64 * page}), nullptr);
  EXPECT_EQ(dma.allocate(page, {.lowest = 9, .highest = 8}), nullptr);
}

TEST(Arena, HonoursAlignmentAndBoundaryOnTheBus) {
  ArenaDma dma({.size = 64 * page, .bus = 0x3000});
  void* aligned = dma.allocate(page, {.alignment = 8 * page});
  ASSERT_NE(aligned, nullptr);
  EXPECT_EQ(bus_of(dma, aligned) % (8 * page), 0U);
  void* bounded = dma.allocate(3 * page, {.boundary = 4 * page});
  ASSERT_NE(bounded, nullptr);
  EXPECT_EQ(bus_of(dma, bounded) / (4 * page), (bus_of(dma, bounded) + 3 * page - 1) / (4 * page));
  EXPECT_EQ(dma.allocate(5 * page, {.boundary = 4 * page}), nullptr);
  // A boundary below a page binds the bytes that were asked for.
  EXPECT_NE(dma.allocate(256, {.boundary = 256}), nullptr);
  EXPECT_EQ(dma.allocate(257, {.boundary = 256}), nullptr);
}

TEST(Arena, RefusesNonsense) {
  ArenaDma dma({.size = 4 * page});
  EXPECT_EQ(dma.allocate(0), nullptr);
  EXPECT_EQ(dma.allocate(5 * page), nullptr);
  EXPECT_EQ(dma.allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(dma.allocate(SIZE_MAX - page + 1), nullptr);
  EXPECT_EQ(dma.allocate(page, {.alignment = 3 * page}), nullptr);
  EXPECT_EQ(dma.allocate(page, {.boundary = 3 * page}), nullptr);
  EXPECT_EQ(dma.arena().free_bytes(), 4 * page);
  EXPECT_THROW(ArenaDma({.size = 0}), Error);
  EXPECT_THROW(ArenaDma({.size = page, .bus = 12}), Error);
  EXPECT_THROW(ArenaDma({.size = page, .bus = 0, .reserved = 12}), Error);
  EXPECT_THROW(ArenaDma({.size = 2 * page, .bus = UINT64_MAX - page + 1}), Error);
}

TEST(Arena, NullWhenFragmented) {
  ArenaDma dma({.size = 4 * page});
  std::vector<void*> pages;
  for (int i = 0; i < 4; i++) pages.push_back(dma.allocate(page));
  EXPECT_EQ(dma.allocate(page), nullptr);
  dma.release(pages[0], page);
  dma.release(pages[2], page);
  EXPECT_EQ(dma.allocate(2 * page), nullptr);
  dma.release(pages[1], page);
  EXPECT_NE(dma.allocate(3 * page), nullptr);
}

TEST(Arena, ZeroesMemoryThatWasUsedBefore) {
  for (const auto backing : {ArenaDma::Backing::anonymous, ArenaDma::Backing::memfd}) {
    ArenaDma dma({.size = 2 * page, .backing = backing});
    void* p = dma.allocate(2 * page);
    std::memset(p, 0xff, 2 * page);
    dma.release(p, 2 * page);
    const auto* bytes = static_cast<const unsigned char*>(dma.allocate(2 * page));
    EXPECT_TRUE(std::all_of(bytes, bytes + 2 * page, [](unsigned char b) { return b == 0; }));
  }
}

TEST(Arena, FindsDoubleReleaseAndWrongSize) {
  ArenaDma dma({.size = 8 * page});
  auto* p = static_cast<std::byte*>(dma.allocate(3 * page));
  Arena& arena = dma.arena();
  EXPECT_FALSE(arena.release(p, 2 * page));
  EXPECT_FALSE(arena.release(p + page, 2 * page));
  EXPECT_FALSE(arena.release(p + 1, 3 * page));
  EXPECT_FALSE(arena.release(nullptr, page));
  EXPECT_FALSE(arena.release(p + 100 * page, page));
  EXPECT_FALSE(arena.release(p, 0));
  EXPECT_TRUE(arena.release(p, 3 * page - 5));  // rounds to the same pages
  EXPECT_FALSE(arena.release(p, 3 * page));
  EXPECT_EQ(arena.free_bytes(), 8 * page);

  testing::internal::CaptureStderr();
  dma.release(p, 3 * page);
  const std::string message = testing::internal::GetCapturedStderr();
  EXPECT_NE(message.find("release of 12288 bytes"), std::string::npos) << message;
}

TEST(Arena, KnowsWhatIsAllocated) {
  ArenaDma dma({.size = 8 * page});
  auto* a = static_cast<std::byte*>(dma.allocate(page));
  auto* b = static_cast<std::byte*>(dma.allocate(page));
  ASSERT_EQ(b + page, a);
  EXPECT_TRUE(dma.arena().allocated(b, 2 * page));
  EXPECT_FALSE(dma.arena().allocated(b - 1, 2));
  EXPECT_FALSE(dma.arena().allocated(a + page - 1, 2));
  dma.release(a, page);
  EXPECT_TRUE(dma.arena().allocated(b, page));
  EXPECT_FALSE(dma.arena().allocated(b, page + 1));
}

TEST(ArenaDma, TranslatesBothWays) {
  ArenaDma dma({.size = 4 * page,
                .bus = 0x40000000,
                .reserved = 2 * page,
                .backing = ArenaDma::Backing::memfd});
  EXPECT_EQ(dma.arena_bus(), 0x40000000 + 2 * page);
  EXPECT_EQ(dma.arena_size(), 4 * page);
  auto* p = static_cast<std::byte*>(dma.allocate(page));
  EXPECT_TRUE(dma.in_arena(p, page));
  EXPECT_EQ(dma.from_bus(dma.to_bus(p), page), p);
  EXPECT_EQ(dma.from_bus(dma.arena_bus() - 1, 1), nullptr);
  EXPECT_EQ(dma.from_bus(dma.arena_bus() + 4 * page - 1, 2), nullptr);
  // The file has the same bytes at bus address - bus address of its start.
  p[3] = std::byte{0x5a};
  char seen = 0;
  ASSERT_EQ(pread(dma.fd(), &seen, 1, static_cast<off_t>(dma.to_bus(p) + 3 - 0x40000000)), 1);
  EXPECT_EQ(seen, 0x5a);
}

// The same arena, page by page.
class Naive {
 public:
  Naive(std::size_t pages, std::uint64_t bus) : used_(pages, false), bus_(bus) {}

  // The highest place that fits, as a page number; -1 if none.
  [[nodiscard]] long find(std::size_t size, const DmaConstraints& c) const {
    const auto count = static_cast<long>((size + page - 1) / page);
    for (long start = static_cast<long>(used_.size()) - count; start >= 0; start--) {
      const std::uint64_t first = bus_ + static_cast<std::uint64_t>(start) * page;
      if (!satisfiable(c, size) || !satisfied(c, first, size)) continue;
      const auto from = used_.begin() + start;
      if (std::find(from, from + count, true) == from + count) return start;
    }
    return -1;
  }
  void set(long start, std::size_t size, bool used) {
    const auto count = static_cast<long>((size + page - 1) / page);
    std::fill(used_.begin() + start, used_.begin() + start + count, used);
  }

 private:
  std::vector<bool> used_;
  std::uint64_t bus_;
};

class ArenaRandom : public testing::TestWithParam<unsigned> {};

TEST_P(ArenaRandom, AgreesWithTheNaiveModel) {
  constexpr std::size_t pages = 150;
  constexpr std::uint64_t bus = 0x7000;
  std::mt19937 random(GetParam());
  const auto below = [&random](std::size_t n) { return random() % n; };
  ArenaDma dma({.size = pages * page, .bus = bus});
  Naive naive(pages, bus);
  std::vector<std::pair<void*, std::size_t>> live;

  for (int step = 0; step < 4000; step++) {
    if (live.size() > 5 && below(100) < 47) {
      const std::size_t victim = below(live.size());
      const auto [p, size] = live[victim];
      live.erase(live.begin() + static_cast<long>(victim));
      ASSERT_TRUE(dma.arena().release(p, size));
      naive.set(static_cast<long>((dma.to_bus(p) - bus) / page), size, false);
      continue;
    }
    const std::size_t size = 1 + below(below(4) == 0 ? 20 * page : 3 * page);
    DmaConstraints c;
    if (below(3) == 0) c.alignment = std::uint64_t{1} << below(17);
    if (below(3) == 0) c.boundary = std::uint64_t{1} << (8 + below(10));
    if (below(3) == 0) c.highest = bus + below(pages * page);
    if (below(4) == 0) c.lowest = bus + below(pages * page);
    const long expected = naive.find(size, c);
    void* p = dma.allocate(size, c);
    if (expected < 0) {
      ASSERT_EQ(p, nullptr) << "step " << step;
      continue;
    }
    ASSERT_NE(p, nullptr) << "step " << step;
    ASSERT_EQ(dma.to_bus(p), bus + static_cast<std::uint64_t>(expected) * page) << "step " << step;
    naive.set(expected, size, true);
    live.emplace_back(p, size);
  }
  for (const auto& [p, size] : live) ASSERT_TRUE(dma.arena().release(p, size));
  EXPECT_EQ(dma.arena().largest_free(), pages * page);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ArenaRandom, testing::Range(0U, 8U));

TEST(Arena, ManyThreads) {
  ArenaDma dma({.size = 8 * MiB});
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (unsigned id = 0; id < 4; id++) {
    threads.emplace_back([&dma, id] {
      std::mt19937 random(id);
      std::vector<std::pair<unsigned char*, std::size_t>> mine;
      for (int i = 0; i < 2000; i++) {
        if (mine.size() > 20) {
          const auto [p, size] = mine.front();
          mine.erase(mine.begin());
          for (std::size_t at = 0; at < size; at += 512) ASSERT_EQ(p[at], id + 1);
          ASSERT_TRUE(dma.arena().release(p, size));
        }
        const std::size_t size = 1 + random() % (4 * page);
        auto* p = static_cast<unsigned char*>(dma.allocate(size));
        if (p == nullptr) continue;
        ASSERT_EQ(p[0], 0);
        std::memset(p, static_cast<int>(id + 1), size);
        mine.emplace_back(p, size);
      }
      for (const auto& [p, size] : mine) ASSERT_TRUE(dma.arena().release(p, size));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(dma.arena().free_bytes(), 8 * MiB);
}

}  // namespace
}  // namespace pupci
