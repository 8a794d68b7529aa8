// SPDX-License-Identifier: BSD-2-Clause
// genfb(9) as a driver that builds on it sees it, on plain memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kern/autoconf.h"
#include "kern/console.h"
#include "kern/device_properties.h"
#include "kern/ioconf.h"
#include "kern/klock.h"
#include "kern/loader.h"
#include "kern/user_memory.h"
#include "netbsd/dev/wsfb/genfbvar.h"
#include "netbsd/sys/errno.h"

namespace pupci::wscons::test {
namespace {

using kern::KernelLock;
using testing::HasSubstr;

// What "firmware" set up, and the hardware that the driver's softc stands for.
struct Hardware {
  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(640 * 480 * 4);
  std::array<std::array<int, 3>, 256> palette{};
  genfb_colormap_callback colours{};
  genfb_parameter_callback brightness{};
  int level = 100;
  std::vector<int> modes;
  u_long last_ioctl = 0;
  int attach_error = -1;
};

Hardware* hardware = nullptr;

int driver_ioctl(void*, void*, u_long cmd, void* data, int, lwp*) {
  hardware->last_ioctl = cmd;
  if (cmd != WSDISPLAYIO_GTYPE) return EPASSTHROUGH;
  *static_cast<u_int*>(data) = WSDISPLAY_TYPE_PCIVGA;
  return 0;
}

paddr_t driver_mmap(void*, void*, off_t offset, int) {
  return offset < 4096 ? 0x1000 + static_cast<paddr_t>(offset) : static_cast<paddr_t>(-1);
}

int match(device_t, cfdata_t, void*) {
  return 1;
}

void attach(device_t, device_t self, void*) {
  auto* const sc = static_cast<genfb_softc*>(device_private(self));
  sc->sc_dev = self;
  kern::console_write(kern::Message::normal, "\n");
  genfb_init(sc);
  if (sc->sc_width == 0) return;
  sc->sc_fbaddr = hardware->memory.data();
  genfb_ops ops{};
  ops.genfb_ioctl = driver_ioctl;
  ops.genfb_mmap = driver_mmap;
  hardware->attach_error = genfb_attach(sc, &ops);
}

int detach(device_t self, int flags) {
  return config_detach_children(self, flags);
}

// A driver "myfb" that autoconf(9) knows, and its attribute.
class Driver {
 public:
  Driver() {
    cd_.cd_name = "myfb";
    cd_.cd_class = DV_DISPLAYDEV;
    cd_.cd_attrs = attributes_;
    ca_.ca_name = "myfb";
    ca_.ca_devsize = sizeof(genfb_softc);
    ca_.ca_flags = DVF_PRIV_ALLOC;
    ca_.ca_match = match;
    ca_.ca_attach = attach;
    ca_.ca_detach = detach;
    data_[0].cf_name = data_[0].cf_atname = "myfb";
    data_[0].cf_fstate = FSTATE_NOTFOUND;
    ioconf_ = {.abi = PUPCI_IOCONF_ABI,
               .size = sizeof(pupci_ioconf),
               .name = "test",
               .cfdrivers = drivers_,
               .cfattachinit = attachments_,
               .cfdata = data_};
    loaded_ = kern::Driver::adopt(&ioconf_);
  }
  ~Driver() { kern::autoconf_detach_all(); }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

