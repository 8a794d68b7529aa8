// SPDX-License-Identifier: BSD-2-Clause
// genfb(9): a console on a framebuffer whose mode somebody else has set, as device properties say.
// The driver maps it and answers for the hardware; the rest is here and in genfb_ioctl.cc.
#include "wscons/genfb.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "netbsd/prop/proplib.h"
#include "netbsd/sys/pmf.h"
#include "netbsd/sys/systm.h"

namespace pupci::wscons {
namespace {

// Shadow framebuffers: a genfb_softc ends without telling, so they are kept by its address.
struct Shadows {
  std::mutex mutex;
  std::map<const genfb_softc*, std::vector<std::uint8_t>> all;
};

Shadows& shadows() {
  static auto& them = *new Shadows;
  return them;
}

struct Console {
  std::mutex mutex;
  genfb_softc* softc = nullptr;  // the first that attached, or the console
  std::string device;            // its name: it may be gone
  bool attached = false;         // genfb_cnattach()
  bool enabled = true;
};

Console& console() {
  static auto& it = *new Console;
  return it;
}

bool flag(genfb_softc* sc, const char* key, bool otherwise) noexcept {
  bool value = otherwise;
  return prop_dictionary_get_bool(device_properties(sc->sc_dev), key, &value) ? value : otherwise;
}

// A positive number that an int holds. Says what is wrong if there is none.
bool number(genfb_softc* sc, const char* key, int* value) noexcept {
  const prop_dictionary_t properties = device_properties(sc->sc_dev);
  std::uint32_t found = 0;
  if (prop_dictionary_get(properties, key) == nullptr) {
    aprint_error_dev(sc->sc_dev, "no property \"%s\": who sets the mode must give it\n", key);
    return false;
  }
  if (!prop_dictionary_get_uint32(properties, key, &found) || found == 0 || found > 0x7fffffff) {
    aprint_error_dev(sc->sc_dev, "property \"%s\" is not a positive number of 31 bits\n", key);
    return false;
  }
  *value = static_cast<int>(found);
  return true;
}

// A callback's address; null without the property.
template <typename Callback>
void find_callback(genfb_softc* sc, const char* key, Callback** callback) noexcept {
  std::uint64_t address = 0;
  prop_dictionary_get_uint64(device_properties(sc->sc_dev), key, &address);
  *callback = reinterpret_cast<Callback*>(static_cast<std::uintptr_t>(address));
}

constexpr int brightness_step = 15;

void change_brightness(device_t self, int by) noexcept {
  const auto* const sc = static_cast<genfb_softc*>(device_private(self));
  const genfb_parameter_callback* const callback = sc->sc_brightness;
  if (callback == nullptr || callback->gpc_upd_parameter == nullptr) return;
  callback->gpc_upd_parameter(callback->gpc_cookie, by);
}
void brighter(device_t self) noexcept {
  change_brightness(self, brightness_step);
}
void darker(device_t self) noexcept {
  change_brightness(self, -brightness_step);
}

void find_callbacks(genfb_softc* sc) noexcept {
  find_callback(sc, "cmap_callback", &sc->sc_cmcb);
  find_callback(sc, "pmf_callback", &sc->sc_pmfcb);
  find_callback(sc, "mode_callback", &sc->sc_modecb);
  find_callback(sc, "backlight_callback", &sc->sc_backlight);
  find_callback(sc, "brightness_callback", &sc->sc_brightness);
  if (sc->sc_brightness == nullptr || sc->sc_brightness->gpc_upd_parameter == nullptr ||
      !flag(sc, "is_console", false)) {
    return;
  }
  pmf_event_register(sc->sc_dev, PMFE_DISPLAY_BRIGHTNESS_UP, brighter, true);
  pmf_event_register(sc->sc_dev, PMFE_DISPLAY_BRIGHTNESS_DOWN, darker, true);
}

int bytes_of_line(int width, int depth) noexcept {
  const std::int64_t bytes = (std::int64_t{width} * (depth == 15 ? 16 : depth) + 7) / 8;
  return bytes > 0x7fffffff ? 0 : static_cast<int>(bytes);
}

// What rasops(9) could not draw on, in the user's words.
bool usable(const genfb_softc* sc) noexcept {
  const auto refuse = [sc](const char* why) {
    aprint_error_dev(sc->sc_dev, "cannot use %dx%d pixels of %d bits, %d bytes a line: %s\n",
                     sc->sc_width, sc->sc_height, sc->sc_depth, sc->sc_stride, why);
    return false;
  };
  switch (sc->sc_depth) {
    case 8:
    case 15:
    case 16:
    case 24:
    case 32:
      break;
    default:
      return refuse("the depth must be 8, 15, 16, 24 or 32");
  }
  if (sc->sc_width <= 0 || sc->sc_height <= 0) return refuse("there are no pixels");
  const int least = bytes_of_line(sc->sc_width, sc->sc_depth);
  if (least == 0 || sc->sc_stride < least) return refuse("a line does not hold its pixels");
  if (sc->sc_fbaddr == nullptr) return refuse("the driver has not mapped the framebuffer");
  return true;
}

void make_shadow(genfb_softc* sc) noexcept {
  sc->sc_shadowfb = nullptr;
  if (!sc->sc_enable_shadowfb) return;
  Shadows& them = shadows();
  const std::scoped_lock lock(them.mutex);
  try {
    auto& shadow = them.all[sc];
    shadow.assign(sc->sc_fbsize, 0);
    if (!sc->sc_want_clear) std::memcpy(shadow.data(), sc->sc_fbaddr, sc->sc_fbsize);
    sc->sc_shadowfb = shadow.data();
  } catch (const std::bad_alloc&) {
    aprint_error_dev(sc->sc_dev, "no memory for a shadow framebuffer, drawing without one\n");
  }
}

void set_colours(genfb_softc* sc, rasops_info* ri) noexcept {
  if (ri->ri_depth == 8 && sc->sc_cmcb != nullptr) {
    ri->ri_flg |= RI_ENABLE_ALPHA | RI_8BIT_IS_RGB;
    return;
  }
  if (ri->ri_depth < 24) return;
  ri->ri_flg |= RI_ENABLE_ALPHA;
  const bool bgr = flag(sc, "is_bgr", false);
  ri->ri_rnum = ri->ri_gnum = ri->ri_bnum = 8;
  ri->ri_rpos = bgr ? 0 : 16;
  ri->ri_gpos = 8;
  ri->ri_bpos = bgr ? 16 : 0;
}

void init_screen(void* cookie, vcons_screen* scr, int existing, long*) noexcept {
  auto* const sc = static_cast<genfb_softc*>(cookie);
  rasops_info* const ri = &scr->scr_ri;
  ri->ri_depth = sc->sc_depth;
  ri->ri_width = sc->sc_width;
  ri->ri_height = sc->sc_height;
  ri->ri_stride = sc->sc_stride;
  ri->ri_flg = RI_CENTER;
  if (sc->sc_want_clear) ri->ri_flg |= RI_FULLCLEAR | (existing != 0 ? RI_CLEAR : 0);
  if (sc->sc_shadowfb != nullptr) {
    ri->ri_bits = static_cast<std::uint8_t*>(sc->sc_shadowfb);
    ri->ri_hwbits = static_cast<std::uint8_t*>(sc->sc_fbaddr);
  } else {
    ri->ri_bits = static_cast<std::uint8_t*>(sc->sc_fbaddr);
    scr->scr_flags |= VCONS_DONT_READ;
  }
  scr->scr_flags |= VCONS_LOADFONT;
  set_colours(sc, ri);
  if (rasops_init(ri, 0, 0) != 0) return;
  ri->ri_caps = WSSCREEN_WSCOLORS | WSSCREEN_HILIT | WSSCREEN_UNDERLINE | WSSCREEN_RESIZE;
  rasops_reconfig(ri, sc->sc_height / static_cast<int>(ri->ri_font->fontheight),
                  sc->sc_width / static_cast<int>(ri->ri_font->fontwidth));
  ri->ri_hw = scr;
}

void set_register(const genfb_softc* sc, int index) noexcept {
  if (sc->sc_cmcb == nullptr) return;
  sc->sc_cmcb->gcc_set_mapreg(sc->sc_cmcb->gcc_cookie, index, sc->sc_cmap_red[index],
                              sc->sc_cmap_green[index], sc->sc_cmap_blue[index]);
}

// Bits at the top of a byte, repeated downwards, so that all ones are full brightness.
std::uint8_t widen(std::size_t value, unsigned bits) noexcept {
  std::size_t wide = value << (8 - bits);
  for (unsigned have = bits; have < 8; have *= 2) wide |= wide >> have;
  return static_cast<std::uint8_t>(wide);
}

void init_palette(genfb_softc* sc) noexcept {
  for (std::size_t i = 0; i < 256; ++i) {
    if (sc->sc_depth == 8 && sc->sc_cmcb != nullptr) {
      sc->sc_cmap_red[i] = widen(i >> 5, 3);
      sc->sc_cmap_green[i] = widen((i >> 2) & 7, 3);
      sc->sc_cmap_blue[i] = widen(i & 3, 2);
    } else {
      sc->sc_cmap_red[i] = rasops_cmap[3 * i];
      sc->sc_cmap_green[i] = rasops_cmap[3 * i + 1];
      sc->sc_cmap_blue[i] = rasops_cmap[3 * i + 2];
    }
  }
  genfb_restore_palette(sc);
}

void be_known(genfb_softc* sc, bool is_console) {
  Console& it = console();
  const std::scoped_lock lock(it.mutex);
  if (it.softc != nullptr && !is_console && device_find_by_xname(it.device.c_str()) != nullptr) {
    return;
  }
  it.softc = sc;
  it.device = device_xname(sc->sc_dev);
}

void describe_screen(genfb_softc* sc) noexcept {
  const rasops_info* const ri = &sc->sc_console_screen.scr_ri;
  wsscreen_descr& type = sc->sc_defaultscreen_descr;
  type.textops = &ri->ri_ops;
  type.capabilities = ri->ri_caps;
  type.nrows = ri->ri_rows;
  type.ncols = ri->ri_cols;
  type.fontwidth = static_cast<int>(ri->ri_font->fontwidth);
  type.fontheight = static_cast<int>(ri->ri_font->fontheight);
}

// The screen that is on view from the start.
int make_console_screen(genfb_softc* sc, bool is_console) noexcept {
  long defattr = 0;
  sc->sc_console_screen.scr_flags |= VCONS_SCREEN_IS_STATIC;
  const int error = vcons_init_screen(&sc->vd, &sc->sc_console_screen, 1, &defattr);
  if (error != 0) return error;
  describe_screen(sc);
  rasops_info* const ri = &sc->sc_console_screen.scr_ri;
  std::uint16_t row = 0;
  prop_dictionary_get_uint16(device_properties(sc->sc_dev), "cursor-row", &row);
  if (row >= ri->ri_rows) {
    row = 0;
    sc->sc_want_clear = true;
  }
  init_palette(sc);
  if (sc->sc_want_clear) ri->ri_ops.eraserows(ri, 0, ri->ri_rows, defattr);
  if (is_console) {
    wsdisplay_cnattach(&sc->sc_defaultscreen_descr, ri, 0, row, defattr);
    vcons_replay_msgbuf(&sc->sc_console_screen);
  }
  return 0;
}

}  // namespace
}  // namespace pupci::wscons

