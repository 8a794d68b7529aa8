// SPDX-License-Identifier: BSD-2-Clause
#include "kern/open_file.h"

#include <algorithm>
#include <cerrno>

#include "kern/devsw.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/filio.h"
#include "netbsd/sys/poll.h"
#include "netbsd/sys/uio.h"
#include "netbsd/uvm/uvm_extern.h"

namespace pupci::kern {

FileCall::FileCall(OpenFile& file, int needed) : file_(file) {
  const std::scoped_lock lock(file_.mutex_);
  if (file_.gone_) {
    error_ = ENXIO;
  } else if (file_.closing_ || (file_.flags_ & needed) != needed) {
    error_ = EBADF;
  }
  if (error_ != 0) return;
  file_.callers_.push_back(current());
  if (file_.interrupted_) kern::interrupt(current());
}

FileCall::~FileCall() {
  if (error_ != 0) return;
  const std::scoped_lock lock(file_.mutex_);
  auto& callers = file_.callers_;
  callers.erase(std::find(callers.begin(), callers.end(), current()));
  current()->interrupted = false;
  file_.idle_.notify_all();
}

int OpenFile::flags() {
  const std::scoped_lock lock(mutex_);
  return flags_;
}

void OpenFile::never_opened() {
  const std::scoped_lock lock(mutex_);
  closing_ = closed_ = true;
}

void OpenFile::flags_changed(int /*flags*/) {}
void OpenFile::restart() {}

bool OpenFile::hold() {
  const std::scoped_lock lock(mutex_);
  if (closing_) return false;
  holds_++;
  return true;
}

bool OpenFile::drop() {
  const std::scoped_lock lock(mutex_);
  if (holds_ == 0) return false;
  holds_--;
  idle_.notify_all();
  return true;
}

int OpenFile::transfer(std::byte* data, std::size_t& size, std::optional<std::int64_t> offset,
                       bool write) {
  const FileCall call(*this, write ? FWRITE : FREAD);
  if (call.error() != 0) return call.error();
  iovec iov{data, size};
  ::uio uio{};
  uio.uio_iov = &iov;
  uio.uio_iovcnt = 1;
  uio.uio_resid = size;
  uio.uio_rw = write ? UIO_WRITE : UIO_READ;
  uio_setup_sysspace(&uio);
  int flags = 0;
  {
    const std::scoped_lock lock(mutex_);
    uio.uio_offset = offset.value_or(offset_);
    flags = flags_;
  }
  int error = do_transfer(uio, flags);
  size -= uio.uio_resid;
  // What was moved before the sleep that was interrupted counts.
  if (size != 0 && (error == ERESTART || error == EINTR || error == EWOULDBLOCK)) error = 0;
  if (error == ERESTART) error = EINTR;
  if (!offset) {
    const std::scoped_lock lock(mutex_);
    offset_ = uio.uio_offset;
  }
  return error;
}

int OpenFile::read(std::vector<std::byte>& data, std::optional<std::int64_t> offset) {
  std::size_t size = data.size();
  const int error = transfer(data.data(), size, offset, false);
  data.resize(error == 0 ? size : 0);
  return error;
}

int OpenFile::write(const std::vector<std::byte>& data, std::size_t& written,
                    std::optional<std::int64_t> offset) {
  written = data.size();
  const int error = transfer(const_cast<std::byte*>(data.data()), written, offset, true);
  if (error != 0) written = 0;
  return error;
}

void OpenFile::set_nonblocking(bool on) {
  const std::scoped_lock lock(mutex_);
  flags_ = on ? flags_ | FNONBLOCK : flags_ & ~FNONBLOCK;
  flags_changed(flags_);
}

int OpenFile::ioctl(unsigned long command, vmspace& user, std::uintptr_t address) {
  const FileCall call(*this);
  if (call.error() != 0) return call.error();
  if (command == FIOCLEX || command == FIONCLEX) return 0;
  const UserScope scope(&user);
  if (command == FIONBIO) {
    int on = 0;
    if (!user.copy_in(address, &on, sizeof on)) return EFAULT;
    set_nonblocking(on != 0);
  }
  const int now = flags();
  const int error =
      ioctl_argument(command, address, [&](void* data) { return do_ioctl(command, data, now); });
  return error == ERESTART ? EINTR : error;
}

int OpenFile::map_page(std::int64_t offset, int protection, paddr_t& page) {
  const FileCall call(*this);
  if (call.error() != 0) return call.error();
  const int needed = ((protection & VM_PROT_READ) != 0 ? FREAD : 0) |
                     ((protection & VM_PROT_WRITE) != 0 ? FWRITE : 0);
  if ((flags() & needed) != needed) return EACCES;
  return do_map_page(offset, protection, page);
}

int OpenFile::poll(int events, std::optional<std::chrono::milliseconds> timeout, int& found) {
  const FileCall call(*this);
  if (call.error() != 0) return call.error();
  Waiter waiter;
  found = poll_source(*this, events, timeout, waiter);
  return found == 0 && waiter.cancelled() ? EINTR : 0;
}

int OpenFile::wait(std::uint32_t filter, std::optional<std::chrono::milliseconds> timeout,
                   std::optional<struct kevent>& event) {
  const FileCall call(*this);
  if (call.error() != 0) return call.error();
  Waiter waiter;
  EventQueue queue;
  if (const int error = queue.add(*this, 0, filter, 0, 0, 0, nullptr)) return error;
  const auto events = queue.wait(1, timeout, waiter);
  if (!events.empty()) event = events.front();
  return events.empty() && waiter.cancelled() ? EINTR : 0;
}

int OpenFile::watch(const std::shared_ptr<EventQueue>& queue, std::uintptr_t ident,
                    std::uint32_t filter) {
  const FileCall call(*this);
  if (call.error() != 0) return call.error();
  {
    const std::scoped_lock lock(mutex_);
    watchers_.erase(std::remove_if(watchers_.begin(), watchers_.end(),
                                   [](const auto& watcher) { return watcher.expired(); }),
                    watchers_.end());
    watchers_.push_back(queue);
  }
  return queue->add(*this, ident, filter, 0, 0, 0, nullptr);
}

void OpenFile::interrupt() {
  const std::scoped_lock lock(mutex_);
  interrupted_ = true;
  for (lwp* caller : callers_) kern::interrupt(caller);
}

int OpenFile::finish(bool gone) {
  const unsigned holds = kernel_unlock_all();
  const bool revoked = gone;
  bool ours = false;
  int flags = 0;
  std::vector<std::weak_ptr<EventQueue>> watchers;
  {
    std::unique_lock lock(mutex_);
    ours = !closing_;
    closing_ = true;
    gone_ = gone_ || gone;
    if (ours && !callers_.empty()) {
      lock.unlock();
      restart();
      lock.lock();
    }
    idle_.wait(lock, [&] { return callers_.empty() && holds_ == 0 && (ours || closed_); });
    gone = gone_;
    flags = flags_;
    watchers = watchers_;
  }
  if (holds != 0) kernel_lock(holds);
  // Before the driver's close, which may take away what its filters work on.
  for (const auto& watcher : watchers) {
    if (const auto queue = watcher.lock()) queue->source_closed(*this, revoked);
  }
  // That the device went already is no mistake of who closes.
  if (!ours) return gone ? 0 : EBADF;
  const int error = do_close(flags);
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  idle_.notify_all();
  return error;
}

int OpenFile::close() {
  return finish(false);
}

void OpenFile::revoke() {
  interrupt();
  finish(true);
}

}  // namespace pupci::kern
