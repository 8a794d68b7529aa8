// SPDX-License-Identifier: BSD-2-Clause
#include "maker_device.h"

#include <cerrno>
#include <cstring>

#include "netbsd/sys/condvar.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/filedesc.h"
#include "netbsd/sys/filio.h"
#include "netbsd/sys/poll.h"
#include "netbsd/sys/proc.h"
#include "netbsd/sys/select.h"
#include "netbsd/sys/uio.h"

namespace pupci::kern::test {

std::atomic<int> MakerDevice::files{0};
std::atomic<int> MakerDevice::sleepers{0};
std::atomic<int> MakerDevice::closes{0};
std::atomic<int> MakerDevice::closed_before_device{0};
std::atomic<pid_t> MakerDevice::last_process{0};

namespace {

struct Softc {
  kmutex_t lock;
  kcondvar_t changed;
  selinfo select;
  std::uint32_t count = 0;
  bool restarting = false;
};
Softc* sc = nullptr;

int file_read(file_t* fp, off_t*, uio* uio, kauth_cred_t, int) {
  if (uio->uio_resid < sizeof(std::uint32_t)) return EINVAL;
  mutex_enter(&sc->lock);
  int error = 0;
  while (sc->count == 0 && error == 0) {
    if ((fp->f_flag & FNONBLOCK) != 0) {
      error = EWOULDBLOCK;
    } else if (sc->restarting) {
      error = ERESTART;
    } else {
      MakerDevice::sleepers++;
      error = cv_wait_sig(&sc->changed, &sc->lock);
      MakerDevice::sleepers--;
    }
  }
  std::uint32_t count = sc->count;
  if (error == 0) sc->count = 0;
  mutex_exit(&sc->lock);
  return error != 0 ? error : uiomove(&count, sizeof count, uio);
}

int file_ioctl(file_t*, unsigned long command, void* data) {
  if (command == FIONBIO) return 0;
  if (command != maker_increment) return EPASSTHROUGH;
  ++*static_cast<std::uint32_t*>(data);
  return 0;
}

int file_poll(file_t*, int events) {
  mutex_enter(&sc->lock);
  int found = 0;
  if (sc->count != 0) {
    found = events & (POLLIN | POLLRDNORM);
  } else if ((events & (POLLIN | POLLRDNORM)) != 0) {
    selrecord(curlwp, &sc->select);
  }
  mutex_exit(&sc->lock);
  return found;
}

int file_close(file_t* fp) {
  if (MakerDevice::closes == 0) MakerDevice::closed_before_device++;
  delete static_cast<int*>(fp->f_data);
  MakerDevice::files--;
  return 0;
}

void filter_detach(knote* kn) {
  mutex_enter(&sc->lock);
  selremove_knote(&sc->select, kn);
  mutex_exit(&sc->lock);
}

int filter_read(knote* kn, long hint) {
  if (hint != NOTE_SUBMIT) mutex_enter(&sc->lock);
  kn->kn_data = sc->count;
  const bool ready = sc->count > 0;
  if (hint != NOTE_SUBMIT) mutex_exit(&sc->lock);
  return ready ? 1 : 0;
}

const filterops read_filter = {FILTEROP_ISFD | FILTEROP_MPSAFE, nullptr, filter_detach, filter_read,
                               nullptr};

int file_kqfilter(file_t*, knote* kn) {
  if (kn->kn_filter != EVFILT_READ) return EINVAL;
  kn->kn_fop = &read_filter;
  mutex_enter(&sc->lock);
  selrecord_knote(&sc->select, kn);
  mutex_exit(&sc->lock);
  return 0;
}

void file_restart(file_t*) {
  mutex_enter(&sc->lock);
  sc->restarting = true;
  cv_broadcast(&sc->changed);
  mutex_exit(&sc->lock);
}

const fileops file_operations = {"maker",       file_read,    fbadop_write, file_ioctl,
                                 fnullop_fcntl, file_poll,    fbadop_stat,  file_close,
                                 file_kqfilter, file_restart, nullptr,      nullptr};

int maker_open(dev_t dev, int flags, int, lwp_t*) {
  if (minor(dev) != 1) return 0;
  file_t* fp = nullptr;
  int fd = 0;
  if (const int error = fd_allocfile(&fp, &fd)) return error;
  MakerDevice::files++;
  return fd_clone(fp, static_cast<unsigned>(fd), flags, &file_operations, new int(1));
}

int maker_close(dev_t, int, int, lwp_t*) {
  MakerDevice::closes++;
  return 0;
}

int make(void* data) {
  file_t* fp = nullptr;
  int fd = 0;
  if (const int error = fd_allocfile(&fp, &fd)) return error;
  fp->f_flag = FREAD;
  fp->f_type = DTYPE_MISC;
  fp->f_ops = &file_operations;
  fp->f_data = new int(0);
  MakerDevice::files++;
  fd_affix(curproc, fp, static_cast<unsigned>(fd));
  *static_cast<std::int32_t*>(data) = fd;
  return 0;
}

int maker_ioctl(dev_t, unsigned long command, void* data, int, lwp_t* l) {
  MakerDevice::last_process = curproc->p_pid;
  static_cast<void>(l);
  switch (command) {
    case maker_make:
      return make(data);
    case maker_abort: {
      file_t* fp = nullptr;
      int fd = 0;
      if (const int error = fd_allocfile(&fp, &fd)) return error;
      fd_abort(curproc, fp, static_cast<unsigned>(fd));
      return 0;
    }
    case maker_hold:
      return fd_getfile(*static_cast<unsigned*>(data)) == nullptr ? EBADF : 0;
    case maker_let_go:
      fd_putfile(*static_cast<unsigned*>(data));
      return 0;
    default:
      return EPASSTHROUGH;
  }
}

}  // namespace

MakerDevice::MakerDevice() {
  files = sleepers = closes = closed_before_device = 0;
  sc = new Softc;
  mutex_init(&sc->lock, MUTEX_DEFAULT, IPL_NONE);
  cv_init(&sc->changed, "maker");
  selinit(&sc->select);
  switch_.d_open = maker_open;
  switch_.d_close = maker_close;
  switch_.d_read = noread;
  switch_.d_write = nowrite;
  switch_.d_ioctl = maker_ioctl;
  switch_.d_stop = nostop;
  switch_.d_poll = nopoll;
  switch_.d_mmap = nommap;
  switch_.d_kqfilter = nokqfilter;
  switch_.d_discard = nodiscard;
  switch_.d_flag = D_OTHER | D_MPSAFE;
  devsw_attach("maker", nullptr, nullptr, &switch_, &major_);
}

MakerDevice::~MakerDevice() {
  devsw_detach(nullptr, &switch_);
  seldestroy(&sc->select);
  cv_destroy(&sc->changed);
  mutex_destroy(&sc->lock);
  delete sc;
}

void MakerDevice::count(std::uint32_t n) {
  mutex_enter(&sc->lock);
  sc->count += n;
  cv_broadcast(&sc->changed);
  selnotify(&sc->select, POLLIN, NOTE_SUBMIT);
  mutex_exit(&sc->lock);
}

}  // namespace pupci::kern::test
