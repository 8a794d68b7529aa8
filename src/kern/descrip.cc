// SPDX-License-Identifier: BSD-2-Clause
// Files that drivers make: filedesc(9).
#include <fmt/core.h>

#include <cerrno>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "kern/check.h"
#include "kern/console.h"
#include "kern/file_table.h"
#include "kern/leaks.h"
#include "kern/lwp.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/filedesc.h"
#include "netbsd/sys/uio.h"

namespace pupci::kern {
namespace {

void free_file(file_t* fp) {
  mutex_destroy(&fp->f_lock);
  kauth_cred_free(fp->f_cred);
  delete fp;
}

__attribute__((no_sanitize("thread"))) void store_quietly(int& to, int value) {
  to = value;
}

// The device that files are of. They may outlive it.
class Maker {
 public:
  explicit Maker(device_t device) : device_(device) {}
  Maker(const Maker&) = delete;
  Maker& operator=(const Maker&) = delete;
  ~Maker() {
    if (name_.empty()) return;
    const auto leaks = leaks_of(device_);
    for (const std::string& line : describe_leaks(name_, leaks)) {
      console_write(Message::error, line + "\n");
    }
    forget_leaks(leaks);
  }
  void detached() {
    name_ = device_xname(device_);
    // Another device may come to lie where it lay.
    auto* const unique = reinterpret_cast<device_t>(this);
    hand_over(device_, unique);
    device_ = unique;
  }

 private:
  device_t device_;
  std::string name_;  // once it has detached
};

struct Makers {
  std::mutex mutex;
  std::map<device_t, std::weak_ptr<Maker>> makers;
};

Makers& makers() {
  static auto& the_makers = *new Makers;
  return the_makers;
}

std::shared_ptr<Maker> maker_of(device_t device) {
  if (device == nullptr) return nullptr;
  const std::scoped_lock lock(makers().mutex);
  auto& known = makers().makers[device];
  auto maker = known.lock();
  if (maker == nullptr) known = maker = std::make_shared<Maker>(device);
  return maker;
}

// A file that a driver made, once it is affixed.
class DriverFile : public OpenFile {
 public:
  explicit DriverFile(file_t* fp)
      : OpenFile(fp->f_flag), maker_(maker_of(current()->device)), file_(fp) {}
  ~DriverFile() override {
    close();
    free_file(file_);
  }
  DriverFile(const DriverFile&) = delete;
  DriverFile& operator=(const DriverFile&) = delete;

  int poll_events(int events) override { return file_->f_ops->fo_poll(file_, events); }
  int attach_filter(knote* kn) override { return file_->f_ops->fo_kqfilter(file_, kn); }
  [[nodiscard]] file_t* file() const { return file_; }

 private:
  int do_transfer(::uio& uio, int /*flags*/) override {
    off_t offset = uio.uio_offset;
    const auto call = uio.uio_rw == UIO_WRITE ? file_->f_ops->fo_write : file_->f_ops->fo_read;
    const int error = call(file_, &offset, &uio, file_->f_cred, FOF_UPDATE_OFFSET);
    uio.uio_offset = offset;
    return error;
  }
  int do_ioctl(unsigned long command, void* data, int /*flags*/) override {
    return file_->f_ops->fo_ioctl(file_, command, data);
  }
  // Only what a device maps page by page can be shown to a client.
  int do_map_page(std::int64_t /*offset*/, int /*protection*/, paddr_t& /*page*/) override {
    return ENODEV;
  }
  int do_close(int /*flags*/) override { return file_->f_ops->fo_close(file_); }
  void flags_changed(int flags) override {
    // Drivers look at it as they like.
    store_quietly(file_->f_flag, flags);
  }
  void restart() override {
    if (file_->f_ops->fo_restart != nullptr) file_->f_ops->fo_restart(file_);
  }

