// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/wsdisplay_switch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>

#include "netbsd/sys/conf.h"
#include "netbsd/sys/systm.h"
#include "netbsd/sys/uio.h"
#include "wscons/wsdisplay_device.h"

namespace pupci::wscons {
namespace {

constexpr int state_minor = 254;
constexpr int config_minor = 255;

std::shared_ptr<WsDisplay> display_of(dev_t dev) {
  return attached_display(static_cast<int>(minor(dev) >> 8));
}

int index_of(dev_t dev) {
  return static_cast<int>(minor(dev) & 0xff);
}

// Nothing is thrown into the kernel.
template <typename Function>
int guarded(Function function) noexcept {
  try {
    return function();
  } catch (const std::exception& e) {
    aprint_error("wsdisplay: %s\n", e.what());
    return ENOMEM;
  }
}

int open_screen(dev_t dev, int /*flag*/, int /*mode*/, lwp* /*l*/) {
  const auto display = display_of(dev);
  if (!display) return ENXIO;
  const int index = index_of(dev);
  return index == state_minor || index == config_minor || display->screen(index) ? 0 : ENXIO;
}

int close_screen(dev_t /*dev*/, int /*flag*/, int /*mode*/, lwp* /*l*/) {
  return 0;
}

int do_ioctl(dev_t dev, unsigned long command, void* data, int flag, lwp* l) {
  return guarded([&] {
    const auto display = display_of(dev);
    if (!display) return ENXIO;
    switch (index_of(dev)) {
      case state_minor:
        return display->status_ioctl(command, data);
      case config_minor:
        return display->config_ioctl(command, data, flag, l);
      default:
        return display->screen_ioctl(index_of(dev), command, data, flag, l);
    }
  });
}

// As a terminal in its usual state shows it: a newline starts a line.
int do_write(dev_t dev, uio* from, int /*flag*/) {
  return guarded([&] {
    const auto display = display_of(dev);
    if (!display) return ENXIO;
    std::array<char, 4096> text{};
    while (from->uio_resid > 0) {
      const std::size_t count = std::min(from->uio_resid, text.size());
      if (const int error = uiomove(text.data(), count, from)) return error;
      if (const int error = display->write(index_of(dev), {text.data(), count})) return error;
    }
    return 0;
  });
}

paddr_t do_mmap(dev_t dev, off_t offset, int protection) {
  const auto display = display_of(dev);
  return display ? display->mmap(index_of(dev), offset, protection) : static_cast<paddr_t>(-1);
}

const cdevsw the_switch = {
    .d_open = open_screen,
    .d_cancel = nullptr,
    .d_close = close_screen,
    .d_read = noread,
    .d_write = do_write,
    .d_ioctl = do_ioctl,
    .d_stop = nullptr,
    .d_tty = nullptr,
    .d_poll = seltrue,
    .d_mmap = do_mmap,
    .d_kqfilter = seltrue_kqfilter,
    .d_discard = nodiscard,
    .d_devtounit = nullptr,
    .d_cfdriver = nullptr,
    .d_flag = D_TTY,
};

}  // namespace

int attach_switch() {
  devmajor_t block = NODEVMAJOR;
  devmajor_t character = NODEVMAJOR;
  return devsw_attach("ttyE", nullptr, &block, &the_switch, &character);
}

void detach_switch() {
  devsw_detach(nullptr, &the_switch);
}

}  // namespace pupci::wscons
