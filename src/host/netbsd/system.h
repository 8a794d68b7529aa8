// SPDX-License-Identifier: BSD-2-Clause
// The system calls by which the netbsd host reaches its kernel: NetBSD's own, or, where there is no
// NetBSD, those of a kernel that runs in another process (kernel_socket.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace pupci::netbsd {

/// What kevent(2) tells of a descriptor.
struct Event {
  int fd = -1;
  std::int64_t data = 0;  ///< for EVFILT_READ: how much there is to read
  bool eof = false;       ///< the device has gone
};

/// Each call is the system call of its name: its value, or -1 with errno set. Descriptors of one
/// object are not those of another, nor of this process, but for those that pollable() names.
/// Thread-safe; a call that sleeps holds up no other.
class System {
 public:
  virtual ~System() = default;
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  virtual int open(const char* path, int flags) noexcept = 0;
  virtual int close(int fd) noexcept = 0;
  virtual int ioctl(int fd, unsigned long command, void* argument) noexcept = 0;
  virtual std::ptrdiff_t read(int fd, void* to, std::size_t size) noexcept = 0;
  /// MAP_SHARED; null with errno set: ENODEV where this kernel cannot map what it is asked for.
  virtual void* mmap(int fd, std::size_t size, int prot, std::int64_t offset) noexcept = 0;
  virtual int munmap(void* address, std::size_t size) noexcept = 0;

  virtual int kqueue() noexcept = 0;
  /// Adds EVFILT_READ of `fd`; to remove it, close `fd`.
  virtual int kevent_add(int kq, int fd) noexcept = 0;
  /// One event, if there is one at once.
  virtual std::optional<Event> kevent_take(int kq) noexcept = 0;

  /// A descriptor of this process that poll(2) finds readable whenever read() of `fd` (or
  /// kevent_take(), of a kqueue) has something or fails. Valid until `fd` is closed.
  virtual int pollable(int fd) noexcept = 0;
  /// After a call by which `fd` has nothing to read any more, but for read() and kevent_take()
  /// themselves: pollable() agrees when this returns.
  virtual void settle(int fd) noexcept = 0;
  /// pollable() is never readable from here on, whatever `fd` has to say. Nothing is left to do
  /// with `fd` but to close it; other calls fail.
  virtual void retire(int fd) noexcept = 0;

  /// A descriptor of this process that poll(2) finds readable once the kernel is gone; -1 where it
  /// takes this process along.
  [[nodiscard]] virtual int failure_fd() const noexcept { return -1; }

 protected:
  System() = default;
};

/// This system's own calls; null where it is not NetBSD.
std::shared_ptr<System> native_system();
/// Those of the kernel that listens on a socket. Throws pupci::Error.
std::shared_ptr<System> remote_system(const std::string& socket);

}  // namespace pupci::netbsd
