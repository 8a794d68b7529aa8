// SPDX-License-Identifier: BSD-2-Clause
// The modes that the qemu host sets in firmware's place, as a driver finds them, and what the
// monitor shows when the driver has painted through its linear mapping.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <algorithm>
#include <cstdio>

#include "kern/console.h"
#include "kern/kernel.h"
#include "pupci/framebuffer.h"
#include "support/picture.h"

namespace {

using namespace pupci;
using test::Picture;

class Painted {
 public:
  Painted(std::vector<std::string> devices, const std::string& mode,
          std::vector<std::string> properties = {}) {
    kern::set_console([this](std::string_view text) { console += text; });
    BusOptions options;
    for (std::string& device : devices) {
      options.arguments.insert(options.arguments.end(), {"-device", std::move(device)});
    }
    options.mode = mode;
    bus = open_bus("qemu", options);
    kern::KernelOptions kernel_options;
    kernel_options.properties = std::move(properties);
    kernel = std::make_unique<kern::Kernel>(bus, kernel_options);
    kernel->load(PUPCI_LINEAR_DRIVER_DIR "/paintfb.so");
    kernel->attach_all();
  }
  ~Painted() {
    EXPECT_THAT(kernel->detach_all(), testing::IsEmpty());
    kernel.reset();
    kern::set_console({});
  }
  Painted(const Painted&) = delete;
  Painted& operator=(const Painted&) = delete;

