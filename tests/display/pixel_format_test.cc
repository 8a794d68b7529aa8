// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/pixel_format.h"

#include <gtest/gtest.h>

#include <vector>

namespace pupci::wscons {
namespace {

using Pixels = std::vector<std::uint32_t>;

Pixels convert(const PixelFormat& format, const std::vector<int>& bytes, std::size_t first,
               std::size_t count) {
  EXPECT_TRUE(format.valid());
  std::vector<std::byte> row;
  for (const int byte : bytes) row.push_back(static_cast<std::byte>(byte));
  Pixels pixels(count);
  PixelReader(format).convert(row.data(), first, count, pixels.data());
  return pixels;
}

PixelFormat rgb(unsigned bits, ColourField red, ColourField green, ColourField blue) {
  PixelFormat format;
  format.bits = bits;
  format.red = red;
  format.green = green;
  format.blue = blue;
  return format;
}

PixelFormat indexed(unsigned bits) {
  PixelFormat format;
  format.bits = bits;
  format.indexed = true;
  for (std::uint32_t i = 0; i < 256; ++i) format.palette[i] = 0x100000U + i;
  return format;
}

TEST(PixelFormats, KeepFullIntensityAndNone) {
  for (unsigned bits = 1; bits <= 8; ++bits) {
    EXPECT_EQ(widen(0, bits), 0);
    EXPECT_EQ(widen((1U << bits) - 1, bits), 0xff) << bits;
  }
  EXPECT_EQ(widen(0, 0), 0);
}

TEST(PixelFormats, SpreadBitsEvenly) {
  EXPECT_EQ(widen(0x10, 5), 0x84);
  EXPECT_EQ(widen(0x0f, 5), 0x7b);
  EXPECT_EQ(widen(0x20, 6), 0x82);
  EXPECT_EQ(widen(0x5, 3), 0xb6);
  EXPECT_EQ(widen(0x2, 2), 0xaa);
  EXPECT_EQ(widen(0x7, 4), 0x77);
  EXPECT_EQ(widen(0xab, 8), 0xab);
}

TEST(PixelFormats, Of32Bits) {
  const auto usual = rgb(32, {16, 8}, {8, 8}, {0, 8});
  EXPECT_EQ(convert(usual, {0x33, 0x22, 0x11, 0xff, 3, 2, 1, 0}, 0, 2),
            (Pixels{0x112233, 0x010203}));
  const auto swapped = rgb(32, {8, 8}, {16, 8}, {24, 8});
  EXPECT_EQ(convert(swapped, {0xff, 0x11, 0x22, 0x33}, 0, 1), (Pixels{0x112233}));
  const auto bgr = rgb(32, {0, 8}, {8, 8}, {16, 8});
  EXPECT_EQ(convert(bgr, {0, 0, 0, 0, 0x11, 0x22, 0x33, 0}, 1, 1), (Pixels{0x112233}));
}

TEST(PixelFormats, Of24Bits) {
  const auto usual = rgb(24, {16, 8}, {8, 8}, {0, 8});
  EXPECT_EQ(convert(usual, {9, 9, 9, 0x33, 0x22, 0x11, 6, 5, 4}, 1, 2),
            (Pixels{0x112233, 0x040506}));
}

TEST(PixelFormats, Of16And15Bits) {
  const auto r5g6b5 = rgb(16, {11, 5}, {5, 6}, {0, 5});
  EXPECT_EQ(convert(r5g6b5, {0x00, 0xf8, 0xe0, 0x07, 0x1f, 0x00}, 0, 3),
            (Pixels{0xff0000, 0x00ff00, 0x0000ff}));
  const auto r5g5b5 = rgb(16, {10, 5}, {5, 5}, {0, 5});
  EXPECT_EQ(convert(r5g5b5, {0x00, 0xfc, 0xe0, 0x03, 0x1f, 0x80}, 0, 3),
            (Pixels{0xff0000, 0x00ff00, 0x0000ff}));
}

TEST(PixelFormats, Of8Bits) {
  EXPECT_EQ(convert(indexed(8), {0, 7, 255}, 1, 2), (Pixels{0x100007, 0x1000ff}));
  const auto r3g3b2 = rgb(8, {5, 3}, {2, 3}, {0, 2});
  EXPECT_EQ(convert(r3g3b2, {0xe0, 0x1c, 0x03}, 0, 3), (Pixels{0xff0000, 0x00ff00, 0x0000ff}));
}

TEST(PixelFormats, OfLessThanAByte) {
  EXPECT_EQ(convert(indexed(1), {0xa0, 0x01}, 0, 3), (Pixels{0x100001, 0x100000, 0x100001}));
  EXPECT_EQ(convert(indexed(1), {0xa0, 0x01}, 14, 2), (Pixels{0x100000, 0x100001}));
  EXPECT_EQ(convert(indexed(2), {0x1b}, 1, 3), (Pixels{0x100001, 0x100002, 0x100003}));
  EXPECT_EQ(convert(indexed(4), {0x12, 0x34}, 1, 2), (Pixels{0x100002, 0x100003}));
  EXPECT_EQ(indexed(1).bytes(9), 2U);
}

TEST(PixelFormats, LeaveOutAColourWithoutBits) {
  EXPECT_EQ(convert(rgb(16, {8, 8}, {0, 0}, {0, 8}), {0x12, 0x34}, 0, 1), (Pixels{0x340012}));
}

TEST(PixelFormats, AreRefusedWhenTheyAreNone) {
  EXPECT_FALSE(PixelFormat().valid());
  EXPECT_FALSE(rgb(12, {8, 4}, {4, 4}, {0, 4}).valid());
  EXPECT_FALSE(rgb(32, {22, 10}, {12, 10}, {2, 10}).valid());
  EXPECT_FALSE(rgb(16, {12, 5}, {5, 6}, {0, 5}).valid());
  EXPECT_FALSE(rgb(16, {~0U, 5}, {5, 6}, {0, 5}).valid());
  EXPECT_FALSE(rgb(4, {0, 1}, {1, 1}, {2, 1}).valid());
  EXPECT_FALSE(indexed(16).valid());
  EXPECT_TRUE(indexed(4).valid());
}

}  // namespace
}  // namespace pupci::wscons
