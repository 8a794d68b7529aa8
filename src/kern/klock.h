// SPDX-License-Identifier: BSD-2-Clause
// The kernel lock (KERNEL_LOCK(9)): recursive, given up while its holder sleeps. Everything of a
// driver that did not declare itself MPSAFE runs under it.
#pragma once

#include "kern/api.h"

namespace pupci::kern {

PUPCI_API void kernel_lock(unsigned count = 1) noexcept;
// Takes it if it is free or this thread's own; for those who already hold what its holder may want.
PUPCI_API bool kernel_trylock(unsigned count) noexcept;
PUPCI_API void kernel_unlock(unsigned count = 1) noexcept;
// Gives up all holds of this thread before it sleeps; how many there were, for kernel_lock() after.
PUPCI_API unsigned kernel_unlock_all() noexcept;

// Holds the kernel lock for a scope, if `wanted`.
class PUPCI_API KernelLock {
 public:
  explicit KernelLock(bool wanted = true) noexcept : wanted_(wanted) {
    if (wanted_) kernel_lock();
  }
  ~KernelLock() {
    if (wanted_) kernel_unlock();
  }
  KernelLock(const KernelLock&) = delete;
  KernelLock& operator=(const KernelLock&) = delete;

 private:
  bool wanted_;
};

}  // namespace pupci::kern
