// SPDX-License-Identifier: BSD-2-Clause
// A descriptor of this process that is readable while one of a kernel elsewhere is.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "host/fd.h"
#include "host/netbsd/connection.h"

namespace pupci::netbsd {

/// A wait on a kqueue is under way on a connection of its own, whose answer makes that readable.
/// Thread-safe.
class Waiter {
 public:
  /// A connection that has joined; not connected when there can be none.
  using Connect = std::function<std::unique_ptr<Connection>()>;

  /// `kq` as the kernel numbers it. good() tells whether it could be made; else errno does.
  Waiter(Connect connect, int kq);

  [[nodiscard]] bool good() const noexcept { return static_cast<bool>(epoll_); }
  [[nodiscard]] int fd() const noexcept { return epoll_.get(); }
  [[nodiscard]] int kq() const noexcept { return kq_; }

  /// Something was taken, or nothing was there to take: waits for what comes from here on. An
  /// answer that is under way to tell of what was taken is not waited for, but thrown away with its
  /// connection.
  void rearm(bool taken) noexcept;
  void retire() noexcept;

 private:
  bool start() noexcept;

  Connect connect_;
  int kq_;
  std::mutex mutex_;
  bool retired_ = false;
  Fd epoll_;  // stays while connections come and go
  std::unique_ptr<Connection> connection_;
};

}  // namespace pupci::netbsd
