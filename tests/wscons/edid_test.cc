// SPDX-License-Identifier: BSD-2-Clause
// EDIDs, video modes and the timing formula.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <string>
#include <tuple>

#include "kern/console.h"
#include "netbsd/dev/videomode/edidreg.h"
#include "netbsd/dev/videomode/edidvar.h"
#include "netbsd/dev/videomode/vesagtf.h"
#include "netbsd/dev/videomode/videomode.h"
#include "netbsd/sys/errno.h"

namespace pupci::wscons::test {
namespace {

using Block = std::array<std::uint8_t, 128>;

void seal(Block& block) {
  block[127] = 0;
  unsigned sum = 0;
  for (const std::uint8_t byte : block) sum += byte;
  block[127] = static_cast<std::uint8_t>(256 - sum % 256);
}

void put_text(Block& block, std::size_t descriptor, std::uint8_t type, const std::string& text) {
  std::uint8_t* const d = &block[EDID_OFFSET_DESC_BLOCK + descriptor * EDID_BLOCK_SIZE];
  std::fill_n(d, EDID_BLOCK_SIZE, std::uint8_t{0});
  d[3] = type;
  std::fill_n(d + 5, 13, std::uint8_t{' '});
  std::memcpy(d + 5, text.data(), text.size());
  if (text.size() < 13) d[5 + text.size()] = '\n';
}

// "ACM", a 40 x 30 cm digital monitor that prefers 1920x1080 at 60 Hz.
Block monitor() {
  Block b{};
  const std::uint8_t signature[] = EDID_SIGNATURE;
  std::copy(std::begin(signature), std::end(signature), b.begin());
  const unsigned vendor = ('A' - '@') << 10 | ('C' - '@') << 5 | ('M' - '@');
  b[8] = static_cast<std::uint8_t>(vendor >> 8);
  b[9] = static_cast<std::uint8_t>(vendor);
  b[10] = 0x34;
  b[11] = 0x12;
  b[12] = 0x15;
  b[13] = 0xcd;
  b[14] = 0x5b;
  b[15] = 0x07;
  b[16] = 12;
  b[17] = 30;
  b[18] = 1;
  b[19] = 3;
  b[20] = 0x80;
  b[21] = 40;
  b[22] = 30;
  b[23] = 120;
  b[24] = EDID_FEATURES_PREFERRED_TIMING | 0x08;
  b[25] = 0xee;
  b[26] = 0x91;
  b[27] = 0xa3;
  b[28] = 0x54;
  b[29] = 0x4c;
  b[30] = 0x99;
  b[31] = 0x26;
  b[32] = 0x0f;
  b[33] = 0x50;
  b[34] = 0x54;
  b[35] = 0x21;  // 640x480 at 60, 800x600 at 60
  b[36] = 0x08;  // 1024x768 at 60
  for (std::size_t i = 38; i < 54; ++i) b[i] = 1;
  b[38] = (1280 / 8) - 31;
  b[39] = EDID_STD_TIMING_RATIO_5_4 | 0;  // 1280x1024 at 60
  b[40] = (1200 / 8) - 31;
  b[41] = EDID_STD_TIMING_RATIO_4_3 | 5;  // 1200x900 at 65: nobody's, so by the formula
  const std::array<std::uint8_t, 18> full_hd{0x02, 0x3a, 0x80, 0x18, 0x71, 0x38, 0x2d, 0x40, 0x58,
                                             0x2c, 0x45, 0x00, 0x90, 0x2c, 0x11, 0x00, 0x00, 0x1e};
  std::copy(full_hd.begin(), full_hd.end(), b.begin() + EDID_OFFSET_DESC_BLOCK);
  put_text(b, 1, EDID_DESC_BLOCK_TYPE_NAME, "Roadrunner 24");
  put_text(b, 2, EDID_DESC_BLOCK_TYPE_SERIAL, "TNT-1949");
  put_text(b, 3, EDID_DESC_BLOCK_TYPE_RANGE, "");
  std::uint8_t* const range = &b[EDID_OFFSET_DESC_BLOCK + 3 * EDID_BLOCK_SIZE];
  const std::uint8_t limits[] = {50, 76, 30, 83, 8, 0};
  std::copy(std::begin(limits), std::end(limits), range + 5);
  seal(b);
  return b;
}

TEST(Edid, SaysWhoMadeTheMonitor) {
  Block block = monitor();
  edid_info info;
  ASSERT_EQ(edid_parse(block.data(), &info), 0);
  EXPECT_STREQ(info.edid_vendorname, "ACM");
  EXPECT_EQ(std::memcmp(info.edid_vendor, "ACM", 4), 0);
  EXPECT_EQ(info.edid_product, 0x1234);
  EXPECT_STREQ(info.edid_productname, "Roadrunner 24");
  EXPECT_STREQ(info.edid_serial, "TNT-1949");
  EXPECT_EQ(info.edid_year, 2020);
  EXPECT_EQ(info.edid_week, 12);
  EXPECT_EQ(info.edid_version, 1);
  EXPECT_EQ(info.edid_revision, 3);
  EXPECT_EQ(info.edid_max_hsize, 40);
  EXPECT_EQ(info.edid_max_vsize, 30);
  EXPECT_EQ(info.edid_gamma, 220);
  EXPECT_EQ(info.edid_video_input, EDID_VIDEO_INPUT_DIGITAL);
  EXPECT_EQ(EDID_FEATURES_DISP_TYPE(info.edid_features), EDID_FEATURES_DISP_TYPE_RGB);
  // sRGB's, in thousandths.
  EXPECT_NEAR(info.edid_chroma.ec_redx, 640, 1);
  EXPECT_NEAR(info.edid_chroma.ec_redy, 330, 1);
  EXPECT_NEAR(info.edid_chroma.ec_greenx, 300, 1);
  EXPECT_NEAR(info.edid_chroma.ec_greeny, 600, 1);
  EXPECT_NEAR(info.edid_chroma.ec_bluex, 150, 1);
  EXPECT_NEAR(info.edid_chroma.ec_bluey, 60, 1);
  EXPECT_NEAR(info.edid_chroma.ec_whitex, 313, 1);
  EXPECT_NEAR(info.edid_chroma.ec_whitey, 329, 1);
  EXPECT_TRUE(info.edid_have_range);
  EXPECT_EQ(info.edid_range.er_min_vfreq, 50);
  EXPECT_EQ(info.edid_range.er_max_hfreq, 83);
  EXPECT_EQ(info.edid_range.er_max_clock, 149) << "80 MHz is what it says, but not what it needs";
}

std::vector<std::tuple<int, int>> sizes(const edid_info& info) {
  std::vector<std::tuple<int, int>> all;
  for (int i = 0; i < info.edid_nmodes; ++i) {
    all.emplace_back(info.edid_modes[i].hdisplay, info.edid_modes[i].vdisplay);
  }
  return all;
}

TEST(Edid, ListsItsModes) {
  Block block = monitor();
  edid_info info;
  ASSERT_EQ(edid_parse(block.data(), &info), 0);
  const std::vector<std::tuple<int, int>> expected{{640, 480},   {800, 600},  {1024, 768},
                                                   {1280, 1024}, {1200, 900}, {1920, 1080}};
  EXPECT_EQ(sizes(info), expected);
  ASSERT_NE(info.edid_preferred_mode, nullptr);
  EXPECT_EQ(info.edid_preferred_mode, &info.edid_modes[5]);
  EXPECT_EQ(info.edid_preferred_mode->dot_clock, 148500);
  EXPECT_EQ(info.edid_preferred_mode->hsync_start, 2008);
  EXPECT_EQ(info.edid_preferred_mode->hsync_end, 2052);
  EXPECT_EQ(info.edid_preferred_mode->htotal, 2200);
  EXPECT_EQ(info.edid_preferred_mode->vsync_start, 1084);
  EXPECT_EQ(info.edid_preferred_mode->vsync_end, 1089);
  EXPECT_EQ(info.edid_preferred_mode->vtotal, 1125);
  EXPECT_EQ(info.edid_preferred_mode->flags, VID_PHSYNC | VID_PVSYNC);
}

TEST(Edid, RefusesWhatIsNone) {
  Block block = monitor();
  edid_info info;
  block[127] ^= 1;
  EXPECT_EQ(edid_is_valid(block.data()), EINVAL);
  EXPECT_EQ(edid_parse(block.data(), &info), EINVAL);
  block = monitor();
  block[0] = 1;
  block[127] -= 1;
  EXPECT_EQ(edid_is_valid(block.data()), EINVAL);
  EXPECT_EQ(edid_parse(nullptr, &info), EINVAL);
  Block blank{};
  EXPECT_EQ(edid_is_valid(blank.data()), EINVAL);
}

TEST(Edid, ReplacesCharactersThatAreNone) {
  Block block = monitor();
  put_text(block, 1, EDID_DESC_BLOCK_TYPE_NAME,
           std::string("a\x1b[2J\xff"
                       "b"));
  seal(block);
  edid_info info;
  ASSERT_EQ(edid_parse(block.data(), &info), 0);
  EXPECT_STREQ(info.edid_productname, "a?[2J?b");
}

TEST(Edid, IsPrinted) {
  Block block = monitor();
  edid_info info;
  ASSERT_EQ(edid_parse(block.data(), &info), 0);
  std::string text;
  kern::set_console([&text](std::string_view part) { text += part; });
  edid_print(&info);
  edid_print(nullptr);
  kern::set_console({});
  EXPECT_NE(text.find("Vendor: ACM Product: [1234] Roadrunner 24 Serial: TNT-1949"),
            std::string::npos)
      << text;
  EXPECT_NE(
      text.find("1920x1080 @ 60 Hz: 148500 kHz, 2008 2052 2200, 1084 1089 1125, +H +V, preferred"),
      std::string::npos)
      << text;
}

// Whatever bytes a device gives: what comes out of them are modes and strings.
TEST(Edid, TakesNothingForGranted) {
  std::mt19937 random(17);
  for (int round = 0; round < 20000; ++round) {
    Block block = monitor();
    if (round % 2 == 0) {
      for (std::size_t i = 8; i < 127; ++i) block[i] = static_cast<std::uint8_t>(random());
    } else {
      for (int i = 0; i < 6; ++i) block[8 + random() % 119] = static_cast<std::uint8_t>(random());
    }
    seal(block);
    edid_info info;
    ASSERT_EQ(edid_parse(block.data(), &info), 0);
    ASSERT_LE(info.edid_nmodes, EDID_MAX_MODES);
    for (int i = 0; i < info.edid_nmodes; ++i) {
      ASSERT_GT(info.edid_modes[i].hdisplay, 0);
      ASSERT_GT(info.edid_modes[i].vdisplay, 0);
      ASSERT_GT(info.edid_modes[i].htotal, 0);
      ASSERT_GT(info.edid_modes[i].vtotal, 0);
    }
    ASSERT_LT(std::strlen(info.edid_productname), sizeof info.edid_productname);
    if (info.edid_preferred_mode != nullptr) {
      ASSERT_LT(info.edid_preferred_mode - info.edid_modes, info.edid_nmodes);
    }
    sort_modes(info.edid_modes, &info.edid_preferred_mode, info.edid_nmodes);
  }
}

struct Formula {
  int width, height, rate;
  int clock, hsync_start, hsync_end, htotal, vsync_start, vsync_end, vtotal;
};

// As VESA's own spreadsheet computes them.
class Gtf : public testing::TestWithParam<Formula> {};

TEST_P(Gtf, AgreesWithVesa) {
  const Formula& f = GetParam();
  videomode mode{};
  vesagtf_mode(static_cast<unsigned>(f.width), static_cast<unsigned>(f.height),
               static_cast<unsigned>(f.rate), &mode);
  EXPECT_EQ(mode.hdisplay, f.width);
  EXPECT_EQ(mode.vdisplay, f.height);
  EXPECT_NEAR(mode.dot_clock, f.clock, 5);
  EXPECT_EQ(mode.hsync_start, f.hsync_start);
  EXPECT_EQ(mode.hsync_end, f.hsync_end);
  EXPECT_EQ(mode.htotal, f.htotal);
  EXPECT_EQ(mode.vsync_start, f.vsync_start);
  EXPECT_EQ(mode.vsync_end, f.vsync_end);
  EXPECT_EQ(mode.vtotal, f.vtotal);
  EXPECT_EQ(mode.flags, VID_NHSYNC | VID_PVSYNC);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, Gtf,
    testing::Values(Formula{640, 480, 60, 23860, 656, 720, 800, 481, 484, 497},
                    Formula{1024, 768, 60, 64110, 1080, 1184, 1344, 769, 772, 795},
                    Formula{1280, 1024, 60, 108880, 1360, 1496, 1712, 1025, 1028, 1060},
                    Formula{1600, 1200, 75, 205990, 1720, 1896, 2192, 1201, 1204, 1253},
                    Formula{1920, 1080, 60, 172800, 2040, 2248, 2576, 1081, 1084, 1118}));

TEST(Gtf, GivesNoModeForNonsense) {
  for (const auto& [width, height, rate] :
       {std::tuple{0u, 480u, 60u}, std::tuple{640u, 0u, 60u}, std::tuple{640u, 480u, 0u},
        std::tuple{640u, 480u, 1000000u}, std::tuple{0xffffffffu, 0xffffffffu, 60u}}) {
    videomode mode{};
    vesagtf_mode(width, height, rate, &mode);
    EXPECT_EQ(mode.dot_clock, 0) << width << 'x' << height << '@' << rate;
  }
}

TEST(Gtf, CanInterlace) {
  vesagtf_params params{VESAGTF_MARGIN_PPT, VESAGTF_MIN_PORCH, VESAGTF_VSYNC_RQD,
                        VESAGTF_HSYNC_PCT,  VESAGTF_MIN_VSBP,  VESAGTF_M,
                        VESAGTF_C,          VESAGTF_K,         VESAGTF_J};
  videomode mode{};
  vesagtf_mode_params(1024, 768, 43, &params, VESAGTF_FLAG_ILACE, &mode);
  EXPECT_EQ(mode.vdisplay, 768);
  EXPECT_TRUE(mode.flags & VID_INTERLACE);
  const double frames = mode.dot_clock * 1000.0 / mode.htotal / mode.vtotal;
  EXPECT_NEAR(frames, 43, 0.2);
}

TEST(VideoMode, EachIsOne) {
  ASSERT_GT(videomode_count, 40);
  for (int i = 0; i < videomode_count; ++i) {
    const videomode& m = videomode_list[i];
    SCOPED_TRACE(m.name);
    EXPECT_LE(m.hdisplay, m.hsync_start);
    EXPECT_LT(m.hsync_start, m.hsync_end);
    EXPECT_LE(m.hsync_end, m.htotal);
    EXPECT_LE(m.vdisplay, m.vsync_start);
    EXPECT_LT(m.vsync_start, m.vsync_end);
    EXPECT_LE(m.vsync_end, m.vtotal);
    const std::string size = std::to_string(m.hdisplay) + "x" + std::to_string(m.vdisplay) + "x";
    EXPECT_EQ(std::string(m.name).substr(0, size.size()), size);
  }
}

TEST(VideoMode, IsPicked) {
  const videomode* const vesa = pick_mode_by_ref(1024, 768, 60);
  ASSERT_NE(vesa, nullptr);
  EXPECT_EQ(vesa->dot_clock, 65000);
  EXPECT_STREQ(pick_mode_by_ref(1024, 768, 73)->name, "1024x768x75");
  EXPECT_EQ(pick_mode_by_dotclock(1024, 768, 78750)->dot_clock, 78750);
  EXPECT_EQ(pick_mode_by_dotclock(1024, 768, 78749)->dot_clock, 75000);
  EXPECT_EQ(pick_mode_by_dotclock(1024, 768, 1000), nullptr);
  EXPECT_EQ(pick_mode_by_ref(1023, 768, 60), nullptr);
}

TEST(VideoMode, AreSorted) {
  std::vector<videomode> modes;
  for (const auto& [width, height, rate] :
       {std::tuple{640, 480, 75}, std::tuple{1280, 1024, 60}, std::tuple{640, 480, 60},
        std::tuple{1024, 768, 60}, std::tuple{800, 600, 75}}) {
    modes.push_back(*pick_mode_by_ref(width, height, rate));
  }
  videomode* preferred = &modes[3];
  sort_modes(modes.data(), &preferred, static_cast<int>(modes.size()));
  EXPECT_EQ(preferred, modes.data());
  std::vector<std::string> names;
  for (const videomode& mode : modes) names.emplace_back(mode.name);
  const std::vector<std::string> expected{"1024x768x60", "1280x1024x60", "640x480x60", "800x600x75",
                                          "640x480x75"};
  EXPECT_EQ(names, expected);

  preferred = nullptr;
  sort_modes(modes.data(), &preferred, static_cast<int>(modes.size()));
  EXPECT_EQ(preferred, nullptr);
  EXPECT_STREQ(modes[0].name, "1280x1024x60");
  sort_modes(modes.data(), &preferred, 0);
}

}  // namespace
}  // namespace pupci::wscons::test