  // Goes last: what the file held is no leak.
  const std::shared_ptr<Maker> maker_;
  file_t* file_;
};

FileTable& table_of(const proc* process, const char* what, const void* caller) {
  FileTable* files = current_files();
  if (files == nullptr || files->process() != process) {
    violation(fmt::format("{}: of another process than the calling one", what), caller);
  }
  return *files;
}

}  // namespace

bool files_inherit(device_t device) {
  std::shared_ptr<Maker> maker;
  const std::scoped_lock lock(makers().mutex);
  const auto found = makers().makers.find(device);
  if (found == makers().makers.end()) return false;
  maker = found->second.lock();
  makers().makers.erase(found);
  if (maker == nullptr) return false;
  maker->detached();
  return true;
}

}  // namespace pupci::kern

using namespace pupci::kern;

int fd_allocfile(file_t** file, int* fd) {
  check_sleepable("fd_allocfile", __builtin_return_address(0));
  FileTable* files = current_files();
  if (files == nullptr) return EMFILE;
  auto* fp = new (std::nothrow) file_t{};
  if (fp == nullptr) return ENFILE;
  if (const int error = files->reserve(*fd)) {
    delete fp;
    return error;
  }
  mutex_init(&fp->f_lock, MUTEX_DEFAULT, IPL_NONE);
  fp->f_cred = kauth_cred_get();
  kauth_cred_hold(fp->f_cred);
  *file = fp;
  return 0;
}

void fd_affix(struct proc* process, file_t* fp, unsigned int fd) {
  const void* caller = __builtin_return_address(0);
  FileTable& files = table_of(process, "fd_affix", caller);
  if (fp->f_ops == nullptr) violation("fd_affix: the file has no f_ops", caller);
  files.place(static_cast<int>(fd), std::make_shared<DriverFile>(fp));
}

void fd_abort(struct proc* process, file_t* fp, unsigned int fd) {
  FileTable& files = table_of(process, "fd_abort", __builtin_return_address(0));
  files.take(static_cast<int>(fd));
  if (fp != nullptr) free_file(fp);
}

int fd_clone(file_t* fp, unsigned int fd, int flags, const struct fileops* operations, void* data) {
  FileTable& files = table_of(curproc, "fd_clone", __builtin_return_address(0));
  fp->f_flag |= flags & (FREAD | FWRITE | FNONBLOCK);
  fp->f_type = DTYPE_MISC;
  fp->f_ops = operations;
  fp->f_data = data;
  current()->dup_fd = static_cast<int>(fd);
  files.place(static_cast<int>(fd), std::make_shared<DriverFile>(fp));
  return EMOVEFD;
}

file_t* fd_getfile(unsigned int fd) {
  FileTable* files = current_files();
  const auto file = files == nullptr ? nullptr : files->find(fd);
  auto* ours = dynamic_cast<DriverFile*>(file.get());
  if (ours == nullptr || !ours->hold()) return nullptr;
  return ours->file();
}

void fd_putfile(unsigned int fd) {
  FileTable* files = current_files();
  const auto file = files == nullptr ? nullptr : files->find(fd, true);
  if (file == nullptr || !file->drop()) {
    violation(fmt::format("fd_putfile: {}: fd_getfile() does not hold it", fd),
              __builtin_return_address(0));
  }
}

int fbadop_read(struct file*, off_t*, struct uio*, kauth_cred_t, int) {
  return EOPNOTSUPP;
}
int fbadop_write(struct file*, off_t*, struct uio*, kauth_cred_t, int) {
  return EOPNOTSUPP;
}
int fbadop_ioctl(struct file*, unsigned long, void*) {
  return EOPNOTSUPP;
}
int fbadop_close(struct file*) {
  return EOPNOTSUPP;
}
int fbadop_stat(struct file*, struct stat*) {
  return EOPNOTSUPP;
}
int fnullop_kqfilter(struct file*, struct knote*) {
  return EOPNOTSUPP;
}
int fnullop_fcntl(struct file*, unsigned int command, void*) {
  return command == F_SETFL ? 0 : EOPNOTSUPP;
}
int fnullop_poll(struct file*, int) {
  return 0;
}
void fnullop_restart(struct file*) {}