  std::string console;
  std::shared_ptr<Bus> bus;
  std::unique_ptr<kern::Kernel> kernel;
};

// A field of `bits` at `shift`, widened to eight as monitors do.
std::uint32_t widen(std::uint32_t pixel, unsigned shift, unsigned bits) {
  const std::uint32_t value = (pixel >> shift) & ((1U << bits) - 1);
  return bits == 8 ? value : (value << (8 - bits)) | (value >> (2 * bits - 8));
}

std::uint32_t color_of(std::uint32_t pixel, unsigned depth) {
  switch (depth) {
    case 15:
      // QEMU's own conversion, unlike its others, leaves the low bits zero.
      return (pixel << 9 & 0xf80000) | (pixel << 6 & 0xf800) | (pixel << 3 & 0xf8);
    case 16:
      return widen(pixel, 11, 5) << 16 | widen(pixel, 5, 6) << 8 | widen(pixel, 0, 5);
    default:
      return pixel & 0xffffff;
  }
}

Picture pattern(const VideoMode& mode) {
  Picture picture{mode.width, mode.height, {}};
  for (unsigned y = 0; y < mode.height; y++) {
    for (unsigned x = 0; x < mode.width; x++) {
      picture.pixels.push_back(color_of(x * 0x010307 + y * 0x0b0d11, mode.depth));
    }
  }
  return picture;
}

struct Case {
  const char* device;
  const char* mode;
};

class Modes : public testing::TestWithParam<Case> {};

TEST_P(Modes, AreSetAndShown) {
  const VideoMode mode = parse_video_mode(GetParam().mode);
  Painted painted({GetParam().device}, GetParam().mode);
  EXPECT_THAT(painted.console, testing::HasSubstr(fmt::format(
                                   "paintfb0: {}x{}, {} bits, {} bytes a line, console", mode.width,
                                   mode.height, mode.depth, mode.width * ((mode.depth + 7) / 8))));
  EXPECT_THAT(painted.console, testing::Not(testing::HasSubstr("elsewhere")));
  EXPECT_THAT(painted.console, testing::Not(testing::HasSubstr("no mode")));
  // The driver has returned from attach: the rest comes by itself, at detach at the latest.
  painted.kernel->detach_all();
  const Picture shown = test::screendump(*painted.bus);
  if (mode.depth == 8) {  // whose colours are the palette's
    EXPECT_EQ(shown.width, mode.width);
    EXPECT_EQ(shown.height, mode.height);
  } else {
    EXPECT_TRUE(test::same_picture(shown, pattern(mode)));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Modes,
    testing::Values(Case{"VGA", "640x480x8"}, Case{"VGA", "800x600x15"}, Case{"VGA", "1024x768x16"},
                    Case{"VGA", "1024x768x24"}, Case{"VGA", "1280x720x32"},
                    Case{"secondary-vga", "640x480x24"}, Case{"bochs-display", "640x480x32"},
                    Case{"bochs-display", "640x480x16"}, Case{"ati-vga", "640x480x8"},
                    Case{"ati-vga", "800x600x15"}, Case{"ati-vga", "1024x768x16"},
                    Case{"ati-vga", "1024x768x24"}, Case{"ati-vga", "1024x768x32"}),
    [](const auto& which) {
      std::string name = fmt::format("{}_{}", which.param.device, which.param.mode);
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(Mode, TheDefaultIs1024x768x32) {
  const Painted painted({"VGA"}, "");
  EXPECT_THAT(painted.console,
              testing::HasSubstr("1024x768, 32 bits, 4096 bytes a line, console, EDID"));
}

TEST(Mode, NoneIsNone) {
  const Painted painted({"VGA"}, "none");
  EXPECT_THAT(painted.console, testing::HasSubstr("paintfb0: no mode"));
}

TEST(Mode, TheFirstDisplayIsTheConsole) {
  const Painted painted({"ati-vga", "bochs-display"}, "640x480x32");
  EXPECT_THAT(painted.console, testing::HasSubstr("paintfb0: 640x480, 32 bits, 2560 bytes a line, "
                                                  "console\n"));
  EXPECT_THAT(painted.console, testing::HasSubstr("paintfb1: 640x480, 32 bits, 2560 bytes a line, "
                                                  "EDID\n"));
}

TEST(Mode, PropertiesOfTheUserWin) {
  const Painted painted({"VGA"}, "640x480x32",
                        {"paintfb0:height=100", "paintfb0:is_console=false"});
  EXPECT_THAT(painted.console, testing::HasSubstr("640x100, 32 bits, 2560 bytes a line, EDID\n"));
}

// The fault is not a linear mapping's, so it is the driver's.
TEST(Mode, ACrashOfTheDriverIsReported) {
  FILE* run =
      ::popen(PUPCI_BINARY " run --prop paintfb0:crash=0x1230 --for 60 " PUPCI_LINEAR_DRIVER_DIR
                           "/paintfb.so -- -device bochs-display 2>&1",
              "r");
  ASSERT_NE(run, nullptr);
  std::string output;
  char piece[512];
  while (std::fgets(piece, sizeof piece, run) != nullptr) output += piece;
  const int status = ::pclose(run);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 3) << status;
  EXPECT_THAT(output, testing::HasSubstr("paintfb0: 1024x768, 32 bits"));
  EXPECT_THAT(output, testing::HasSubstr("pupci: paintfb0: SIGSEGV: access to 0x1230 in paintfb_"));
}

std::string refusal(const std::string& mode, const char* device) {
  BusOptions options;
  options.arguments = {"-device", device};
  options.mode = mode;
  try {
    open_bus("qemu", options);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Mode, WhatCannotBeShownIsRefused) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal("1024x768", "VGA"), HasSubstr("write it as WIDTHxHEIGHTxDEPTH"));
  EXPECT_THAT(refusal("1024x768x32x1", "VGA"), HasSubstr("write it as WIDTHxHEIGHTxDEPTH"));
  EXPECT_THAT(refusal("1020x768x32", "VGA"), HasSubstr("no multiple of 8"));
  EXPECT_THAT(refusal("16x16x32", "VGA"), HasSubstr("width and height are 64 to 8192"));
  EXPECT_THAT(refusal("1024x768x12", "VGA"), HasSubstr("the depth is 8, 15, 16, 24 or 32"));
  EXPECT_THAT(refusal("4096x4096x32", "VGA"), HasSubstr("4096x4096x32 takes 64 MiB, but the "
                                                        "display has 16"));
  EXPECT_THAT(refusal("640x480x8", "bochs-display"), HasSubstr("16 and 32 bits a pixel only"));
  EXPECT_EQ(refusal("", "ati-vga,vgamem_mb=1"), "accepted");
}

}  // namespace