using pupci::wscons::console;

void genfb_init(genfb_softc* sc) {
  using namespace pupci::wscons;
  sc->sc_width = 0;
  if (!number(sc, "height", &sc->sc_height) || !number(sc, "depth", &sc->sc_depth)) return;
  int width = 0;
  if (!number(sc, "width", &width)) return;
  const prop_dictionary_t properties = device_properties(sc->sc_dev);
  std::uint64_t address = 0;
  if (!prop_dictionary_get_uint64(properties, "address", &address)) {
    aprint_error_dev(sc->sc_dev, "no property \"address\", or not a number\n");
    return;
  }
  sc->sc_fboffset = address;
  sc->sc_fbaddr = nullptr;
  if (std::uint64_t at = 0; prop_dictionary_get_uint64(properties, "virtual_address", &at)) {
    sc->sc_fbaddr = reinterpret_cast<void*>(static_cast<std::uintptr_t>(at));
  }
  sc->sc_stride = bytes_of_line(width, sc->sc_depth);
  if (prop_dictionary_get(properties, "linebytes") != nullptr &&
      !number(sc, "linebytes", &sc->sc_stride)) {
    return;
  }
  sc->sc_width = width;
  sc->sc_fbsize = static_cast<std::size_t>(sc->sc_height) * static_cast<std::size_t>(sc->sc_stride);
  sc->sc_enable_shadowfb = flag(sc, "enable_shadowfb", false);
  find_callbacks(sc);
}

