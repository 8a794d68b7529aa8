// SPDX-License-Identifier: BSD-2-Clause
// rwlock(9).
#include "netbsd/sys/rwlock.h"

#include <fmt/core.h>

#include <atomic>
#include <mutex>
#include <new>

#include "kern/check.h"
#include "kern/self.h"
#include "kern/sleepq.h"
#include "kern/track.h"
#include "os/sanitizers.h"

#ifdef PUPCI_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace {

using namespace pupci::kern;

struct Rwlock {
  static constexpr std::uint32_t live = 0x72776c6b;
  static constexpr std::uint32_t dead = 0x64656164;

  std::uint32_t magic;
  std::atomic<unsigned> readers;
  std::atomic<lwp*> writer;
  unsigned waiting;  // readers and writers
  unsigned writers_waiting;
  std::mutex mutex;  // guards all of them; the atomics are read without it
  SleepQueue waiters;

  [[nodiscard]] bool free_for(krw_t op) const noexcept {
    if (writer != nullptr) return false;
    return op == RW_WRITER ? readers == 0 : writers_waiting == 0;
  }
  void take(krw_t op, lwp* l) noexcept {
    if (op == RW_WRITER) {
      writer = l;
    } else {
      ++readers;
    }
  }
};
static_assert(sizeof(Rwlock) <= sizeof(krwlock_t) && alignof(Rwlock) <= alignof(krwlock_t));

// Tell ThreadSanitizer of the lock that is built here from smaller ones, for the order of locks:
// once it is taken, and before it is given up. Not around the wait, of which it would see nothing.
#ifdef PUPCI_TSAN
void note_taken(Rwlock* rw, krw_t op, bool trial) noexcept {
  // Its order with the kernel lock is none, since that is given up to wait.
  const bool no_order = trial || self()->kernel_locks != 0;
  const unsigned flags =
      (op == RW_READER ? __tsan_mutex_read_lock : 0u) | (no_order ? __tsan_mutex_try_lock : 0u);
  __tsan_mutex_pre_lock(rw, flags);
  __tsan_mutex_post_lock(rw, flags, 0);
}
void note_given_up(Rwlock* rw, krw_t op) noexcept {
  const unsigned flags = op == RW_READER ? __tsan_mutex_read_lock : 0u;
  __tsan_mutex_pre_unlock(rw, flags);
  __tsan_mutex_post_unlock(rw, flags);
}
#else
void note_taken(Rwlock*, krw_t, bool) noexcept {}
void note_given_up(Rwlock*, krw_t) noexcept {}
#endif

[[noreturn]] void wrong(const Rwlock* rw, const char* what, const char* how,
                        const void* caller) noexcept {
  violation(fmt::format("{}: rwlock {} {}", what, static_cast<const void*>(rw), how), caller);
}

Rwlock* checked(krwlock_t* lock, const char* what, const void* caller) noexcept {
  auto* const rw = reinterpret_cast<Rwlock*>(lock);
  if (__builtin_expect(rw->magic == Rwlock::live, 1)) return rw;
  wrong(rw, what, rw->magic == Rwlock::dead ? "is destroyed" : "is not initialised", caller);
}

void check_context(const Rwlock* rw, const char* what, const void* caller) noexcept {
  const lwp* const l = self();
  if (l->context == Context::interrupt) wrong(rw, what, "taken in an interrupt handler", caller);
  if (l->spin_locks != 0) wrong(rw, what, "taken with a spin mutex held", caller);
}

void enter(Rwlock* rw, krw_t op, const void* caller) noexcept {
  lwp* const l = self();
  if (rw->writer == l)
    wrong(rw, "rw_enter", "is held by this thread: locking against myself", caller);
  std::unique_lock lock(rw->mutex);
  while (!rw->free_for(op)) {
    ++rw->waiting;
    if (op == RW_WRITER) ++rw->writers_waiting;
    rw->waiters.sleep({.wmesg = "rwlock", .guard = &lock});
    lock.lock();
    if (op == RW_WRITER) --rw->writers_waiting;
    --rw->waiting;
  }
  rw->take(op, l);
  lock.unlock();
  note_taken(rw, op, false);
}

void leave(Rwlock* rw, const void* caller) noexcept {
  const krw_t op = rw->writer == self() ? RW_WRITER : RW_READER;
  if (op == RW_READER && rw->readers == 0) wrong(rw, "rw_exit", "is not held", caller);
  note_given_up(rw, op);
  {
    // Woken under the lock: once it is free, who comes next may destroy it.
    const std::scoped_lock lock(rw->mutex);
    if (op == RW_WRITER) {
      rw->writer = nullptr;
    } else {
      --rw->readers;
    }
    if (rw->readers == 0 && rw->waiting != 0) rw->waiters.wake_all(nullptr);
  }
}

void init(Rwlock* rw) noexcept {
  new (rw) Rwlock{.magic = Rwlock::live,
                  .readers = 0,
                  .writer = nullptr,
                  .waiting = 0,
                  .writers_waiting = 0,
                  .mutex = {},
                  .waiters = {}};
}

