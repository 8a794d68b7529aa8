// SPDX-License-Identifier: BSD-2-Clause
// bus_dma(9): constraints exactly, bouncing with real copies, and what misuse is called.
#include "kern/bus_dma.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <random>
#include <vector>

#include "host/arena.h"
#include "kern/console.h"
#include "kern/track.h"
#include "netbsd/sys/uio.h"
#include "unit/fake_region.h"

namespace {

using namespace pupci;
using namespace pupci::kern;
using test::panic_to_stderr;

constexpr std::uint64_t mib = 1 << 20;

class BusDma : public testing::Test {
 protected:
  BusDma() : dma({.size = 512 * mib}), tag(dma_tag_create(dma, 0, UINT32_MAX)) {
    set_console([this](std::string_view text) { console += text; });
  }
  ~BusDma() override {
    dma_tag_delete(tag);
    set_console({});
  }
  BusDma(const BusDma&) = delete;
  BusDma& operator=(const BusDma&) = delete;

  bus_dmamap_t create(bus_size_t size, int nsegs, bus_size_t maxsegsz, bus_size_t boundary = 0,
                      int flags = BUS_DMA_NOWAIT) const {
    bus_dmamap_t map = nullptr;
    EXPECT_EQ(bus_dmamap_create(tag, size, nsegs, maxsegsz, boundary, flags, &map), 0);
    return map;
  }
  static std::vector<bus_dma_segment_t> segments(bus_dmamap_t map) {
    return {map->dm_segs, map->dm_segs + map->dm_nsegs};
  }

