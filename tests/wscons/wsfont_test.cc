// SPDX-License-Identifier: BSD-2-Clause
// wsfont(9): looking fonts up, adding and removing them, orders, turns, and Unicode.
#include <gmock/gmock.h>
#include <netbsd/dev/wscons/wsconsio.h>
#include <netbsd/dev/wsfont/wsfont.h>

#include <array>
#include <cerrno>
#include <set>
#include <string>
#include <vector>

#include "kern/check.h"

namespace pupci::tests {
namespace {

constexpr int l2r = WSDISPLAY_FONTORDER_L2R;
constexpr int r2l = WSDISPLAY_FONTORDER_R2L;

int find(const char* name, int width = 0, int height = 0, int flags = WSFONT_FIND_ALL) {
  return wsfont_find(name, width, height, 0, l2r, l2r, flags);
}

// A font of one character, 12x2: the upper left pixel and the lower right one.
struct Small {
  std::array<std::uint8_t, 4> data = {0x80, 0x00, 0x00, 0x10};
  wsdisplay_font font{"small", 'A', 1, WSDISPLAY_FONTENC_ISO, 12, 2, 2, l2r, l2r, data.data()};
};

class Wsfont : public testing::Test {
 protected:
  Wsfont() { wsfont_init(); }
  ~Wsfont() override {
    for (const char* name : {"small", "smallcw", "smallccw", "smallud"}) {
      const int cookie = find(name);
      if (cookie > 0) wsfont_remove(cookie);
    }
  }
  Small small_;
};

TEST_F(Wsfont, HasSpleenAndTerminusInThreeSizes) {
  for (const char* family : {"Spleen", "Terminus"}) {
    for (const char* size : {"8x16", "12x24", "16x32"}) {
      const std::string name = std::string(family) + " " + size;
      wsdisplay_font* font = nullptr;
      const int cookie = find(name.c_str());
      ASSERT_EQ(wsfont_lock(cookie, &font), 0) << name;
      EXPECT_EQ(std::to_string(font->fontwidth) + "x" + std::to_string(font->fontheight), size);
      // Letters, Latin-1, box drawing and blocks.
      for (const int code : {0x41, 0xe9, 0x2500, 0x2503, 0x253c, 0x2550, 0x2554, 0x2588, 0x2591}) {
        const int character = wsfont_map_unichar(font, code);
        ASSERT_GE(character, 0) << name << " " << code;
        ASSERT_LT(character, font->numchars) << name << " " << code;
        const std::uint8_t* glyph = WSFONT_GLYPH(static_cast<unsigned>(character), font);
        const auto bytes = std::vector(glyph, glyph + font->stride * font->fontheight);
        EXPECT_TRUE(std::any_of(bytes.begin(), bytes.end(), [](int b) { return b != 0; })) << code;
      }
      for (const int code : {0x3bb, 0x416, 0x2192, 0x2026}) {  // Greek, Cyrillic, an arrow, dots
        EXPECT_GE(wsfont_map_unichar(font, code), 0) << name << " " << code;
      }
      EXPECT_EQ(wsfont_map_unichar(font, 0x4e00), -1);
      EXPECT_EQ(wsfont_map_unichar(font, -1), -1);
      EXPECT_EQ(wsfont_unlock(cookie), 0);
    }
  }
}

TEST_F(Wsfont, FillsACellWithTheFullBlock) {
  wsdisplay_font* font = nullptr;
  const int cookie = find("Terminus 12x24");
  ASSERT_EQ(wsfont_lock(cookie, &font), 0);
  const int block = wsfont_map_unichar(font, 0x2588);
  const std::uint8_t* glyph = WSFONT_GLYPH(static_cast<unsigned>(block), font);
  for (unsigned y = 0; y < 24; y++) {
    EXPECT_EQ(glyph[2 * y], 0xff);
    EXPECT_EQ(glyph[2 * y + 1], 0xf0);
  }
  wsfont_unlock(cookie);
}

TEST_F(Wsfont, FindsTheBestWidth) {
  const auto width = [](int wanted, int flags) {
    wsdisplay_font* font = nullptr;
    const int cookie = find(nullptr, wanted, 0, flags);
    if (wsfont_lock(cookie, &font) != 0) return -1;
    wsfont_unlock(cookie);
    return static_cast<int>(font->fontwidth);
  };
  constexpr int best = WSFONT_FIND_BITMAP | WSFONT_FIND_BESTWIDTH;
  EXPECT_EQ(width(8, WSFONT_FIND_BITMAP), 8);
  EXPECT_EQ(width(9, WSFONT_FIND_BITMAP), -1);
  EXPECT_EQ(width(9, best), 8);
  EXPECT_EQ(width(15, best), 12);
  EXPECT_EQ(width(15, best | WSFONT_PREFER_WIDE), 16);
  EXPECT_EQ(width(100, best), 16);
  EXPECT_EQ(width(3, best), 8);
  EXPECT_LT(find("no such font"), 0);
}

TEST_F(Wsfont, AddsAndRemoves) {
  ASSERT_EQ(wsfont_add(&small_.font, 1), 0);
  EXPECT_EQ(wsfont_add(&small_.font, 1), EEXIST);
  const int cookie = find("small");
  ASSERT_GT(cookie, 0);
  wsdisplay_font* font = nullptr;
  ASSERT_EQ(wsfont_lock(cookie, &font), 0);
  EXPECT_NE(font->data, small_.font.data);
  EXPECT_STREQ(font->name, "small");
  EXPECT_EQ(wsfont_remove(cookie), EBUSY);
  EXPECT_EQ(wsfont_unlock(cookie), 0);
  EXPECT_EQ(wsfont_remove(cookie), 0);
  EXPECT_EQ(wsfont_remove(cookie), ENOENT);
  EXPECT_EQ(wsfont_lock(cookie, &font), ENOENT);
  EXPECT_EQ(wsfont_unlock(cookie), ENOENT);
  EXPECT_EQ(wsfont_remove(find("Spleen 8x16")), EBUSY);
}

TEST_F(Wsfont, KeepsAFontThatIsNotCopied) {
  ASSERT_EQ(wsfont_add(&small_.font, 0), 0);
  wsdisplay_font* font = nullptr;
  const int cookie = find("small");
  ASSERT_EQ(wsfont_lock(cookie, &font), 0);
  EXPECT_EQ(font, &small_.font);
  wsfont_unlock(cookie);
}

TEST_F(Wsfont, RefusesFontsThatContradictThemselves) {
  const wsdisplay_font good = small_.font;
  const auto refused = [&](auto change) {
    small_.font = good;
    change(small_.font);
    return wsfont_add(&small_.font, 1) == EINVAL;
  };
  EXPECT_TRUE(refused([](wsdisplay_font& font) { font.name = nullptr; }));
  EXPECT_TRUE(refused([](wsdisplay_font& font) { font.data = nullptr; }));
  EXPECT_TRUE(refused([](wsdisplay_font& font) { font.fontwidth = 17; }));  // in a stride of 2
  EXPECT_TRUE(refused([](wsdisplay_font& font) { font.fontheight = 0; }));
  EXPECT_TRUE(refused([](wsdisplay_font& font) { font.numchars = -1; }));
  EXPECT_TRUE(refused([](wsdisplay_font& font) { font.numchars = 0x7fffffff; }));
}

TEST_F(Wsfont, ConvertsOrders) {
  ASSERT_EQ(wsfont_add(&small_.font, 1), 0);
  wsdisplay_font* straight = nullptr;
  wsdisplay_font* turned = nullptr;
  const int first = find("small");
  const int second = wsfont_make_cookie(first, r2l, r2l);
  ASSERT_EQ(wsfont_lock(first, &straight), 0);
  ASSERT_EQ(wsfont_lock(second, &turned), 0);
  const auto bytes = [](const wsdisplay_font* font) {
    const auto* data = static_cast<const std::uint8_t*>(font->data);
    return std::vector(data, data + 4);
  };
  EXPECT_THAT(bytes(straight), testing::ElementsAre(0x80, 0, 0, 0x10));
  EXPECT_THAT(bytes(turned), testing::ElementsAre(0, 0x01, 0x08, 0));
  EXPECT_EQ(turned->bitorder, r2l);
  EXPECT_EQ(wsfont_remove(first), EBUSY);
  EXPECT_EQ(wsfont_unlock(second), 0);
  EXPECT_EQ(wsfont_unlock(second), ENOENT);
  EXPECT_EQ(wsfont_unlock(first), 0);
  EXPECT_EQ(wsfont_remove(first), 0);
}

TEST_F(Wsfont, Turns) {
  ASSERT_EQ(wsfont_add(&small_.font, 1), 0);
  const auto turned = [](int how) {
    wsdisplay_font* font = nullptr;
    const int cookie = wsfont_rotate(find("small"), how);
    EXPECT_EQ(wsfont_lock(cookie, &font), 0);
    EXPECT_EQ(wsfont_rotate(find("small"), how), cookie);
    std::set<std::pair<unsigned, unsigned>> pixels;
    for (unsigned y = 0; y < font->fontheight; y++) {
      for (unsigned x = 0; x < font->fontwidth; x++) {
        const auto* row = static_cast<std::uint8_t*>(font->data) + std::size_t{y} * font->stride;
        if ((row[x / 8] >> (7 - x % 8) & 1) != 0) pixels.emplace(x, y);
      }
    }
    EXPECT_EQ(wsfont_unlock(cookie), 0);
    return pixels;
  };
  EXPECT_THAT(turned(WSFONT_ROTATE_CW),
              testing::ElementsAre(testing::Pair(0, 11), testing::Pair(1, 0)));
  EXPECT_THAT(turned(WSFONT_ROTATE_CCW),
              testing::ElementsAre(testing::Pair(0, 11), testing::Pair(1, 0)));
  EXPECT_THAT(turned(WSFONT_ROTATE_UD),
              testing::ElementsAre(testing::Pair(0, 0), testing::Pair(11, 1)));
  EXPECT_EQ(wsfont_rotate(find("small"), 99), -1);
  EXPECT_EQ(wsfont_rotate(0, WSFONT_ROTATE_CW), -1);
}

TEST_F(Wsfont, MapsTheOldEncodings) {
  const auto map = [&](int encoding, int code) {
    small_.font.encoding = encoding;
    return wsfont_map_unichar(&small_.font, code);
  };
  EXPECT_EQ(map(WSDISPLAY_FONTENC_ISO, 0xe9), 0xe9);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_ISO, 0x3b1), -1);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_ISO, 0x250c), WSFONT_FLAG_OPT | 6);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_ISO, 0x2570), WSFONT_FLAG_OPT | 3);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_ISO, 0x2571), -1);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_IBM, 0xe9), 0x82);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_IBM, 0x2550), 0xcd);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_IBM, 0x25a0), 0xfe);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_ISO7, 0x3b1), 0xe1);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_ISO7, 0x3ce), 0xfe);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_ISO7, 0x20ac), 0xa4);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_ISO2, 0x159), 0xf8);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_ISO2, 0x104), 0xa1);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_KOI8_R, 0x44f), 0xd1);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_KOI8_R, 0x42a), 0xff);
  EXPECT_EQ(map(WSDISPLAY_FONTENC_PCVT, 'A'), -1);
}

TEST_F(Wsfont, WalksThroughAll) {
  std::set<std::string> names;
  wsfont_walk(
      [](wsdisplay_font* font, void* to, int cookie) {
        EXPECT_EQ(find(font->name, static_cast<int>(font->fontwidth)), cookie);
        static_cast<std::set<std::string>*>(to)->insert(font->name);
      },
      &names);
  EXPECT_THAT(names,
              testing::IsSupersetOf({"Spleen 8x16", "Terminus 16x32", "Spleen alpha 12x24"}));
}

}  // namespace
}  // namespace pupci::tests
