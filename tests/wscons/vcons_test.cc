// SPDX-License-Identifier: BSD-2-Clause
// vcons(9) on a driver that draws cells.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "glass.h"
#include "kern/console.h"
#include "netbsd/sys/errno.h"
#include "unit/expect_violation.h"

namespace pupci::wscons::test {
namespace {

void print(vcons_screen* scr, int row, std::string_view text, long attr = 7) {
  int col = 0;
  for (const char c : text) {
    Glass::ops(scr).putchar(scr, row, col++, static_cast<unsigned char>(c), attr);
  }
}

TEST(Vcons, FirstScreenIsOnView) {
  Glass glass;
  ASSERT_EQ(vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr), 0);
  EXPECT_EQ(glass.vd.active, &glass.console);
  EXPECT_TRUE(SCREEN_IS_VISIBLE(&glass.console));
  EXPECT_EQ(glass.defattr, long{WS_DEFAULT_FG} << 24);
  EXPECT_EQ(glass.console.scr_type, &glass.type);
  EXPECT_EQ(glass.at(0, 0), Glass::Cell{}) << "what the firmware left must stay until drawn over";
  print(&glass.console, 2, "Hello");
  EXPECT_EQ(glass.row(2), "Hello########");
}

TEST(Vcons, RemembersWhatHiddenScreensAreGiven) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  vcons_screen* const second = glass.add_screen();
  EXPECT_FALSE(SCREEN_IS_VISIBLE(second));
  print(second, 0, "second", 3);
  Glass::ops(second).cursor(second, 1, 4, 5);
  EXPECT_EQ(glass.at(0, 0), Glass::Cell{});
  EXPECT_EQ(glass.calls["putchar"] + glass.calls["cursor"], 0);

  glass.show(second);
  EXPECT_TRUE(glass.shows(second));
  EXPECT_EQ(glass.row(0), "second       ");
  EXPECT_EQ(glass.at(0, 5), (Glass::Cell{'d', 3}));
  EXPECT_TRUE(glass.cursor_on);
  EXPECT_EQ(glass.cursor_row, 4);
  EXPECT_EQ(glass.cursor_col, 5);
  EXPECT_EQ(glass.shown, std::vector<const vcons_screen*>{second});
  EXPECT_FALSE(SCREEN_IS_VISIBLE(&glass.console));
}

TEST(Vcons, KeepsAHiddenCursorHidden) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  Glass::ops(&glass.console).cursor(&glass.console, 0, 1, 1);
  glass.cursor_on = false;
  vcons_redraw_screen(&glass.console);
  EXPECT_FALSE(glass.cursor_on);
}

TEST(Vcons, DrawsBlanksTogether) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  print(&glass.console, 3, "a", glass.defattr);
  glass.calls.clear();
  glass.spoil();
  vcons_redraw_screen(&glass.console);
  EXPECT_TRUE(glass.shows(&glass.console));
  EXPECT_EQ(glass.calls["putchar"], 1);
  EXPECT_EQ(glass.calls["erasecols"], Glass::rows);
  EXPECT_EQ(glass.calls["eraserows"], 0);

  glass.console.scr_ri.ri_flg |= RI_FULLCLEAR;
  glass.calls.clear();
  glass.spoil();
  vcons_redraw_screen(&glass.console);
  EXPECT_TRUE(glass.shows(&glass.console));
  EXPECT_EQ(glass.calls["eraserows"], 1);
  EXPECT_EQ(glass.calls["erasecols"], 0);
}

TEST(Vcons, DontDrawLeavesThePixelsAlone) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  SCREEN_DISABLE_DRAWING(&glass.console);
  print(&glass.console, 0, "later");
  vcons_redraw_screen(&glass.console);
  EXPECT_EQ(glass.at(0, 0), Glass::Cell{});
  SCREEN_ENABLE_DRAWING(&glass.console);
  vcons_redraw_screen(&glass.console);
  EXPECT_EQ(glass.row(0), "later        ");
}

TEST(Vcons, NoRedrawLeavesItToTheDriver) {
  Glass glass(0, VCONS_NO_REDRAW);
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  vcons_screen* const second = glass.add_screen();
  glass.show(second);
  EXPECT_EQ(glass.at(0, 0), Glass::Cell{});
  EXPECT_EQ(glass.shown.size(), 1u);
}

