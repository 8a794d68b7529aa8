// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/bitops.h"

#include <gtest/gtest.h>

#include <random>

#include "netbsd/sys/bswap.h"
#include "netbsd/sys/endian.h"

namespace {

TEST(Bitops, FirstAndLastBit) {
  EXPECT_EQ(ffs32(0), 0);
  EXPECT_EQ(fls32(0), 0);
  EXPECT_EQ(ffs64(0), 0);
  EXPECT_EQ(fls64(0), 0);
  for (int bit = 0; bit < 64; ++bit) {
    const uint64_t word = uint64_t{1} << bit;
    EXPECT_EQ(ffs64(word), bit + 1);
    EXPECT_EQ(fls64(word), bit + 1);
    EXPECT_EQ(ilog2(word), bit);
    EXPECT_EQ(fls64(word | 1), bit + 1);
    if (bit < 32) {
      EXPECT_EQ(ffs32(static_cast<uint32_t>(word)), bit + 1);
      EXPECT_EQ(fls32(static_cast<uint32_t>(word)), bit + 1);
    }
  }
  EXPECT_EQ(ilog2(1000), 9);
}

TEST(Bitops, FastDivisionIsDivision) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    const uint32_t divisor =
        round < 100 ? static_cast<uint32_t>(round) + 1 : static_cast<uint32_t>(random()) | 1;
    uint32_t m = 0;
    uint8_t s1 = 0;
    uint8_t s2 = 0;
    fast_divide32_prepare(divisor, &m, &s1, &s2);
    for (const uint32_t value : {0U, 1U, divisor - 1, divisor, divisor + 1, 0xffffffffU,
                                 static_cast<uint32_t>(random())}) {
      EXPECT_EQ(fast_divide32(value, divisor, m, s1, s2), value / divisor);
      EXPECT_EQ(fast_remainder32(value, divisor, m, s1, s2), value % divisor);
    }
  }
}

TEST(Bitops, Bitmaps) {
  __BITMAP_TYPE(map, uint32_t, 100);
  struct map bits;
  __BITMAP_ZERO(&bits);
  EXPECT_EQ(sizeof(bits), 16U);
  __BITMAP_SET(0, &bits);
  __BITMAP_SET(33, &bits);
  __BITMAP_SET(99, &bits);
  EXPECT_TRUE(__BITMAP_ISSET(33, &bits));
  EXPECT_FALSE(__BITMAP_ISSET(1, &bits));
  __BITMAP_CLR(33, &bits);
  EXPECT_FALSE(__BITMAP_ISSET(33, &bits));
  EXPECT_TRUE(__BITMAP_ISSET(0, &bits));
  EXPECT_TRUE(__BITMAP_ISSET(99, &bits));
}

TEST(Endian, SwapsAndReadsUnaligned) {
  EXPECT_EQ(bswap16(0x1234), 0x3412);
  EXPECT_EQ(bswap32(0x12345678), 0x78563412U);
  EXPECT_EQ(bswap64(0x0123456789abcdef), 0xefcdab8967452301U);
  const unsigned char bytes[9] = {0xff, 1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(be16dec(bytes + 1), 0x0102);
  EXPECT_EQ(le16dec(bytes + 1), 0x0201);
  EXPECT_EQ(be32dec(bytes + 1), 0x01020304U);
  EXPECT_EQ(le32dec(bytes + 1), 0x04030201U);
  EXPECT_EQ(be64dec(bytes + 1), 0x0102030405060708U);
  EXPECT_EQ(le64dec(bytes + 1), 0x0807060504030201U);
  unsigned char out[9] = {};
  be32enc(out + 1, 0xa1b2c3d4);
  EXPECT_EQ(out[1], 0xa1);
  EXPECT_EQ(out[4], 0xd4);
  le64enc(out + 1, 0x0102030405060708);
  EXPECT_EQ(out[1], 8);
  EXPECT_EQ(out[8], 1);
}

}  // namespace
