// SPDX-License-Identifier: BSD-2-Clause
// Modes that a framebuffer cannot have: each is refused, or mended, with a message that says what
// is wrong, and nothing is left behind. Sizes come from --prop, which wins over what the bus sets.
#include <gmock/gmock.h>

#include <filesystem>

#include "console/session.h"

namespace pupci::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Bad {
  const char* name;
  Setup setup;
  std::string message;
};

std::string name_of_bad(const testing::TestParamInfo<Bad>& all) {
  return all.param.name;
}

class Place {
 public:
  Outcome run(const Setup& setup, const std::vector<std::string>& options) const {
    std::vector<std::string> words = {"run",     setup.driver, "--display", "png:" + picture(),
                                      "--leaks", "error"};
    for (const std::string& property : setup.properties)
      words.insert(words.end(), {"--prop", setup.driver + "0:" + property});
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "-device", setup.device});
    return pupci(words, {"XDG_RUNTIME_DIR=" + folder_.path()});
  }
  [[nodiscard]] std::string picture() const { return folder_.file("out.png"); }

 private:
  Folder folder_;
};

class RefusedMode : public ::testing::TestWithParam<Bad> {};

TEST_P(RefusedMode, IsSaidAndLeavesNothing) {
  const Bad& bad = GetParam();
  const Place place;
  const Outcome outcome = place.run(bad.setup, {"--console", "true"});
  EXPECT_EQ(outcome.status, 1) << "there is no display to show";
  const std::string device = bad.setup.driver + "0";
  EXPECT_THAT(outcome.output, HasSubstr(device + ": " + bad.message + "\n"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("wsdisplay0")));
  EXPECT_THAT(outcome.output, HasSubstr(device + ": detached"));
  EXPECT_THAT(outcome.errors, HasSubstr("no driver has attached a display"));
  EXPECT_THAT(outcome.output + outcome.errors, Not(HasSubstr("leaked")));
  EXPECT_FALSE(std::filesystem::exists(place.picture()));
}

const Bad refused[] = {
    {"DepthOfNone",
     {"bochsfb", "VGA", {"depth=13"}},
     "no mode of 13 bits: this device has 8, 15, 16, 24 and 32"},
    {"DepthNotOfThisOne",
     {"bochsfb", "bochs-display", {"depth=8"}},
     "no mode of 8 bits: this device has 16 and 32"},
    {"RageDepth",
     {"ragefb", "ati-vga", {"depth=1"}},
     "no mode of 1 bits: this device has 8, 15, 16, 24 and 32"},
    {"DepthZero",
     {"bochsfb", "VGA", {"depth=0"}},
     "no mode of 0 bits: this device has 8, 15, 16, 24 and 32"},
    {"TooNarrow", {"bochsfb", "VGA", {"width=63"}}, "no mode of 63x768 pixels"},
    {"TooLow",
     {"ragefb", "ati-vga", {"height=10"}},
     "no mode of 1024x10 pixels: the width is a multiple of 8"},
    {"WidthOfHalfACharacter",
     {"ragefb", "ati-vga", {"width=1001"}},
     "no mode of 1001x768 pixels: the width is a multiple of 8"},
    {"MoreThanTheMemory",
     {"bochsfb", "bochs-display", {"width=4096", "height=4000"}},
     "4096x4000 at 32 bits needs 64000 KB of video memory, there are 16384 KB"},
    {"MoreThanTheRagesMemory",
     {"ragefb", "ati-vga", {"width=4096", "height=4000"}},
     "4096x4000 at 32 bits needs 64000 KB of video memory, there are 16384 KB"},
    {"LinesLongerThanTheMemory",
     {"bochsfb", "bochs-display", {"linebytes=262140"}},
     "1024x768 at 32 bits needs 196605 KB of video memory, there are 16384 KB"},
    {"NotANumber",
     {"bochsfb", "bochs-display", {"width=true"}},
     "property width is not a number of 32 bits"},
    {"AString",
     {"ragefb", "ati-vga", {"linebytes=string:wide"}},
     "property linebytes is not a number of 32 bits"},
    {"Negative", {"bochsfb", "VGA", {"height=-5"}}, "property height is not a number of 32 bits"},
    {"TooLarge",
     {"ragefb", "ati-vga", {"depth=99999999999"}},
     "property depth is not a number of 32 bits"},
};
INSTANTIATE_TEST_SUITE_P(Every, RefusedMode, ::testing::ValuesIn(refused), name_of_bad);

class MendedMode : public ::testing::TestWithParam<Bad> {};

// Lines that do not fit are as long as they must be, and what is drawn on them is what is seen.
TEST_P(MendedMode, IsSaidAndShown) {
  const Bad& bad = GetParam();
  Session session(bad.setup, "seq 100; say start; pause");
  session.hear("start");
  session.expect_same("with other lines than were asked for");
  const Outcome outcome = session.end();
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr(bad.setup.driver + "0: " + bad.message + "\n"));
  EXPECT_THAT(outcome.output + outcome.errors, Not(HasSubstr("leaked")));
}

const Bad mended[] = {
    {"ShorterThanTheWidth",
     {"bochsfb", "bochs-display", {"linebytes=100"}},
     "lines of 100 bytes cannot hold 1024 pixels of 4 bytes, or are not a multiple of 4: they have "
     "4096"},
    {"NoWords",
     {"bochsfb", "bochs-display", {"width=640", "depth=16", "linebytes=1282"}},
     "lines of 1282 bytes cannot hold 640 pixels of 2 bytes, or are not a multiple of 4: they have "
     "1280"},
    {"OddWidth",
     {"bochsfb", "bochs-display", {"width=641", "depth=16", "linebytes=0"}},
     "lines of 0 bytes cannot hold 641 pixels of 2 bytes, or are not a multiple of 4: they have "
     "1284"},
    {"NoWholePixels",
     {"bochsfb", "VGA", {"width=640", "depth=24", "linebytes=1924"}},
     "lines of 1924 bytes cannot hold 640 pixels of 3 bytes, or are not a multiple of 12: they "
     "have 1920"},
    {"RageShorter",
     {"ragefb", "ati-vga", {"linebytes=100"}},
     "lines of 100 bytes cannot hold 1024 pixels of 4 bytes, or are not a multiple of 8 pixels"},
    {"RageUnaligned",
     {"ragefb", "ati-vga", {"linebytes=5000"}},
     "lines of 5000 bytes cannot hold 1024 pixels of 4 bytes, or are not a multiple of 8 pixels"},
};
INSTANTIATE_TEST_SUITE_P(Every, MendedMode, ::testing::ValuesIn(mended), name_of_bad);

// What the bus is asked to set is refused before any driver attaches.
TEST(BadMode, OfTheBusIsSaid) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"640x480x12", "VGA", "mode 640x480x12: the depth is 8, 15, 16, 24 or 32"},
      {"641x480x16", "VGA", "mode 641x480x16: the width is no multiple of 8"},
      {"20000x480x8", "VGA", "mode 20000x480x8: width and height are 64 to 8192"},
      {"640x480x8", "bochs-display", "bochs-display shows 16 and 32 bits a pixel only"},
      {"4096x4096x32", "VGA", "takes 64 MiB, but the display has 16"},
  };
  for (const auto& [mode, device, message] : cases) {
    const Place place;
    const Outcome outcome = place.run({"bochsfb", device, {}}, {"--mode", mode});
    EXPECT_EQ(outcome.status, 1) << mode;
    EXPECT_THAT(outcome.errors, HasSubstr(message)) << mode;
    EXPECT_EQ(outcome.output, "") << mode;
  }
}

}  // namespace
}  // namespace pupci::test
