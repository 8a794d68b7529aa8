// SPDX-License-Identifier: BSD-2-Clause
#include "kern/klock.h"

#include <fmt/core.h>

#include <atomic>
#include <mutex>

#include "kern/check.h"
#include "kern/section.h"
#include "kern/self.h"
#include "netbsd/sys/lock.h"
#include "os/sanitizers.h"

namespace pupci::kern {
namespace {

constinit std::mutex the_lock;
// Held by whoever is next: a thread that takes the lock again at once, as softclock does, stands in
// line behind it.
constinit std::mutex next_in_line;
constinit std::atomic<unsigned> waiting{0};

void wait_for_lock(lwp* l) noexcept {
#ifndef PUPCI_TSAN  // which sees the order of locks only in those not merely tried
  if (waiting.load(std::memory_order_relaxed) == 0 && the_lock.try_lock()) return;
#endif
  const Blocked blocked(l);
  waiting.fetch_add(1, std::memory_order_relaxed);
  {
    const std::scoped_lock line(next_in_line);
    the_lock.lock();
  }
  waiting.fetch_sub(1, std::memory_order_relaxed);
}

void lock(unsigned count, const void* caller) noexcept {
  lwp* const l = self();
  if (l->kernel_locks == 0 && count != 0) {
    // Whoever waits for that spin mutex may hold the kernel lock, and does not give it up.
    if (l->spin_locks != 0) violation("KERNEL_LOCK: a spin mutex is held", caller);
    wait_for_lock(l);
  }
  l->kernel_locks += count;
}

void unlock(unsigned count, const void* caller) noexcept {
  lwp* const l = self();
  if (l->kernel_locks < count) {
    violation(fmt::format("KERNEL_UNLOCK: {} holds given up, {} held", count, l->kernel_locks),
              caller);
  }
  l->kernel_locks -= count;
  if (l->kernel_locks == 0 && count != 0) the_lock.unlock();
}

}  // namespace

void kernel_lock(unsigned count) noexcept {
  lock(count, nullptr);
}

bool kernel_trylock(unsigned count) noexcept {
  lwp* const l = self();
  if (l->kernel_locks == 0 && !the_lock.try_lock()) return false;
  l->kernel_locks += count;
  return true;
}

void kernel_unlock(unsigned count) noexcept {
  unlock(count, nullptr);
}

unsigned kernel_unlock_all() noexcept {
  const unsigned depth = self()->kernel_locks;
  if (depth != 0) unlock(depth, nullptr);
  return depth;
}

}  // namespace pupci::kern

void _kernel_lock(int count) {
  pupci::kern::lock(static_cast<unsigned>(count), __builtin_return_address(0));
}

void _kernel_unlock(int all, int* depth) {
  const unsigned held = pupci::kern::self()->kernel_locks;
  if (all == -1 && held != 1) {
    pupci::kern::violation(fmt::format("KERNEL_UNLOCK_LAST: {} holds, not 1", held),
                           __builtin_return_address(0));
  }
  const unsigned count = all > 0 ? static_cast<unsigned>(all) : held;
  pupci::kern::unlock(count, __builtin_return_address(0));
  if (depth != nullptr) *depth = static_cast<int>(count);
}

bool _kernel_locked_p() {
  return pupci::kern::self()->kernel_locks != 0;
}