  ArenaDma dma;
  bus_dma_tag_t tag;
  std::string console;
};

bool operator==(const bus_dma_segment_t& a, std::pair<bus_addr_t, bus_size_t> b) {
  return a.ds_addr == b.first && a.ds_len == b.second;
}

TEST_F(BusDma, ArenaMemoryIsArithmetic) {
  auto* buffer = static_cast<std::byte*>(dma.allocate(8192));
  const bus_dmamap_t map = create(8192, 1, 8192);
  const std::size_t free_before = dma.arena().free_bytes();
  ASSERT_EQ(bus_dmamap_load(tag, map, buffer + 100, 5000, nullptr, BUS_DMA_NOWAIT), 0);
  EXPECT_EQ(map->dm_mapsize, 5000U);
  ASSERT_EQ(map->dm_nsegs, 1);
  EXPECT_TRUE(map->dm_segs[0] == std::pair(dma.to_bus(buffer) + 100, 5000UL));
  EXPECT_EQ(dma.arena().free_bytes(), free_before);
  bus_dmamap_unload(tag, map);
  EXPECT_EQ(map->dm_mapsize, 0U);
  EXPECT_EQ(map->dm_nsegs, 0);
  bus_dmamap_destroy(tag, map);
  dma.release(buffer, 8192);
}

TEST_F(BusDma, CutsAtTheBoundaryAndTheSegmentSize) {
  DmaConstraints aligned;
  aligned.alignment = 0x10000;
  auto* buffer = static_cast<std::byte*>(dma.allocate(0x20000, aligned));
  const std::uint64_t bus = dma.to_bus(buffer);
  const bus_dmamap_t map = create(0x20000, 3, 0x3000, 0x4000);
  ASSERT_EQ(bus_dmamap_load(tag, map, buffer + 0x2000, 0x6000, nullptr, 0), 0);
  EXPECT_THAT(
      segments(map),
      testing::Pointwise(
          testing::Truly([](const auto& both) { return std::get<0>(both) == std::get<1>(both); }),
          std::vector<std::pair<bus_addr_t, bus_size_t>>{
              {bus + 0x2000, 0x2000}, {bus + 0x4000, 0x3000}, {bus + 0x7000, 0x1000}}));
  bus_dmamap_unload(tag, map);
  EXPECT_EQ(bus_dmamap_load(tag, map, buffer + 0x2000, 0x6001, nullptr, 0), EFBIG);
  EXPECT_EQ(map->dm_nsegs, 0);
  EXPECT_EQ(bus_dmamap_load(tag, map, buffer, 0x20001, nullptr, 0), EINVAL);
  bus_dmamap_destroy(tag, map);
  dma.release(buffer, 0x20000);
}

TEST_F(BusDma, DriverMayLowerTheSegmentSizeForOneLoad) {
  void* buffer = dma.allocate(8192);
  const bus_dmamap_t map = create(8192, 8, 8192);
  map->dm_maxsegsz = 1024;
  ASSERT_EQ(bus_dmamap_load(tag, map, buffer, 8192, nullptr, 0), 0);
  EXPECT_EQ(map->dm_nsegs, 8);
  bus_dmamap_unload(tag, map);
  EXPECT_EQ(map->dm_maxsegsz, 8192U);
  bus_dmamap_destroy(tag, map);
  dma.release(buffer, 8192);
}

// What the manual says of segments, byte by byte: as few as can be.
std::vector<bus_dma_segment_t> naive(std::uint64_t bus, std::uint64_t size, std::uint64_t most,
                                     std::uint64_t boundary) {
  std::vector<bus_dma_segment_t> all;
  for (std::uint64_t at = bus; at < bus + size; at++) {
    const bool cut =
        all.empty() || all.back().ds_len == most || (boundary != 0 && at % boundary == 0);
    if (cut) all.push_back({at, 0});
    all.back().ds_len++;
  }
  return all;
}

TEST_F(BusDma, SegmentsAgreeWithANaiveModel) {
  std::mt19937 random(20240817);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  auto* buffer = static_cast<std::byte*>(dma.allocate(1 << 16));
  for (int round = 0; round < 3000; round++) {
    const std::uint64_t size = 1 + below(6000);
    const std::uint64_t most = 1 + below(round % 2 == 0 ? 64 : 6000);
    const std::uint64_t boundary = below(3) == 0 ? 0 : std::uint64_t{1} << below(13);
    const int nsegs = 1 + static_cast<int>(below(200));
    const std::uint64_t offset = below(50000);
    const auto expected = naive(dma.to_bus(buffer) + offset, size, most, boundary);
    const bus_dmamap_t map = create(6000, nsegs, most, boundary);
    const int error = bus_dmamap_load(tag, map, buffer + offset, size, nullptr, 0);
    if (expected.size() > static_cast<std::size_t>(nsegs)) {
      ASSERT_EQ(error, EFBIG);
    } else {
      ASSERT_EQ(error, 0);
      ASSERT_EQ(segments(map).size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); i++) {
        ASSERT_TRUE(map->dm_segs[i] == std::pair(expected[i].ds_addr, expected[i].ds_len));
      }
      bus_dmamap_unload(tag, map);
    }
    bus_dmamap_destroy(tag, map);
  }
  dma.release(buffer, 1 << 16);
}

