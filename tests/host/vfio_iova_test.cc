// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/iova.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

#include "host/dma_limits.h"

namespace pupci::vfio {
namespace {

constexpr std::uint64_t page = 4096;

// Around the window of interrupt messages, as on a PC.
IovaSpace pc() {
  return IovaSpace({{0, 0xfedfffff}, {0xfef00000, 0x7fffffffff}}, page);
}

TEST(VfioIova, LowestFirstButNeverZero) {
  IovaSpace space = pc();
  EXPECT_EQ(space.take(1, {}), page);
  EXPECT_EQ(space.take(page + 1, {}), 2 * page);
  EXPECT_EQ(space.take(page, {}), 4 * page);
}

TEST(VfioIova, WhatIsGivenBackIsOneRangeAgain) {
  IovaSpace space({{page, 4 * page - 1}}, page);
  EXPECT_EQ(space.take(page, {}), 1 * page);
  EXPECT_EQ(space.take(page, {}), 2 * page);
  EXPECT_EQ(space.take(page, {}), 3 * page);
  EXPECT_EQ(space.take(page, {}), std::nullopt);
  space.give(1 * page, page);
  space.give(3 * page, page);
  EXPECT_EQ(space.take(2 * page, {}), std::nullopt);
  space.give(2 * page, page);
  EXPECT_EQ(space.take(3 * page, {}), page);
}

TEST(VfioIova, KeepsClearOfHolesInTheRanges) {
  IovaSpace space = pc();
  const std::uint64_t most = 0xfee00000 - page;
  EXPECT_EQ(space.take(most, {}), page);
  EXPECT_EQ(space.take(page, {}), 0xfef00000U);
}

TEST(VfioIova, Constraints) {
  IovaSpace space = pc();
  DmaConstraints constraints;
  constraints.lowest = 0x12345;
  constraints.alignment = 0x10000;
  EXPECT_EQ(space.take(page, constraints), 0x20000U);
  constraints = {};
  constraints.boundary = 0x10000;
  EXPECT_EQ(space.take(0xf000, constraints), 0x1000U);
  EXPECT_EQ(space.take(0x10000, constraints), 0x10000U);
  EXPECT_EQ(space.take(0x11000, constraints), std::nullopt);
  constraints = {};
  constraints.highest = 0x40000 - 2;
  EXPECT_EQ(space.take(0x10000, constraints), 0x21000U);
  EXPECT_EQ(space.take(0x10000, constraints), std::nullopt);
  EXPECT_EQ(space.take(0, {}), std::nullopt);
}

TEST(VfioIova, TheWholeSpaceAndItsEnd) {
  IovaSpace space({{0, UINT64_MAX}}, page);
  DmaConstraints constraints;
  constraints.lowest = UINT64_MAX - page + 1;
  EXPECT_EQ(space.take(page, constraints), UINT64_MAX - page + 1);
  EXPECT_EQ(space.take(page, constraints), std::nullopt);
  constraints.alignment = std::uint64_t{1} << 63;
  EXPECT_EQ(space.take(page, constraints), std::nullopt);
}

TEST(VfioIova, RangesThatAreNoPageAreLeftOut) {
  IovaSpace space({{0x1001, 0x1fff}, {0x2800, 0x37ff}, {0x5000, 0x5fff}}, page);
  EXPECT_EQ(space.take(1, {}), 0x5000U);
  EXPECT_EQ(space.take(1, {}), std::nullopt);
}

// Against a list of what is taken: nothing overlaps, everything comes back.
TEST(VfioIova, AtRandom) {
  std::mt19937 random(7);
  IovaSpace space({{page, 1024 * page - 1}}, page);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken;
  for (int round = 0; round < 20000; round++) {
    if (!taken.empty() && random() % 2 == 0) {
      const std::size_t which = random() % taken.size();
      space.give(taken[which].first, taken[which].second);
      taken.erase(taken.begin() + static_cast<std::ptrdiff_t>(which));
      continue;
    }
    DmaConstraints constraints;
    constraints.alignment = page << random() % 4;
    const std::uint64_t size = (1 + random() % 16) * page;
    const auto got = space.take(size, constraints);
    if (!got) continue;
    ASSERT_TRUE(satisfied(constraints, *got, size));
    ASSERT_GE(*got, page);
    ASSERT_LE(*got + size, 1024 * page);
    for (const auto& [other, length] : taken) {
      ASSERT_TRUE(*got + size <= other || other + length <= *got);
    }
    taken.emplace_back(*got, size);
  }
  for (const auto& [at, size] : taken) space.give(at, size);
  EXPECT_EQ(space.take(1023 * page, {}), page);
}

}  // namespace
}  // namespace pupci::vfio