 private:
  struct Attribute {
    const char* name = "wsemuldisplaydev";
    int count = 0;
  } attribute_;
  const cfiattrdata* attributes_[2] = {reinterpret_cast<const cfiattrdata*>(&attribute_), nullptr};
  cfdriver cd_{};
  cfattach ca_{};
  cfattach* list_[2] = {&ca_, nullptr};
  cfdriver* drivers_[2] = {&cd_, nullptr};
  cfattachinit attachments_[2] = {{"myfb", list_}, {nullptr, nullptr}};
  cfdata data_[2]{};
  pupci_ioconf ioconf_{};
  std::unique_ptr<kern::Driver> loaded_;
};

class Genfb : public testing::Test {
 protected:
  Genfb() {
    hardware = &it_;
    it_.colours.gcc_cookie = &it_;
    it_.colours.gcc_set_mapreg = [](void* cookie, int i, int r, int g, int b) {
      static_cast<Hardware*>(cookie)->palette.at(static_cast<std::size_t>(i)) = {r, g, b};
    };
    it_.brightness.gpc_cookie = &it_;
    it_.brightness.gpc_get_parameter = [](void* cookie, int* value) {
      *value = static_cast<Hardware*>(cookie)->level;
      return 0;
    };
    it_.brightness.gpc_set_parameter = [](void* cookie, int value) {
      static_cast<Hardware*>(cookie)->level = value;
      return 0;
    };
    kern::set_console([this](std::string_view text) { console_ += text; });
  }
  ~Genfb() override {
    kern::set_device_properties({});
    driver_.reset();
    kern::set_console({});
    hardware = nullptr;
  }

  // Attaches with these properties of myfb0.
  genfb_softc* attach_with(std::vector<std::string> properties) {
    for (std::string& text : properties) text.insert(0, "myfb0:");
    kern::set_device_properties(properties);
    const KernelLock kernel;
    const device_t device = config_rootfound("myfb", nullptr);
    return static_cast<genfb_softc*>(device_private(device));
  }
  static std::string address(const void* of) {
    return std::to_string(reinterpret_cast<std::uintptr_t>(of));
  }
  static int ioctl(genfb_softc* sc, u_long cmd, void* data) {
    return sc->sc_accessops.ioctl(&sc->vd, nullptr, cmd, data, 0, nullptr);
  }
  static std::vector<std::string> mode(int width, int height, int depth) {
    return {"width=" + std::to_string(width), "height=" + std::to_string(height),
            "depth=" + std::to_string(depth), "address=0xfd000000"};
  }

  Hardware it_;
  std::string console_;
  std::unique_ptr<Driver> driver_ = std::make_unique<Driver>();
};

TEST_F(Genfb, DrawsIntoTheMode) {
  genfb_softc* const sc = attach_with(mode(640, 480, 32));
  ASSERT_EQ(it_.attach_error, 0) << console_;
  EXPECT_EQ(sc->sc_fboffset, 0xfd000000);
  EXPECT_EQ(sc->sc_stride, 2560);
  EXPECT_EQ(sc->sc_fbsize, 640u * 480 * 4);
  EXPECT_EQ(sc->sc_defaultscreen_descr.ncols * sc->sc_defaultscreen_descr.fontwidth, 640);
  EXPECT_EQ(sc->sc_defaultscreen_descr.nrows * sc->sc_defaultscreen_descr.fontheight, 480);
  rasops_info* const ri = &sc->sc_console_screen.scr_ri;
  long attr = 0;
  ASSERT_EQ(ri->ri_ops.allocattr(ri, WSCOL_BLACK, WSCOL_RED, WSATTR_WSCOLORS, &attr), 0);
  ri->ri_ops.erasecols(ri, 0, 0, 1, attr);
  std::uint32_t pixel = 0;
  std::memcpy(&pixel, it_.memory.data(), sizeof pixel);
  EXPECT_GT(pixel >> 16 & 0xff, 0x70u);
  EXPECT_EQ(pixel & 0xffff, 0u);
}

TEST_F(Genfb, TellsTheGeometry) {
  auto properties = mode(600, 400, 16);
  properties.emplace_back("linebytes=1280");
  genfb_softc* const sc = attach_with(properties);
  ASSERT_EQ(it_.attach_error, 0);
  wsdisplay_fbinfo info{};
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_GINFO, &info), 0);
  EXPECT_EQ(info.width, 600u);
  EXPECT_EQ(info.height, 400u);
  EXPECT_EQ(info.depth, 16u);
  u_int bytes = 0;
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_LINEBYTES, &bytes), 0);
  EXPECT_EQ(bytes, 1280u);
  wsdisplayio_fbinfo fb{};
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_GET_FBINFO, &fb), 0);
  EXPECT_EQ(fb.fbi_stride, 1280u);
  EXPECT_EQ(fb.fbi_fbsize, 1280u * 400);
  EXPECT_EQ(fb.fbi_bitsperpixel, 16u);
  EXPECT_EQ(fb.fbi_pixeltype, static_cast<std::uint32_t>(WSFB_RGB));
  EXPECT_EQ(fb.fbi_subtype.fbi_rgbmasks.green_size, 6u);
  EXPECT_EQ(fb.fbi_subtype.fbi_rgbmasks.red_offset, 11u);
  u_int type = 0;
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_GTYPE, &type), 0);
  EXPECT_EQ(type, static_cast<u_int>(WSDISPLAY_TYPE_PCIVGA));
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_DOBLIT, &type), EPASSTHROUGH);
  EXPECT_EQ(sc->sc_accessops.mmap(&sc->vd, nullptr, 0x10, 0), 0x1010u);
  EXPECT_EQ(sc->sc_accessops.mmap(&sc->vd, nullptr, 4096, 0), static_cast<paddr_t>(-1));
}

