// SPDX-License-Identifier: BSD-2-Clause
// RUN_ONCE(9).
#include "netbsd/sys/once.h"

#include <mutex>

#include "kern/check.h"
#include "kern/sleepq.h"

namespace {

using namespace pupci::kern;

constinit std::mutex once_mutex;
constinit SleepQueue once_waiters;

void set_status(once_t* o, unsigned short status) noexcept {
  __atomic_store_n(&o->o_status, status, __ATOMIC_RELEASE);
}

void wait_until_idle(const once_t* o, std::unique_lock<std::mutex>& lock) noexcept {
  while (o->o_status == ONCE_RUNNING) {
    once_waiters.sleep({.wmesg = "runonce", .channel = o, .guard = &lock});
    lock.lock();
  }
}

}  // namespace

int _init_once(once_t* o, int (*function)()) {
  check_sleepable("RUN_ONCE", __builtin_return_address(0));
  std::unique_lock lock(once_mutex);
  wait_until_idle(o, lock);
  ++o->o_refcnt;
  if (o->o_status == ONCE_VIRGIN) {
    set_status(o, ONCE_RUNNING);
    lock.unlock();
    const int error = function();
    lock.lock();
    o->o_error = error;
    set_status(o, ONCE_DONE);
    once_waiters.wake_all(o);
  }
  return o->o_error;
}

void _fini_once(once_t* o, void (*function)()) {
  const void* const caller = __builtin_return_address(0);
  check_sleepable("FINI_ONCE", caller);
  std::unique_lock lock(once_mutex);
  wait_until_idle(o, lock);
  if (o->o_refcnt == 0) violation("FINI_ONCE: more often than INIT_ONCE", caller);
  if (--o->o_refcnt != 0) return;
  set_status(o, ONCE_RUNNING);
  lock.unlock();
  function();
  lock.lock();
  set_status(o, ONCE_VIRGIN);
  once_waiters.wake_all(o);
}
