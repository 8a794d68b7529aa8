// SPDX-License-Identifier: BSD-2-Clause
#include "kern/open_device.h"

#include <cerrno>
#include <map>

#include "kern/check.h"
#include "kern/devsw.h"
#include "kern/lwp.h"
#include "netbsd/sys/conf.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/param.h"
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

std::shared_ptr<OpenDevice> OpenDevice::create(dev_t dev, int flags) {
  return std::shared_ptr<OpenDevice>(new OpenDevice(dev, flags));
}

int OpenDevice::open() {
  int error = 0;
  {
    const FileCall call(*this);
    error = cdev_open(dev_, flags(), S_IFCHR, current());
    if (error == 0) {
      OpenTable::get().add(std::static_pointer_cast<OpenDevice>(shared_from_this()));
      opened_ = true;
    }
  }
  if (error == 0) return 0;
  never_opened();
  return error == ERESTART ? EINTR : error;
}

OpenDevice::~OpenDevice() {
  close();
}

int OpenDevice::poll_events(int events) {
  return cdev_poll(dev_, events, current());
}

int OpenDevice::attach_filter(knote* kn) {
  return cdev_kqfilter(dev_, kn);
}

int OpenDevice::do_transfer(::uio& uio, int flags) {
  const int io_flags = (flags & FNONBLOCK) != 0 ? IO_NDELAY : 0;
  return uio.uio_rw == UIO_WRITE ? cdev_write(dev_, &uio, io_flags)
                                 : cdev_read(dev_, &uio, io_flags);
}

int OpenDevice::do_ioctl(unsigned long command, void* data, int flags) {
  return cdev_ioctl(dev_, command, data, flags, current());
}

int OpenDevice::do_map_page(std::int64_t offset, int protection, paddr_t& page) {
  page = cdev_mmap(dev_, offset, protection);
  return page == static_cast<paddr_t>(-1) ? EINVAL : 0;
}

int OpenDevice::do_close(int flags) {
  if (!opened_) return 0;
  const bool last = OpenTable::get().remove(this);
  return last ? cdev_close(dev_, flags, S_IFCHR, current()) : 0;
}

}  // namespace pupci::kern

void vdevgone(int major_number, int first, int last, enum vtype type) {
  using namespace pupci::kern;
  check_sleepable("vdevgone", __builtin_return_address(0));
  if (type != VCHR) return;
  for (const auto& device : OpenTable::get().of(major_number, first, last)) device->revoke();
}