void destroy(Rwlock* rw, const char* what, const void* caller) noexcept {
  if (rw->writer != nullptr || rw->readers != 0) wrong(rw, what, "is held", caller);
  rw->magic = Rwlock::dead;
}

struct RwlockObject {
  krwlock_t lock;  // first: its address is the object's
  std::atomic<unsigned> references{1};
};

krwlock_t* allocate(const void* caller) noexcept {
  auto* const object = new (std::nothrow) RwlockObject;
  if (object == nullptr) return nullptr;
  init(reinterpret_cast<Rwlock*>(&object->lock));
  track(Kind::rwlock, object, sizeof(RwlockObject), caller);
  return &object->lock;
}

}  // namespace

void rw_init(krwlock_t* lock) {
  init(reinterpret_cast<Rwlock*>(lock));
  track(Kind::rwlock, lock, 0, __builtin_return_address(0));
}

void rw_destroy(krwlock_t* lock) {
  const void* const caller = __builtin_return_address(0);
  destroy(checked(lock, "rw_destroy", caller), "rw_destroy", caller);
  untrack(Kind::rwlock, lock);
}

void rw_enter(krwlock_t* lock, const krw_t op) {
  const void* const caller = __builtin_return_address(0);
  Rwlock* const rw = checked(lock, "rw_enter", caller);
  check_context(rw, "rw_enter", caller);
  enter(rw, op, caller);
}

void rw_exit(krwlock_t* lock) {
  const void* const caller = __builtin_return_address(0);
  leave(checked(lock, "rw_exit", caller), caller);
}

int rw_tryenter(krwlock_t* lock, const krw_t op) {
  const void* const caller = __builtin_return_address(0);
  Rwlock* const rw = checked(lock, "rw_tryenter", caller);
  check_context(rw, "rw_tryenter", caller);
  bool taken = false;
  {
    const std::scoped_lock guard(rw->mutex);
    taken = rw->free_for(op);
    if (taken) rw->take(op, self());
  }
  if (taken) note_taken(rw, op, true);
  return taken ? 1 : 0;
}

int rw_tryupgrade(krwlock_t* lock) {
  const void* const caller = __builtin_return_address(0);
  Rwlock* const rw = checked(lock, "rw_tryupgrade", caller);
  if (rw->readers == 0) wrong(rw, "rw_tryupgrade", "is not held by a reader", caller);
  {
    const std::scoped_lock guard(rw->mutex);
    if (rw->readers != 1) return 0;
    rw->readers = 0;
    rw->writer = self();
  }
  note_given_up(rw, RW_READER);
  note_taken(rw, RW_WRITER, true);
  return 1;
}

void rw_downgrade(krwlock_t* lock) {
  const void* const caller = __builtin_return_address(0);
  Rwlock* const rw = checked(lock, "rw_downgrade", caller);
  if (rw->writer != self()) wrong(rw, "rw_downgrade", "is not held by this writer", caller);
  note_given_up(rw, RW_WRITER);
  note_taken(rw, RW_READER, true);
  {
    const std::scoped_lock guard(rw->mutex);
    rw->writer = nullptr;
    rw->readers = 1;
    rw->waiters.wake_all(nullptr);
  }
}

int rw_read_held(krwlock_t* lock) {
  return reinterpret_cast<Rwlock*>(lock)->readers != 0;
}

int rw_write_held(krwlock_t* lock) {
  return reinterpret_cast<Rwlock*>(lock)->writer == self();
}

int rw_lock_held(krwlock_t* lock) {
  return rw_read_held(lock) || reinterpret_cast<Rwlock*>(lock)->writer != nullptr;
}

krw_t rw_lock_op(krwlock_t* lock) {
  return rw_write_held(lock) ? RW_WRITER : RW_READER;
}

krwlock_t* rw_obj_tryalloc() {
  return allocate(__builtin_return_address(0));
}

krwlock_t* rw_obj_alloc() {
  krwlock_t* const lock = allocate(__builtin_return_address(0));
  if (lock == nullptr) panic("rw_obj_alloc: out of memory");
  return lock;
}

void rw_obj_hold(krwlock_t* lock) {
  reinterpret_cast<RwlockObject*>(lock)->references.fetch_add(1, std::memory_order_relaxed);
}

bool rw_obj_free(krwlock_t* lock) {
  const void* const caller = __builtin_return_address(0);
  Rwlock* const rw = checked(lock, "rw_obj_free", caller);
  auto* const object = reinterpret_cast<RwlockObject*>(lock);
  if (object->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return false;
  destroy(rw, "rw_obj_free", caller);
  untrack(Kind::rwlock, object);
  delete object;
  return true;
}

u_int rw_obj_refcnt(krwlock_t* lock) {
  return reinterpret_cast<RwlockObject*>(lock)->references.load(std::memory_order_relaxed);
}