// A buffer that is no arena memory, on a host that cannot map.
TEST_F(BusDma, OtherMemoryIsBouncedAndSyncCopies) {
  std::vector<std::byte> buffer(5000, std::byte{1});
  const bus_dmamap_t map = create(8192, 2, 8192);
  ASSERT_EQ(bus_dmamap_load(tag, map, buffer.data(), buffer.size(), nullptr, 0), 0);
  ASSERT_EQ(map->dm_nsegs, 1);
  auto* device = static_cast<std::byte*>(dma.from_bus(map->dm_segs[0].ds_addr, 5000));
  ASSERT_NE(device, nullptr);
  EXPECT_EQ(device[0], std::byte{0});
  bus_dmamap_sync(tag, map, 0, 5000, BUS_DMASYNC_PREREAD | BUS_DMASYNC_PREWRITE);
  EXPECT_EQ(device[4999], std::byte{1});
  std::fill_n(device, 5000, std::byte{2});
  bus_dmamap_sync(tag, map, 1000, 10, BUS_DMASYNC_POSTREAD);
  EXPECT_EQ(buffer[999], std::byte{1});
  EXPECT_EQ(buffer[1000], std::byte{2});
  EXPECT_EQ(buffer[1009], std::byte{2});
  EXPECT_EQ(buffer[1010], std::byte{1});
  buffer[1010] = std::byte{3};
  bus_dmamap_sync(tag, map, 1010, 1, BUS_DMASYNC_PREWRITE);
  EXPECT_EQ(device[1010], std::byte{3});
  EXPECT_EQ(device[1011], std::byte{2});
  bus_dmamap_sync(tag, map, 0, 5000, BUS_DMASYNC_POSTWRITE);
  EXPECT_EQ(buffer[0], std::byte{1});
  bus_dmamap_unload(tag, map);
  bus_dmamap_destroy(tag, map);
}

TEST_F(BusDma, WhatTheDeviceLeavesAloneComesBackUnchanged) {
  std::vector<std::byte> buffer(64, std::byte{7});
  const bus_dmamap_t map = create(64, 1, 64);
  ASSERT_EQ(bus_dmamap_load(tag, map, buffer.data(), 64, nullptr, BUS_DMA_READ), 0);
  bus_dmamap_sync(tag, map, 0, 64, BUS_DMASYNC_PREREAD);
  bus_dmamap_sync(tag, map, 0, 64, BUS_DMASYNC_POSTREAD);
  EXPECT_THAT(buffer, testing::Each(std::byte{7}));
  bus_dmamap_unload(tag, map);
  bus_dmamap_destroy(tag, map);
}

// edu's DMA engine has 28 address bits.
TEST_F(BusDma, ASubregionTagBouncesWhatLiesAboveIt) {
  bus_dma_tag_t low = nullptr;
  ASSERT_EQ(bus_dmatag_subregion(tag, 0, 0x0fffffff, &low, 0), 0);
  EXPECT_TRUE(bus_dmatag_bounces_p(low));
  auto* high = static_cast<std::byte*>(dma.allocate(4096));
  ASSERT_GT(dma.to_bus(high), 0x0fffffffU);
  std::fill_n(high, 4096, std::byte{5});
  bus_dmamap_t map = nullptr;
  ASSERT_EQ(bus_dmamap_create(low, 4096, 1, 4096, 0, BUS_DMA_ALLOCNOW, &map), 0);
  ASSERT_EQ(bus_dmamap_load(low, map, high, 4096, nullptr, 0), 0);
  EXPECT_LE(map->dm_segs[0].ds_addr + 4096, 0x10000000U);
  bus_dmamap_sync(low, map, 0, 4096, BUS_DMASYNC_PREWRITE);
  EXPECT_EQ(*static_cast<std::byte*>(dma.from_bus(map->dm_segs[0].ds_addr, 1)), std::byte{5});
  bus_dmamap_unload(low, map);
  bus_dmamap_destroy(low, map);

  bus_dma_segment_t segment;
  int nsegs = 0;
  ASSERT_EQ(bus_dmamem_alloc(low, 0x10000, 0, 0, &segment, 1, &nsegs, 0), 0);
  EXPECT_LE(segment.ds_addr + segment.ds_len, 0x10000000U);
  bus_dmamem_free(low, &segment, nsegs);
  bus_dmatag_destroy(low);
  dma.release(high, 4096);
}

