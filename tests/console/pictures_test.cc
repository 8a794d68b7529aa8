// SPDX-License-Identifier: BSD-2-Clause
// The pictures in docs/console.md are what the commands there leave. With PUPCI_UPDATE_PICTURES in
// the environment they are made anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "console/session.h"

namespace pupci::test {
namespace {

namespace fs = std::filesystem;

struct Shown {
  const char* picture;
  Setup setup;
};

class Pictures : public ::testing::TestWithParam<Shown> {};

TEST_P(Pictures, AreWhatIsShown) {
  const auto& [picture, setup] = GetParam();
  const Folder folder;
  const std::string made = folder.file("made.png");
  const std::string program = PUPCI_SOURCE_DIR "/examples/console-show";
  std::vector<std::string> words = {"run",       setup.driver,  "--console", program,
                                    "--display", "png:" + made, "--leaks",   "error"};
  for (const std::string& property : setup.properties)
    words.insert(words.end(), {"--prop", setup.driver + "0:" + property});
  words.insert(words.end(), {"--", "-device", setup.device});
  const Outcome outcome = pupci(words, {"XDG_RUNTIME_DIR=" + folder.path()});
  ASSERT_EQ(outcome.status, 0) << outcome.errors;

  const std::string kept = PUPCI_SOURCE_DIR "/docs/images/" + std::string(picture);
  if (std::getenv("PUPCI_UPDATE_PICTURES") != nullptr)
    fs::copy_file(made, kept, fs::copy_options::overwrite_existing);
  EXPECT_TRUE(same_picture(read_png(made), read_png(kept)))
      << kept << " is out of date: look at what changed, and run this test with "
      << "PUPCI_UPDATE_PICTURES=1";
}

INSTANTIATE_TEST_SUITE_P(
    Every, Pictures,
    ::testing::Values(Shown{"ragefb-show.png", {"ragefb", "ati-vga", {}}},
                      Shown{"bochsfb-show.png",
                            {"bochsfb", "VGA", {"width=800", "height=600", "depth=8"}}}),
    [](const auto& all) { return all.param.setup.driver; });

}  // namespace
}  // namespace pupci::test
