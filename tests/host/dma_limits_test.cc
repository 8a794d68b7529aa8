// SPDX-License-Identifier: BSD-2-Clause
#include "host/dma_limits.h"

#include <gtest/gtest.h>

namespace pupci {
namespace {

constexpr std::uint64_t end = UINT64_MAX;

TEST(DmaLimits, WithoutLimitsAnythingIsSo) {
  EXPECT_TRUE(satisfied({}, 0, 1));
  EXPECT_TRUE(satisfied({}, 12345, 678));
  EXPECT_TRUE(satisfied({}, 0, end));
  EXPECT_TRUE(satisfied({}, end, 1));
  EXPECT_FALSE(satisfied({}, end, 2));  // wraps around
  EXPECT_TRUE(satisfied({.alignment = 0}, 3, 1));
}

TEST(DmaLimits, BothEndsAreInclusive) {
  const DmaConstraints limits{.lowest = 0x1000, .highest = 0x2fff};
  EXPECT_TRUE(satisfied(limits, 0x1000, 0x2000));
  EXPECT_FALSE(satisfied(limits, 0xfff, 1));
  EXPECT_FALSE(satisfied(limits, 0xfff, 0x2001));
  EXPECT_TRUE(satisfied(limits, 0x2fff, 1));
  EXPECT_FALSE(satisfied(limits, 0x2fff, 2));
  EXPECT_FALSE(satisfied(limits, 0x3000, 1));
}

TEST(DmaLimits, AlignmentIsOfTheFirstByte) {
  const DmaConstraints limits{.alignment = 64};
  EXPECT_TRUE(satisfied(limits, 0, 1));
  EXPECT_TRUE(satisfied(limits, 128, 1000));
  EXPECT_FALSE(satisfied(limits, 96, 32));
}

TEST(DmaLimits, NoByteIsBehindTheBoundary) {
  const DmaConstraints limits{.boundary = 0x1000};
  EXPECT_TRUE(satisfied(limits, 0x1000, 0x1000));
  EXPECT_TRUE(satisfied(limits, 0x1fff, 1));
  EXPECT_FALSE(satisfied(limits, 0x1fff, 2));
  EXPECT_FALSE(satisfied(limits, 0x1000, 0x1001));
  EXPECT_FALSE(satisfied(limits, 0x1800, 0x1000));
  EXPECT_TRUE(satisfied({.boundary = std::uint64_t{1} << 63}, end - 9, 10));
}

TEST(DmaLimits, WhatCannotBe) {
  EXPECT_TRUE(satisfiable({}, 1));
  EXPECT_TRUE(satisfiable({}, end));
  EXPECT_FALSE(satisfiable({}, 0));
  EXPECT_TRUE(satisfiable({.alignment = 0}, 1));
  EXPECT_FALSE(satisfiable({.alignment = 3}, 1));
  EXPECT_TRUE(satisfiable({.boundary = 4096}, 4096));
  EXPECT_FALSE(satisfiable({.boundary = 4096}, 4097));
  EXPECT_FALSE(satisfiable({.boundary = 4095}, 1));
  EXPECT_FALSE(satisfiable({.lowest = 2, .highest = 1}, 1));
  EXPECT_TRUE(satisfiable({.lowest = 2, .highest = 2}, 1));
  EXPECT_FALSE(satisfiable({.lowest = 2, .highest = 2}, 2));
}

}  // namespace
}  // namespace pupci
