// SPDX-License-Identifier: BSD-2-Clause
// The glyph cache, with plain memory for a display and loops for its engine.
#include <gmock/gmock.h>
#include <netbsd/dev/wscons/wsdisplay_glyphcachevar.h>
#include <netbsd/dev/wscons/wsdisplay_vconsvar.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <vector>

namespace pupci::tests {
namespace {

constexpr int width = 128;   // of memory, in pixels, a byte each
constexpr int visible = 96;  // lines; the glyphs lie below
constexpr int cell_width = 6;
constexpr int cell_height = 16;

class Glyphcache : public testing::Test {
 protected:
  void init(int lines, int align = 0) {
    memory_.assign(static_cast<std::size_t>(width * (visible + std::max(lines, 0))), 0);
    gc_.gc_bitblt = blit;
    gc_.gc_rectfill = fill;
    gc_.gc_blitcookie = this;
    gc_.gc_rop = 12;
    error_ = glyphcache_init_align(&gc_, visible, lines, width, cell_width, cell_height, attr(7, 0),
                                   align);
  }

  static long attr(int foreground, int background, int flags = 0) {
    return static_cast<long>(foreground) << 24 | static_cast<long>(background) << 16 | flags;
  }

  // As a driver does it; a character looks like its number plus its colours.
  int put(int character, int x, int y, long attribute) {
    const int answer = glyphcache_try(&gc_, character, x, y, attribute);
    if (answer == GC_OK) return answer;
    fill_with(x, y, cell_width, cell_height, look(character, attribute));
    const int added = answer == GC_ADD ? glyphcache_add(&gc_, character, x, y) : 0;
    EXPECT_EQ(added, 0);
    if (answer == GC_NOPE && (attribute & WSATTR_UNDERLINE) != 0) {
      glyphcache_underline(&gc_, x, y, attribute);
    }
    return answer;
  }

  static int look(int character, long attribute) {
    return static_cast<int>((character * 7 + (attribute >> 24) * 3 + (attribute >> 16)) % 199 + 1);
  }

  bool shows(int character, int x, int y, long attribute) {
    for (int v = 0; v < cell_height; v++) {
      for (int u = 0; u < cell_width; u++) {
        const bool line = (attribute & WSATTR_UNDERLINE) != 0 && v == cell_height - 2;
        if (at(x + u, y + v) != (line ? 255 : look(character, attribute))) return false;
      }
    }
    return true;
  }

  std::uint8_t& at(int x, int y) { return memory_.at(static_cast<std::size_t>(y * width + x)); }

  void fill_with(int x, int y, int w, int h, int value) {
    for (int v = y; v < y + h; v++) {
      for (int u = x; u < x + w; u++) at(u, v) = static_cast<std::uint8_t>(value);
    }
  }

  static void fill(void* cookie, int x, int y, int w, int h, long) {
    static_cast<Glyphcache*>(cookie)->fill_with(x, y, w, h, 255);
  }

  static void blit(void* cookie, int from_x, int from_y, int x, int y, int w, int h, int rop) {
    auto* self = static_cast<Glyphcache*>(cookie);
    EXPECT_EQ(rop, 12);
    EXPECT_EQ(std::max(from_x, x) + w <= width, true);
    self->last_x_ = from_y >= visible ? from_x : x;
    for (int v = 0; v < h; v++) {
      for (int u = 0; u < w; u++) self->at(x + u, y + v) = self->at(from_x + u, from_y + v);
    }
  }