TEST_F(Genfb, KeepsThePalette) {
  auto properties = mode(640, 480, 8);
  properties.push_back("cmap_callback=" + address(&it_.colours));
  genfb_softc* const sc = attach_with(properties);
  ASSERT_EQ(it_.attach_error, 0);
  // Three bits of red, three of green, two of blue.
  EXPECT_EQ(it_.palette[0], (std::array{0, 0, 0}));
  EXPECT_EQ(it_.palette[0xff], (std::array{255, 255, 255}));
  EXPECT_EQ(it_.palette[0xe0], (std::array{255, 0, 0}));
  EXPECT_EQ(it_.palette[0x04], (std::array{0, 36, 0}));
  EXPECT_EQ(it_.palette[0x01], (std::array{0, 0, 85}));

  // In a client's memory, as an ioctl has it.
  vmspace user;
  user.add(0x1000, {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}});
  user.add(0x2000, {std::byte{5}, std::byte{6}, std::byte{7}, std::byte{8}});
  user.add(0x3000, {std::byte{9}, std::byte{10}, std::byte{11}, std::byte{12}});
  user.add(0x4000, std::vector<std::byte>(4));
  const kern::UserScope scope(&user);
  const auto at = [](std::uintptr_t place) { return reinterpret_cast<u_char*>(place); };
  wsdisplay_cmap map{252, 4, at(0x1000), at(0x2000), at(0x3000)};
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_PUTCMAP, &map), 0);
  EXPECT_EQ(it_.palette[255], (std::array{4, 8, 12}));
  wsdisplay_cmap read{252, 4, at(0x1000), at(0x2000), at(0x4000)};
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_GETCMAP, &read), 0);
  std::array<std::uint8_t, 4> blue{};
  ASSERT_TRUE(user.copy_in(0x4000, blue.data(), blue.size()));
  EXPECT_EQ(blue, (std::array<std::uint8_t, 4>{9, 10, 11, 12}));
  map.blue = at(0x5000);
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_PUTCMAP, &map), EFAULT);
  map.blue = at(0x3000);
  map.index = 253;
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_PUTCMAP, &map), EINVAL);
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_GETCMAP, &map), EINVAL);
  map.index = 0xffffffff;
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_PUTCMAP, &map), EINVAL);
  it_.palette = {};
  genfb_restore_palette(sc);
  EXPECT_EQ(it_.palette[255], (std::array{4, 8, 12}));
}

TEST_F(Genfb, ChangesBrightness) {
  auto properties = mode(640, 480, 32);
  properties.push_back("brightness_callback=" + address(&it_.brightness));
  genfb_softc* const sc = attach_with(properties);
  wsdisplay_param param{};
  param.param = WSDISPLAYIO_PARAM_BRIGHTNESS;
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_GETPARAM, &param), 0);
  EXPECT_EQ(param.max, 255);
  EXPECT_EQ(param.curval, 100);
  param.curval = 200;
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_SETPARAM, &param), 0);
  EXPECT_EQ(it_.level, 200);
  param.curval = 256;
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_SETPARAM, &param), EINVAL);
  param.param = WSDISPLAYIO_PARAM_CONTRAST;
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_GETPARAM, &param), EPASSTHROUGH);
}

