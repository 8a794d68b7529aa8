// SPDX-License-Identifier: BSD-2-Clause
// rasops(9): random drawing at every depth, byte order and turn, compared pixel by pixel; and what
// it says of frame buffers that cannot be.
#include <gmock/gmock.h>

#include <random>
#include <tuple>

#include "wscons/rasops_model.h"

namespace pupci::tests {
namespace {

struct Format {
  const char* name;
  int depth;
  int flags;
};

constexpr Format formats[] = {
    {"8", 8, 0},   {"8rgb", 8, RI_8BIT_IS_RGB}, {"15", 15, 0}, {"15swapped", 15, RI_BSWAP},
    {"16", 16, 0}, {"16swapped", 16, RI_BSWAP}, {"24", 24, 0}, {"24swapped", 24, RI_BSWAP},
    {"32", 32, 0}, {"32swapped", 32, RI_BSWAP},
};

struct Turn {
  const char* name;
  int flag;
};

constexpr Turn turns[] = {{"upright", 0},
                          {"clockwise", RI_ROTATE_CW},
                          {"counterclockwise", RI_ROTATE_CCW},
                          {"upsidedown", RI_ROTATE_UD}};

class Drawing : public testing::TestWithParam<std::tuple<Format, Turn>> {
 protected:
  static ModelSetup setup(int flags, bool shadow, bool alpha) {
    const auto& [format, turn] = GetParam();
    ModelSetup setup;
    setup.depth = format.depth;
    setup.flags = format.flags | turn.flag | flags;
    setup.shadow = shadow;
    setup.alpha = alpha;
    return setup;
  }
};

// One random operation, some of it beyond the edges.
void step(RasopsModel& model, std::mt19937& random) {
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  const int rows = model.info().ri_rows;
  const int columns = model.info().ri_cols;
  const int row = pick(-1, rows);
  const int column = pick(-1, columns);
  switch (pick(0, 9)) {
    case 0:
      return model.copy_rows(row, pick(-1, rows), pick(0, rows));
    case 1:
      return model.copy_columns(row, column, pick(-1, columns), pick(0, columns));
    case 2:
      return model.erase_columns(row, column, pick(0, columns), pick(0, 15));
    case 3:
      return model.erase_rows(row, pick(0, 2), pick(0, 15));
    case 4:
      return model.cursor(pick(0, 3) != 0, row, column);
    case 5:
      return model.put(row, column, WSFONT_FLAG_OPT | static_cast<unsigned>(pick(0, 15)),
                       pick(0, 15), pick(0, 15), 0);
    default:
      break;
  }
  const unsigned character =
      static_cast<unsigned>(pick(0, 9) == 0 ? pick(0, 70000) : pick(32, 400));
  const int flags =
      (pick(0, 1) != 0 ? WSATTR_UNDERLINE : 0) | (pick(0, 1) != 0 ? WSATTR_REVERSE : 0);
  model.put(row, column, character, pick(0, 15), pick(0, 15), flags);
}

void draw(const ModelSetup& setup, unsigned seed) {
  RasopsModel model(setup);
  ASSERT_EQ(model.difference(), "");
  std::mt19937 random(seed);
  for (int i = 0; i < 200; i++) {
    step(model, random);
    if (i % 40 != 39) continue;
    ASSERT_EQ(model.difference(), "") << "after " << i + 1 << " operations";
  }
  model.erase_rows(0, model.info().ri_rows, 4);
  EXPECT_EQ(model.difference(), "");
}

TEST_P(Drawing, EqualsAPlainPicture) {
  const auto check = [](const char* what, const ModelSetup& setup, unsigned seed) {
    SCOPED_TRACE(what);
    draw(setup, seed);
  };
  check("plain", setup(0, false, false), 1);
  check("through a shadow, in the middle", setup(RI_CENTER, true, false), 2);
  check("anti-aliased", setup(0, true, true), 3);
  check("erasing margins too", setup(RI_CENTER | RI_FULLCLEAR, false, false), 4);
}

INSTANTIATE_TEST_SUITE_P(Rasops, Drawing,
                         testing::Combine(testing::ValuesIn(formats), testing::ValuesIn(turns)),
                         [](const auto& each) {
                           return std::string("Depth") + std::get<0>(each.param).name + "_" +
                                  std::get<1>(each.param).name;
                         });

class Rasops : public testing::Test {
 protected:
  Rasops() {
    ri_.ri_depth = 32;
    ri_.ri_width = 640;
    ri_.ri_height = 480;
    ri_.ri_stride = 640 * 4;
    ri_.ri_bits = memory_.data();
  }
  ~Rasops() override {
    if (ri_.ri_wsfcookie > 0) wsfont_unlock(ri_.ri_wsfcookie);
  }

