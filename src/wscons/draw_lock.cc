// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/draw_lock.h"

#include "kern/klock.h"
#include "kern/lwp.h"

namespace pupci::wscons {

// The order is kernel lock first, this one second.
void DrawLock::wait(lwp* self) noexcept {
  if (self->kernel_locks == 0) {
    mutex_.lock();
    return;
  }
  while (!mutex_.try_lock()) {
    const unsigned depth = kern::kernel_unlock_all();
    mutex_.lock();
    if (kern::kernel_trylock(depth)) return;
    mutex_.unlock();
    kern::kernel_lock(depth);
  }
}

void DrawLock::lock() noexcept {
  lwp* const self = kern::current();
  if (owner_.load(std::memory_order_relaxed) == self) {
    ++depth_;
    return;
  }
  if (!mutex_.try_lock()) {
    if (polling_.load(std::memory_order_relaxed)) {
      intruders_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    wait(self);
  }
  owner_.store(self, std::memory_order_relaxed);
  depth_ = 1;
}

void DrawLock::unlock() noexcept {
  if (owner_.load(std::memory_order_relaxed) != kern::current()) {
    intruders_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  if (--depth_ != 0) return;
  owner_.store(nullptr, std::memory_order_relaxed);
  mutex_.unlock();
}

}  // namespace pupci::wscons