TEST(Vcons, DontReadNeverCopies) {
  Glass glass(0, VCONS_DONT_READ);
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  Glass::ops(&glass.console).eraserows(&glass.console, 0, Glass::rows, 0);
  print(&glass.console, 1, "scrolled");
  Glass::ops(&glass.console).copyrows(&glass.console, 1, 0, Glass::rows - 1);
  Glass::ops(&glass.console).copycols(&glass.console, 0, 0, 3, 8);
  EXPECT_TRUE(glass.shows(&glass.console));
  EXPECT_EQ(glass.row(0), "scrscrolled  ");
  EXPECT_EQ(glass.calls["copyrows"] + glass.calls["copycols"], 0);
}

TEST(Vcons, ReplacesAttributes) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  Glass::ops(&glass.console).eraserows(&glass.console, 0, Glass::rows, 1);
  print(&glass.console, 0, "ab", 2);
  Glass::ops(&glass.console).replaceattr(&glass.console, 2, 9);
  EXPECT_EQ(glass.at(0, 1), (Glass::Cell{'b', 9}));
  EXPECT_EQ(glass.at(0, 2), (Glass::Cell{' ', 1}));
  EXPECT_TRUE(glass.shows(&glass.console));
}

// Arguments out of the screen must neither reach the driver nor the buffer's neighbours.
TEST(Vcons, ClipsWhatIsOutside) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  auto* const scr = &glass.console;
  const auto& ops = Glass::ops(scr);
  for (const int bad : {-1, -100000, Glass::rows, Glass::cols, 0x7fffffff}) {
    ops.putchar(scr, bad, 0, 'x', 0);
    ops.putchar(scr, 0, bad < Glass::cols ? -1 : bad, 'x', 0);
    ops.copycols(scr, 0, 0, bad, Glass::cols);
    ops.copycols(scr, bad, 0, 1, 1);
    ops.copyrows(scr, bad, 0, Glass::rows);
    ops.copyrows(scr, 0, 1, bad < 0 ? bad : 0x7fffffff);
  }
  ops.erasecols(scr, 0, -3, 5, 2);
  ops.erasecols(scr, 0, 10, 0x7fffffff, 2);
  ops.eraserows(scr, 5, 0x7fffffff, 2);
  ops.eraserows(scr, -2, 1, 2);
  EXPECT_EQ(glass.at(0, 1), (Glass::Cell{' ', 2}));
  EXPECT_EQ(glass.at(0, 2), Glass::Cell{});
  EXPECT_EQ(glass.at(0, 12), (Glass::Cell{' ', 2}));
  EXPECT_EQ(glass.at(6, 12), (Glass::Cell{' ', 2}));
  EXPECT_EQ(glass.calls["putchar"] + glass.calls["copycols"] + glass.calls["copyrows"], 0);
}

// Whatever is drawn on whichever screen in whatever order: the glass shows the screen on view.
TEST(Vcons, ShowsTheScreenOnViewAfterAnything) {
  std::mt19937 random(5);
  const auto upto = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (const unsigned flags : {0u, unsigned{VCONS_NO_COPYCOLS}, unsigned{VCONS_NO_COPYROWS}}) {
    Glass glass(0, flags);
    vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
    glass.console.scr_ri.ri_ops.eraserows(&glass.console, 0, Glass::rows, glass.defattr);
    std::vector<vcons_screen*> screens{&glass.console, glass.add_screen(), glass.add_screen()};
    vcons_screen* on_view = &glass.console;
    for (int step = 0; step < 4000; ++step) {
      vcons_screen* const scr = screens[static_cast<std::size_t>(upto(3))];
      const auto& ops = Glass::ops(scr);
      const int row = upto(Glass::rows);
      const int to_row = upto(Glass::rows);
      const int col = upto(Glass::cols);
      const int to_col = upto(Glass::cols);
      const long attr = upto(3) << 16 | upto(2) * WSATTR_UNDERLINE;
      switch (upto(8)) {
        case 0:
          ops.copyrows(scr, row, to_row, Glass::rows - std::max(row, to_row));
          break;
        case 1:
          ops.copycols(scr, row, col, to_col, Glass::cols - std::max(col, to_col));
          break;
        case 2:
          ops.erasecols(scr, row, col, 1 + upto(Glass::cols - col), attr);
          break;
        case 3:
          ops.eraserows(scr, row, 1 + upto(Glass::rows - row), attr);
          break;
        case 4:
          ops.replaceattr(scr, attr, upto(3) << 16);
          break;
        case 5:
          glass.show(scr);
          on_view = scr;
          break;
        default:
          ops.putchar(scr, row, col, static_cast<unsigned>(' ' + upto(3)), attr);
      }
      ASSERT_TRUE(glass.shows(on_view)) << "step " << step << " flags " << flags;
    }
  }
}