TEST_F(Genfb, RedrawsWhenTheProgramIsDone) {
  genfb_softc* const sc = attach_with(mode(640, 480, 32));
  const auto before = it_.memory;
  int wanted = WSDISPLAYIO_MODE_DUMBFB;
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_SMODE, &wanted), 0);
  EXPECT_EQ(it_.last_ioctl, WSDISPLAYIO_SMODE);
  std::fill(it_.memory.begin(), it_.memory.end(), std::uint8_t{0x5a});
  wanted = WSDISPLAYIO_MODE_EMUL;
  EXPECT_EQ(ioctl(sc, WSDISPLAYIO_SMODE, &wanted), 0);
  // All but the cursor, which nobody had shown before.
  const rasops_info& ri = sc->sc_console_screen.scr_ri;
  const std::size_t from = static_cast<std::size_t>(ri.ri_font->fontheight) * 2560;
  EXPECT_TRUE(std::equal(before.begin() + static_cast<std::ptrdiff_t>(from), before.end(),
                         it_.memory.begin() + static_cast<std::ptrdiff_t>(from)));
}

TEST_F(Genfb, ShadowsTheFramebuffer) {
  auto properties = mode(640, 480, 32);
  properties.emplace_back("enable_shadowfb=true");
  genfb_softc* const sc = attach_with(properties);
  ASSERT_NE(sc->sc_shadowfb, nullptr);
  rasops_info* const ri = &sc->sc_console_screen.scr_ri;
  ri->ri_ops.putchar(ri, 1, 1, 'X', sc->sc_console_screen.scr_defattr);
  EXPECT_EQ(std::memcmp(sc->sc_shadowfb, it_.memory.data(), it_.memory.size()), 0);
  EXPECT_NE(std::count(it_.memory.begin(), it_.memory.end(), 0),
            static_cast<std::ptrdiff_t>(it_.memory.size()));
}

TEST_F(Genfb, SaysWhichPropertyIsMissing) {
  const genfb_softc* const sc = attach_with({"height=480", "depth=32", "address=0"});
  EXPECT_EQ(sc->sc_width, 0);
  EXPECT_THAT(console_, HasSubstr("myfb0: no property \"width\""));
}

TEST_F(Genfb, SaysWhichPropertyIsNone) {
  const genfb_softc* const sc =
      attach_with({"width=\"wide\"", "height=480", "depth=32", "address=0"});
  EXPECT_EQ(sc->sc_width, 0);
  EXPECT_THAT(console_, HasSubstr("myfb0: property \"width\" is not a positive number"));
}

TEST_F(Genfb, RefusesAStrideThatIsTooSmall) {
  auto properties = mode(640, 480, 32);
  properties.emplace_back("linebytes=640");
  attach_with(properties);
  EXPECT_EQ(it_.attach_error, EINVAL);
  EXPECT_THAT(console_, HasSubstr("myfb0: cannot use 640x480 pixels of 32 bits, 640 bytes a line: "
                                  "a line does not hold its pixels"));
}

TEST_F(Genfb, RefusesDepthsThatItCannotDraw) {
  attach_with(mode(640, 480, 12));
  EXPECT_EQ(it_.attach_error, EINVAL);
  EXPECT_THAT(console_, HasSubstr("the depth must be 8, 15, 16, 24 or 32"));
}