TEST_F(BusDma, NoRoomToBounceIsENOMEM) {
  bus_dma_tag_t low = nullptr;
  ASSERT_EQ(bus_dmatag_subregion(tag, 0, 8191, &low, 0), 0);
  std::vector<std::byte> buffer(3 * 4096);
  bus_dmamap_t map = nullptr;
  EXPECT_EQ(bus_dmamap_create(low, 3 * 4096, 1, 3 * 4096, 0, BUS_DMA_ALLOCNOW, &map), ENOMEM);
  ASSERT_EQ(bus_dmamap_create(low, 3 * 4096, 1, 3 * 4096, 0, 0, &map), 0);
  EXPECT_EQ(bus_dmamap_load(low, map, buffer.data(), buffer.size(), nullptr, 0), ENOMEM);
  EXPECT_EQ(bus_dmamap_load(low, map, buffer.data(), 100, nullptr, 0), 0);
  bus_dmamap_unload(low, map);
  bus_dmamap_destroy(low, map);
  bus_dmatag_destroy(low);
}

TEST_F(BusDma, SubregionsOnlyNarrow) {
  bus_dma_tag_t low = nullptr;
  bus_dma_tag_t other = nullptr;
  ASSERT_EQ(bus_dmatag_subregion(tag, 0x1000, 0xffff, &low, 0), 0);
  ASSERT_EQ(bus_dmatag_subregion(low, 0, 0xffffffffff, &other, 0), 0);
  EXPECT_EQ(other->lowest, 0x1000U);
  EXPECT_EQ(other->highest, 0xffffU);
  EXPECT_EQ(bus_dmatag_subregion(low, 0x10000, 0x20000, &other, 0), EINVAL);
  bus_dmatag_destroy(other);
  bus_dmatag_destroy(low);
  EXPECT_EXIT((panic_to_stderr(), bus_dmatag_destroy(tag)), testing::ExitedWithCode(3),
              "bus_dmatag_destroy");
}

TEST_F(BusDma, UioIsLoadedInOrderAndJoined) {
  auto* buffer = static_cast<std::byte*>(dma.allocate(8192));
  std::array<iovec, 4> parts{iovec{buffer, 100}, iovec{buffer + 100, 50}, iovec{nullptr, 0},
                             iovec{buffer + 4096, 200}};
  uio request{};
  request.uio_iov = parts.data();
  request.uio_iovcnt = 4;
  request.uio_resid = 300;
  request.uio_rw = UIO_WRITE;
  request.uio_vmspace = vmspace_kernel();
  const bus_dmamap_t map = create(4096, 2, 4096);
  ASSERT_EQ(bus_dmamap_load_uio(tag, map, &request, 0), 0);
  ASSERT_EQ(map->dm_nsegs, 2);
  EXPECT_TRUE(map->dm_segs[0] == std::pair(dma.to_bus(buffer), 150UL));
  EXPECT_TRUE(map->dm_segs[1] == std::pair(dma.to_bus(buffer) + 4096, 150UL));
  bus_dmamap_unload(tag, map);

  std::array<std::byte, 64> outside{};
  outside.fill(std::byte{9});
  parts[1] = {outside.data(), outside.size()};
  request.uio_resid = 164;
  ASSERT_EQ(bus_dmamap_load_uio(tag, map, &request, 0), 0);
  bus_dmamap_sync(tag, map, 90, 74, BUS_DMASYNC_PREWRITE);
  const auto* device = static_cast<std::byte*>(dma.from_bus(map->dm_segs[0].ds_addr, 164));
  EXPECT_EQ(device[99], std::byte{0});
  EXPECT_EQ(device[100], std::byte{9});
  EXPECT_EQ(device[163], std::byte{9});
  bus_dmamap_unload(tag, map);
  bus_dmamap_destroy(tag, map);
  dma.release(buffer, 8192);
}