TEST(Vcons, ThreadsMayDrawAndSwitchAtOnce) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  glass.console.scr_ri.ri_ops.eraserows(&glass.console, 0, Glass::rows, 0);
  vcons_screen* const second = glass.add_screen();
  std::atomic<bool> stop{false};
  const auto scribble = [&](vcons_screen* scr, unsigned seed) {
    std::mt19937 random(seed);
    while (!stop) {
      const int row = static_cast<int>(random() % Glass::rows);
      Glass::ops(scr).putchar(scr, row, static_cast<int>(random() % Glass::cols), 'a' + seed, 1);
      if (random() % 8 == 0) Glass::ops(scr).copyrows(scr, 1, 0, Glass::rows - 1);
    }
  };
  std::thread one([&] { scribble(&glass.console, 1); });
  std::thread two([&] { scribble(second, 2); });
  for (int i = 0; i < 500; ++i) glass.show(i % 2 == 0 ? second : &glass.console);
  stop = true;
  one.join();
  two.join();
  EXPECT_TRUE(glass.shows(&glass.console));
}

TEST(Vcons, FreesScreensInAnyOrder) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  vcons_screen* const second = glass.add_screen();
  glass.show(second);
  glass.free_screen(second);
  EXPECT_EQ(glass.vd.active, nullptr);
  glass.show(&glass.console);
  EXPECT_TRUE(glass.shows(&glass.console));
  glass.free_screen(&glass.console);
  EXPECT_TRUE(LIST_EMPTY(&glass.vd.screens));
  // A driver may use its structure again.
  ASSERT_EQ(vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr), 0);
  print(&glass.console, 0, "again");
  EXPECT_EQ(glass.row(0).substr(0, 5), "again");
}

TEST(Vcons, InitializesAScreenTwice) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  ASSERT_EQ(vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr), 0);
  print(&glass.console, 0, "once");
  EXPECT_EQ(glass.calls["putchar"], 4);
  EXPECT_EQ(LIST_NEXT(LIST_FIRST(&glass.vd.screens), next), nullptr);
}

TEST(Vcons, ScreenTypeFollowsIfItMay) {
  Glass glass(WSSCREEN_RESIZE);
  glass.screen_rows = 5;
  glass.screen_cols = 9;
  static_cast<void>(glass.add_screen());
  EXPECT_EQ(glass.type.nrows, 5);
  EXPECT_EQ(glass.type.ncols, 9);
}

TEST(Vcons, ReadsAndWritesCells) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  wsdisplay_char cell{};
  cell.row = 2;
  cell.col = 3;
  cell.letter = 'q';
  cell.foreground = 6;
  cell.background = 4;
  EXPECT_EQ(glass.ioctl(&glass.console, WSDISPLAYIO_PUTWSCHAR, &cell), 0);
  EXPECT_EQ(glass.at(2, 3), (Glass::Cell{'q', 6L << 24 | 4L << 16}));
  wsdisplay_char read{};
  read.row = 2;
  read.col = 3;
  EXPECT_EQ(glass.ioctl(nullptr, WSDISPLAYIO_GETWSCHAR, &read), 0) << "of the active screen";
  EXPECT_EQ(read.letter, 'q');
  EXPECT_EQ(read.foreground, 6);
  EXPECT_EQ(read.background, 4);
  read.row = Glass::rows;
  EXPECT_EQ(glass.ioctl(&glass.console, WSDISPLAYIO_GETWSCHAR, &read), EINVAL);
  EXPECT_EQ(glass.ioctl(&glass.console, WSDISPLAYIO_PUTWSCHAR, &read), EINVAL);
}

