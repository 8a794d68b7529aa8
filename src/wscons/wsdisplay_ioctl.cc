// SPDX-License-Identifier: BSD-2-Clause
// What wsdisplay(4) itself answers of WSDISPLAYIO_*; the rest is the driver's.
#include <algorithm>
#include <array>
#include <cerrno>

#include "netbsd/dev/wscons/wsconsio.h"
#include "netbsd/sys/ioccom.h"
#include "netbsd/sys/systm.h"
#include "wscons/wsdisplay_device.h"

namespace pupci::wscons {
namespace {

constexpr std::size_t name_size = 64;
using Name = std::array<char, name_size>;

// A string of the caller's; null stays null.
int copy_name(const char* from, Name& into, const char** name) {
  *name = nullptr;
  if (from == nullptr) return 0;
  const int error = copyinstr(from, into.data(), into.size(), nullptr);
  if (error == 0) *name = into.data();
  return error;
}

}  // namespace

int WsDisplay::screen_ioctl(int index, unsigned long command, void* data, int flag, lwp* l) {
  const std::shared_ptr<Screen> of = screen(index);
  if (!of) return ENXIO;
  switch (command) {
    case WSDISPLAYIO_GMODE:
      *static_cast<u_int*>(data) = of->mode;
      return 0;
    case WSDISPLAYIO_SMODE:
      return set_mode(*of, command, data, flag, l);
    case WSDISPLAYIO_SFONT:
      return use_font(*of, data);
    // Scrolling is the terminal's, and its colours are not to be had from here.
    case WSDISPLAYIO_DSSCROLL:
    case WSDISPLAYIO_DGSCROLL:
    case WSDISPLAYIO_GMSGATTRS:
    case WSDISPLAYIO_SMSGATTRS:
      return ENODEV;
    default:
      return driver_ioctl(*of, command, data, flag, l);
  }
}

int WsDisplay::driver_ioctl(Screen& screen, unsigned long command, void* data, int flag, lwp* l) {
  const int error = access_->ioctl(cookie_, screen.cookie(), command, data, flag, l);
  if (error == 0 && (command & IOC_IN) != 0) changed_by_request();
  return error;
}

// As NetBSD does it, the driver hears of it and has no say.
int WsDisplay::set_mode(Screen& screen, unsigned long command, void* data, int flag, lwp* l) {
  const u_int mode = *static_cast<u_int*>(data);
  if (mode > WSDISPLAYIO_MODE_DUMBFB) return EINVAL;
  screen.mode = mode;
  access_->ioctl(cookie_, screen.cookie(), command, data, flag, l);
  changed_by_request();
  return 0;
}

int WsDisplay::use_font(Screen& screen, void* data) {
  if (access_->load_font == nullptr) return EINVAL;
  Name buffer{};
  const char* name = nullptr;
  const auto* request = static_cast<const wsdisplay_usefontdata*>(data);
  if (const int error = copy_name(request->name, buffer, &name)) return error;
  wsdisplay_font font{};
  font.name = name;
  service_->call([&] { screen.suspend(); });
  const int error = access_->load_font(cookie_, screen.cookie(), &font);
  // The type may be that of other screens too, which keep their fonts and sizes.
  service_->call([&] {
    if (error == 0) screen.update_type();
    screen.resume();
  });
  if (error == 0) changed_by_request();
  return error;
}

int WsDisplay::load_font(void* data) {
  if (access_->load_font == nullptr) return EINVAL;
  auto font = *static_cast<const wsdisplay_font*>(data);
  Name buffer{};
  const char* name = nullptr;
  if (const int error = copy_name(font.name, buffer, &name)) return error;
  font.name = name == nullptr ? "loaded" : name;
  if (font.numchars < 0) return EINVAL;
  const std::uint64_t rows =
      static_cast<std::uint64_t>(font.fontheight) * static_cast<unsigned>(font.numchars);
  constexpr unsigned most = WSDISPLAY_MAXFONTSZ;
  if (rows > most || rows * font.stride > most) return EINVAL;
  std::vector<std::byte> glyphs(rows * font.stride);
  if (const int error = copyin(font.data, glyphs.data(), glyphs.size())) return error;
  font.data = glyphs.data();
  const int error = access_->load_font(cookie_, nullptr, &font);
  if (error == 0) changed_by_request();
  return error;
}

int WsDisplay::config_ioctl(unsigned long command, void* data, int /*flag*/, lwp* /*l*/) {
  switch (command) {
    case WSDISPLAYIO_ADDSCREEN: {
      const auto* request = static_cast<const wsdisplay_addscreendata*>(data);
      Name type_buffer{};
      Name emul_buffer{};
      const char* type = nullptr;
      const char* emul = nullptr;
      if (const int error = copy_name(request->screentype, type_buffer, &type)) return error;
      if (const int error = copy_name(request->emul, emul_buffer, &emul)) return error;
      // One emulation for all that ask for one by name.
      if (emul != nullptr && strcmp(emul, "vt100") != 0 && strcmp(emul, "xterm") != 0) return ENXIO;
      return add_screen(request->idx, type);
    }
    case WSDISPLAYIO_DELSCREEN: {
      const auto* request = static_cast<const wsdisplay_delscreendata*>(data);
      return delete_screen(request->idx, (request->flags & WSDISPLAY_DELSCR_FORCE) != 0);
    }
    case WSDISPLAYIO_LDFONT:
      return load_font(data);
    default:
      return EPASSTHROUGH;
  }
}

int WsDisplay::status_ioctl(unsigned long command, void* data) const {
  if (command != WSDISPLAYIO_GETACTIVESCREEN) return EPASSTHROUGH;
  const std::scoped_lock lock(mutex_);
  *static_cast<int*>(data) = focus_;
  return 0;
}

paddr_t WsDisplay::mmap(int index, off_t offset, int protection) {
  const std::shared_ptr<Screen> of = screen(index);
  if (!of || of->mode == WSDISPLAYIO_MODE_EMUL) return static_cast<paddr_t>(-1);
  return access_->mmap(cookie_, of->cookie(), offset, protection);
}

void WsDisplay::changed_by_request() {
  refresh_size();
  const Size pixels = size();
  service_->call([&] {
    for (int i = 0; i < max_screens; i++) {
      const auto one = screen(i);
      if (!one) continue;
      one->set_pixels(static_cast<int>(pixels.width), static_cast<int>(pixels.height));
    }
  });
  notify_all();
}

void WsDisplay::refresh_size() {
  const auto screen = shown();
  void* cookie = screen ? screen->cookie() : nullptr;
  const auto ask = [&](unsigned long command, void* data) {
    return access_->ioctl != nullptr &&
           access_->ioctl(cookie_, cookie, command, data, 0, curlwp) == 0;
  };
  Size now;
  wsdisplayio_fbinfo info{};
  wsdisplay_fbinfo old_info{};
  if (ask(WSDISPLAYIO_GET_FBINFO, &info)) {
    now = {info.fbi_width, info.fbi_height};
  } else if (ask(WSDISPLAYIO_GINFO, &old_info)) {
    now = {old_info.width, old_info.height};
  }
  const std::scoped_lock lock(mutex_);
  size_ = now;
}

}  // namespace pupci::wscons
