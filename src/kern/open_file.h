// SPDX-License-Identifier: BSD-2-Clause
// What a process of NetBSD's has behind a descriptor: a device that is open, a file that a driver
// made, a queue of events.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "kern/api.h"
#include "kern/poll.h"
#include "kern/user_memory.h"
#include "netbsd/sys/types.h"

struct uio;

namespace pupci::kern {

// All calls return an errno value, 0 for success: that of the driver, EBADF when the descriptor was
// closed or not opened for this, ENXIO when the device has gone. They may sleep as long as the
// driver does. Any number of threads.
class PUPCI_API OpenFile : public EventSource, public std::enable_shared_from_this<OpenFile> {
 public:
  ~OpenFile() override = default;  // of a class that has called close()

  // `data` shrinks to what was read; nothing at the end of what there is. `offset`: as pread(2);
  // else on from the last one.
  int read(std::vector<std::byte>& data, std::optional<std::int64_t> offset = {});
  int write(const std::vector<std::byte>& data, std::size_t& written,
            std::optional<std::int64_t> offset = {});
  // The argument is at `address` of `user`, or is that value itself; see ioctl_argument().
  int ioctl(unsigned long command, vmspace& user, std::uintptr_t address);
  // POLL* events; `found` is 0 when the time was over.
  int poll(int events, std::optional<std::chrono::milliseconds> timeout, int& found);
  // The next event of a filter; nothing when the time was over.
  int wait(std::uint32_t filter, std::optional<std::chrono::milliseconds> timeout,
           std::optional<struct kevent>& event);
  // The page that a mapping shows at an offset, whole pages; protection: VM_PROT_READ,
  // VM_PROT_WRITE. EACCES: it is not open for that.
  int map_page(std::int64_t offset, int protection, paddr_t& page);
  // Has `queue` watch it until it is closed; `ident` is what events call it by.
  int watch(const std::shared_ptr<EventQueue>& queue, std::uintptr_t ident, std::uint32_t filter);

  // Returns when no call is under way any more. What it means to the driver is the class's own.
  int close();
  // The device has gone: as interrupt() and close(), but what watches it sees its end.
  void revoke();
  // close() waits for drop(). False: it is being closed; nobody holds it.
  bool hold();
  bool drop();
  // Ends sleeping calls with EINTR, as far as the driver lets them; from now on they do not sleep.
  void interrupt();

 protected:
  explicit OpenFile(int flags) : flags_(flags) {}

  // What the driver does. `flags` are those of the descriptor at the time of the call.
  virtual int do_transfer(::uio& uio, int flags) = 0;
  virtual int do_ioctl(unsigned long command, void* data, int flags) = 0;
  virtual int do_map_page(std::int64_t offset, int protection, paddr_t& page) = 0;
  virtual int do_close(int flags) = 0;
  virtual void flags_changed(int flags);
  // It is being closed while calls are under way.
  virtual void restart();

  [[nodiscard]] int flags();
  // After an open that failed: there is nothing to close.
  void never_opened();

 private:
  friend class FileCall;
  int transfer(std::byte* data, std::size_t& size, std::optional<std::int64_t> offset, bool write);
  void set_nonblocking(bool on);
  int finish(bool gone);

  std::mutex mutex_;
  std::condition_variable idle_;
  int flags_;
  std::int64_t offset_ = 0;
  bool closing_ = false;
  bool closed_ = false;
  bool gone_ = false;
  bool interrupted_ = false;
  unsigned holds_ = 0;
  std::vector<lwp*> callers_;  // threads inside the driver
  std::vector<std::weak_ptr<EventQueue>> watchers_;
};

// A call into a driver by way of a file: it can be interrupted, and close() waits for it.
class PUPCI_API FileCall {
 public:
  // `needed`: FREAD, FWRITE.
  explicit FileCall(OpenFile& file, int needed = 0);
  ~FileCall();
  FileCall(const FileCall&) = delete;
  FileCall& operator=(const FileCall&) = delete;
  [[nodiscard]] int error() const { return error_; }  // 0: it may be done

 private:
  OpenFile& file_;
  int error_ = 0;
};

}  // namespace pupci::kern