  std::vector<std::uint8_t> memory_ = std::vector<std::uint8_t>(std::size_t{1920} * 1080 * 4);
  rasops_info ri_{};
};

TEST_F(Rasops, ChoosesAFontForTheColumnsWanted) {
  ASSERT_EQ(rasops_init(&ri_, 0, 0), 0);
  EXPECT_EQ(ri_.ri_font->fontwidth, 8U);
  EXPECT_EQ(ri_.ri_cols, 80);
  EXPECT_EQ(ri_.ri_rows, 25);
  EXPECT_EQ(ri_.ri_emuheight, 400);
  ASSERT_EQ(rasops_reconfig(&ri_, 100, 200), 0);
  EXPECT_EQ(ri_.ri_rows, 30);
}

TEST_F(Rasops, ChoosesAWideFontForAWideScreen) {
  ri_.ri_width = 1920;
  ri_.ri_height = 1080;
  ri_.ri_stride = 1920 * 4;
  ASSERT_EQ(rasops_init(&ri_, 33, 120), 0);
  EXPECT_EQ(ri_.ri_font->fontwidth, 16U);
  EXPECT_EQ(ri_.ri_cols, 120);
  EXPECT_EQ(ri_.ri_rows, 33);
}

TEST_F(Rasops, PrefersWideOrAntiAliasedFontsWhenAsked) {
  ri_.ri_flg = RI_ENABLE_ALPHA | RI_PREFER_ALPHA;
  ASSERT_EQ(rasops_init(&ri_, 0, 0), 0);
  EXPECT_TRUE(FONT_IS_ALPHA(ri_.ri_font));
  wsfont_unlock(ri_.ri_wsfcookie);
  ri_.ri_font = nullptr;
  ri_.ri_flg = RI_PREFER_WIDEFONT;
  ASSERT_EQ(rasops_init(&ri_, 0, 70), 0);
  EXPECT_EQ(ri_.ri_font->fontwidth, 12U);
}

TEST_F(Rasops, PassesOverFontsTooWideForIt) {
  std::vector<std::uint8_t> data(std::size_t{5} * 64);
  wsdisplay_font wide{"wide", 0, 1, WSDISPLAY_FONTENC_ISO, 40, 64, 5, 1, 1, data.data()};
  wsfont_init();
  ASSERT_EQ(wsfont_add(&wide, 0), 0);
  ri_.ri_width = 1920;
  ri_.ri_height = 1080;
  ri_.ri_stride = 1920 * 4;
  EXPECT_EQ(rasops_init(&ri_, 0, 40), 0);
  EXPECT_EQ(ri_.ri_font->fontwidth, 16U);
  EXPECT_EQ(wsfont_remove(wsfont_find("wide", 0, 0, 0, 1, 1, WSFONT_FIND_ALL)), 0);
}

TEST_F(Rasops, CentresAndUndoesItWhenConfiguredAgain) {
  ri_.ri_flg = RI_CENTER;
  ri_.ri_width = 645;
  ri_.ri_stride = 645 * 4;
  ASSERT_EQ(rasops_init(&ri_, 25, 80), 0);
  EXPECT_EQ(ri_.ri_xorigin, 2);
  EXPECT_EQ(ri_.ri_yorigin, 40);
  EXPECT_EQ(ri_.ri_origbits, memory_.data());
  EXPECT_EQ(ri_.ri_bits, memory_.data() + 40 * ri_.ri_stride + 8);
  ASSERT_EQ(rasops_reconfig(&ri_, 25, 80), 0);
  EXPECT_EQ(ri_.ri_bits, memory_.data() + 40 * ri_.ri_stride + 8);
}

TEST_F(Rasops, RefusesWhatCannotBe) {
  const rasops_info good = ri_;
  const auto refused = [&](auto change, const char* why) {
    ri_ = good;
    change(ri_);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_EQ(rasops_init(&ri_, 0, 0), -1);
    const std::string said =
        testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
    EXPECT_THAT(said, testing::HasSubstr(why));
    EXPECT_EQ(ri_.ri_flg & RI_CFGDONE, 0);
    if (ri_.ri_wsfcookie > 0) wsfont_unlock(ri_.ri_wsfcookie);
    ri_.ri_wsfcookie = 0;
  };
  refused([](rasops_info& ri) { ri.ri_depth = 12; }, "depth not supported");
  refused([](rasops_info& ri) { ri.ri_stride = 640; }, "stride smaller than the width");
  refused([](rasops_info& ri) { ri.ri_stride = 640 * 4 + 2; }, "not a multiple");
  refused([](rasops_info& ri) { ri.ri_bits += 1; }, "not aligned");
  refused([](rasops_info& ri) { ri.ri_height = 7; }, "no character of the font fits");
  refused([](rasops_info& ri) { ri.ri_width = 0; }, "no width");
  std::uint8_t data[2 * 64 * 5] = {};
  wsdisplay_font wide{"wide", 0, 2, WSDISPLAY_FONTENC_ISO, 40, 64, 5, 1, 1, data};
  refused([&](rasops_info& ri) { ri.ri_font = &wide; }, "wider than 32");
}

TEST_F(Rasops, MakesAttributes) {
  ASSERT_EQ(rasops_init(&ri_, 0, 0), 0);
  const auto make = [&](int foreground, int background, int flags) {
    long attr = 0;
    EXPECT_EQ(ri_.ri_ops.allocattr(&ri_, foreground, background, flags, &attr), 0);
    std::tuple<int, int, int> parts;
    rasops_unpack_attr(attr, &std::get<0>(parts), &std::get<1>(parts), &std::get<2>(parts));
    return parts;
  };
  using Parts = std::tuple<int, int, int>;
  EXPECT_EQ(make(2, 4, WSATTR_WSCOLORS), Parts(2, 4, 0));
  EXPECT_EQ(make(2, 4, 0), Parts(7, 0, 0));
  EXPECT_EQ(make(2, 4, WSATTR_WSCOLORS | WSATTR_HILIT), Parts(10, 4, 0));
  EXPECT_EQ(make(2, 4, WSATTR_WSCOLORS | WSATTR_HILIT | WSATTR_REVERSE), Parts(4, 10, 0));
  EXPECT_EQ(make(9, 4, WSATTR_WSCOLORS | WSATTR_HILIT | WSATTR_UNDERLINE), Parts(9, 4, 1));
  long attr = 0;
  EXPECT_EQ(ri_.ri_ops.allocattr(&ri_, 16, 0, WSATTR_WSCOLORS, &attr), EINVAL);
  EXPECT_EQ(ri_.ri_ops.allocattr(&ri_, 1, 0, WSATTR_BLINK, &attr), EINVAL);
  EXPECT_EQ(ri_.ri_caps,
            WSSCREEN_UNDERLINE | WSSCREEN_REVERSE | WSSCREEN_HILIT | WSSCREEN_WSCOLORS);
  ri_.ri_flg |= RI_FORCEMONO;
  ASSERT_EQ(rasops_reconfig(&ri_, 0, 0), 0);
  EXPECT_EQ(ri_.ri_caps, WSSCREEN_UNDERLINE | WSSCREEN_REVERSE);
  EXPECT_EQ(ri_.ri_ops.allocattr(&ri_, 1, 0, WSATTR_WSCOLORS, &attr), EINVAL);
  EXPECT_EQ(make(1, 4, WSATTR_REVERSE), Parts(0, 15, 0));
}

TEST_F(Rasops, MapsCharacters) {
  ASSERT_EQ(rasops_init(&ri_, 0, 0), 0);
  u_int character = 0;
  EXPECT_EQ(ri_.ri_ops.mapchar(&ri_, 'A', &character), 5);
  EXPECT_EQ(character, u_int{'A'});
  EXPECT_EQ(ri_.ri_ops.mapchar(&ri_, 0x2554, &character), 5);  // a corner of double lines
  EXPECT_GE(character, 256U);
  EXPECT_EQ(ri_.ri_ops.mapchar(&ri_, 0x4e00, &character), 0);
  EXPECT_EQ(character, u_int{' '});
}

TEST_F(Rasops, GivesColourMaps) {
  ASSERT_EQ(rasops_init(&ri_, 0, 0), 0);
  std::vector<std::uint8_t> map(768);
  EXPECT_EQ(rasops_get_cmap(&ri_, map.data(), map.size()), 0);
  EXPECT_THAT(std::vector(map.begin() + 3, map.begin() + 6), testing::ElementsAre(0x7f, 0, 0));
  EXPECT_EQ(map[3 * 15], 0xff);
  // What an inverted black cell becomes can be seen.
  EXPECT_EQ(map[3 * 255], 0xc7);
  ri_.ri_depth = 8;
  ri_.ri_flg |= RI_8BIT_IS_RGB;
  ASSERT_EQ(rasops_init(&ri_, 0, 0), 0);
  EXPECT_EQ(rasops_get_cmap(&ri_, map.data(), 767), EINVAL);
  EXPECT_EQ(rasops_get_cmap(&ri_, map.data(), map.size()), 0);
  EXPECT_THAT(std::vector(map.end() - 3, map.end()), testing::ElementsAre(0xff, 0xff, 0xff));
  EXPECT_EQ(map[3 * 0x20], 0x24);
}

}  // namespace
}  // namespace pupci::tests
