// SPDX-License-Identifier: BSD-2-Clause
// vttest(1)'s screens, one after the other: what the driver draws of them, QEMU's monitor shows.
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "console/session.h"

namespace pupci::test {
namespace {

using Clock = std::chrono::steady_clock;

struct Menu {
  const char* name;
  std::string choices;  // of each menu down to the tests
  unsigned pages;       // that there are at least
};

class Vttest : public ::testing::TestWithParam<std::tuple<Setup, Menu>> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/usr/bin/vttest")) GTEST_SKIP() << "vttest is missing";
  }
};

// What a program asked of a person until now, as script(1) recorded it.
class Prompts {
 public:
  explicit Prompts(std::string file) : file_(std::move(file)) {}

  enum class Kind { none, choice, push };
  // The next one, which is waited for.
  Kind next() {
    static constexpr const char* choice = "Enter choice number";
    static constexpr const char* push = "Push <RETURN>";
    const auto end = Clock::now() + std::chrono::seconds(60);
    while (true) {
      const std::string text = std::filesystem::exists(file_) ? read_file(file_) : "";
      const std::size_t at_choice = text.find(choice, seen_);
      const std::size_t at_push = text.find(push, seen_);
      const std::size_t at = std::min(at_choice, at_push);
      if (at != std::string::npos) {
        seen_ = at + 1;
        return at == at_choice ? Kind::choice : Kind::push;
      }
      if (Clock::now() > end) return Kind::none;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

 private:
  std::string file_;
  std::size_t seen_ = 0;
};

TEST_P(Vttest, IsShownPageForPage) {
  const auto& [setup, menu] = GetParam();
  Session session(setup, R"sh(
    cd "${0%/*}"; script -q -f -c 'vttest 24x80.80' typescript; say done; pause)sh");
  Prompts prompts(session.folder().file("typescript"));
  for (const char choice : menu.choices) {
    ASSERT_EQ(prompts.next(), Prompts::Kind::choice);
    session.type(std::string(1, choice) + "\n");
  }
  unsigned pages = 0;
  Prompts::Kind kind = prompts.next();
  for (; kind == Prompts::Kind::push; kind = prompts.next()) {
    pages++;
    session.expect_settled("page " + std::to_string(pages));
    if (HasFatalFailure() || HasNonfatalFailure()) return;
    session.type("\n");
  }
  EXPECT_EQ(kind, Prompts::Kind::choice) << "after page " << pages;
  EXPECT_GE(pages, menu.pages);
  for (std::size_t i = 0; i < menu.choices.size(); i++) {
    if (i != 0) {
      ASSERT_EQ(prompts.next(), Prompts::Kind::choice);
    }
    session.type("0\n");
  }
  session.hear("done");
  session.expect_same("after vttest");
}

const auto menus =
    ::testing::Values(Menu{"CursorMovements", "1", 5}, Menu{"ScreenFeatures", "2", 10},
                      Menu{"CharacterSets", "3", 1}, Menu{"InsertionAndDeletion", "8", 8});

INSTANTIATE_TEST_SUITE_P(
    Every, Vttest,
    ::testing::Combine(
        ::testing::Values(Setup{"bochsfb", "VGA", {"width=800", "height=600"}},
                          Setup{"ragefb", "ati-vga", {"width=800", "height=600", "depth=8"}}),
        menus),
    [](const auto& all) {
      return std::get<0>(all.param).driver + "_" + std::get<1>(all.param).name;
    });

}  // namespace
}  // namespace pupci::test
