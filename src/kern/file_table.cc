// SPDX-License-Identifier: BSD-2-Clause
#include "kern/file_table.h"

#include <cerrno>
#include <cstdio>
#include <utility>

#include "kern/lwp.h"
#include "kern/open_device.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/kauth.h"

namespace pupci::kern {
namespace {
thread_local FileTable* client_files = nullptr;
}  // namespace

FileTable::FileTable(pid_t pid, const char* name) {
  process_.p_pid = pid;
  process_.p_cred = kauth_cred_get();
  std::snprintf(process_.p_comm, sizeof process_.p_comm, "%s", name);
}

int FileTable::reserve(int& fd) {
  const std::scoped_lock lock(mutex_);
  int free = 0;
  for (const auto& entry : files_) {
    if (entry.first != free) break;
    free++;
  }
  if (free >= limit) return EMFILE;
  files_.emplace(free, Slot{});
  fd = free;
  return 0;
}

void FileTable::place(int fd, std::shared_ptr<OpenFile> file) {
  const std::scoped_lock lock(mutex_);
  if (interrupted_) file->interrupt();
  files_[fd].file = std::move(file);
}

std::shared_ptr<OpenFile> FileTable::take(int fd) {
  const std::scoped_lock lock(mutex_);
  const auto found = files_.find(fd);
  if (found == files_.end()) return nullptr;
  auto file = std::move(found->second.file);
  files_.erase(found);
  return file;
}

int FileTable::open(dev_t dev, int flags, int& fd) {
  const ClientScope scope(*this);
  int number = 0;
  if (const int error = reserve(number)) return error;
  const auto device = OpenDevice::create(dev, flags);
  {
    // It cannot be found yet, but its open function may sleep.
    const std::scoped_lock lock(mutex_);
    opening_.insert(device.get());
    if (interrupted_) device->interrupt();
  }
  const int error = device->open();
  {
    const std::scoped_lock lock(mutex_);
    opening_.erase(device.get());
  }
  if (error == EMOVEFD) {
    place(number, take(std::exchange(current()->dup_fd, -1)));
  } else if (error != 0) {
    take(number);
    return error;
  } else {
    place(number, device);
  }
  fd = number;
  return 0;
}

int FileTable::add(std::shared_ptr<OpenFile> file, int& fd) {
  if (const int error = reserve(fd)) return error;
  place(fd, std::move(file));
  return 0;
}

std::shared_ptr<OpenFile> FileTable::find(std::int64_t fd, bool closing_too) {
  if (fd < 0 || fd >= limit) return nullptr;
  const std::scoped_lock lock(mutex_);
  const auto found = files_.find(static_cast<int>(fd));
  if (found == files_.end() || (found->second.closing && !closing_too)) return nullptr;
  return found->second.file;
}

int FileTable::close(std::int64_t fd) {
  std::shared_ptr<OpenFile> file;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = fd < 0 || fd >= limit ? files_.end() : files_.find(static_cast<int>(fd));
    if (found == files_.end() || found->second.file == nullptr || found->second.closing) {
      return EBADF;
    }
    found->second.closing = true;
    file = found->second.file;
  }
  const ClientScope scope(*this);
  const int error = file->close();
  take(static_cast<int>(fd));
  return error;
}

void FileTable::close_all() {
  int next = 0;
  while (next < limit) {
    {
      const std::scoped_lock lock(mutex_);
      const auto found = files_.lower_bound(next);
      if (found == files_.end()) return;
      next = found->first;
    }
    close(next++);
  }
}

void FileTable::interrupt() {
  const std::scoped_lock lock(mutex_);
  interrupted_ = true;
  for (OpenFile* file : opening_) file->interrupt();
  for (const auto& [fd, slot] : files_) {
    if (slot.file != nullptr) slot.file->interrupt();
  }
}

ClientScope::ClientScope(FileTable& of) noexcept
    : files_(std::exchange(client_files, &of)),
      process_(std::exchange(current()->process, of.process())) {}

ClientScope::~ClientScope() {
  client_files = files_;
  current()->process = process_;
}

FileTable* current_files() noexcept {
  return client_files;
}

}  // namespace pupci::kern