TEST_F(BusDma, MemoryHonoursAlignmentBoundaryAndSegments) {
  std::array<bus_dma_segment_t, 4> segs{};
  int nsegs = 0;
  ASSERT_EQ(bus_dmamem_alloc(tag, 100, 0x10000, 0, segs.data(), 4, &nsegs, 0), 0);
  EXPECT_EQ(nsegs, 1);
  EXPECT_EQ(segs[0].ds_addr % 0x10000, 0U);
  EXPECT_EQ(segs[0].ds_len, 100U);
  bus_dmamem_free(tag, segs.data(), nsegs);

  ASSERT_EQ(bus_dmamem_alloc(tag, 0x3000, 0x1000, 0x1000, segs.data(), 4, &nsegs, 0), 0);
  EXPECT_EQ(nsegs, 3);
  void* kva = nullptr;
  ASSERT_EQ(bus_dmamem_map(tag, segs.data(), nsegs, 0x3000, &kva, 0), 0);
  EXPECT_EQ(kva, dma.from_bus(segs[0].ds_addr, 0x3000));
  EXPECT_EQ(bus_dmamem_mmap(tag, segs.data(), nsegs, 0x1001, 0, 0),
            (segs[0].ds_addr + 0x1001) >> 12);
  EXPECT_EQ(bus_dmamem_mmap(tag, segs.data(), nsegs, 0x3000, 0, 0), static_cast<paddr_t>(-1));
  const bus_dmamap_t map = create(0x3000, 3, 0x1000, 0x1000);
  ASSERT_EQ(bus_dmamap_load_raw(tag, map, segs.data(), nsegs, 0x2800, 0), 0);
  EXPECT_EQ(map->dm_nsegs, 3);
  EXPECT_EQ(map->dm_segs[2].ds_len, 0x800U);
  bus_dmamap_unload(tag, map);
  bus_dmamap_destroy(tag, map);
  bus_dmamem_unmap(tag, kva, 0x3000);
  bus_dmamem_free(tag, segs.data(), nsegs);

  EXPECT_EQ(bus_dmamem_alloc(tag, 0x3000, 0, 0x1000, segs.data(), 2, &nsegs, 0), ENOMEM);
  EXPECT_EQ(bus_dmamem_alloc(tag, 0x3000, 3, 0, segs.data(), 2, &nsegs, 0), EINVAL);
  EXPECT_EQ(bus_dmamem_alloc(tag, 1024 * mib, 0, 0, segs.data(), 2, &nsegs, 0), ENOMEM);
}

TEST_F(BusDma, CreateRefusesNonsense) {
  bus_dmamap_t map = nullptr;
  EXPECT_EQ(bus_dmamap_create(tag, 0, 1, 1, 0, 0, &map), EINVAL);
  EXPECT_EQ(bus_dmamap_create(tag, 1, 0, 1, 0, 0, &map), EINVAL);
  EXPECT_EQ(bus_dmamap_create(tag, 1, 1, 1, 3, 0, &map), EINVAL);
}

TEST_F(BusDma, LeftoversAreTracked) {
  const bus_dmamap_t map = create(64, 1, 64);
  const auto all = tracked_for(nullptr);
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Tracked& t) {
    return t.kind == Kind::dma_map && t.object == map;
  }));
  bus_dmamap_destroy(tag, map);
  EXPECT_EXIT((panic_to_stderr(), bus_dmamap_destroy(tag, map)), testing::ExitedWithCode(3),
              "is no DMA map, or was destroyed before");
}

// A host that maps any memory, at addresses of its choice.
class MappingDma final : public ArenaDma {
 public:
  MappingDma() : ArenaDma(Options{.size = mib}) {}
  [[nodiscard]] bool can_map() const noexcept override { return true; }
  std::optional<std::uint64_t> map(void* p, std::size_t size,
                                   const DmaConstraints& limits) noexcept override {
    if (next + size - 1 > limits.highest) return std::nullopt;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(p) % page_size, 0U);
    const std::uint64_t bus = next;
    next += size;
    mapped[bus] = size;
    return bus;
  }
  void unmap(std::uint64_t bus, std::size_t size) noexcept override {
    EXPECT_EQ(mapped[bus], size);
    mapped.erase(bus);
  }
  std::map<std::uint64_t, std::size_t> mapped;
  std::uint64_t next = 0x40000000;
};

