// SPDX-License-Identifier: BSD-2-Clause
// ragefb(4)'s engine draws, operation after operation and at every depth, what rasops(9) draws
// without it; also an engine that can do little, or that fails.
#include <gmock/gmock.h>

#include <random>

#include "driver/bare_display.h"
#include "driver/rage_model.h"

namespace pupci::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Fault = RageModel::Fault;

// A ragefb on a model of the device.
struct Rage {
  Rage(unsigned depth, bool engine, Fault fault = Fault::none, unsigned healthy = 0)
      : model(std::make_shared<RageModel>(fault, healthy)), bytes_of_screen(0) {
    auto bus = std::make_shared<sim::Bus>();
    bus->root().add(model);
    display = std::make_unique<BareDisplay>(
        bus, "ragefb",
        std::vector<std::string>{"ragefb0:width=768", "ragefb0:height=404",
                                 "ragefb0:depth=" + std::to_string(depth),
                                 std::string("ragefb0:engine=") + (engine ? "true" : "false")});
    const unsigned bytes = (depth + 7) / 8;
    bytes_of_screen = std::size_t{768} * 404 * bytes;
  }
  [[nodiscard]] std::vector<std::uint8_t> screen() const { return model->screen(bytes_of_screen); }

  std::shared_ptr<RageModel> model;
  std::unique_ptr<BareDisplay> display;
  std::size_t bytes_of_screen;
};

// The same operations for the same seed.
void scribble(BareDisplay& display, unsigned seed, int operations) {
  const BareDisplay::Screen screen = display.open_screen();
  display.show(screen);
  const wsdisplay_emulops& ops = screen.ops();
  const int rows = screen.type->nrows;
  const int columns = screen.type->ncols;
  std::mt19937 random(seed);
  const auto below = [&random](int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
  };
  bool cursor = false;
  int cursor_row = 0;
  int cursor_column = 0;
  for (int i = 0; i < operations; i++) {
    const long attribute = screen.allocate(
        below(16), below(8), WSATTR_WSCOLORS | (below(8) == 0 ? WSATTR_UNDERLINE : 0));
    if (cursor) {
      ops.cursor(screen.cookie, 0, cursor_row, cursor_column);
      cursor = false;
    }
    const int row = below(rows);
    const int column = below(columns);
    switch (below(7)) {
      case 0:
        ops.erasecols(screen.cookie, row, column, 1 + below(columns - column), attribute);
        break;
      case 1:
        if (below(4) == 0) {
          ops.eraserows(screen.cookie, 0, rows, attribute);
        } else {
          ops.eraserows(screen.cookie, row, 1 + below(rows - row), attribute);
        }
        break;
      case 2: {
        const int to = below(columns);
        ops.copycols(screen.cookie, row, column, to, 1 + below(columns - std::max(column, to)));
        break;
      }
      case 3: {
        const int to = below(rows);
        ops.copyrows(screen.cookie, row, to, 1 + below(rows - std::max(row, to)));
        break;
      }
      case 4:
        cursor = true;
        cursor_row = row;
        cursor_column = column;
        ops.cursor(screen.cookie, 1, row, column);
        break;
      default: {
        std::string text;
        for (int n = 1 + below(std::min(20, columns - column)); n > 0; n--) {
          text += static_cast<char>(' ' + below(95));
        }
        screen.print(row, column, text, attribute);
      }
    }
  }
  display.show(screen);
}

class RageDepth : public ::testing::TestWithParam<unsigned> {};

TEST_P(RageDepth, EngineDrawsWhatTheCpuDraws) {
  std::vector<std::uint8_t> by_cpu;
  {
    Rage rage(GetParam(), false);
    ASSERT_TRUE(rage.display->attached()) << rage.display->console();
    scribble(*rage.display, GetParam(), 600);
    by_cpu = rage.screen();
    EXPECT_EQ(rage.model->fills() + rage.model->copies(), 0U);
  }
  for (const Fault fault : {Fault::none, Fault::no_bytes, Fault::only_words}) {
    Rage rage(GetParam(), true, fault);
    ASSERT_TRUE(rage.display->attached()) << rage.display->console();
    scribble(*rage.display, GetParam(), 600);
    EXPECT_TRUE(by_cpu == rage.screen()) << "fault " << static_cast<int>(fault);
    EXPECT_GT(rage.model->copies(), 100U);
    EXPECT_THAT(rage.display->console(), Not(HasSubstr("engine does not")));
  }
}

TEST_P(RageDepth, EngineThatGetsStuckIsReplaced) {
  std::vector<std::uint8_t> by_cpu;
  {
    Rage rage(GetParam(), false);
    scribble(*rage.display, 7, 300);
    by_cpu = rage.screen();
  }
  for (const unsigned healthy : {6U, 7U, 20U, 100U, 301U}) {
    Rage rage(GetParam(), true, Fault::stuck, healthy);
    scribble(*rage.display, 7, 300);
    EXPECT_TRUE(by_cpu == rage.screen()) << "after " << healthy << " operations";
    EXPECT_THAT(rage.display->console(), HasSubstr("ragefb0: engine is stuck (status 0x80000000)"));
  }
}

INSTANTIATE_TEST_SUITE_P(Every, RageDepth, ::testing::Values(8, 15, 16, 24, 32));

TEST(RageEngine, IsNotUsedIfItDrawsNothing) {
  Rage rage(32, true, Fault::idle);
  EXPECT_TRUE(rage.display->attached());
  EXPECT_THAT(rage.display->console(),
              HasSubstr("ragefb0: engine does not draw what it should: the CPU draws"));
}

TEST(RageEngine, IsNotUsedIfItDrawsTooMuch) {
  Rage rage(8, true, Fault::wrong);
  scribble(*rage.display, 1, 50);
  const std::vector<std::uint8_t> with = rage.screen();
  rage.display.reset();
  Rage without(8, false);
  scribble(*without.display, 1, 50);
  EXPECT_TRUE(without.screen() == with);
}

// A character that was drawn once is copied from then on.
TEST(RageEngine, CopiesGlyphs) {
  Rage rage(32, true);
  const BareDisplay::Screen screen = rage.display->open_screen();
  rage.display->show(screen);
  for (int column = 0; column < 80; column++) screen.print(1, column, "x", screen.attribute);
  const unsigned before = rage.model->copies();
  for (int column = 0; column < 80; column++) screen.print(2, column, "x", screen.attribute);
  EXPECT_EQ(rage.model->copies(), before + 80);
}

}  // namespace
}  // namespace pupci::test
