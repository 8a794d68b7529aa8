// SPDX-License-Identifier: BSD-2-Clause
// The pixels of a device, by what a driver says of it: compared with what QEMU itself shows.
#include "wscons/framebuffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <random>

#include "host/qemu_support.h"
#include "kern/bus_space.h"
#include "kern/console.h"
#include "kern/pci_chipset.h"
#include "netbsd/dev/wscons/wsconsio.h"
#include "netbsd/dev/wscons/wsdisplayvar.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/param.h"
#include "netbsd/sys/systm.h"
#include "support/picture.h"

namespace pupci::wscons {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What a driver would know of its device.
struct Driver {
  std::optional<wsdisplayio_fbinfo> fbinfo;
  std::optional<wsdisplay_fbinfo> ginfo;
  std::optional<u_int> line;
  std::vector<std::uint8_t> colours;  // red, green, blue of each; empty: no colour map
  std::uint64_t bar = 0;
  bool shuffled = false;  // memory is in pieces: every other page is elsewhere

  static int ioctl(void* self, void*, u_long command, void* data, int, lwp*) {
    return static_cast<Driver*>(self)->answer(command, data);
  }
  static paddr_t mmap(void* self, void*, off_t offset, int) {
    const auto& driver = *static_cast<Driver*>(self);
    if (driver.shuffled) offset = offset / PAGE_SIZE * 2 * PAGE_SIZE;
    return bus_space_mmap(kern::bus_space_tag(Space::memory), driver.bar, offset, 0, 0);
  }
  static wsdisplay_accessops ops() {
    wsdisplay_accessops ops{};
    ops.ioctl = ioctl;
    ops.mmap = mmap;
    return ops;
  }

 private:
  template <typename T>
  static int give(const std::optional<T>& what, void* to) {
    if (!what) return EPASSTHROUGH;
    *static_cast<T*>(to) = *what;
    return 0;
  }
  int answer(u_long command, void* data) const {
    if (command == WSDISPLAYIO_GET_FBINFO) return give(fbinfo, data);
    if (command == WSDISPLAYIO_GINFO) return give(ginfo, data);
    if (command == WSDISPLAYIO_LINEBYTES) return give(line, data);
    if (command != WSDISPLAYIO_GETCMAP || colours.empty()) return EPASSTHROUGH;
    const auto* map = static_cast<wsdisplay_cmap*>(data);
    for (u_int i = 0; i < map->count; ++i) {
      const std::uint8_t* colour = colours.data() + std::size_t{3} * (map->index + i);
      if (copyout(colour, map->red + i, 1) != 0 || copyout(colour + 1, map->green + i, 1) != 0 ||
          copyout(colour + 2, map->blue + i, 1) != 0)
        return EFAULT;
    }
    return 0;
  }
};

class Framebuffers : public ::testing::Test {
 protected:
  static constexpr std::size_t width = 640;
  static constexpr std::size_t height = 480;

  void SetUp() override {
    bus = qemu_test::open({"-device", "VGA"});
    kern::pci_start(*bus);
    function = qemu_test::find(*bus, 0x11111234).at(0);
    memory = function->map(0, 0, function->bars().at(0).size);
    driver.bar = function->bars().at(0).address;
    kern::message_buffer_clear();
  }
  void TearDown() override {
    memory.reset();
    kern::pci_stop();
  }