TEST_F(Genfb, GivesTheEdidItsDeviceHas) {
  auto properties = mode(640, 480, 32);
  properties.emplace_back("EDID=data:00ffffff");
  const genfb_softc* const sc = attach_with(properties);
  vmspace user;
  user.add(0x1000, std::vector<std::byte>(4));
  const kern::UserScope scope(&user);
  wsdisplayio_edid_info info{3, 0, reinterpret_cast<void*>(std::uintptr_t{0x1000})};
  EXPECT_EQ(wsdisplayio_get_edid(sc->sc_dev, &info), EAGAIN);
  EXPECT_EQ(info.data_size, 4u);
  info.buffer_size = 4;
  EXPECT_EQ(wsdisplayio_get_edid(sc->sc_dev, &info), 0);
  std::array<std::uint8_t, 4> edid{};
  ASSERT_TRUE(user.copy_in(0x1000, edid.data(), edid.size()));
  EXPECT_EQ(edid, (std::array<std::uint8_t, 4>{0, 0xff, 0xff, 0xff}));
  info.edid_data = nullptr;
  EXPECT_EQ(wsdisplayio_get_edid(sc->sc_dev, &info), EFAULT);
}

TEST_F(Genfb, GivesNoEdidWithoutOne) {
  const genfb_softc* const sc = attach_with(mode(640, 480, 32));
  wsdisplayio_edid_info info{};
  EXPECT_EQ(wsdisplayio_get_edid(sc->sc_dev, &info), ENODEV);
}

rasops_info pixels(int depth, int flags) {
  rasops_info ri{};
  ri.ri_depth = depth;
  ri.ri_width = 800;
  ri.ri_height = 600;
  ri.ri_stride = 4096;
  ri.ri_flg = flags;
  ri.ri_rnum = ri.ri_gnum = ri.ri_bnum = 8;
  ri.ri_rpos = 16;
  ri.ri_gpos = 8;
  ri.ri_bpos = 0;
  return ri;
}

TEST(Fbinfo, DescribesPixels) {
  wsdisplayio_fbinfo info{};
  rasops_info ri = pixels(32, 0);
  ASSERT_EQ(wsdisplayio_get_fbinfo(&ri, &info), 0);
  EXPECT_EQ(info.fbi_width, 800u);
  EXPECT_EQ(info.fbi_height, 600u);
  EXPECT_EQ(info.fbi_stride, 4096u);
  EXPECT_EQ(info.fbi_fbsize, 4096u * 600);
  EXPECT_EQ(info.fbi_bitsperpixel, 32u);
  EXPECT_EQ(info.fbi_subtype.fbi_rgbmasks.red_offset, 16u);
  EXPECT_EQ(info.fbi_subtype.fbi_rgbmasks.alpha_size, 0u);

  ri = pixels(32, RI_BSWAP);
  ASSERT_EQ(wsdisplayio_get_fbinfo(&ri, &info), 0);
  EXPECT_EQ(info.fbi_subtype.fbi_rgbmasks.red_offset, 8u);
  EXPECT_EQ(info.fbi_subtype.fbi_rgbmasks.green_offset, 16u);
  EXPECT_EQ(info.fbi_subtype.fbi_rgbmasks.blue_offset, 24u);

  ri = pixels(15, 0);
  ASSERT_EQ(wsdisplayio_get_fbinfo(&ri, &info), 0);
  EXPECT_EQ(info.fbi_bitsperpixel, 16u);

  ri = pixels(8, 0);
  ASSERT_EQ(wsdisplayio_get_fbinfo(&ri, &info), 0);
  EXPECT_EQ(info.fbi_pixeltype, static_cast<std::uint32_t>(WSFB_CI));
  EXPECT_EQ(info.fbi_subtype.fbi_cmapinfo.cmap_entries, 256u);
}

TEST(GenfbConsole, IsWhatItWasToldToBe) {
  EXPECT_EQ(genfb_is_console(), 0);
  EXPECT_EQ(genfb_is_enabled(), 1);
  genfb_cnattach();
  EXPECT_EQ(genfb_is_console(), 1);
  EXPECT_EQ(genfb_cndetach(), 1);
  EXPECT_EQ(genfb_cndetach(), 0);
  EXPECT_EQ(genfb_is_console(), 0);
  bus_space_handle_t handle = 0;
  EXPECT_EQ(genfb_borrow(0xfd000000, &handle), 0);
}

}  // namespace
}  // namespace pupci::wscons::test