TEST(BusDmaMapping, OtherMemoryIsMappedWhereItLies) {
  MappingDma dma;
  const bus_dma_tag_t tag = dma_tag_create(dma, 0, UINT32_MAX);
  std::vector<std::byte> buffer(10000);
  bus_dmamap_t map = nullptr;
  ASSERT_EQ(bus_dmamap_create(tag, 10000, 1, 10000, 0, 0, &map), 0);
  ASSERT_EQ(bus_dmamap_load(tag, map, buffer.data(), 10000, nullptr, 0), 0);
  EXPECT_EQ(dma.mapped.size(), 1U);
  EXPECT_EQ(map->dm_segs[0].ds_addr % 4096, reinterpret_cast<std::uintptr_t>(buffer.data()) % 4096);
  bus_dmamap_unload(tag, map);
  EXPECT_TRUE(dma.mapped.empty());

  // Where the host has no address that the tag reaches, it is bounced after all.
  bus_dma_tag_t low = nullptr;
  ASSERT_EQ(bus_dmatag_subregion(tag, 0, 0xfffff, &low, 0), 0);
  ASSERT_EQ(bus_dmamap_load(low, map, buffer.data(), 10000, nullptr, 0), 0);
  EXPECT_TRUE(dma.mapped.empty());
  EXPECT_LT(map->dm_segs[0].ds_addr, 0x100000U);
  bus_dmamap_unload(low, map);
  bus_dmatag_destroy(low);
  bus_dmamap_destroy(tag, map);
  dma_tag_delete(tag);
}

#ifdef PUPCI_DEBUG
using BusDmaMisuse = BusDma;

TEST_F(BusDmaMisuse, IsNamed) {
  auto* buffer = static_cast<std::byte*>(dma.allocate(4096));
  const bus_dmamap_t map = create(4096, 1, 4096);
  const auto dies = testing::ExitedWithCode(3);
  EXPECT_EXIT((panic_to_stderr(), bus_dmamap_sync(tag, map, 0, 1, BUS_DMASYNC_PREREAD)), dies,
              "nothing is loaded");
  EXPECT_EXIT((panic_to_stderr(), bus_dmamap_unload(tag, map)), dies, "is not loaded");
  ASSERT_EQ(bus_dmamap_load(tag, map, buffer, 100, nullptr, BUS_DMA_WRITE), 0);
  EXPECT_EXIT((panic_to_stderr(), (void)bus_dmamap_load(tag, map, buffer, 1, nullptr, 0)), dies,
              "is loaded already");
  EXPECT_EXIT((panic_to_stderr(), bus_dmamap_destroy(tag, map)), dies, "is still loaded");
  EXPECT_EXIT((panic_to_stderr(), bus_dmamap_sync(tag, map, 50, 51, BUS_DMASYNC_PREWRITE)), dies,
              "beyond what is loaded");
  EXPECT_EXIT((panic_to_stderr(), bus_dmamap_sync(tag, map, 0, 1, 0)), dies, "no such operation");
  EXPECT_EXIT((panic_to_stderr(),
               bus_dmamap_sync(tag, map, 0, 1, BUS_DMASYNC_PREWRITE | BUS_DMASYNC_POSTWRITE)),
              dies, "PRE and POST in one call");
  EXPECT_EXIT((panic_to_stderr(), bus_dmamap_sync(tag, map, 0, 1, BUS_DMASYNC_PREREAD)), dies,
              "PREREAD of a map that was loaded with BUS_DMA_WRITE");
  bus_dmamap_sync(tag, map, 0, 1, BUS_DMASYNC_POSTWRITE);
  EXPECT_THAT(console, testing::HasSubstr("POSTWRITE without PREWRITE before"));
  bus_dmamap_unload(tag, map);
  bus_dmamap_destroy(tag, map);
  dma.release(buffer, 4096);
}
#endif

}  // namespace
