// SPDX-License-Identifier: BSD-2-Clause
#include "kern/open_device.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <thread>

#include "kern/check.h"
#include "kern/devsw.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "netbsd/sys/conf.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/filio.h"
#include "netbsd/sys/poll.h"
#include "netbsd/sys/stat.h"
#include "netbsd/sys/uio.h"
#include "netbsd/sys/vnode.h"

namespace pupci::kern {

// Who has which device open: only the last close of a device reaches its driver.
struct OpenTable {
  std::mutex mutex;
  std::multimap<dev_t, std::weak_ptr<OpenDevice>> open;
  std::map<dev_t, unsigned> counts;

  static OpenTable& get() {
    static auto& the_table = *new OpenTable;
    return the_table;
  }

  void add(const std::shared_ptr<OpenDevice>& device) {
    const std::scoped_lock lock(mutex);
    open.emplace(device->dev_, device);
    counts[device->dev_]++;
  }

  // True for the last one.
  bool remove(const OpenDevice* device) {
    const std::scoped_lock lock(mutex);
    const auto [first, last] = open.equal_range(device->dev_);
    for (auto it = first; it != last; ++it) {
      const auto held = it->second.lock();
      if (held != nullptr && held.get() != device) continue;
      open.erase(it);
      break;
    }
    if (--counts[device->dev_] != 0) return false;
    counts.erase(device->dev_);
    return true;
  }

  std::vector<std::shared_ptr<OpenDevice>> of(devmajor_t major_number, int first, int last) {
    const std::scoped_lock lock(mutex);
    std::vector<std::shared_ptr<OpenDevice>> found;
    for (const auto& [dev, weak] : open) {
      const int unit = minor(dev);
      if (major(dev) != major_number || unit < first || unit > last) continue;
      if (auto device = weak.lock()) found.push_back(std::move(device));
    }
    return found;
  }
};

// A call into the driver, so that it can be interrupted and waited for.
class DeviceCall {
 public:
  explicit DeviceCall(OpenDevice& device, int needed = 0) : device_(device) {
    const std::scoped_lock lock(device_.mutex_);
    entered_ = !device_.closing_ && (device_.flags_ & needed) == needed;
    if (!entered_) return;
    device_.callers_.push_back(current());
    if (device_.interrupted_) interrupt(current());
  }
  ~DeviceCall() {
    if (!entered_) return;
    const std::scoped_lock lock(device_.mutex_);
    auto& callers = device_.callers_;
    callers.erase(std::find(callers.begin(), callers.end(), current()));
    current()->interrupted = false;
    device_.idle_.notify_all();
  }
  DeviceCall(const DeviceCall&) = delete;
  DeviceCall& operator=(const DeviceCall&) = delete;
  explicit operator bool() const { return entered_; }