  // By the registers at 0x500 of BAR 2 (QEMU, docs/specs/standard-vga).
  void set_mode(unsigned depth) {
    const auto registers = function->map(2, 0, 0x1000);
    const auto set = [&](unsigned index, unsigned value) {
      registers->write(0x500 + 2 * index, 2, value);
    };
    set(4, 0);
    set(1, width);
    set(2, height);
    set(3, depth);
    set(4, 0x61);                      // enabled, linear, 8 bits for each colour of the map
    registers->write(0x400, 1, 0x20);  // the attribute controller shows something
    for (unsigned i = 0; i < driver.colours.size(); ++i) {
      if (i % 3 == 0) registers->write(0x408, 1, i / 3);
      registers->write(0x409, 1, driver.colours[i]);
    }
  }
  void draw_noise(std::size_t size) {
    std::vector<std::byte> bytes(size);
    std::mt19937 random(7);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    memory->write_memory(0, bytes.data(), bytes.size());
  }
  void describe(unsigned bits, const PixelFormat& format = {}) {
    wsdisplayio_fbinfo info{};
    info.fbi_width = width;
    info.fbi_height = height;
    info.fbi_bitsperpixel = bits;
    info.fbi_stride = width * bits / 8;
    info.fbi_pixeltype = format.indexed ? WSFB_CI : WSFB_RGB;
    info.fbi_subtype.fbi_rgbmasks = {format.red.offset,
                                     format.red.bits,
                                     format.green.offset,
                                     format.green.bits,
                                     format.blue.offset,
                                     format.blue.bits,
                                     0,
                                     0};
    driver.fbinfo = info;
  }
  // But for the bits that `ignored` has in each pixel.
  testing::AssertionResult shows_what_qemu_shows(std::uint32_t ignored = 0) {
    Framebuffer framebuffer(ops, &driver, "wsdisplay0");
    test::Picture got{width, height, std::vector<std::uint32_t>(width * height)};
    if (!framebuffer.read(nullptr, {0, 0, width, height}, got.pixels.data(), width))
      return testing::AssertionFailure() << "not read: " << kern::message_buffer();
    test::Picture shown = test::screendump(*bus);
    for (auto* pixels : {&got.pixels, &shown.pixels}) {
      for (std::uint32_t& pixel : *pixels) pixel &= ~ignored;
    }
    return test::same_picture(got, shown);
  }
  void make_colours() {
    std::mt19937 random(3);
    driver.colours.resize(768);
    for (auto& value : driver.colours) value = static_cast<std::uint8_t>(random());
  }
  // Why the driver's pixels are not shown.
  std::string refusal() {
    kern::message_buffer_clear();
    Framebuffer framebuffer(ops, &driver, "wsdisplay0");
    std::uint32_t pixel = 0;
    EXPECT_EQ(framebuffer.size(nullptr).width, 0U);
    EXPECT_FALSE(framebuffer.read(nullptr, {0, 0, 1, 1}, &pixel, 1));
    return kern::message_buffer();
  }

  std::shared_ptr<QemuBus> bus;
  std::shared_ptr<Function> function;
  std::unique_ptr<Region> memory;
  Driver driver;
  wsdisplay_accessops ops = Driver::ops();
};

TEST_F(Framebuffers, Of32Bits) {
  set_mode(32);
  draw_noise(width * height * 4);
  PixelFormat format;
  format.red = {16, 8};
  format.green = {8, 8};
  format.blue = {0, 8};
  describe(32, format);
  EXPECT_TRUE(shows_what_qemu_shows());
  describe(32);  // fields left to be guessed
  EXPECT_TRUE(shows_what_qemu_shows());
}

TEST_F(Framebuffers, Of24Bits) {
  set_mode(24);
  draw_noise(width * height * 3);
  describe(24);
  EXPECT_TRUE(shows_what_qemu_shows());
}

TEST_F(Framebuffers, Of16Bits) {
  set_mode(16);
  draw_noise(width * height * 2);
  describe(16);
  EXPECT_TRUE(shows_what_qemu_shows());
}

TEST_F(Framebuffers, Of15Bits) {
  set_mode(15);
  draw_noise(width * height * 2);
  describe(15);
  driver.fbinfo->fbi_stride = width * 2;
  EXPECT_TRUE(shows_what_qemu_shows(0x070707)) << "QEMU leaves the low bits empty here, only here";
}

TEST_F(Framebuffers, Of8BitsThroughTheColourMap) {
  make_colours();
  set_mode(8);
  draw_noise(width * height);
  PixelFormat format;
  format.indexed = true;
  describe(8, format);
  EXPECT_TRUE(shows_what_qemu_shows());
}

TEST_F(Framebuffers, OfADriverThatKnowsOnlyTheOldRequests) {
  make_colours();
  set_mode(8);
  draw_noise(width * height);
  driver.ginfo = wsdisplay_fbinfo{height, width, 8, 256};
  EXPECT_TRUE(shows_what_qemu_shows());
  set_mode(32);
  driver.ginfo = wsdisplay_fbinfo{height, width, 32, 0};
  driver.line = width * 4;
  EXPECT_TRUE(shows_what_qemu_shows());
}

TEST_F(Framebuffers, HavePartsAndStridesAndOffsets) {
  set_mode(32);
  draw_noise(1 << 20);
  describe(32);
  auto& info = *driver.fbinfo;
  info.fbi_width = 100;
  info.fbi_height = 50;
  info.fbi_fboffset = 5000;
  std::vector<std::byte> bytes(1 << 20);
  memory->read_memory(0, bytes.data(), bytes.size());
  for (const unsigned stride : {400U, 404U, 8000U}) {  // 8000: row by row
    info.fbi_stride = stride;
    Framebuffer framebuffer(ops, &driver, "wsdisplay0");
    std::vector<std::uint32_t> pixels(30UL * 20UL, 0xdeadbeef);
    ASSERT_TRUE(framebuffer.read(nullptr, {7, 3, 20, 20}, pixels.data(), 30));
    for (unsigned y = 0; y < 20; ++y) {
      for (unsigned x = 0; x < 30; ++x) {
        std::uint32_t expected = 0;
        std::memcpy(&expected,
                    bytes.data() + 5000 + std::size_t{y + 3} * stride + std::size_t{x + 7} * 4, 4);
        ASSERT_EQ(pixels[y * 30 + x], x < 20 ? expected & 0xffffff : 0xdeadbeef) << x << " " << y;
      }
    }
  }
}

TEST_F(Framebuffers, MayLieInPieces) {
  draw_noise(1 << 20);
  describe(32);
  driver.shuffled = true;
  std::vector<std::byte> bytes(1 << 20);
  memory->read_memory(0, bytes.data(), bytes.size());
  Framebuffer framebuffer(ops, &driver, "wsdisplay0");
  std::vector<std::uint32_t> pixels(width * 9);
  ASSERT_TRUE(framebuffer.read(nullptr, {0, 0, width, 9}, pixels.data(), width));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    std::uint32_t expected = 0;
    std::memcpy(&expected, bytes.data() + i * 4 / PAGE_SIZE * 2 * PAGE_SIZE + i * 4 % PAGE_SIZE, 4);
    ASSERT_EQ(pixels[i], expected & 0xffffff) << i;
  }
}

