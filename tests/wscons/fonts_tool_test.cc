// SPDX-License-Identifier: BSD-2-Clause
// pupci-fonts, the tool that makes the built-in fonts, with files that are none.
#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace pupci::tests {
namespace {

class FontsTool : public testing::Test {
 protected:
  FontsTool() {
    std::string name = testing::TempDir() + "fonts-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~FontsTool() override {
    for (const char* file : {"/font", "/output", "/said"}) std::remove((directory_ + file).c_str());
    std::remove(directory_.c_str());
  }

  // What it says of a font file of these bytes; empty if it is content.
  std::string said(const std::string& bytes, const std::string& name = "Test") {
    std::ofstream(directory_ + "/font") << bytes;
    const std::string command = PUPCI_BUILD_DIR "/bin/pupci-fonts " + directory_ + "/output '" +
                                name + "=" + directory_ + "/font' 2>" + directory_ + "/said";
    const int status = std::system(command.c_str());
    std::stringstream text;
    text << std::ifstream(directory_ + "/said").rdbuf();
    EXPECT_EQ(status == 0, text.str().empty());
    return text.str();
  }

  // Numbers of a PCF file are little-endian here; bitmaps have to be the other way round.
  static void number(std::string& to, unsigned value, int size) {
    for (int i = 0; i < size; i++) to += static_cast<char>(value >> (8 * i));
  }
  static void number_msb(std::string& to, unsigned value) {
    for (int i = 3; i >= 0; i--) to += static_cast<char>(value >> (8 * i));
  }

  // One character, 'A', 8x2: a line below an empty one.
  static std::string font(unsigned descent = 0) {
    std::string accelerators, metrics, bitmaps, encodings;
    number(accelerators, 0, 4);
    accelerators += std::string(8, '\0');
    number(accelerators, 2, 4);
    number(accelerators, descent, 4);
    number(metrics, 0x100, 4);
    number(metrics, 1, 2);
    for (const int value : {0, 8, 8, 1, 0}) metrics += static_cast<char>(value + 0x80);
    number(bitmaps, 12, 4);
    number_msb(bitmaps, 1);
    number_msb(bitmaps, 0);
    for (int i = 0; i < 4; i++) number_msb(bitmaps, 1);
    bitmaps += '\xff';
    number(encodings, 0, 4);
    for (const unsigned value : {65U, 65U, 0U, 0U, 0U, 0U}) number(encodings, value, 2);
    std::string file = "\1fcp";
    number(file, 4, 4);
    unsigned at = 8 + 4 * 16;
    const std::pair<unsigned, std::string*> tables[] = {
        {2, &accelerators}, {4, &metrics}, {8, &bitmaps}, {32, &encodings}};
    for (const auto& [type, table] : tables) {
      number(file, type, 4);
      number(file, 0, 4);
      number(file, static_cast<unsigned>(table->size()), 4);
      number(file, at, 4);
      at += static_cast<unsigned>(table->size());
    }
    for (const auto& [type, table] : tables) file += *table;
    return file;
  }

  std::string directory_;
};

TEST_F(FontsTool, ReadsASmallFont) {
  EXPECT_EQ(said(font()), "");
  std::stringstream written;
  written << std::ifstream(directory_ + "/output").rdbuf();
  EXPECT_THAT(written.str(), testing::HasSubstr("{\"Test 8x2\", 8, 2, 1, codes_0, 0, data_0}"));
  EXPECT_THAT(written.str(), testing::HasSubstr("0,255,"));
}

TEST_F(FontsTool, MakesItSmaller) {
  EXPECT_EQ(said(font(), "Test:4x1"), "");
  std::stringstream written;
  written << std::ifstream(directory_ + "/output").rdbuf();
  EXPECT_THAT(written.str(), testing::HasSubstr("128,128,128,128,"));
  EXPECT_THAT(said(font(), "Test:9x2"), testing::HasSubstr("9x2 is no smaller size"));
}

TEST_F(FontsTool, RefusesWhatIsNoFont) {
  EXPECT_THAT(said("hello, world"), testing::HasSubstr("is no PCF font"));
  EXPECT_THAT(said(""), testing::HasSubstr("is cut off"));
  EXPECT_THAT(said(font(1000)), testing::HasSubstr("has cells of 8x1002 pixels"));
}

TEST_F(FontsTool, RefusesFontsCutOffAnywhere) {
  const std::string whole = font();
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    EXPECT_NE(said(whole.substr(0, size)), "") << size;
  }
}

}  // namespace
}  // namespace pupci::tests
