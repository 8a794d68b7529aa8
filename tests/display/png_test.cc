// SPDX-License-Identifier: BSD-2-Clause
// Pictures as files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "cli/command.h"
#include "memory_display.h"
#include "pupci/error.h"
#include "wscons/output/output.h"
#include "wscons/output/png_file.h"

namespace pupci::wscons {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

// The pixels of a PNG file as libpng's own reader has them.
std::vector<std::uint32_t> decode(const std::string& file) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&header, file.c_str()) == 0) return {};
  header.format = PNG_FORMAT_RGB;
  std::vector<unsigned char> rgb(PNG_IMAGE_SIZE(header));
  if (png_image_finish_read(&header, nullptr, rgb.data(), 0, nullptr) == 0) return {};
  std::vector<std::uint32_t> pixels;
  for (std::size_t i = 0; i < rgb.size(); i += 3)
    pixels.push_back(rgb[i] * 0x10000U + rgb[i + 1] * 0x100U + rgb[i + 2]);
  return pixels;
}

class PngFiles : public ::testing::Test {
 protected:
  static std::unique_ptr<Output> open(const std::string& file) {
    OpenedOutput opened = open_output("png:" + file);
    EXPECT_EQ(opened.error, "");
    return std::move(opened.output);
  }
  static std::string failure(Output& output) {
    try {
      output.save();
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()));
  }

  test::Folder folder;
  std::string file = folder.file("screen.png");
  std::shared_ptr<test::MemoryDisplay> display = std::make_shared<test::MemoryDisplay>(123, 45);
};

TEST_F(PngFiles, HoldEveryPixel) {
  display->scramble(1);
  const auto output = open(file);
  output->show(display);
  output->save();
  EXPECT_EQ(decode(file), display->pixels());
  EXPECT_EQ(files(), 1U);
}

TEST_F(PngFiles, AreReplacedWhole) {
  const auto output = open(file);
  EXPECT_EQ(files(), 0U) << "trying the file left something behind";
  output->show(display);
  output->save();
  fs::create_hard_link(file, folder.file("old"));
  display->scramble(2);
  output->save();
  EXPECT_EQ(decode(file), display->pixels());
  EXPECT_EQ(decode(folder.file("old")), std::vector<std::uint32_t>(123UL * 45UL));
}

TEST_F(PngFiles, HaveTheModeOfAnyFile) {
  const auto output = open(file);
  output->show(display);
  const mode_t mask = ::umask(027);
  output->save();
  ::umask(mask);
  EXPECT_EQ(fs::status(file).permissions(), fs::perms(0640));
}

TEST_F(PngFiles, AreNotWrittenWithoutADisplay) {
  const auto output = open(file);
  output->save();
  EXPECT_EQ(files(), 0U);
}

TEST_F(PngFiles, SayThatTheDisplayIsGone) {
  const auto output = open(file);
  output->show(display);
  display->detach();
  EXPECT_THAT(failure(*output), HasSubstr("wsdisplay0 is gone"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(PngFiles, SayThatTheDisplayHasNoPixels) {
  const auto output = open(file);
  output->show(display);
  display->resize(0, 0, 0);
  EXPECT_THAT(failure(*output), HasSubstr("0x0"));
}

TEST_F(PngFiles, AreTriedBeforeAnythingElse) {
  const OpenedOutput opened = open_output("png:" + folder.file("no/such.png"));
  EXPECT_EQ(opened.output, nullptr);
  EXPECT_THAT(opened.error,
              HasSubstr("no/such.png: No such file or directory; make its folder first"));
  EXPECT_THAT(open_output("png:" + folder.path()).error,
              HasSubstr("Is a directory; name a file in it"));
}

TEST_F(PngFiles, CanBeADevice) {
  const auto output = open("/dev/null");
  output->show(display);
  EXPECT_EQ(failure(*output), "");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  const auto full = open("/dev/full");
  full->show(display);
  EXPECT_THAT(failure(*full), HasSubstr("No space left on device"));
}

TEST_F(PngFiles, SayThatTheFolderWentAway) {
  fs::create_directory(folder.file("sub"));
  const auto output = open(folder.file("sub/screen.png"));
  output->show(display);
  fs::remove(folder.file("sub"));
  EXPECT_THAT(failure(*output), HasSubstr("sub/screen.png: No such file or directory"));
}

}  // namespace
}  // namespace pupci::wscons
