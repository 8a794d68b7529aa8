// SPDX-License-Identifier: BSD-2-Clause
// Requests to a display of genfb(9).
#include <array>
#include <cerrno>
#include <cstring>

#include "netbsd/sys/errno.h"
#include "netbsd/sys/systm.h"
#include "wscons/genfb.h"

namespace pupci::wscons {
namespace {

genfb_softc* softc_of(void* v) noexcept {
  return static_cast<genfb_softc*>(static_cast<vcons_data*>(v)->cookie);
}

bool in_map(const wsdisplay_cmap& map) noexcept {
  return map.index < 256 && map.count <= 256 - map.index;
}

int get_map(const genfb_softc* sc, const wsdisplay_cmap& map) noexcept {
  if (!in_map(map)) return EINVAL;
  if (const int error = copyout(&sc->sc_cmap_red[map.index], map.red, map.count); error != 0) {
    return error;
  }
  if (const int error = copyout(&sc->sc_cmap_green[map.index], map.green, map.count); error != 0) {
    return error;
  }
  return copyout(&sc->sc_cmap_blue[map.index], map.blue, map.count);
}

// All of it, or nothing.
int put_map(genfb_softc* sc, const wsdisplay_cmap& map) noexcept {
  if (!in_map(map)) return EINVAL;
  std::array<std::uint8_t, 256> red{};
  std::array<std::uint8_t, 256> green{};
  std::array<std::uint8_t, 256> blue{};
  if (const int error = copyin(map.red, red.data(), map.count); error != 0) return error;
  if (const int error = copyin(map.green, green.data(), map.count); error != 0) return error;
  if (const int error = copyin(map.blue, blue.data(), map.count); error != 0) return error;
  std::memcpy(&sc->sc_cmap_red[map.index], red.data(), map.count);
  std::memcpy(&sc->sc_cmap_green[map.index], green.data(), map.count);
  std::memcpy(&sc->sc_cmap_blue[map.index], blue.data(), map.count);
  if (sc->sc_cmcb == nullptr) return 0;
  for (u_int i = 0; i < map.count; ++i) {
    sc->sc_cmcb->gcc_set_mapreg(sc->sc_cmcb->gcc_cookie, static_cast<int>(map.index + i), red[i],
                                green[i], blue[i]);
  }
  return 0;
}

int to_driver(genfb_softc* sc, void* vs, u_long cmd, void* data, int flag, lwp* l) noexcept {
  return sc->sc_ops.genfb_ioctl == nullptr ? EPASSTHROUGH
                                           : sc->sc_ops.genfb_ioctl(sc, vs, cmd, data, flag, l);
}

int set_mode(genfb_softc* sc, void* vs, u_long cmd, void* data, int flag, lwp* l) noexcept {
  const int error = to_driver(sc, vs, cmd, data, flag, l);
  if (error != 0 && error != EPASSTHROUGH) return error;
  const int mode = *static_cast<int*>(data);
  if (mode == sc->sc_mode) return 0;
  sc->sc_mode = mode;
  if (sc->sc_modecb != nullptr) sc->sc_modecb->gmc_setmode(sc, mode);
  if (mode != WSDISPLAYIO_MODE_EMUL) return 0;
  genfb_restore_palette(sc);
  if (sc->vd.active != nullptr) vcons_redraw_screen(sc->vd.active);
  return 0;
}

// The callback that serves a parameter, and how far that goes; null if nothing does.
struct Parameter {
  const genfb_parameter_callback* callback;
  int max;
};

Parameter parameter(const genfb_softc* sc, int which) noexcept {
  switch (which) {
    case WSDISPLAYIO_PARAM_BRIGHTNESS:
      return {sc->sc_brightness, 255};
    case WSDISPLAYIO_PARAM_BACKLIGHT:
      return {sc->sc_backlight, 1};
    default:
      return {nullptr, 0};
  }
}

int get_parameter(const genfb_softc* sc, wsdisplay_param* param) noexcept {
  const Parameter p = parameter(sc, param->param);
  if (p.callback == nullptr) return EPASSTHROUGH;
  param->min = 0;
  param->max = p.max;
  return p.callback->gpc_get_parameter(p.callback->gpc_cookie, &param->curval);
}

int set_parameter(const genfb_softc* sc, const wsdisplay_param* param) noexcept {
  const Parameter p = parameter(sc, param->param);
  if (p.callback == nullptr) return EPASSTHROUGH;
  if (param->curval < 0 || param->curval > p.max) return EINVAL;
  return p.callback->gpc_set_parameter(p.callback->gpc_cookie, param->curval);
}

int get_info(const genfb_softc* sc, wsdisplay_fbinfo* info) noexcept {
  info->height = static_cast<u_int>(sc->sc_height);
  info->width = static_cast<u_int>(sc->sc_width);
  info->depth = static_cast<u_int>(sc->sc_depth);
  info->cmsize = 256;
  return 0;
}

int ioctl(void* v, void* vs, u_long cmd, void* data, int flag, lwp* l) noexcept {
  genfb_softc* const sc = softc_of(v);
  switch (cmd) {
    case WSDISPLAYIO_GINFO:
      return get_info(sc, static_cast<wsdisplay_fbinfo*>(data));
    case WSDISPLAYIO_LINEBYTES:
      *static_cast<u_int*>(data) = static_cast<u_int>(sc->sc_stride);
      return 0;
    case WSDISPLAYIO_GETCMAP:
      return get_map(sc, *static_cast<wsdisplay_cmap*>(data));
    case WSDISPLAYIO_PUTCMAP:
      return put_map(sc, *static_cast<wsdisplay_cmap*>(data));
    case WSDISPLAYIO_SMODE:
      return set_mode(sc, vs, cmd, data, flag, l);
    case WSDISPLAYIO_GETPARAM:
      return get_parameter(sc, static_cast<wsdisplay_param*>(data));
    case WSDISPLAYIO_SETPARAM:
      return set_parameter(sc, static_cast<wsdisplay_param*>(data));
    default:
      break;
  }
  const int answer = to_driver(sc, vs, cmd, data, flag, l);
  if (answer != EPASSTHROUGH || cmd != WSDISPLAYIO_GET_FBINFO) return answer;
  return wsdisplayio_get_fbinfo(&sc->sc_console_screen.scr_ri,
                                static_cast<wsdisplayio_fbinfo*>(data));
}

paddr_t mmap(void* v, void* vs, off_t offset, int prot) noexcept {
  genfb_softc* const sc = softc_of(v);
  if (sc->sc_ops.genfb_mmap == nullptr) return static_cast<paddr_t>(-1);
  return sc->sc_ops.genfb_mmap(sc, vs, offset, prot);
}

void pollc(void* v, int on) noexcept {
  const genfb_softc* const sc = softc_of(v);
  if (on != 0) {
    genfb_enable_polling(sc->sc_dev);
  } else {
    genfb_disable_polling(sc->sc_dev);
  }
}

}  // namespace

wsdisplay_accessops genfb_accessops() noexcept {
  wsdisplay_accessops ops{};
  ops.ioctl = ioctl;
  ops.mmap = mmap;
  ops.pollc = pollc;
  return ops;
}

}  // namespace pupci::wscons
