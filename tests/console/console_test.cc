// SPDX-License-Identifier: BSD-2-Clause
// What QEMU's monitor shows is what our PNG and a VNC viewer show, pixel for pixel, whatever runs
// on the console: with both drivers and at every depth.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>

#include "console/session.h"

namespace pupci::test {
namespace {

std::vector<Setup> every_depth() {
  std::vector<Setup> all;
  const auto add = [&all](const std::string& driver, const std::string& device, unsigned depth) {
    all.push_back({driver, device, {"width=640", "height=480", "depth=" + std::to_string(depth)}});
  };
  for (const unsigned depth : {8U, 15U, 16U, 24U, 32U}) {
    add("bochsfb", "VGA", depth);
    add("ragefb", "ati-vga", depth);
  }
  add("bochsfb", "bochs-display", 16);
  add("bochsfb", "bochs-display", 32);
  all.push_back({"ragefb", "ati-vga", {"engine=false"}});
  return all;
}

class ConsoleDepth : public ::testing::TestWithParam<Setup> {};

// Ten thousand lines in all colours, the last of which stays in view.
TEST_P(ConsoleDepth, ShowsScrollingText) {
  Session session(GetParam(), R"sh(
    awk 'BEGIN { for (i = 1; i <= 10000; i++)
      printf "\033[%d;%dm line %d \033[0m of text that scrolls by\n", 30 + i % 8, 40 + int(i / 8) % 8, i }'
    say done; pause)sh");
  session.hear("done");
  session.expect_same("after 10,000 lines");
}

// What a terminal test does: regions, insertion and deletion, attributes, line drawing.
TEST_P(ConsoleDepth, ShowsEscapeSequences) {
  Session session(GetParam(), R"sh(
    printf '\033#8\033[5;15r\033[15;1H'
    for i in $(seq 30); do printf 'in the region %d\r\n' $i; done
    printf '\033[r\033[3;3H\033[2L\033[4P\033[5@\033[8;10H\033[M\033[9;20H\033[1K\033[10;20H\033[0K'
    printf '\033[16;1H\033[1mbold\033[0m \033[4munder\033[0m \033[7mreverse\033[0m \033[1;4;31mall\033[0m\033[3X'
    for c in $(seq 16 47); do printf '\033[48;5;%dm%02d ' $c $c; done; printf '\033[0m\r\n'
    printf '┌──┬──┐ ├──┼──┤ └──┴──┘ ░▒▓█ äöüß éè ñ\r\n\033(0lqqk\033(B\r\n'
    printf '\033[?1049h on the other screen \033[?1049l\033[22;5Hand back\033M\033M\033[7;1H\033[3S\033[2T'
    say done; pause)sh");
  session.hear("done");
  session.expect_same("after escape sequences");
}

INSTANTIATE_TEST_SUITE_P(Every, ConsoleDepth, ::testing::ValuesIn(every_depth()),
                         [](const auto& all) { return name_of(all.param); });

class Console : public ::testing::TestWithParam<Setup> {};

TEST_P(Console, ShowsLess) {
  Session session(GetParam(), R"sh(
    seq 1 3000 > "${0%/*}/numbers"; echo here; say start; pause
    less "${0%/*}/numbers"; say done; pause)sh");
  session.hear("start");
  const Picture before = session.expect_same("before less");
  session.go();
  const Picture first = session.expect_same_but_not(before, "in less");
  session.type("G");
  const Picture last = session.expect_same_but_not(first, "at the end in less");
  session.type("b");
  session.expect_same_but_not(last, "a page up in less");
  session.type("q");
  session.hear("done");
}

TEST_P(Console, ShowsVim) {
  Session session(GetParam(), R"sh(
    echo here; say start; pause; cd "${0%/*}"
    vim -u NONE -N -i NONE --cmd 'set ruler showcmd' text; cat text; say done; pause)sh");
  session.hear("start");
  const Picture before = session.expect_same("before vim");
  session.go();
  const Picture empty = session.expect_same_but_not(before, "in vim");
  session.type("ihello from vim");
  session.press(0xff1b);
  session.type("yy50p");
  const Picture full = session.expect_same_but_not(empty, "with text in vim");
  session.type("gg20dd");
  session.expect_same_but_not(full, "less text in vim");
  session.type(":wq\n");
  session.hear("done");
  session.expect_same("after vim");
}

TEST_P(Console, ShowsTop) {
  Session session(GetParam(),
                  "say start; pause; top -b -n 1 | cut -c 1-70; top -n 3 -d 0.2; say done; pause");
  session.hear("start");
  session.go();
  session.hear("done");
  session.expect_same("after top");
}

// Nothing but a bar of red that the program draws last.
bool has_bar(const Picture& picture) {
  const auto is_red = [](std::uint32_t pixel) {
    return (pixel >> 16 & 0xff) > 0x40 && (pixel >> 8 & 0xff) < 0x20 && (pixel & 0xff) < 0x20;
  };
  return std::count_if(picture.pixels.begin(), picture.pixels.end(), is_red) > 1000;
}

// Until the monitor shows what `wanted` says.
void expect_monitor(Session& session, const std::function<bool(const Picture&)>& wanted,
                    const char* what) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!wanted(session.monitor()))
    ASSERT_LT(std::chrono::steady_clock::now(), end) << what << " never came";
}

TEST_P(Console, SwitchesScreens) {
  // The second screen runs the same; the name of its terminal tells them apart.
  Session session(GetParam(),
                  "for i in $(seq 100); do echo $(tty) $i; done; "
                  "printf '\\033[41m%60s\\033[0m\\n' ''; say done; pause");
  session.hear("done");
  expect_monitor(session, has_bar, "all of the first screen");
  const Picture first = session.expect_same("on the first screen");
  session.switch_screen(2);
  expect_monitor(
      session, [&](const Picture& now) { return now.pixels != first.pixels; }, "the second screen");
  session.switch_screen(1);
  expect_monitor(
      session, [&](const Picture& now) { return now.pixels == first.pixels; },
      "the first screen again");
  session.expect_same("back on the first screen");
}

// A variable of the environment, for a while.
class Setting {
 public:
  Setting(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Setting() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// Names of folders are drawn by lot, so each comes one day.
TEST(ConsoleSession, MayLieInAnyFolder) {
  const Folder outer;
  const std::string inner = outer.file("SAID-and-GO");
  std::filesystem::create_directory(inner);
  const Setting temporary("TMPDIR", inner);
  Session session({"bochsfb", "bochs-display", {}}, "say start; pause; say done; pause");
  session.hear("start");
  session.go();
  session.hear("done");
}

// A shell, and a person at the VNC viewer.
TEST_P(Console, TakesWhatIsTyped) {
  Session session(GetParam(), "echo here; say start; stty echo; exec bash --norc --noprofile -i");
  session.hear("start");
  const Picture before = session.expect_same("at the prompt");
  const std::string file = session.folder().file("typed");
  session.type("echo typed text > " + file + "\n");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (read_file(file) != "typed text\n") {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "nothing was typed";
  }
  session.expect_same_but_not(before, "after a command");
}

INSTANTIATE_TEST_SUITE_P(Every, Console,
                         ::testing::Values(Setup{"bochsfb", "VGA", {}},
                                           Setup{"bochsfb", "bochs-display", {}},
                                           Setup{"ragefb", "ati-vga", {}},
                                           Setup{"ragefb", "ati-vga", {"depth=8"}}),
                         [](const auto& all) { return name_of(all.param); });

}  // namespace
}  // namespace pupci::test