int genfb_attach(genfb_softc* sc, genfb_ops* ops) {
  using namespace pupci::wscons;
  if (!usable(sc)) return EINVAL;
  const bool is_console = flag(sc, "is_console", false);
  sc->sc_want_clear = flag(sc, "clear-screen", true);
  aprint_verbose_dev(sc->sc_dev, "framebuffer at %p, size %dx%d, depth %d, stride %d\n",
                     reinterpret_cast<void*>(static_cast<std::uintptr_t>(sc->sc_fboffset)),
                     sc->sc_width, sc->sc_height, sc->sc_depth, sc->sc_stride);
  sc->sc_defaultscreen_descr = {};
  sc->sc_defaultscreen_descr.name = "default";
  sc->sc_screens[0] = &sc->sc_defaultscreen_descr;
  sc->sc_screenlist = {1, sc->sc_screens};
  sc->sc_ops = *ops;
  sc->sc_mode = WSDISPLAYIO_MODE_EMUL;
  if (sc->sc_modecb != nullptr) sc->sc_modecb->gmc_setmode(sc, sc->sc_mode);
  make_shadow(sc);
  sc->sc_accessops = genfb_accessops();
  if (const int error = vcons_init(&sc->vd, sc, &sc->sc_defaultscreen_descr, &sc->sc_accessops);
      error != 0) {
    return error;
  }
  sc->vd.init_screen = init_screen;
  if (const int error = make_console_screen(sc, is_console); error != 0) return error;
  be_known(sc, is_console);

  wsemuldisplaydev_attach_args aa{};
  aa.console = is_console ? 1 : 0;
  aa.scrdata = &sc->sc_screenlist;
  aa.accessops = &sc->sc_accessops;
  aa.accesscookie = &sc->vd;
  config_found_ia(sc->sc_dev, "wsemuldisplaydev", &aa, wsemuldisplaydevprint);
  return 0;
}