  glyphcache gc_{};
  std::vector<std::uint8_t> memory_;
  int error_ = 0;
  int last_x_ = 0;  // of the cell in the cache
};

TEST_F(Glyphcache, KeepsAGlyphOnceAdded) {
  init(320);
  ASSERT_EQ(error_, 0);
  const long white = attr(7, 0);
  EXPECT_EQ(put('A', 0, 0, white), GC_ADD);
  EXPECT_EQ(put('A', 12, 16, white), GC_OK);
  EXPECT_TRUE(shows('A', 12, 16, white));
  EXPECT_EQ(put('B', 24, 0, white), GC_ADD);
  EXPECT_EQ(put('A', 24, 16, attr(1, 2)), GC_ADD);
  EXPECT_EQ(put(' ', 0, 0, white), GC_NOPE);
  EXPECT_EQ(put(256, 0, 0, white), GC_NOPE);
  glyphcache_wipe(&gc_);
  EXPECT_EQ(put('A', 0, 0, white), GC_ADD);
}

TEST_F(Glyphcache, UnderlinesWhatItCopies) {
  init(320);
  const long white = attr(7, 0);
  const long lined = attr(7, 0, WSATTR_UNDERLINE);
  EXPECT_EQ(put('A', 0, 0, lined), GC_ADD);
  EXPECT_TRUE(shows('A', 0, 0, lined));
  EXPECT_EQ(put('A', 6, 0, white), GC_OK);
  EXPECT_TRUE(shows('A', 6, 0, white));
  EXPECT_EQ(put('A', 12, 0, lined), GC_OK);
  EXPECT_TRUE(shows('A', 12, 0, lined));
}

TEST_F(Glyphcache, SaysWhenThereIsNoRoom) {
  init(15);
  EXPECT_EQ(error_, ENOMEM);
  EXPECT_EQ(put('A', 0, 0, attr(7, 0)), GC_NOPE);
  glyphcache_wipe(&gc_);
  init(-100);
  EXPECT_EQ(error_, ENOMEM);
}

TEST_F(Glyphcache, ServesOneAttributeFromALittleMemory) {
  init(16);  // 21 cells
  ASSERT_EQ(error_, 0);
  for (int i = 0; i < 21; i++) EXPECT_EQ(put('A' + i, 0, 0, attr(7, 0)), GC_ADD);
  EXPECT_EQ(put('a', 0, 0, attr(7, 0)), GC_NOPE);
  EXPECT_EQ(put('A', 0, 0, attr(7, 0)), GC_OK);  // full, but it has this one
  EXPECT_EQ(put('A', 0, 0, attr(1, 0)), GC_NOPE);
}

TEST_F(Glyphcache, AlignsCells) {
  init(320, 8);
  ASSERT_EQ(error_, 0);
  for (int i = 0; i < 40; i++) {
    EXPECT_EQ(put('A' + i, 0, 0, attr(7, 0)), GC_ADD);
    EXPECT_EQ(last_x_ % 8, 0);
  }
}

TEST_F(Glyphcache, FollowsTheFontOfTheScreen) {
  init(320);
  wsdisplay_font font{};
  font.fontwidth = 12;
  font.fontheight = 24;
  vcons_screen screen{};
  screen.scr_ri.ri_font = &font;
  screen.scr_ri.ri_wsfcookie = 77;
  screen.scr_defattr = attr(7, 0);
  EXPECT_EQ(put('A', 0, 0, attr(7, 0)), GC_ADD);
  glyphcache_adapt(&screen, &gc_);
  EXPECT_EQ(gc_.gc_cellwidth, 12);
  EXPECT_EQ(gc_.gc_cellheight, 24);
  EXPECT_EQ(glyphcache_try(&gc_, 'A', 0, 0, attr(7, 0)), GC_ADD);
  EXPECT_EQ(glyphcache_add(&gc_, 'A', 0, 0), 0);
  glyphcache_adapt(&screen, &gc_);
  EXPECT_EQ(glyphcache_try(&gc_, 'A', 0, 0, attr(7, 0)), GC_OK);
}

TEST_F(Glyphcache, ShowsTheRightGlyphWhateverWasEvicted) {
  init(16 * 45);  // four buckets
  ASSERT_EQ(error_, 0);
  std::mt19937 random(1);
  for (int i = 0; i < 20000; i++) {
    const auto pick = [&](int count) {
      return static_cast<int>(random() % static_cast<unsigned>(count));
    };
    const int character = 33 + pick(230);
    const int x = pick(20) * cell_width;
    const int y = pick(6) * cell_height;
    const long attribute = attr(pick(4), pick(2), pick(4) == 0 ? WSATTR_UNDERLINE : 0);
    put(character, x, y, attribute);
    ASSERT_TRUE(shows(character, x, y, attribute)) << i;
  }
}

}  // namespace
}  // namespace pupci::tests
