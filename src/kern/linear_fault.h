// SPDX-License-Identifier: BSD-2-Clause
// Between page faults and shadows.
#pragma once

#include <cstddef>
#include <thread>

#include "kern/linear_shadow.h"

namespace pupci::kern {

// The lock of all shadows. It knows who holds it: a fault there is a mistake of ours, which must
// end in a crash report and not in silence.
void linear_lock() noexcept;
void linear_unlock() noexcept;
class LinearLock {
 public:
  LinearLock() noexcept { linear_lock(); }
  ~LinearLock() { linear_unlock(); }
  LinearLock(const LinearLock&) = delete;
  LinearLock& operator=(const LinearLock&) = delete;
  static bool held_here() noexcept;
};

// Which addresses are whose, for the signal handler. Changed with the lock held.
void linear_watch(Shadow& shadow);  // throws pupci::Error when there are too many
void linear_unwatch(const Shadow& shadow) noexcept;
// Calls use(shadow) for each.
template <typename Use>
void linear_each(Use use) noexcept;

// The threads that work for faults, and the signal handler. The handler goes before the one that
// was there, and hands on what is not its own.
class LinearService {
 public:
  LinearService();
  ~LinearService();
  LinearService(const LinearService&) = delete;
  LinearService& operator=(const LinearService&) = delete;

 private:
  void fetch_for_faults() noexcept;
  void flush_in_time() noexcept;

  std::thread fetcher_;
  std::thread flusher_;
};

constexpr std::size_t most_shadows = 64;
Shadow* linear_shadow(std::size_t index) noexcept;

template <typename Use>
void linear_each(Use use) noexcept {
  for (std::size_t i = 0; i < most_shadows; i++) {
    if (Shadow* shadow = linear_shadow(i)) use(*shadow);
  }
}

}  // namespace pupci::kern
