// SPDX-License-Identifier: BSD-2-Clause
// vcons(9) with rasops(9) into plain memory: after anything, the memory is what drawing the screen
// on view from scratch would make of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "kern/console.h"
#include "netbsd/dev/wscons/wsdisplay_vconsvar.h"
#include "netbsd/sys/errno.h"

namespace pupci::wscons::test {
namespace {

class Framebuffer {
 public:
  Framebuffer(int depth, int flags, unsigned screen_flags, bool shadow = false)
      : depth_(depth), flags_(flags), screen_flags_(screen_flags) {
    stride_ = width * ((depth + 7) / 8) + 16;
    memory_.resize(static_cast<std::size_t>(stride_ * height));
    if (shadow) shadow_.resize(memory_.size());
    type_.name = "memory";
    type_.capabilities = WSSCREEN_RESIZE;
    EXPECT_EQ(vcons_init(&vd_, this, &type_, &access_), 0);
    vd_.init_screen = init_screen;
    console_.scr_flags = VCONS_SCREEN_IS_STATIC;
    EXPECT_EQ(vcons_init_screen(&vd_, &console_, 1, &defattr_), 0);
    console_.scr_ri.ri_ops.eraserows(&console_, 0, console_.scr_ri.ri_rows, defattr_);
  }
  ~Framebuffer() {
    while (vcons_screen* const scr = LIST_FIRST(&vd_.screens)) access_.free_screen(&vd_, scr);
  }
  Framebuffer(const Framebuffer&) = delete;
  Framebuffer& operator=(const Framebuffer&) = delete;

  vcons_screen* console() { return &console_; }
  vcons_screen* add_screen() {
    void* cookie = nullptr;
    int x = 0;
    int y = 0;
    EXPECT_EQ(access_.alloc_screen(&vd_, &type_, &cookie, &x, &y, &defattr_), 0);
    return static_cast<vcons_screen*>(cookie);
  }
  void show(vcons_screen* scr) { access_.show_screen(&vd_, scr, 1, nullptr, nullptr); }
  int load_font(vcons_screen* scr, const char* name) {
    wsdisplay_font font{};
    font.name = name;
    return access_.load_font(&vd_, scr, &font);
  }
  int add_font(wsdisplay_font* font) { return access_.load_font(&vd_, nullptr, font); }
  [[nodiscard]] const wsscreen_descr& type() const { return type_; }
  [[nodiscard]] const std::vector<std::uint8_t>& memory() const { return memory_; }

  // What is in memory, and then what a redraw from nothing makes of it.
  [[nodiscard]] testing::AssertionResult is_as_drawn_anew() {
    const std::vector<std::uint8_t> before = memory_;
    std::fill(memory_.begin(), memory_.end(), std::uint8_t{0});
    std::fill(shadow_.begin(), shadow_.end(), std::uint8_t{0});
    vcons_redraw_screen(vd_.active);
    if (before == memory_) return testing::AssertionSuccess();
    const auto differs = std::mismatch(before.begin(), before.end(), memory_.begin()).first;
    return testing::AssertionFailure() << "differs at line " << (differs - before.begin()) / stride_
                                       << ", byte " << (differs - before.begin()) % stride_;
  }

  static constexpr int width = 200;
  static constexpr int height = 120;

 private:
  static void init_screen(void* cookie, vcons_screen* scr, int, long*) {
    auto* const fb = static_cast<Framebuffer*>(cookie);
    rasops_info& ri = scr->scr_ri;
    ri.ri_depth = fb->depth_;
    ri.ri_width = width;
    ri.ri_height = height;
    ri.ri_stride = fb->stride_;
    ri.ri_bits = fb->shadow_.empty() ? fb->memory_.data() : fb->shadow_.data();
    ri.ri_hwbits = fb->shadow_.empty() ? nullptr : fb->memory_.data();
    ri.ri_flg = fb->flags_;
    scr->scr_flags |= fb->screen_flags_ | VCONS_LOADFONT;
    ASSERT_EQ(rasops_init(&ri, 0, 0), 0);
  }

