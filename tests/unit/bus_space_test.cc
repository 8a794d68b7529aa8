// SPDX-License-Identifier: BSD-2-Clause
// bus_space(9) over memory that the CPU reaches and memory that only calls reach: both must behave
// alike.
#include "kern/bus_space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <thread>

#include "kern/console.h"
#include "kern/track.h"
#include "unit/fake_region.h"

namespace {

using namespace pupci;
using namespace pupci::kern;
using namespace pupci::test;
using Access = MemoryRegion::Access;

class BusSpace : public testing::TestWithParam<Access> {
 protected:
  void SetUp() override {
    set_console([this](std::string_view text) { console += text; });
    bytes = make_bytes(0x1000);
    ASSERT_EQ(enter(bytes, 0, &handle), 0);
  }
  void TearDown() override {
    bus_space_unmap(tag, handle, 0x1000);
    set_console({});
  }
  static int enter(const Bytes& memory, int flags, bus_space_handle_t* result) {
    return bus_space_enter(std::make_unique<MemoryRegion>(memory, GetParam()), flags, nullptr,
                           result);
  }
  template <typename T>
  T at(std::size_t offset) const {
    T value;
    std::memcpy(&value, bytes->data() + offset, sizeof value);
    return value;
  }

  bus_space_tag_t tag = bus_space_tag(Space::memory);
  Bytes bytes;
  bus_space_handle_t handle = 0;
  std::string console;
};

TEST_P(BusSpace, WritesEveryWidthLittleEndian) {
  bus_space_write_1(tag, handle, 0, 0x11);
  bus_space_write_2(tag, handle, 2, 0x2233);
  bus_space_write_4(tag, handle, 4, 0x44556677);
  bus_space_write_8(tag, handle, 8, 0x8899aabbccddeeff);
  EXPECT_EQ(at<std::uint8_t>(0), 0x11);
  EXPECT_EQ(at<std::uint8_t>(2), 0x33);
  EXPECT_EQ(at<std::uint8_t>(7), 0x44);
  EXPECT_EQ(at<std::uint8_t>(15), 0x88);
  EXPECT_EQ(bus_space_read_1(tag, handle, 0), 0x11);
  EXPECT_EQ(bus_space_read_2(tag, handle, 2), 0x2233);
  EXPECT_EQ(bus_space_read_4(tag, handle, 4), 0x44556677U);
  EXPECT_EQ(bus_space_read_8(tag, handle, 8), 0x8899aabbccddeeffU);
  EXPECT_EQ(bus_space_read_stream_4(tag, handle, 4), 0x44556677U);
}

TEST_P(BusSpace, HandlePlusOffsetIsAHandle) {
  bus_space_write_4(tag, handle + 0x100, 4, 0xabcd);
  EXPECT_EQ(at<std::uint32_t>(0x104), 0xabcdU);
  EXPECT_EQ(bus_space_read_4(tag, handle + 0x200, static_cast<bus_size_t>(-0xfc)), 0xabcdU);
}

TEST_P(BusSpace, SubregionIsWithinTheMapping) {
  bus_space_handle_t sub = 0;
  ASSERT_EQ(bus_space_subregion(tag, handle, 0x800, 0x800, &sub), 0);
  bus_space_write_2(tag, sub, 0x10, 0x1234);
  EXPECT_EQ(at<std::uint16_t>(0x810), 0x1234);
  EXPECT_EQ(bus_space_subregion(tag, handle, 0x800, 0x801, &sub), EINVAL);
  EXPECT_EQ(bus_space_subregion(tag, handle, 0x1001, 0, &sub), EINVAL);
  EXPECT_EQ(bus_space_subregion(tag, handle, ~bus_size_t{0}, 2, &sub), EINVAL);
  EXPECT_TRUE(bus_space_handle_is_equal(tag, handle, handle));
  EXPECT_FALSE(bus_space_handle_is_equal(tag, handle, sub));
}

TEST_P(BusSpace, MultiStaysAndRegionAdvances) {
  const std::array<std::uint16_t, 4> data{1, 2, 3, 4};
  bus_space_write_region_2(tag, handle, 0x20, data.data(), data.size());
  std::array<std::uint16_t, 4> back{};
  bus_space_read_region_2(tag, handle, 0x20, back.data(), back.size());
  EXPECT_EQ(back, data);
  bus_space_write_multi_2(tag, handle, 0x40, data.data(), data.size());
  EXPECT_EQ(at<std::uint16_t>(0x40), 4);
  EXPECT_EQ(at<std::uint16_t>(0x42), 0);
  bus_space_read_multi_2(tag, handle, 0x22, back.data(), back.size());
  EXPECT_THAT(back, testing::Each(2));
}

TEST_P(BusSpace, SetFillsLongRegionsAndNothingMore) {
  bus_space_set_region_4(tag, handle, 0x10, 0xa5a5a5a5, 300);
  EXPECT_EQ(at<std::uint32_t>(0x0c), 0U);
  EXPECT_EQ(at<std::uint32_t>(0x10), 0xa5a5a5a5U);
  EXPECT_EQ(at<std::uint32_t>(0x10 + 299 * 4), 0xa5a5a5a5U);
  EXPECT_EQ(at<std::uint32_t>(0x10 + 300 * 4), 0U);
  bus_space_set_multi_1(tag, handle, 0, 0x77, 1000);
  EXPECT_EQ(at<std::uint8_t>(0), 0x77);
  EXPECT_EQ(at<std::uint8_t>(1), 0);
}

TEST_P(BusSpace, CopyRegionHandlesOverlapBothWays) {
  for (unsigned i = 0; i < 1000; i++)
    bus_space_write_2(tag, handle, bus_size_t{2} * i, static_cast<uint16_t>(i));
  bus_space_copy_region_2(tag, handle, 0, handle, 6, 1000);
  for (unsigned i = 0; i < 1000; i++)
    ASSERT_EQ(bus_space_read_2(tag, handle, 6 + bus_size_t{2} * i), i);
  bus_space_copy_region_2(tag, handle, 6, handle, 0, 1000);
  for (unsigned i = 0; i < 1000; i++)
    ASSERT_EQ(bus_space_read_2(tag, handle, bus_size_t{2} * i), i);
}

TEST_P(BusSpace, PeekAndPokeReportWhatIsNotThere) {
  std::uint32_t value = 0;
  EXPECT_EQ(bus_space_poke_4(tag, handle, 0xffc, 7), 0);
  EXPECT_EQ(bus_space_peek_4(tag, handle, 0xffc, &value), 0);
  EXPECT_EQ(value, 7U);
  EXPECT_EQ(bus_space_peek_4(tag, handle, 0xffd, &value), EFAULT);
  EXPECT_EQ(bus_space_poke_4(tag, handle, 0x1000, 7), EFAULT);
}

template <typename T>
void expect_peek_and_poke(int (*peek)(bus_space_tag_t, bus_space_handle_t, bus_size_t, T*),
                          int (*poke)(bus_space_tag_t, bus_space_handle_t, bus_size_t, T),
                          bus_space_tag_t tag, bus_space_handle_t handle) {
  const T written = static_cast<T>(0x8182838485868788);
  const bus_size_t last = 0x1000 - sizeof(T);
  T value = 0;
  EXPECT_EQ(poke(tag, handle, last, written), 0);
  EXPECT_EQ(peek(tag, handle, last, &value), 0);
  EXPECT_EQ(value, written);
  EXPECT_EQ(peek(tag, handle, last + 1, &value), EFAULT);
  EXPECT_EQ(poke(tag, handle, last + 1, 0), EFAULT);
  EXPECT_EQ(peek(tag, handle, last, &value), 0);
  EXPECT_EQ(value, written) << "what does not fit changes nothing";
}

TEST_P(BusSpace, PeekAndPokeAtEveryWidth) {
  expect_peek_and_poke(bus_space_peek_1, bus_space_poke_1, tag, handle);
  expect_peek_and_poke(bus_space_peek_2, bus_space_poke_2, tag, handle);
  expect_peek_and_poke(bus_space_peek_4, bus_space_poke_4, tag, handle);
  expect_peek_and_poke(bus_space_peek_8, bus_space_poke_8, tag, handle);
}

TEST_P(BusSpace, BarriersComeAfterWhatWasWritten) {
  bus_space_write_4(tag, handle, 0x10, 0x01020304);
  bus_space_barrier(tag, handle, 0x10, 4, BUS_SPACE_BARRIER_WRITE | BUS_SPACE_BARRIER_READ);
  EXPECT_EQ(at<std::uint32_t>(0x10), 0x01020304U);
}

TEST_P(BusSpace, VaddrIsForLinearMappingsOnly) {
  EXPECT_EQ(bus_space_vaddr(tag, handle), nullptr);
  bus_space_handle_t linear = 0;
  const Bytes other = make_bytes(64);
  ASSERT_EQ(enter(other, BUS_SPACE_MAP_LINEAR, &linear), 0);
  auto* view = static_cast<std::byte*>(bus_space_vaddr(tag, linear));
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(bus_space_vaddr(tag, linear + 8), view + 8);
  if (GetParam() == Access::direct) {
    EXPECT_EQ(view, other->data());
  }
  view[3] = std::byte{0x33};
  bus_space_write_1(tag, linear, 4, 0x44);
  EXPECT_EQ(bus_space_read_1(tag, linear, 3), 0x33);
  bus_space_unmap(tag, linear, 64);
  EXPECT_EQ(other->at(3), std::byte{0x33});
  EXPECT_EQ(other->at(4), std::byte{0x44});
}

TEST_P(BusSpace, PortsAreNotLinear) {
  if (GetParam() == Access::direct) GTEST_SKIP() << "no host has direct ports";
  bus_space_handle_t ports = 0;
  EXPECT_EQ(
      bus_space_enter(std::make_unique<MemoryRegion>(make_bytes(64), Access::trapped, Space::io),
                      BUS_SPACE_MAP_LINEAR, nullptr, &ports),
      EOPNOTSUPP);
  EXPECT_THAT(console, testing::HasSubstr("cannot be mapped linear"));
}

TEST_P(BusSpace, MappingsAreTracked) {
  bus_space_handle_t more = 0;
  const char here = 0;
  ASSERT_EQ(
      bus_space_enter(std::make_unique<MemoryRegion>(make_bytes(16), GetParam()), 0, &here, &more),
      0);
  EXPECT_EQ(tracked_in(&here, &here + 1).size(), 1U);
  bus_space_unmap(tag, more, 16);
  EXPECT_TRUE(tracked_in(&here, &here + 1).empty());
}

TEST_P(BusSpace, UnmapTwiceIsAViolation) {
  bus_space_handle_t more = 0;
  ASSERT_EQ(enter(make_bytes(16), 0, &more), 0);
  bus_space_unmap(tag, more, 16);
  EXPECT_EXIT((panic_to_stderr(), bus_space_unmap(tag, more, 16)), testing::ExitedWithCode(3),
              "bus_space_unmap: handle 0x[0-9a-f]+ is not mapped");
}

TEST_P(BusSpace, UnmapOfAnotherSizeIsTold) {
  bus_space_handle_t more = 0;
  ASSERT_EQ(enter(make_bytes(16), 0, &more), 0);
  bus_space_unmap(tag, more, 8);
  EXPECT_THAT(console, testing::HasSubstr("bus_space_unmap: 8 bytes, but 16 were mapped"));
}

INSTANTIATE_TEST_SUITE_P(Both, BusSpace, testing::Values(Access::direct, Access::trapped),
                         [](const auto& which) {
                           return which.param == Access::direct ? "direct" : "trapped";
                         });

// The paths that drivers take when built with DEBUG, or on a trapped mapping.
class BusSpaceBounds : public BusSpace {};

#ifdef PUPCI_DEBUG
TEST_P(BusSpaceBounds, ReadsBeyondTheEndAreViolations) {
  EXPECT_EXIT((panic_to_stderr(), __pupci_bus_space_read_4(tag, handle, 0xffd)),
              testing::ExitedWithCode(3),
              "bus_space_read_4: offset 0xffd is outside the mapping of 0x1000 bytes");
  EXPECT_EXIT((panic_to_stderr(), bus_space_set_region_4(tag, handle, 0, 0, 0x401)),
              testing::ExitedWithCode(3), "bus_space_set_4");
}
#else
TEST_P(BusSpaceBounds, ReadsBeyondTheEndAnswerAllOnes) {
  EXPECT_EQ(__pupci_bus_space_read_4(tag, handle, 0xffd), 0xffffffffU);
  EXPECT_THAT(console, testing::HasSubstr("offset 0xffd is outside the mapping of 0x1000 bytes"));
  __pupci_bus_space_write_4(tag, handle, 0x1000, 0);
  std::array<std::uint32_t, 2> data{};
  bus_space_read_region_4(tag, handle, 0xffc, data.data(), 2);
  EXPECT_THAT(data, testing::Each(0xffffffffU));
}

TEST_P(BusSpaceBounds, AFloodOfFaultsIsToldTenTimes) {
  for (int i = 0; i < 100; i++) (void)__pupci_bus_space_read_1(tag, handle, 0x1000);
  std::size_t lines = 0;
  for (const char c : console) lines += c == '\n' ? 1 : 0;
  EXPECT_EQ(lines, 10U);
}
#endif

TEST_P(BusSpaceBounds, ChecksCountTimesWidthWithoutOverflow) {
#ifndef PUPCI_DEBUG
  __pupci_bus_space_set_block(handle, 0, 0, SIZE_MAX / 2, 8, 8);
  EXPECT_THAT(console, testing::HasSubstr("outside the mapping"));
#else
  EXPECT_EXIT((panic_to_stderr(), __pupci_bus_space_set_block(handle, 0, 0, SIZE_MAX / 2, 8, 8)),
              testing::ExitedWithCode(3), "outside the mapping");
#endif
}

INSTANTIATE_TEST_SUITE_P(Both, BusSpaceBounds, testing::Values(Access::direct, Access::trapped),
                         [](const auto& which) {
                           return which.param == Access::direct ? "direct" : "trapped";
                         });

TEST(BusSpaceTags, DifferByKind) {
  EXPECT_TRUE(bus_space_is_equal(bus_space_tag(Space::io), bus_space_tag(Space::io)));
  EXPECT_FALSE(bus_space_is_equal(bus_space_tag(Space::io), bus_space_tag(Space::memory)));
}

TEST(BusSpaceTags, MapWithoutABusFails) {
  bus_space_handle_t handle = 0;
  EXPECT_EQ(bus_space_map(bus_space_tag(Space::memory), 0x1000, 16, 0, &handle), ENXIO);
}

TEST(BusSpaceThreads, MappingsComeAndGoWhileOthersAreUsed) {
  bus_space_handle_t fixed = 0;
  ASSERT_EQ(
      bus_space_enter(std::make_unique<MemoryRegion>(make_bytes(64), MemoryRegion::Access::trapped),
                      0, nullptr, &fixed),
      0);
  const bus_space_tag_t tag = bus_space_tag(Space::memory);
  std::thread other([tag] {
    for (int i = 0; i < 1000; i++) {
      bus_space_handle_t handle = 0;
      (void)bus_space_enter(
          std::make_unique<MemoryRegion>(make_bytes(64), MemoryRegion::Access::trapped), 0, nullptr,
          &handle);
      bus_space_write_4(tag, handle, 0, 1);
      bus_space_unmap(tag, handle, 64);
    }
  });
  for (unsigned i = 0; i < 10000; i++) {
    bus_space_write_4(tag, fixed, 8, i);
    ASSERT_EQ(bus_space_read_4(tag, fixed, 8), i);
  }
  other.join();
  bus_space_unmap(tag, fixed, 64);
}

}  // namespace
