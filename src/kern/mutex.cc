// SPDX-License-Identifier: BSD-2-Clause
// mutex(9), mutex_obj(9).
#include "kern/mutex.h"

#include <fmt/core.h>

#include <algorithm>
#include <new>

#include "kern/check.h"
#include "kern/klock.h"
#include "kern/section.h"
#include "kern/self.h"
#include "kern/symbolize.h"
#include "kern/track.h"
#include "os/sanitizers.h"

namespace pupci::kern {

static_assert(sizeof(Mutex) <= sizeof(kmutex_t) && alignof(Mutex) <= alignof(kmutex_t));

namespace {

std::string name_of(const Mutex* m) {
  if (m->magic != Mutex::live) {
    return fmt::format("mutex {}", static_cast<const void*>(m));
  }
  return fmt::format("mutex {} of {}", static_cast<const void*>(m), symbolize(m->created));
}

[[noreturn]] void wrong(const Mutex* m, const char* what, const char* how,
                        const void* caller) noexcept {
  violation(fmt::format("{}: {} {}", what, name_of(m), how), caller);
}

inline void check_live(const Mutex* m, const char* what, const void* caller) noexcept {
  if (__builtin_expect(m->magic == Mutex::live, 1)) return;
  wrong(m, what, m->magic == Mutex::dead ? "is destroyed" : "is not initialised", caller);
}

#ifdef PUPCI_DEBUG
void note_held(lwp* l, const Mutex* m) noexcept {
  if (l->held_count < lwp::max_held) l->held[l->held_count] = m;
  ++l->held_count;
}

void note_released(lwp* l, const Mutex* m) noexcept {
  const auto end = l->held.begin() + std::min<std::size_t>(l->held_count, lwp::max_held);
  const auto at = std::find(l->held.begin(), end, m);
  if (at != end) std::move(at + 1, end, at);
  --l->held_count;
}
#else
inline void note_held(lwp*, const Mutex*) noexcept {}
inline void note_released(lwp*, const Mutex*) noexcept {}
#endif

inline void check_context(const Mutex* m, const lwp* l, const char* what,
                          const void* caller) noexcept {
  if (m->spin) return;
  if (__builtin_expect(l->context == Context::interrupt, 0)) {
    wrong(m, what, "is adaptive, and this is an interrupt handler", caller);
  }
  if (__builtin_expect(l->spin_locks != 0, 0)) {
    wrong(m, what, "is adaptive, and a spin mutex is held", caller);
  }
}

// NetBSD's order is kernel lock first, mutex second; so who waits for the mutex lets go of the
// kernel lock, which the mutex's holder may want.
void wait_without_kernel_lock(Mutex* m) noexcept {
  while (pthread_mutex_trylock(&m->lock) != 0) {
    const unsigned depth = kernel_unlock_all();
    pthread_mutex_lock(&m->lock);
    if (kernel_trylock(depth)) return;
    pthread_mutex_unlock(&m->lock);
    kernel_lock(depth);
  }
}

__attribute__((__noinline__)) void wait_adaptive(Mutex* m, lwp* l) noexcept {
  const Blocked blocked(l);
  if (l->kernel_locks == 0) {
    pthread_mutex_lock(&m->lock);
  } else {
    wait_without_kernel_lock(m);
  }
}

inline void lock_adaptive(Mutex* m, lwp* l) noexcept {
#ifndef PUPCI_TSAN  // which sees the order of locks only in those not merely tried
  if (__builtin_expect(pthread_mutex_trylock(&m->lock) == 0, 1)) return;
#endif
  wait_adaptive(m, l);
}

inline void taken(Mutex* m, lwp* l) noexcept {
  m->owner.store(l, std::memory_order_relaxed);
  note_held(l, m);
  if (!m->spin) return;
  if (l->spin_locks++ == 0) l->spin_ipl = l->ipl;
  l->ipl = std::max<int>(l->ipl, m->ipl);
}

inline void acquire(Mutex* m, const char* what, const void* caller) noexcept {
  lwp* const l = self();
  check_live(m, what, caller);
  if (__builtin_expect(m->owner.load(std::memory_order_relaxed) == l, 0)) {
    wrong(m, what, "is held by this thread already: locking against myself", caller);
  }
  check_context(m, l, what, caller);
  if (m->spin) {
    pthread_mutex_lock(&m->lock);
  } else {
    lock_adaptive(m, l);
  }
  taken(m, l);
}

inline void release(Mutex* m, const char* what, const void* caller) noexcept {
  lwp* const l = self();
  check_owned(m, what, caller);
  note_released(l, m);
  const bool spin = m->spin;
  m->owner.store(nullptr, std::memory_order_relaxed);
  pthread_mutex_unlock(&m->lock);
  // The mutex may be gone by now: who took it next may have freed it.
  if (spin && --l->spin_locks == 0) l->ipl = l->spin_ipl;
}

bool is_spin(kmutex_type_t type, int ipl) noexcept {
  return type == MUTEX_SPIN || (type != MUTEX_ADAPTIVE && ipl >= IPL_VM);
}

void init(Mutex* m, kmutex_type_t type, int ipl, const void* caller) noexcept {
  new (m) Mutex{};
  m->spin = is_spin(type, ipl);
  m->ipl = static_cast<std::uint8_t>(ipl);
  m->created = caller;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
#ifdef __GLIBC__
  if (m->spin) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
#endif
  pthread_mutex_init(&m->lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
  m->magic = Mutex::live;
}

void destroy(Mutex* m, const char* what, const void* caller) noexcept {
  check_live(m, what, caller);
  if (m->owner.load(std::memory_order_relaxed) != nullptr) wrong(m, what, "is held", caller);
  m->magic = Mutex::dead;
  pthread_mutex_destroy(&m->lock);
}

struct MutexObject {
  kmutex_t mutex;  // first: its address is the object's
  std::atomic<unsigned> references{1};
};

}  // namespace

void check_owned(const Mutex* m, const char* what, const void* caller) noexcept {
  check_live(m, what, caller);
  const lwp* const owner = m->owner.load(std::memory_order_relaxed);
  if (__builtin_expect(owner == self(), 1)) return;
  wrong(m, what, owner == nullptr ? "is not held" : "is held by another thread", caller);
}

void mutex_acquire(Mutex* m, const char* what, const void* caller) noexcept {
  acquire(m, what, caller);
}

void mutex_release(Mutex* m, const char* what, const void* caller) noexcept {
  release(m, what, caller);
}

std::string held_mutexes(const lwp& l) {
  if (l.held_count == 0 || l.held_count > lwp::max_held) return {};
  return fmt::format(" ({})", name_of(static_cast<const Mutex*>(l.held[l.held_count - 1])));
}

}  // namespace pupci::kern

using namespace pupci::kern;

void mutex_init(kmutex_t* mtx, kmutex_type_t type, int ipl) {
  const void* const caller = __builtin_return_address(0);
  if (type == MUTEX_ADAPTIVE && ipl >= IPL_VM) {
    violation(fmt::format("mutex_init: MUTEX_ADAPTIVE at IPL {}", ipl), caller);
  }
  init(as_mutex(mtx), type, ipl, caller);
  track(Kind::mutex, mtx, 0, caller);
}

void mutex_destroy(kmutex_t* mtx) {
  destroy(as_mutex(mtx), "mutex_destroy", __builtin_return_address(0));
  untrack(Kind::mutex, mtx);
}

void mutex_enter(kmutex_t* mtx) {
  acquire(as_mutex(mtx), "mutex_enter", __builtin_return_address(0));
}

void mutex_exit(kmutex_t* mtx) {
  release(as_mutex(mtx), "mutex_exit", __builtin_return_address(0));
}

void mutex_spin_enter(kmutex_t* mtx) {
  Mutex* const m = as_mutex(mtx);
  if (!m->spin) wrong(m, "mutex_spin_enter", "is adaptive", __builtin_return_address(0));
  acquire(m, "mutex_spin_enter", __builtin_return_address(0));
}

void mutex_spin_exit(kmutex_t* mtx) {
  release(as_mutex(mtx), "mutex_spin_exit", __builtin_return_address(0));
}

int mutex_tryenter(kmutex_t* mtx) {
  Mutex* const m = as_mutex(mtx);
  const void* const caller = __builtin_return_address(0);
  lwp* const l = self();
  check_live(m, "mutex_tryenter", caller);
  check_context(m, l, "mutex_tryenter", caller);
  if (pthread_mutex_trylock(&m->lock) != 0) return 0;
  taken(m, l);
  return 1;
}

int mutex_owned(const kmutex_t* mtx) {
  const Mutex* const m = as_mutex(mtx);
  return m->magic == Mutex::live && m->owner.load(std::memory_order_relaxed) == self();
}

int mutex_ownable(const kmutex_t* mtx) {
  const Mutex* const m = as_mutex(mtx);
  const void* const caller = __builtin_return_address(0);
  check_live(m, "mutex_ownable", caller);
  if (mutex_owned(mtx)) wrong(m, "mutex_ownable", "is held by this thread already", caller);
  return 1;
}

lwp_t* mutex_owner(const kmutex_t* mtx) {
  return as_mutex(mtx)->owner.load(std::memory_order_relaxed);
}

kmutex_t* mutex_obj_tryalloc(kmutex_type_t type, int ipl) {
  auto* const object = new (std::nothrow) MutexObject;
  if (object == nullptr) return nullptr;
  init(as_mutex(&object->mutex), type, ipl, __builtin_return_address(0));
  track(Kind::mutex, object, sizeof(MutexObject), __builtin_return_address(0));
  return &object->mutex;
}

kmutex_t* mutex_obj_alloc(kmutex_type_t type, int ipl) {
  auto* const object = new (std::nothrow) MutexObject;
  if (object == nullptr) panic("mutex_obj_alloc: out of memory");
  init(as_mutex(&object->mutex), type, ipl, __builtin_return_address(0));
  track(Kind::mutex, object, sizeof(MutexObject), __builtin_return_address(0));
  return &object->mutex;
}

void mutex_obj_hold(kmutex_t* mtx) {
  reinterpret_cast<MutexObject*>(mtx)->references.fetch_add(1, std::memory_order_relaxed);
}

bool mutex_obj_free(kmutex_t* mtx) {
  auto* const object = reinterpret_cast<MutexObject*>(mtx);
  check_live(as_mutex(mtx), "mutex_obj_free", __builtin_return_address(0));
  if (object->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return false;
  destroy(as_mutex(mtx), "mutex_obj_free", __builtin_return_address(0));
  untrack(Kind::mutex, object);
  delete object;
  return true;
}

u_int mutex_obj_refcnt(kmutex_t* mtx) {
  return reinterpret_cast<MutexObject*>(mtx)->references.load(std::memory_order_relaxed);
}