TEST(Vcons, PassesOtherRequestsToTheDriver) {
  Glass glass;
  u_int type = 0;
  EXPECT_EQ(glass.ioctl(nullptr, WSDISPLAYIO_GTYPE, &type), EPASSTHROUGH);
  EXPECT_EQ(glass.last_ioctl, WSDISPLAYIO_GTYPE);
}

TEST(Vcons, PollingBringsTheKernelsScreenForward) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  glass.console.scr_ri.ri_ops.eraserows(&glass.console, 0, Glass::rows, 0);
  vcons_screen* const second = glass.add_screen();
  glass.show(second);
  int on = 1;
  glass.ioctl(nullptr, WSDISPLAYIO_SET_POLLING, &on);
  EXPECT_EQ(glass.last_ioctl, WSDISPLAYIO_SET_POLLING);
  EXPECT_EQ(glass.vd.active, &glass.console);
  EXPECT_TRUE(glass.shows(&glass.console));
  on = 0;
  glass.ioctl(nullptr, WSDISPLAYIO_SET_POLLING, &on);
  EXPECT_EQ(glass.vd.active, &glass.console);
}

TEST(Vcons, HardSwitchDoesNotRedraw) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  vcons_screen* const second = glass.add_screen();
  vcons_hard_switch(second);
  EXPECT_EQ(glass.vd.active, second);
  EXPECT_EQ(glass.at(0, 0), Glass::Cell{});
  print(second, 0, "x");
  EXPECT_EQ(glass.at(0, 0).c, 'x');
}

TEST(Vcons, ReplaysMessages) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  kern::message_buffer_clear();
  kern::set_console([](std::string_view) {});
  for (int i = 0; i < 20; ++i) {
    kern::console_write(kern::Message::normal, "line " + std::to_string(i) + "\n");
  }
  kern::console_write(kern::Message::normal, "longer than thirteen\n");
  vcons_replay_msgbuf(&glass.console);
  kern::set_console({});
  EXPECT_EQ(glass.row(3), "line 19      ");
  EXPECT_EQ(glass.row(4), "longer than t");
  EXPECT_EQ(glass.row(5), "hirteen      ");
  EXPECT_EQ(glass.cursor_row, 6);
  EXPECT_EQ(glass.cursor_col, 0);
  EXPECT_TRUE(glass.shows(&glass.console));
}

// There its lines are wrapped, scrolled and followed by whatever the kernel says next.
TEST(Vcons, ReplaysMessagesThroughTheConsolesTerminal) {
  Glass glass;
  vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr);
  glass.type.textops = &glass.console.scr_ri.ri_ops;
  Glass::ops(&glass.console).eraserows(&glass.console, 0, Glass::rows, glass.defattr);
  kern::message_buffer_clear();
  kern::set_console([](std::string_view) {});
  kern::console_write(kern::Message::normal, "before\n");
  wsdisplay_cnattach(&glass.type, &glass.console, 0, 0, glass.defattr);
  vcons_replay_msgbuf(&glass.console);
  kern::console_write(kern::Message::normal, "and after\n");
  const auto letter = [&glass](int row) {
    wsdisplay_char cell{};
    cell.row = row;
    EXPECT_EQ(glass.ioctl(&glass.console, WSDISPLAYIO_GETWSCHAR, &cell), 0);
    return cell.letter;
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (letter(1) != 'a' && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(letter(0), 'b');
  EXPECT_EQ(letter(1), 'a');
  wsdisplay_cndetach();
  kern::set_console({});
  EXPECT_TRUE(glass.shows(&glass.console));
}

TEST(VconsDeathTest, NamesWhatTheDriverLeftOut) {
  Glass glass;
  glass.incomplete = true;
  EXPECT_VIOLATION(vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr),
                   "init_screen left no drawing functions.*104x112 pixels of 32 bits");
  glass.vd.init_screen = nullptr;
  EXPECT_VIOLATION(vcons_init_screen(&glass.vd, &glass.console, 1, &glass.defattr),
                   "set no init_screen");
}

}  // namespace
}  // namespace pupci::wscons::test
