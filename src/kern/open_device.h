// SPDX-License-Identifier: BSD-2-Clause
// An open descriptor of a character device: what a process has of it in NetBSD. vdevgone(9) closes
// it from the other side.
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

namespace pupci::kern {

// All calls return an errno value, 0 for success: that of the driver, or EBADF when the descriptor
// was closed or not opened for this, ENXIO when the device has gone. They may sleep as long as the
// driver does. Any number of threads.
class PUPCI_API OpenDevice : public std::enable_shared_from_this<OpenDevice> {
 public:
  // `flags`: FREAD, FWRITE, FNONBLOCK of sys/fcntl.h.
  static std::shared_ptr<OpenDevice> create(dev_t dev, int flags);
  // Once, before anything else.
  int open();
  ~OpenDevice();  // close()
  OpenDevice(const OpenDevice&) = delete;
  OpenDevice& operator=(const OpenDevice&) = delete;

  // `data` shrinks to what was read; nothing at the end of what there is. `offset`: as pread(2);
  // else on from the last one.
  int read(std::vector<std::byte>& data, std::optional<std::int64_t> offset = {});
  int write(const std::vector<std::byte>& data, std::size_t& written,
            std::optional<std::int64_t> offset = {});
  // The argument is at `address` of `user`, or is that value itself; see device_ioctl().
  int ioctl(unsigned long command, vmspace& user, std::uintptr_t address);
  // POLL* events; `found` is 0 when the time was over.
  int poll(int events, std::optional<std::chrono::milliseconds> timeout, int& found);
  // The next event of a filter; nothing when the time was over.
  int wait(std::uint32_t filter, std::optional<std::chrono::milliseconds> timeout,
           std::optional<struct kevent>& event);
  // Returns when no call is under way any more. The last one that is open of a device calls the
  // driver's close.
  int close();
  // Ends sleeping calls with EINTR, as far as the driver lets them; from now on they do not sleep.
  void interrupt();

  [[nodiscard]] dev_t device() const { return dev_; }

 private:
  friend class DeviceCall;
  friend struct OpenTable;
  OpenDevice(dev_t dev, int flags) : dev_(dev), flags_(flags) {}
  int transfer(std::byte* data, std::size_t& size, std::optional<std::int64_t> offset, bool write);
  void set_nonblocking(bool on);

  const dev_t dev_;
  std::mutex mutex_;
  std::condition_variable idle_;
  int flags_;
  std::int64_t offset_ = 0;
  bool closing_ = false;
  bool closed_ = false;
  bool interrupted_ = false;
  std::vector<lwp*> callers_;     // threads inside the driver
  std::vector<Waiter*> waiters_;  // those of poll() and wait()
};

}  // namespace pupci::kern
