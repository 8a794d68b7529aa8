// SPDX-License-Identifier: BSD-2-Clause
// Where cells lie among pixels, on displays that stand upright, on a side, and on their head: what
// rasops(9) changes is what outputs are told of, and a pixel is found in the cell it is in.
#include "wscons/geometry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "netbsd/dev/wscons/wsdisplay_vconsvar.h"
#include "wscons/terminal.h"

namespace pupci::wscons {
namespace {

struct Shape {
  const char* name;
  int turn;
  int width;
  int height;
  bool fills;  // as many cells as there is room for
};

// A terminal on a screen of vcons(9), in memory.
class Turned : public testing::TestWithParam<Shape> {
 protected:
  Turned() {
    type.name = "memory";
    EXPECT_EQ(vcons_init(&vd, this, &type, &access), 0);
    vd.init_screen = init_screen;
    console.scr_flags = VCONS_SCREEN_IS_STATIC;
    EXPECT_EQ(vcons_init_screen(&vd, &console, 1, &attribute), 0);
    const rasops_info& ri = console.scr_ri;
    type.ncols = ri.ri_cols;
    type.nrows = ri.ri_rows;
    type.fontwidth = static_cast<int>(ri.ri_font->fontwidth);
    type.fontheight = static_cast<int>(ri.ri_font->fontheight);
    type.textops = &ri.ri_ops;
    type.capabilities = ri.ri_caps;
    terminal = std::make_unique<Terminal>(
        TextScreen{type.textops, &console, type.ncols, type.nrows, type.capabilities, attribute}, 0,
        0);
    terminal->write("\033[2J\033[?25l");
    terminal->flush();
  }
  ~Turned() override { access.free_screen(&vd, &console); }

  static void init_screen(void* cookie, vcons_screen* scr, int /*existing*/, long* /*attribute*/) {
    auto* const self = static_cast<Turned*>(cookie);
    const Shape& shape = GetParam();
    self->memory.resize(static_cast<std::size_t>(shape.width * shape.height));
    rasops_info& ri = scr->scr_ri;
    ri.ri_depth = 32;
    ri.ri_width = shape.width;
    ri.ri_height = shape.height;
    ri.ri_stride = shape.width * 4;
    ri.ri_bits = reinterpret_cast<std::uint8_t*>(self->memory.data());
    ri.ri_flg = RI_CENTER | shape.turn;
    ASSERT_EQ(rasops_init(&ri, 0, 0), 0);
    if (shape.fills) {
      ASSERT_EQ(rasops_reconfig(&ri, shape.height / static_cast<int>(ri.ri_font->fontheight),
                                shape.width / static_cast<int>(ri.ri_font->fontwidth)),
                0);
    }
  }

  // A block in a cell, and the pixels that this changed.
  struct Drawn {
    std::vector<CellRect> cells;
    std::vector<std::pair<unsigned, unsigned>> pixels;
  };
  Drawn draw(int row, int column) {
    const std::vector<std::uint32_t> before = memory;
    terminal->write("\033[" + std::to_string(row + 1) + ";" + std::to_string(column + 1) + "H" +
                    "\033[7m \033[0m");
    Drawn drawn{terminal->flush(), {}};
    const auto width = static_cast<unsigned>(GetParam().width);
    for (unsigned i = 0; i < memory.size(); i++) {
      if (memory[i] != before[i]) drawn.pixels.emplace_back(i % width, i / width);
    }
    return drawn;
  }
  [[nodiscard]] Size size() const {
    return {static_cast<unsigned>(GetParam().width), static_cast<unsigned>(GetParam().height)};
  }
  // Corners, edges, and some in between.
  [[nodiscard]] std::vector<Place> places() const {
    std::vector<Place> all;
    for (const int row : {0, type.nrows / 3, type.nrows - 1}) {
      for (const int column : {0, type.ncols / 3, type.ncols - 1}) all.push_back({row, column});
    }
    return all;
  }

  std::vector<std::uint32_t> memory;
  vcons_data vd{};
  vcons_screen console{};
  wsscreen_descr type{};
  wsdisplay_accessops access{};
  long attribute = 0;
  std::unique_ptr<Terminal> terminal;
};

bool covers(const std::vector<Rectangle>& rectangles, unsigned x, unsigned y) {
  return std::any_of(rectangles.begin(), rectangles.end(), [&](const Rectangle& r) {
    return x >= r.x && x - r.x < r.width && y >= r.y && y - r.y < r.height;
  });
}

TEST_P(Turned, TellsOfAllThatChangesAndOfLittleMore) {
  EXPECT_EQ(turn_of(&console).how, GetParam().turn);
  for (const Place& place : places()) {
    const Drawn drawn = draw(place.row, place.column);
    ASSERT_FALSE(drawn.pixels.empty());
    const auto told = to_pixels(drawn.cells, type, size(), turn_of(&console));
    for (const auto& [x, y] : drawn.pixels) {
      ASSERT_TRUE(covers(told, x, y)) << "row " << place.row << ", column " << place.column
                                      << ": pixel " << x << ", " << y << " changed";
    }
    std::size_t area = 0;
    for (const Rectangle& r : told) area += std::size_t{r.width} * r.height;
    EXPECT_LT(area, 30 * drawn.pixels.size());
  }
}

TEST_P(Turned, FindsTheCellOfAPixel) {
  for (const Place& place : places()) {
    const Drawn drawn = draw(place.row, place.column);
    for (const auto& [x, y] : drawn.pixels) {
      const Place found = to_cell(x, y, type, size(), turn_of(&console));
      ASSERT_EQ(found.row, place.row) << x << ", " << y;
      ASSERT_EQ(found.column, place.column) << x << ", " << y;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, Turned,
                         testing::Values(Shape{"Upright", 0, 323, 200, true},
                                         Shape{"UprightFew", 0, 323, 200, false},
                                         Shape{"Right", RI_ROTATE_CW, 323, 203, true},
                                         Shape{"Left", RI_ROTATE_CCW, 323, 203, true},
                                         Shape{"RightSquare", RI_ROTATE_CW, 320, 320, true},
                                         Shape{"LeftFew", RI_ROTATE_CCW, 320, 320, false},
                                         Shape{"UpsideDown", RI_ROTATE_UD, 323, 205, true},
                                         Shape{"UpsideDownFew", RI_ROTATE_UD, 320, 320, false}),
                         [](const auto& all) { return all.param.name; });

TEST(Turn, IsNoneOfWhatIsNotKnown) {
  const int something = 0;
  EXPECT_EQ(turn_of(&something).how, 0);
  EXPECT_EQ(turn_of(nullptr).how, 0);
}

}  // namespace
}  // namespace pupci::wscons