 private:
  OpenDevice& device_;
  bool entered_ = false;
};

std::shared_ptr<OpenDevice> OpenDevice::create(dev_t dev, int flags) {
  return std::shared_ptr<OpenDevice>(new OpenDevice(dev, flags));
}

int OpenDevice::open() {
  int error = 0;
  {
    const DeviceCall call(*this);
    error = cdev_open(dev_, flags_, S_IFCHR, current());
    if (error == 0) OpenTable::get().add(shared_from_this());
  }
  if (error == 0) return 0;
  const std::scoped_lock lock(mutex_);
  closing_ = closed_ = true;
  return error == ERESTART ? EINTR : error;
}

OpenDevice::~OpenDevice() {
  close();
}

int OpenDevice::transfer(std::byte* data, std::size_t& size, std::optional<std::int64_t> offset,
                         bool write) {
  const DeviceCall call(*this, write ? FWRITE : FREAD);
  if (!call) return EBADF;
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
    if ((flags_ & FNONBLOCK) != 0) flags |= IO_NDELAY;
  }
  int error = write ? cdev_write(dev_, &uio, flags) : cdev_read(dev_, &uio, flags);
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

int OpenDevice::read(std::vector<std::byte>& data, std::optional<std::int64_t> offset) {
  std::size_t size = data.size();
  const int error = transfer(data.data(), size, offset, false);
  data.resize(error == 0 ? size : 0);
  return error;
}

int OpenDevice::write(const std::vector<std::byte>& data, std::size_t& written,
                      std::optional<std::int64_t> offset) {
  written = data.size();
  const int error = transfer(const_cast<std::byte*>(data.data()), written, offset, true);
  if (error != 0) written = 0;
  return error;
}

void OpenDevice::set_nonblocking(bool on) {
  const std::scoped_lock lock(mutex_);
  flags_ = on ? flags_ | FNONBLOCK : flags_ & ~FNONBLOCK;
}

int OpenDevice::ioctl(unsigned long command, vmspace& user, std::uintptr_t address) {
  const DeviceCall call(*this);
  if (!call) return EBADF;
  if (command == FIOCLEX || command == FIONCLEX) return 0;
  const UserScope scope(&user);
  if (command == FIONBIO) {
    int on = 0;
    if (!user.copy_in(address, &on, sizeof on)) return EFAULT;
    set_nonblocking(on != 0);
  }
  int flags = 0;
  {
    const std::scoped_lock lock(mutex_);
    flags = flags_;
  }
  const int error = device_ioctl(dev_, command, address, flags);
  return error == ERESTART ? EINTR : error;
}

namespace {

// A waiter that the descriptor knows, to cancel it.
class Registered {
 public:
  Registered(std::mutex& mutex, std::vector<Waiter*>& all, const bool& interrupted)
      : mutex_(mutex), all_(all) {
    const std::scoped_lock lock(mutex_);
    all_.push_back(&waiter_);
    if (interrupted) waiter_.cancel();
  }
  ~Registered() {
    const std::scoped_lock lock(mutex_);
    all_.erase(std::find(all_.begin(), all_.end(), &waiter_));
  }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;
  Waiter& operator*() { return waiter_; }
  Waiter* operator->() { return &waiter_; }

 private:
  std::mutex& mutex_;
  std::vector<Waiter*>& all_;
  Waiter waiter_;
};

}  // namespace

int OpenDevice::poll(int events, std::optional<std::chrono::milliseconds> timeout, int& found) {
  const DeviceCall call(*this);
  if (!call) return EBADF;
  Registered waiter(mutex_, waiters_, interrupted_);
  found = poll_device(dev_, events, timeout, *waiter);
  return found == 0 && waiter->cancelled() ? EINTR : 0;
}

int OpenDevice::wait(std::uint32_t filter, std::optional<std::chrono::milliseconds> timeout,
                     std::optional<struct kevent>& event) {
  const DeviceCall call(*this);
  if (!call) return EBADF;
  Registered waiter(mutex_, waiters_, interrupted_);
  EventQueue queue;
  if (const int error = queue.add(dev_, filter, 0, 0, 0, nullptr)) return error;
  const auto events = queue.wait(1, timeout, *waiter);
  if (!events.empty()) event = events.front();
  return events.empty() && waiter->cancelled() ? EINTR : 0;
}

void OpenDevice::interrupt() {
  const std::scoped_lock lock(mutex_);
  interrupted_ = true;
  for (lwp* caller : callers_) kern::interrupt(caller);
  for (Waiter* waiter : waiters_) waiter->cancel();
}

int OpenDevice::close() {
  const unsigned holds = kernel_unlock_all();
  bool ours = false;
  int flags = 0;
  {
    std::unique_lock lock(mutex_);
    ours = !closing_;
    closing_ = true;
    idle_.wait(lock, [&] { return callers_.empty() && (ours || closed_); });
    flags = flags_;
  }
  if (holds != 0) kernel_lock(holds);
  if (!ours) return EBADF;
  const bool last = OpenTable::get().remove(this);
  const int error = last ? cdev_close(dev_, flags, S_IFCHR, current()) : 0;
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  idle_.notify_all();
  return error;
}

}  // namespace pupci::kern

void vdevgone(int major_number, int first, int last, enum vtype type) {
  using namespace pupci::kern;
  check_sleepable("vdevgone", __builtin_return_address(0));
  if (type != VCHR) return;
  for (const auto& device : OpenTable::get().of(major_number, first, last)) {
    device->interrupt();
    device->close();
  }
}