  int depth_;
  int flags_;
  unsigned screen_flags_;
  int stride_ = 0;
  std::vector<std::uint8_t> memory_;
  std::vector<std::uint8_t> shadow_;
  vcons_data vd_{};
  vcons_screen console_{};
  wsscreen_descr type_{};
  wsdisplay_accessops access_{};
  long defattr_ = 0;
};

struct Kind {
  const char* name;
  int depth;
  int flags;
  unsigned screen_flags;
  bool shadow;
};

class VconsPixels : public testing::TestWithParam<Kind> {};

TEST_P(VconsPixels, AreThoseOfTheScreenOnView) {
  const Kind& kind = GetParam();
  Framebuffer fb(kind.depth, kind.flags, kind.screen_flags, kind.shadow);
  const std::vector<vcons_screen*> screens{fb.console(), fb.add_screen()};
  const int rows = fb.console()->scr_ri.ri_rows;
  const int cols = fb.console()->scr_ri.ri_cols;
  ASSERT_GT(rows, 2);
  ASSERT_GT(cols, 10);
  std::mt19937 random(3);
  const auto upto = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int step = 0; step < 400; ++step) {
    vcons_screen* const scr = screens[static_cast<std::size_t>(upto(2))];
    rasops_info* const ri = &scr->scr_ri;
    const auto& ops = ri->ri_ops;
    const int row = upto(rows);
    const int to_row = upto(rows);
    const int col = upto(cols);
    const int to_col = upto(cols);
    long attr = 0;
    ops.allocattr(ri, upto(8), upto(8), WSATTR_WSCOLORS | (upto(2) != 0 ? WSATTR_UNDERLINE : 0),
                  &attr);
    ops.cursor(ri, 0, ri->ri_crow, ri->ri_ccol);
    switch (upto(6)) {
      case 0:
        ops.copyrows(ri, row, to_row, rows - std::max(row, to_row));
        break;
      case 1:
        ops.copycols(ri, row, col, to_col, cols - std::max(col, to_col));
        break;
      case 2:
        ops.erasecols(ri, row, col, 1 + upto(cols - col), attr);
        break;
      case 3:
        fb.show(scr);
        break;
      default:
        for (int c = col; c < cols; ++c) {
          ops.putchar(ri, row, c, static_cast<unsigned>('!' + upto(90)), attr);
        }
    }
    ops.cursor(ri, upto(2), to_row, to_col);
    if (step % 8 == 0) {
      ASSERT_TRUE(fb.is_as_drawn_anew()) << "step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, VconsPixels,
                         testing::Values(Kind{"8", 8, RI_CENTER, 0, false},
                                         Kind{"16", 16, 0, 0, false},
                                         Kind{"24", 24, RI_CENTER, 0, false},
                                         Kind{"32", 32, RI_CENTER | RI_FULLCLEAR, 0, false},
                                         Kind{"32noread", 32, 0, VCONS_DONT_READ, false},
                                         Kind{"32shadow", 32, RI_CENTER, 0, true},
                                         Kind{"32turned", 32, RI_ROTATE_CW, 0, false}),
                         [](const auto& of) { return std::string(of.param.name); });

TEST(VconsFont, IsChanged) {
  Framebuffer fb(32, RI_FULLCLEAR, 0);
  vcons_screen* const scr = fb.console();
  for (const auto& [name, width, height] :
       {std::tuple{"Terminus 16x32", 16, 32}, std::tuple{"Spleen 12x24", 12, 24},
        std::tuple{"Spleen 8x16", 8, 16}}) {
    ASSERT_EQ(fb.load_font(scr, name), 0) << name;
    rasops_info& ri = scr->scr_ri;
    EXPECT_STREQ(ri.ri_font->name, name);
    EXPECT_EQ(ri.ri_rows, Framebuffer::height / height);
    EXPECT_EQ(ri.ri_cols, Framebuffer::width / width);
    EXPECT_EQ(fb.type().nrows, ri.ri_rows);
    EXPECT_EQ(fb.type().ncols, ri.ri_cols);
    ri.ri_ops.putchar(&ri, ri.ri_rows - 1, ri.ri_cols - 1, 'A', scr->scr_defattr);
    ri.ri_ops.cursor(&ri, 1, 1, 2);
    EXPECT_TRUE(fb.is_as_drawn_anew()) << name;
  }
}

// What the console gets to read when a request is refused.
std::string said(const std::function<int()>& request) {
  const auto text = std::make_shared<std::string>();
  kern::set_console([text](std::string_view more) { text->append(more); });
  EXPECT_EQ(request(), EINVAL);
  kern::set_console({});
  return *text;
}

TEST(VconsFont, IsTurnedAsTheScreenIs) {
  Framebuffer fb(32, RI_ROTATE_CCW, 0);
  ASSERT_EQ(fb.load_font(fb.console(), "Terminus 8x16"), 0);
  rasops_info& ri = fb.console()->scr_ri;
  EXPECT_EQ(ri.ri_rows, Framebuffer::width / 16);
  EXPECT_EQ(ri.ri_cols, Framebuffer::height / 8);
  ri.ri_ops.putchar(&ri, ri.ri_rows - 1, ri.ri_cols - 1, 'A', fb.console()->scr_defattr);
  ri.ri_ops.cursor(&ri, 1, 1, 2);
  EXPECT_TRUE(fb.is_as_drawn_anew());
}

TEST(VconsFont, ThatDoesNotFitIsRefused) {
  Framebuffer fb(32, 0, 0);
  std::vector<std::uint8_t> glyph(4 * 200);
  wsdisplay_font huge{};
  huge.name = "huge";
  huge.firstchar = ' ';
  huge.numchars = 1;
  huge.fontwidth = 32;
  huge.fontheight = 200;
  huge.stride = 4;
  huge.bitorder = huge.byteorder = WSDISPLAY_FONTORDER_L2R;
  huge.data = glyph.data();
  ASSERT_EQ(fb.add_font(&huge), 0);
  EXPECT_EQ(
      said([&] { return fb.load_font(fb.console(), "huge"); }),
      "vcons: font \"huge\" has characters of 32x200 pixels, the screen has 200x120: choose a "
      "smaller font\n");
  EXPECT_STRNE(fb.console()->scr_ri.ri_font->name, "huge");
  EXPECT_EQ(wsfont_remove(wsfont_find("huge", 0, 0, 0, 0, 0, WSFONT_FIND_ALL)), 0);
}

TEST(VconsFont, IsRefused) {
  Framebuffer fb(32, 0, 0);
  EXPECT_EQ(said([&] { return fb.load_font(fb.console(), "no such font"); }),
            "vcons: there is no font \"no such font\"; load it first\n");
  fb.console()->scr_flags &= ~static_cast<unsigned>(VCONS_LOADFONT);
  EXPECT_EQ(fb.load_font(fb.console(), "Terminus 8x16"), EOPNOTSUPP);
}

}  // namespace
}  // namespace pupci::wscons::test
