// SPDX-License-Identifier: BSD-2-Clause
// condvar(9).
#include "netbsd/sys/condvar.h"

#include <fmt/core.h>

#include <cerrno>
#include <new>

#include "kern/check.h"
#include "kern/sleepq.h"
#include "kern/track.h"
#include "netbsd/sys/time.h"

namespace {

const struct bintime default_epsilon = {0, std::uint64_t{1} << 54};  // about a millisecond

using namespace pupci::kern;
using std::chrono::nanoseconds;

struct Condvar {
  static constexpr std::uint32_t live = 0x636f6e64;
  static constexpr std::uint32_t dead = 0x64656164;

  std::uint32_t magic;
  const char* wmesg;
  SleepQueue queue;
};
static_assert(sizeof(Condvar) <= sizeof(kcondvar_t) && alignof(Condvar) <= alignof(kcondvar_t));

Condvar* checked(kcondvar_t* cv, const char* what, const void* caller) noexcept {
  auto* const c = reinterpret_cast<Condvar*>(cv);
  if (__builtin_expect(c->magic != Condvar::live, 0)) {
    violation(fmt::format("{}: condvar {} is {}", what, static_cast<const void*>(cv),
                          c->magic == Condvar::dead ? "destroyed" : "not initialised"),
              caller);
  }
  return c;
}

int wait(kcondvar_t* cv, kmutex_t* mtx, bool interruptible, nanoseconds timeout, const char* what,
         const void* caller) noexcept {
  Condvar* const c = checked(cv, what, caller);
  Mutex* const m = as_mutex(mtx);
  check_owned(m, what, caller);
  check_sleepable(what, caller, m->spin ? 1 : 0);
  return c->queue.sleep({.wmesg = c->wmesg,
                         .interruptible = interruptible,
                         .timeout = timeout,
                         .interlock = m,
                         .what = what,
                         .caller = caller});
}

int wait_bintime(kcondvar_t* cv, kmutex_t* mtx, bool interruptible, struct bintime* left,
                 const char* what, const void* caller) noexcept {
  if (left->sec < 0) violation(fmt::format("{}: negative time", what), caller);
  if (!bintimeisset(left)) return EWOULDBLOCK;
  constexpr time_t longest = 1'000'000'000;  // what nanoseconds can hold, and some
  struct bintime wanted = *left;
  if (wanted.sec > longest) wanted.sec = longest;
  struct bintime start;
  struct bintime end;
  binuptime(&start);
  const int result =
      wait(cv, mtx, interruptible, nanoseconds(static_cast<std::int64_t>(bintime2ns(&wanted)) + 1),
           what, caller);
  binuptime(&end);
  bintime_sub(&end, &start);
  if (bintimecmp(&end, left, >=)) {
    bintimeclear(left);
  } else {
    bintime_sub(left, &end);
  }
  return result;
}

}  // namespace

const struct bintime* const DEFAULT_TIMEOUT_EPSILON = &default_epsilon;

void cv_init(kcondvar_t* cv, const char* wmesg) {
  auto* const c = new (cv)
      Condvar{.magic = Condvar::live, .wmesg = wmesg != nullptr ? wmesg : "cv", .queue = {}};
  track(Kind::condvar, c, 0, __builtin_return_address(0));
}

void cv_destroy(kcondvar_t* cv) {
  const void* const caller = __builtin_return_address(0);
  Condvar* const c = checked(cv, "cv_destroy", caller);
  if (!c->queue.empty()) {
    violation(fmt::format("cv_destroy: somebody waits for \"{}\"", c->wmesg), caller);
  }
  c->magic = Condvar::dead;
  untrack(Kind::condvar, c);
}

void cv_wait(kcondvar_t* cv, kmutex_t* mtx) {
  wait(cv, mtx, false, nanoseconds::zero(), "cv_wait", __builtin_return_address(0));
}

int cv_wait_sig(kcondvar_t* cv, kmutex_t* mtx) {
  return wait(cv, mtx, true, nanoseconds::zero(), "cv_wait_sig", __builtin_return_address(0));
}

int cv_timedwait(kcondvar_t* cv, kmutex_t* mtx, int ticks) {
  return wait(cv, mtx, false, ticks_to_timeout(ticks), "cv_timedwait", __builtin_return_address(0));
}

int cv_timedwait_sig(kcondvar_t* cv, kmutex_t* mtx, int ticks) {
  return wait(cv, mtx, true, ticks_to_timeout(ticks), "cv_timedwait_sig",
              __builtin_return_address(0));
}

int cv_timedwaitbt(kcondvar_t* cv, kmutex_t* mtx, struct bintime* bt,
                   const struct bintime* /*epsilon*/) {
  return wait_bintime(cv, mtx, false, bt, "cv_timedwaitbt", __builtin_return_address(0));
}

int cv_timedwaitbt_sig(kcondvar_t* cv, kmutex_t* mtx, struct bintime* bt,
                       const struct bintime* /*epsilon*/) {
  return wait_bintime(cv, mtx, true, bt, "cv_timedwaitbt_sig", __builtin_return_address(0));
}

void cv_signal(kcondvar_t* cv) {
  checked(cv, "cv_signal", __builtin_return_address(0))->queue.wake_one(nullptr);
}

void cv_broadcast(kcondvar_t* cv) {
  checked(cv, "cv_broadcast", __builtin_return_address(0))->queue.wake_all(nullptr);
}

bool cv_has_waiters(kcondvar_t* cv) {
  return !checked(cv, "cv_has_waiters", __builtin_return_address(0))->queue.empty();
}

bool cv_is_valid(kcondvar_t* cv) {
  return reinterpret_cast<const Condvar*>(cv)->magic == Condvar::live;
}