TEST_F(Framebuffers, RefuseWhatIsBeyondThem) {
  set_mode(32);
  describe(32);
  Framebuffer framebuffer(ops, &driver, "wsdisplay0");
  std::uint32_t pixel = 0;
  EXPECT_TRUE(framebuffer.read(nullptr, {width - 1, height - 1, 1, 1}, &pixel, 1));
  EXPECT_TRUE(framebuffer.read(nullptr, {width, height, 0, 0}, &pixel, 1));
  EXPECT_FALSE(framebuffer.read(nullptr, {width, 0, 1, 1}, &pixel, 1));
  EXPECT_FALSE(framebuffer.read(nullptr, {0, height, 1, 1}, &pixel, 1));
  EXPECT_FALSE(framebuffer.read(nullptr, {1, 0, ~0U, 1}, &pixel, 1));
  EXPECT_FALSE(framebuffer.read(nullptr, {0, 1, 1, ~0U}, &pixel, 1));
}

TEST_F(Framebuffers, SayWhyTheyCannotBeShown) {
  EXPECT_THAT(refusal(), IsEmpty()) << "a display without pixels is nothing to complain of";
  describe(32);
  driver.fbinfo->fbi_stride = 100;
  EXPECT_THAT(refusal(),
              HasSubstr("wsdisplay0: 100 bytes a line do not hold 640 pixels of 32 bits; "
                        "its pixels cannot be shown"));
  describe(12);
  EXPECT_THAT(refusal(), HasSubstr("12 bits a pixel are not known"));
  describe(32);
  driver.fbinfo->fbi_pixeltype = WSFB_YUV;
  EXPECT_THAT(refusal(), HasSubstr("pixels of type 3 are not RGB"));
  describe(32);
  driver.fbinfo->fbi_width = 100000;
  EXPECT_THAT(refusal(), HasSubstr("100000 x 480 pixels are too many"));
  describe(32);
  ops.mmap = nullptr;
  EXPECT_THAT(refusal(), HasSubstr("its driver has no mmap"));
}

TEST_F(Framebuffers, SayOnceThatTheyAreSmallerThanTheMode) {
  describe(32);
  driver.fbinfo->fbi_height = 32000;
  driver.fbinfo->fbi_stride = 8192;
  Framebuffer framebuffer(ops, &driver, "wsdisplay0");
  std::uint32_t pixel = 0;
  EXPECT_TRUE(framebuffer.read(nullptr, {0, 0, 1, 1}, &pixel, 1));
  for (unsigned i = 0; i < 3; ++i)
    EXPECT_FALSE(framebuffer.read(nullptr, {0, 31000, 1, 1}, &pixel, 1));
  const std::string said = kern::message_buffer();
  EXPECT_THAT(said, HasSubstr("memory that its driver tells of is not there"));
  EXPECT_EQ(said.find("not there"), said.rfind("not there"));
}

}  // namespace
}  // namespace pupci::wscons
