// SPDX-License-Identifier: BSD-2-Clause
// What programs write, as it stands on a driver's screen.
#include "wscons/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "text_device.h"
#include "wscons/keysym.h"

namespace pupci::wscons {
namespace {

using test::TextDevice;

class TerminalTest : public testing::Test {
 protected:
  ~TerminalTest() override { EXPECT_EQ(device.wrong(), ""); }
  void show(std::string_view bytes) {
    terminal.write(bytes);
    damage = terminal.flush();
  }
  TextDevice device{20, 5};
  Terminal terminal{device.screen(), 0, 0};
  std::vector<CellRect> damage;
};

TEST_F(TerminalTest, ShowsText) {
  show("hello\r\nworld");
  EXPECT_EQ(device.all(), "hello\nworld");
  EXPECT_TRUE(device.cursor_at(1, 5));
}

TEST_F(TerminalTest, DrawsNothingUntilAsked) {
  terminal.write("hello");
  EXPECT_EQ(device.counts().all(), 0);
  EXPECT_TRUE(terminal.pending());
  terminal.flush();
  EXPECT_FALSE(terminal.pending());
  EXPECT_EQ(device.text(0), "hello");
}

TEST_F(TerminalTest, DrawsWhatDiffers) {
  show("hello\r\n");
  device.reset_counts();
  show("\033[Ahallo\r\n");
  EXPECT_EQ(device.counts().characters, 1);
  EXPECT_EQ(device.counts().cursors, 0);  // it is where it was, in a row that stays
}

TEST_F(TerminalTest, DrawsNothingForNothing) {
  show("hello");
  device.reset_counts();
  show("\rhello");
  EXPECT_EQ(device.counts().all(), 0);
  EXPECT_TRUE(damage.empty());
}

TEST_F(TerminalTest, ScrollsByOneCopy) {
  show("1\r\n2\r\n3\r\n4\r\n5");
  device.reset_counts();
  show("\r\n6\r\n7");
  EXPECT_EQ(device.all(), "3\n4\n5\n6\n7");
  EXPECT_EQ(device.counts().copies, 1);
  EXPECT_LE(device.counts().characters, 4);
}

TEST_F(TerminalTest, DrawsOnlyTheLastPage) {
  std::string text;
  for (int i = 0; i < 100000; i++) text += std::to_string(i) + "\r\n";
  device.reset_counts();
  show(text);
  EXPECT_EQ(device.all(), "99996\n99997\n99998\n99999");
  EXPECT_LE(device.counts().all(), 30);
}

TEST_F(TerminalTest, ScrollsWithinMargins) {
  show("1\r\n2\r\n3\r\n4\r\n5\033[2;4r\033[4;1H");
  device.reset_counts();
  show("\n4b");
  EXPECT_EQ(device.all(), "1\n3\n4\n4b\n5");
  EXPECT_EQ(device.counts().copies, 1);
}

TEST_F(TerminalTest, InsertsAndDeletes) {
  show("abcdef\033[1;3H\033[2@");
  EXPECT_EQ(device.text(0), "ab  cdef");
  show("\033[3P");
  EXPECT_EQ(device.text(0), "abdef");
  show("\033[1;1H\033[Lnew");
  EXPECT_EQ(device.all(), "new\nabdef");
}

TEST_F(TerminalTest, ErasesInTheBackgroundChosen) {
  show("\033[41m\033[2J");
  EXPECT_EQ(device.attribute(3, 7).background, WSCOL_RED);
  EXPECT_LE(device.counts().erases, 1);
}

TEST_F(TerminalTest, HasColors) {
  show("\033[31ma\033[1mb\033[0;92mc\033[7md\033[0;4me\033[0;38;5;196mf\033[38;2;255;255;0;44mg");
  using Attribute = TextDevice::Attribute;
  constexpr int colors = WSATTR_WSCOLORS;
  EXPECT_EQ(device.attribute(0, 0), (Attribute{WSCOL_RED, WSCOL_BLACK, colors}));
  EXPECT_EQ(device.attribute(0, 1), (Attribute{WSCOL_RED, WSCOL_BLACK, colors | WSATTR_HILIT}));
  EXPECT_EQ(device.attribute(0, 2), (Attribute{WSCOL_GREEN, WSCOL_BLACK, colors | WSATTR_HILIT}));
  EXPECT_EQ(device.attribute(0, 3), (Attribute{WSCOL_BLACK, WSCOL_LIGHT_GREEN, colors}));
  EXPECT_EQ(device.attribute(0, 4), (Attribute{WS_DEFAULT_FG, WS_DEFAULT_BG, WSATTR_UNDERLINE}));
  EXPECT_EQ(device.attribute(0, 5), (Attribute{WSCOL_RED, WSCOL_BLACK, colors | WSATTR_HILIT}));
  EXPECT_EQ(device.attribute(0, 6), (Attribute{WSCOL_BROWN, WSCOL_BLUE, colors | WSATTR_HILIT}));
}

TEST_F(TerminalTest, KeepsTextReadableWhereColorsAreFew) {
  show("\033[38;2;118;118;118;48;2;130;130;130mx");
  EXPECT_NE(device.attribute(0, 0).foreground, device.attribute(0, 0).background);
}

TEST(TerminalOnMonochrome, UsesWhatThereIs) {
  TextDevice device(10, 2, WSSCREEN_REVERSE);
  Terminal terminal(device.screen(), 0, 0);
  terminal.write("\033[31ma\033[7mb\033[0;47mc\033[0;4md");
  terminal.flush();
  EXPECT_EQ(device.text(0), "abcd");
  EXPECT_EQ(device.attribute(0, 0).flags, 0);
  EXPECT_EQ(device.attribute(0, 1).flags, WSATTR_REVERSE);
  EXPECT_EQ(device.attribute(0, 2).flags, WSATTR_REVERSE);
  EXPECT_EQ(device.attribute(0, 3).flags, 0);
  EXPECT_EQ(device.wrong(), "");
}

TEST_F(TerminalTest, ReadsUtf8) {
  show("\xc3\xa9\xe2\x94\x80\xe2\x82\xac");
  EXPECT_EQ(device.character(0, 0), U'é');
  EXPECT_EQ(device.character(0, 1), U'─');
  EXPECT_EQ(device.character(0, 2), U'€');
}

TEST_F(TerminalTest, ReadsUtf8InParts) {
  terminal.write("\xe2\x94");
  terminal.flush();
  show("\x82|");
  EXPECT_EQ(device.character(0, 0), U'│');
  EXPECT_EQ(device.character(0, 1), U'|');
}

// libvterm 0.1 forgets what of a question came before; it must not read beyond the rest.
TEST_F(TerminalTest, ReadsStringsInParts) {
  const std::string question = "\033P$qm\033\\";
  for (std::size_t split = 1; split < question.size(); split++) {
    std::string answer;
    terminal.set_reply([&](std::string_view text) { answer += text; });
    // In memory of their own, so that what is read beyond them is noticed.
    terminal.write(std::string(question, 0, split));
    terminal.write(std::string(question, split));
    EXPECT_THAT(answer, testing::AnyOf("", "\033P1$rm\033\\")) << split;
  }
}

TEST_F(TerminalTest, DoesControlsWithinAnEscapeAtOnce) {
  std::string answer;
  terminal.set_reply([&](std::string_view text) { answer += text; });
  show("ab\033\b[31mc\033\033\177[0m\033P$qm\033\020\020\\\033\030x");
  EXPECT_EQ(device.text(0), "acx");
  EXPECT_EQ(answer, "\033P1$rm\033\\");
}

TEST_F(TerminalTest, LeavesOutArgumentsThatAreTooMany) {
  for (const char separator : {';', ':'}) {
    std::string many = "\033[4";
    for (int i = 0; i < 1000; i++) many += std::string(1, separator) + "31";
    show("\033[2J\033[H" + many + "m\033[0;7mx\033[0m");
    EXPECT_EQ(device.text(0), "x");
    EXPECT_EQ(device.attribute(0, 0).flags, WSATTR_REVERSE);
  }
  show("\033[H\033[0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;7my");  // 16 of them
  EXPECT_EQ(device.attribute(0, 0).flags, WSATTR_REVERSE);
}

TEST_F(TerminalTest, ComposesLettersAndMarks) {
  show("e\u0301A\u030an\u0303o\u0308\u0438\u0306|");
  EXPECT_EQ(terminal.text(0), "éÅñöй|");
  EXPECT_EQ(device.character(0, 0), U'é');
  EXPECT_EQ(device.character(0, 5), U'|');
}

TEST_F(TerminalTest, ComposesMarksInAnyOrder) {
  show("e\u0302\u0323e\u0323\u0302o\u031b\u0301");
  EXPECT_EQ(terminal.text(0), "ệệớ");
}

TEST_F(TerminalTest, ComposesWhatComesInParts) {
  terminal.write("e");
  terminal.flush();
  terminal.write("\xcc");
  terminal.flush();
  show("\x81x");
  EXPECT_EQ(terminal.text(0), "éx");
}

TEST_F(TerminalTest, LeavesOutMarksThatGoWithNothing) {
  show("\u0301q\u0301x\u20d7e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301y");
  EXPECT_EQ(terminal.text(0).substr(terminal.text(0).find('q')), "qxéy");
}

TEST_F(TerminalTest, ShowsALetterWithoutItsMarksRatherThanNone) {
  device.set_last_glyph(0xff);
  show("\u1ec7\u01d8\u0439");  // of which the second is a u with two marks
  EXPECT_EQ(device.character(0, 0), U'e');
  EXPECT_EQ(device.character(0, 1), U'ü');
}

TEST_F(TerminalTest, ShowsLookAlikes) {
  device.set_last_glyph(0x7e);
  show("\xe2\x94\x8c\xe2\x94\x80\xe2\x95\x90\xe2\x94\x82\xc3\xa9\xe2\x82\xac");
  EXPECT_EQ(device.text(0), "+-=|e?");
}

TEST_F(TerminalTest, GivesWideCharactersTwoCells) {
  show("\xe4\xbd\xa0x");
  EXPECT_EQ(device.character(0, 0), U'你');
  EXPECT_EQ(device.character(0, 1), U' ');
  EXPECT_EQ(device.character(0, 2), U'x');
  show("\033[1;2Hy");  // half of it gone, it is gone
  EXPECT_EQ(device.text(0), " yx");
}

TEST_F(TerminalTest, DrawsLinesWithDecGraphics) {
  show("\033(0lqk\033(B");
  EXPECT_EQ(device.character(0, 0), U'┌');
  EXPECT_EQ(device.character(0, 1), U'─');
  EXPECT_EQ(device.character(0, 2), U'┐');
}

TEST_F(TerminalTest, HasAnAlternateScreen) {
  show("shell\r\n$ ");
  show("\033[?1049h\033[2J\033[Heditor");
  EXPECT_EQ(device.all(), "editor");
  show("\033[?1049l");
  EXPECT_EQ(device.all(), "shell\n$");
  EXPECT_TRUE(device.cursor_at(1, 2));
}

TEST_F(TerminalTest, RepeatsACharacterIfThereIsOne) {
  show("\033[5b");  // of none, libvterm would make endlessly many
  EXPECT_EQ(device.all(), "");
  show("x\033[5b");
  EXPECT_EQ(device.all(), "xxxxxx");
}

TEST_F(TerminalTest, HidesTheCursor) {
  show("\033[?25l");
  EXPECT_FALSE(device.cursor_shown());
  show("x");
  EXPECT_FALSE(device.cursor_shown());
  show("\033[?25h");
  EXPECT_TRUE(device.cursor_at(0, 1));
}

TEST_F(TerminalTest, ReversesAll) {
  show("x\033[?5h");
  EXPECT_EQ(device.attribute(0, 0).flags, WSATTR_REVERSE);
  EXPECT_EQ(device.attribute(4, 19).flags, WSATTR_REVERSE);
  show("\033[?5l");
  EXPECT_EQ(device.attribute(4, 19).flags, 0);
}

TEST_F(TerminalTest, LooksBack) {
  for (int i = 1; i <= 12; i++) terminal.write(std::to_string(i) + "\r\n");
  show("");
  EXPECT_EQ(device.all(), "9\n10\n11\n12");
  terminal.scroll_back(3);
  terminal.flush();
  EXPECT_EQ(device.all(), "6\n7\n8\n9\n10");
  EXPECT_FALSE(device.cursor_shown());
  show("13\r\n");  // what is looked at stays
  EXPECT_EQ(device.all(), "6\n7\n8\n9\n10");
  terminal.scroll_back(1000);
  terminal.flush();
  EXPECT_EQ(device.all(), "1\n2\n3\n4\n5");
  terminal.scroll_to_end();
  terminal.flush();
  EXPECT_EQ(device.all(), "10\n11\n12\n13");
  EXPECT_TRUE(device.cursor_shown());
}

TEST_F(TerminalTest, ReportsDamage) {
  show(" \r\033[2;1H");  // what the driver had there is gone from the row
  show("\033[Hhello");
  damage.erase(damage.begin());  // the cursor, where it was
  ASSERT_EQ(damage.size(), 2U);  // the text and the cursor
  EXPECT_EQ(damage[0].left, 0);
  EXPECT_EQ(damage[0].right, 5);
  EXPECT_EQ(damage[0].top, 0);
  EXPECT_EQ(damage[0].bottom, 1);
  EXPECT_EQ(damage[1].left, 5);
}

TEST_F(TerminalTest, StartsWhereTheDriverIs) {
  TextDevice other(20, 5);
  Terminal console(other.screen(), 2, 4);
  console.write("x");
  console.flush();
  EXPECT_EQ(other.character(2, 4), U'x');
}

TEST_F(TerminalTest, ShowsMessagesAsLines) {
  terminal.write_message("pci0: a\npci0: b\n");
  terminal.flush();
  EXPECT_EQ(device.all(), "pci0: a\npci0: b");
}

TEST_F(TerminalTest, Resizes) {
  show("1\r\n2\r\n3\r\n4\r\n5");
  TextDevice smaller(10, 3);
  terminal.resize(smaller.screen());
  terminal.flush();
  EXPECT_EQ(smaller.all(), "3\n4\n5");
  EXPECT_TRUE(smaller.cursor_at(2, 1));
  TextDevice larger(30, 6);
  terminal.resize(larger.screen());
  terminal.write("\r\nlonger than it was before");
  terminal.flush();
  EXPECT_EQ(larger.all(), "3\n4\n5\nlonger than it was before");
  EXPECT_EQ(smaller.wrong() + larger.wrong(), "");
}

TEST_F(TerminalTest, ResizesAFullScreenWithTheCursorAtItsTop) {
  show("1\r\n2\r\n3\r\n4\r\n5\033[2;1H");
  TextDevice smaller(10, 2);
  terminal.resize(smaller.screen());
  terminal.write("x\033[J");
  terminal.flush();
  EXPECT_EQ(smaller.all(), "x");
  EXPECT_TRUE(smaller.cursor_at(0, 1));
  EXPECT_EQ(smaller.wrong(), "");
}

TEST_F(TerminalTest, RestoresTheCursorWhereThereIsStillAScreen) {
  show("\033[5;9H\0337\033[1;1H");
  show("\0338");
  EXPECT_TRUE(device.cursor_at(4, 8));
  show("\033[1;1H");
  TextDevice smaller(4, 2);
  terminal.resize(smaller.screen());
  terminal.write("\0338x");
  terminal.flush();
  EXPECT_EQ(smaller.character(1, 3), U'x');
  EXPECT_EQ(smaller.wrong(), "");
}

// What the screen shows after any number of flushes is what one flush shows at the end.
TEST(TerminalAtRandom, ShowsTheSameHoweverOftenItIsDrawn) {
  static constexpr std::array<const char*, 24> pieces{
      "text ",       "\r\n",        "\033[A",       "\033[3;1H", "\033[2;4r", "\033[r",
      "\033[L",      "\033[M",      "\033[2P",      "\033[4@",   "\033[K",    "\033[1J",
      "\033[31;44m", "\033[0m",     "\033[7m",      "\033[4m",   "\033[S",    "\033[2T",
      "\033[?1049h", "\033[?1049l", "\xe4\xbd\xa0", "\033[?5h",  "\033[?5l",  "\033M"};
  for (unsigned seed = 0; seed < 30; seed++) {
    std::mt19937 random(seed);
    TextDevice often(20, 6);
    TextDevice once(20, 6);
    Terminal drawn_often(often.screen(), 0, 0);
    Terminal drawn_once(once.screen(), 0, 0);
    for (int i = 0; i < 300; i++) {
      const char* piece = pieces[random() % pieces.size()];
      drawn_often.write(piece);
      drawn_once.write(piece);
      if (random() % 3 == 0) drawn_often.flush();
    }
    drawn_often.flush();
    drawn_once.flush();
    EXPECT_EQ(often.wrong() + once.wrong(), "");
    for (int row = 0; row < 6; row++) {
      for (int column = 0; column < 20; column++) {
        ASSERT_EQ(often.character(row, column), once.character(row, column)) << seed;
        ASSERT_EQ(often.attribute(row, column), once.attribute(row, column))
            << seed << ": " << row << ", " << column;
        ASSERT_EQ(often.cursor_at(row, column), once.cursor_at(row, column)) << seed;
      }
    }
  }
}

class TerminalInput : public TerminalTest {
 protected:
  TerminalInput() {
    terminal.set_reply([this](std::string_view bytes) { sent += bytes; });
  }
  std::string take() { return std::exchange(sent, {}); }
  std::string sent;
};

TEST_F(TerminalInput, AnswersRequests) {
  show("\033[6n");
  EXPECT_EQ(take(), "\033[1;1R");
  show("\033[c");
  EXPECT_THAT(take(), testing::StartsWith("\033[?"));
}

TEST_F(TerminalInput, TypesCharacters) {
  terminal.type(U'a', {});
  terminal.type(U'A', {.shift = true});
  terminal.type(U'é', {});
  EXPECT_EQ(take(), "aA\xc3\xa9");
  terminal.type(U'c', {.control = true});
  EXPECT_EQ(take(), "\003");
  terminal.type(U'm', {.control = true});
  EXPECT_EQ(take(), "\r");
  terminal.type(U' ', {.control = true});
  EXPECT_EQ(take(), std::string("\0", 1));
  terminal.type(U'x', {.alt = true});
  EXPECT_EQ(take(), "\033x");
  terminal.type(U'x', {.alt = true, .control = true});
  EXPECT_EQ(take(), "\033\030");
}

TEST_F(TerminalInput, PressesKeys) {
  EXPECT_TRUE(terminal.press(keysym_return, {}));
  EXPECT_EQ(take(), "\r");
  terminal.press(keysym_backspace, {});
  EXPECT_EQ(take(), "\177");
  terminal.press(keysym_up, {});
  EXPECT_EQ(take(), "\033[A");
  terminal.write("\033[?1h");
  terminal.press(keysym_up, {});
  EXPECT_EQ(take(), "\033OA");
  terminal.press(keysym_f1, {});
  EXPECT_EQ(take(), "\033OP");
  terminal.press(keysym_f12, {});
  EXPECT_EQ(take(), "\033[24~");
  terminal.press(keysym_up, {.control = true});
  EXPECT_EQ(take(), "\033[1;5A");
  terminal.press(keysym_delete, {});
  EXPECT_EQ(take(), "\033[3~");
  terminal.press(keysym_left_tab, {});
  EXPECT_EQ(take(), "\033[Z");
  terminal.press(keysym_kp_0 + 5, {});
  EXPECT_EQ(take(), "5");
  terminal.press(keysym_return, {.shift = true});
  EXPECT_EQ(take(), "\r");
  EXPECT_FALSE(terminal.press(0xff14, {}));  // Scroll Lock
}

TEST_F(TerminalInput, ReportsTheMouseToThoseWhoAsk) {
  EXPECT_FALSE(terminal.point(1, 2, 1, {}));
  EXPECT_FALSE(terminal.point(1, 2, 0, {}));
  EXPECT_EQ(take(), "");
  terminal.write("\033[?1000h\033[?1006h");
  EXPECT_TRUE(terminal.point(1, 2, 1, {}));
  EXPECT_EQ(take(), "\033[<0;3;2M");
  terminal.point(1, 2, 0, {});
  EXPECT_EQ(take(), "\033[<0;3;2m");
  terminal.point(1, 2, 8, {});
  EXPECT_EQ(take(), "\033[<64;3;2M");
}

}  // namespace
}  // namespace pupci::wscons
