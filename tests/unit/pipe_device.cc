// SPDX-License-Identifier: BSD-2-Clause
#include "pipe_device.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kern/lwp.h"
#include "netbsd/sys/condvar.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/mutex.h"
#include "netbsd/sys/poll.h"
#include "netbsd/sys/select.h"
#include "netbsd/sys/uio.h"
#include "netbsd/sys/vnode.h"

namespace pupci::kern::test {

std::atomic<int> PipeDevice::opens{0};
std::atomic<int> PipeDevice::closes{0};
std::atomic<int> PipeDevice::sleepers{0};
std::atomic<std::uint64_t> PipeDevice::kept{0};
std::atomic<int> PipeDevice::last_flags{0};
std::atomic<bool> PipeDevice::had_kernel_lock{false};

namespace {

struct Softc {
  kmutex_t lock;
  kcondvar_t changed;
  selinfo select;
  std::string content;
  bool ended = false;
};
Softc* sc = nullptr;

int pipe_open(dev_t dev, int, int, lwp_t*) {
  if (minor(dev) == 9) return ENXIO;
  PipeDevice::opens++;
  return 0;
}

int pipe_close(dev_t, int, int, lwp_t*) {
  PipeDevice::closes++;
  return 0;
}

int pipe_read(dev_t, uio* uio, int flags) {
  PipeDevice::last_flags = flags;
  PipeDevice::had_kernel_lock = current()->kernel_locks != 0;
  mutex_enter(&sc->lock);
  int error = 0;
  while (sc->content.empty() && !sc->ended && error == 0) {
    if ((flags & IO_NDELAY) != 0) {
      error = EWOULDBLOCK;
      break;
    }
    PipeDevice::sleepers++;
    error = cv_wait_sig(&sc->changed, &sc->lock);
    PipeDevice::sleepers--;
  }
  std::string piece;
  if (error == 0) {
    piece = sc->content.substr(0, uio->uio_resid);
    sc->content.erase(0, piece.size());
  }
  mutex_exit(&sc->lock);
  return error != 0 || piece.empty() ? error : uiomove(piece.data(), piece.size(), uio);
}

int pipe_write(dev_t, uio* uio, int flags) {
  PipeDevice::last_flags = flags;
  std::string piece(uio->uio_resid, '\0');
  if (const int error = uiomove(piece.data(), piece.size(), uio)) return error;
  mutex_enter(&sc->lock);
  sc->content += piece;
  cv_broadcast(&sc->changed);
  selnotify(&sc->select, POLLIN, NOTE_SUBMIT);
  mutex_exit(&sc->lock);
  return 0;
}

int pipe_ioctl(dev_t, unsigned long command, void* data, int flags, lwp_t*) {
  PipeDevice::last_flags = flags;
  auto* argument = static_cast<PipeArgument*>(data);
  switch (command) {
    case pipe_increment:
      argument->out = argument->in + 1;
      return 0;
    case pipe_get:
      PipeDevice::kept = argument->in | argument->out;
      *argument = {11, 12};
      return 0;
    case pipe_set:
      PipeDevice::kept = argument->in;
      argument->in = 99;
      return 0;
    case pipe_value:
      std::memcpy(static_cast<void*>(&PipeDevice::kept), data, sizeof(std::uint64_t));
      return 0;
    case pipe_copyout: {
      const auto* pointer = static_cast<PipePointer*>(data);
      return copyout("hello", reinterpret_cast<void*>(pointer->address),
                     std::min<std::size_t>(pointer->size, 5));
    }
    case pipe_fail:
      argument->out = 5;
      return EIO;
    case pipe_large:
      std::reverse(static_cast<PipeLarge*>(data)->text, static_cast<PipeLarge*>(data)->text + 1000);
      return 0;
    default:
      return EPASSTHROUGH;
  }
}

int pipe_poll(dev_t, int events, lwp_t* l) {
  int found = events & (POLLOUT | POLLWRNORM);
  mutex_enter(&sc->lock);
  if ((events & (POLLIN | POLLRDNORM)) != 0) {
    if (!sc->content.empty() || sc->ended) {
      found |= events & (POLLIN | POLLRDNORM);
    } else {
      selrecord(l, &sc->select);
    }
  }
  mutex_exit(&sc->lock);
  return found;
}

void filter_detach(knote* kn) {
  mutex_enter(&sc->lock);
  selremove_knote(&sc->select, kn);
  mutex_exit(&sc->lock);
}

int filter_read(knote* kn, long hint) {
  if (hint != NOTE_SUBMIT) mutex_enter(&sc->lock);
  kn->kn_data = static_cast<std::int64_t>(sc->content.size());
  if (sc->ended) knote_set_eof(kn, 0);
  const bool ready = sc->ended || kn->kn_data > 0;
  if (hint != NOTE_SUBMIT) mutex_exit(&sc->lock);
  return ready ? 1 : 0;
}

const filterops read_filter = {FILTEROP_ISFD | FILTEROP_MPSAFE, nullptr, filter_detach, filter_read,
                               nullptr};

int pipe_kqfilter(dev_t, knote* kn) {
  if (kn->kn_filter != EVFILT_READ) return EINVAL;
  kn->kn_fop = &read_filter;
  mutex_enter(&sc->lock);
  selrecord_knote(&sc->select, kn);
  mutex_exit(&sc->lock);
  return 0;
}

}  // namespace

PipeDevice::PipeDevice(int flags) {
  opens = closes = sleepers = last_flags = 0;
  kept = 0;
  sc = new Softc;
  mutex_init(&sc->lock, MUTEX_DEFAULT, IPL_NONE);
  cv_init(&sc->changed, "pipe");
  selinit(&sc->select);
  switch_.d_open = pipe_open;
  switch_.d_close = pipe_close;
  switch_.d_read = pipe_read;
  switch_.d_write = pipe_write;
  switch_.d_ioctl = pipe_ioctl;
  switch_.d_stop = nostop;
  switch_.d_poll = pipe_poll;
  switch_.d_mmap = nommap;
  switch_.d_kqfilter = pipe_kqfilter;
  switch_.d_discard = nodiscard;
  switch_.d_flag = flags;
  devsw_attach("pipe", nullptr, nullptr, &switch_, &major_);
}

PipeDevice::~PipeDevice() {
  devsw_detach(nullptr, &switch_);
  seldestroy(&sc->select);
  cv_destroy(&sc->changed);
  mutex_destroy(&sc->lock);
  delete sc;
}

void PipeDevice::end() {
  mutex_enter(&sc->lock);
  sc->ended = true;
  cv_broadcast(&sc->changed);
  selnotify(&sc->select, POLLIN | POLLHUP, NOTE_SUBMIT);
  mutex_exit(&sc->lock);
}

}  // namespace pupci::kern::test