void genfb_restore_palette(genfb_softc* sc) {
  if (sc->sc_depth != 8) return;
  for (int i = 0; i < 256; ++i) pupci::wscons::set_register(sc, i);
}

int genfb_borrow(bus_addr_t address, bus_space_handle_t* handle) {
  genfb_softc* sc = nullptr;
  {
    auto& it = console();
    const std::scoped_lock lock(it.mutex);
    if (it.softc == nullptr) return 0;
    const device_t device = device_find_by_xname(it.device.c_str());
    if (device == nullptr || device_private(device) != it.softc) return 0;
    sc = it.softc;
  }
  return sc->sc_ops.genfb_borrow == nullptr ? 0 : sc->sc_ops.genfb_borrow(sc, address, handle);
}

void genfb_cnattach() {
  const std::scoped_lock lock(console().mutex);
  console().attached = true;
}

int genfb_cndetach() {
  const std::scoped_lock lock(console().mutex);
  const bool was = console().attached;
  console().attached = false;
  return was ? 1 : 0;
}

void genfb_disable() {
  const std::scoped_lock lock(console().mutex);
  console().enabled = false;
}

int genfb_is_console() {
  const std::scoped_lock lock(console().mutex);
  return console().attached ? 1 : 0;
}

int genfb_is_enabled() {
  const std::scoped_lock lock(console().mutex);
  return console().enabled ? 1 : 0;
}

void genfb_enable_polling(device_t self) {
  auto* const sc = static_cast<genfb_softc*>(device_private(self));
  if (sc->sc_console_screen.scr_vd == nullptr) return;
  SCREEN_ENABLE_DRAWING(&sc->sc_console_screen);
  vcons_hard_switch(&sc->sc_console_screen);
  vcons_enable_polling(&sc->vd);
  if (sc->sc_ops.genfb_enable_polling != nullptr) sc->sc_ops.genfb_enable_polling(sc);
}

void genfb_disable_polling(device_t self) {
  auto* const sc = static_cast<genfb_softc*>(device_private(self));
  if (sc->sc_console_screen.scr_vd == nullptr) return;
  if (sc->sc_ops.genfb_disable_polling != nullptr) sc->sc_ops.genfb_disable_polling(sc);
  vcons_disable_polling(&sc->vd);
}
