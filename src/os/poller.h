// SPDX-License-Identifier: BSD-2-Clause
// Waits for many descriptors at a time, in a time that does not grow with their number.
#pragma once

#include <span>

#include "host/fd.h"

namespace pupci::os {

class Poller {
 public:
  Poller() noexcept;

  // Whether it can be used; errno says why not, right after it was made.
  [[nodiscard]] bool good() const noexcept { return static_cast<bool>(queue_); }
  // Waits for `fd` to become readable, too. An errno.
  [[nodiscard]] int add(int fd) noexcept;
  // May be called while another thread waits, which may still be told of it once.
  void remove(int fd) noexcept;
  // Sleeps until some are readable, and names them, as many as fit: how many; -1 with errno,
  // EINTR among others. Those that stay readable are named again the next time.
  [[nodiscard]] int wait(std::span<int> ready) noexcept;

 private:
  Fd queue_;
};

}  // namespace pupci::os
