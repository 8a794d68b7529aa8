// SPDX-License-Identifier: BSD-2-Clause
// The process that a thread works for, and the descriptors it has: those of a client, be it one of
// the control socket or a program that runs on this kernel.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "kern/api.h"
#include "kern/open_file.h"
#include "netbsd/sys/proc.h"

namespace pupci::kern {

// Any number of threads. Descriptors are numbered as in Unix: the lowest free one.
class PUPCI_API FileTable {
 public:
  static constexpr int limit = 1024;  // descriptors

  // What drivers see of the process: its number and its name.
  FileTable(pid_t pid, const char* name);
  ~FileTable() { close_all(); }
  FileTable(const FileTable&) = delete;
  FileTable& operator=(const FileTable&) = delete;

  // errno values; EMFILE when there are too many.
  int open(dev_t dev, int flags, int& fd);
  int add(std::shared_ptr<OpenFile> file, int& fd);
  // Null: there is none, or it is being closed, unless that is asked for too.
  [[nodiscard]] std::shared_ptr<OpenFile> find(std::int64_t fd, bool closing_too = false);
  int close(std::int64_t fd);  // EBADF, or the driver's errno
  // In the order of their numbers.
  void close_all();
  // From another thread: the calls that sleep end, and none sleeps any more.
  void interrupt();

  [[nodiscard]] proc* process() { return &process_; }

  // A number that find() does not know until it is placed.
  int reserve(int& fd);
  void place(int fd, std::shared_ptr<OpenFile> file);
  std::shared_ptr<OpenFile> take(int fd);

 private:
  struct Slot {
    std::shared_ptr<OpenFile> file;  // null: reserved
    bool closing = false;            // the number is taken until that is done
  };

  proc process_{};
  std::mutex mutex_;
  bool interrupted_ = false;
  std::map<int, Slot> files_;
  std::set<OpenFile*> opening_;
};

// What a device that detaches leaves behind is its files' from now on, and is a leak only when the
// last of them is closed. False: it has none.
bool files_inherit(device_t device);

// For the time of a scope, this thread works for a client.
class PUPCI_API ClientScope {
 public:
  explicit ClientScope(FileTable& files) noexcept;
  ~ClientScope();
  ClientScope(const ClientScope&) = delete;
  ClientScope& operator=(const ClientScope&) = delete;

 private:
  FileTable* files_;
  proc* process_;
};

// Those of this thread's client; null without one.
PUPCI_API FileTable* current_files() noexcept;

}  // namespace pupci::kern
