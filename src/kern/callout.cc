// SPDX-License-Identifier: BSD-2-Clause
// callout(9).
#include "netbsd/sys/callout.h"

#include <fmt/core.h>

#include <memory>
#include <new>

#include "kern/callout_heap.h"
#include "kern/check.h"
#include "kern/condition.h"
#include "kern/klock.h"
#include "kern/self.h"
#include "kern/sleepq.h"
#include "kern/subsystems.h"
#include "kern/thread.h"
#include "kern/track.h"
#include "netbsd/sys/cpu.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/kernel.h"

namespace pupci::kern {
namespace {

using Lock = std::unique_lock<std::mutex>;

class Softclock {
 public:
  void schedule(Callout* c, int ticks, const void* caller) noexcept;
  // Whether it had fired.
  bool cancel(Callout* c) noexcept;
  bool halt(Callout* c, Mutex* interlock, const void* caller) noexcept;
  void start();
  void stop() noexcept;
  // Under the lock.
  [[nodiscard]] bool runs_elsewhere(const Callout* c) const noexcept {
    return running_ == c && runner_ != self();
  }

  std::mutex mutex;  // guards this and every callout

 private:
  void start_thread();
  void run() noexcept;
  void invoke(Callout* c, Lock& lock) noexcept;

  CalloutHeap heap_;
  std::uint64_t sequence_ = 0;
  Callout* running_ = nullptr;
  lwp* runner_ = nullptr;
  unsigned halting_ = 0;
  bool stopping_ = false;
  Condition work_;
  SleepQueue halts_;
  std::unique_ptr<Thread> thread_;
};

// Immortal: callouts of static drivers may be touched at the very end.
Softclock& softclock() {
  static auto& the = *new Softclock;
  return the;
}

void Softclock::start_thread() {
  if (thread_ == nullptr) thread_ = std::make_unique<Thread>("softclk", [this] { run(); });
}

void Softclock::schedule(Callout* c, int ticks, const void* caller) noexcept {
  const Lock lock(mutex);
  if (c->function == nullptr) violation("callout_schedule: no function was set", caller);
  if (c->pending) heap_.remove(c);
  c->pending = true;
  c->fired = false;
  c->deadline = monotonic_now() + std::int64_t{ticks < 0 ? 0 : ticks} * (1'000'000'000 / hz);
  c->sequence = sequence_++;
  heap_.insert(c);
  try {
    start_thread();
  } catch (const std::exception& e) {
    panic(fmt::format("callout_schedule: {}", e.what()));
  }
  if (heap_.first() == c) work_.notify_one();
}

bool Softclock::cancel(Callout* c) noexcept {
  if (c->pending) heap_.remove(c);
  const bool expired = c->fired;
  c->pending = c->fired = false;
  return expired;
}

bool Softclock::halt(Callout* c, Mutex* interlock, const void* caller) noexcept {
  Lock lock(mutex);
  bool expired = cancel(c);
  while (runs_elsewhere(c)) {
    check_sleepable("callout_halt", caller, interlock != nullptr && interlock->spin ? 1 : 0);
    ++halting_;
    halts_.sleep({.wmesg = "callout",
                  .interlock = interlock,
                  .guard = &lock,
                  .what = "callout_halt",
                  .caller = caller});
    lock.lock();
    --halting_;
    expired = true;
    cancel(c);  // callouts like to schedule themselves
  }
  return expired;
}

// The callout may be destroyed and its memory freed by its own function.
void Softclock::invoke(Callout* c, Lock& lock) noexcept {
  heap_.remove(c);
  c->pending = false;
  c->fired = c->invoking = true;
  void (*const function)(void*) = c->function;
  void* const argument = c->argument;
  const bool mpsafe = c->mpsafe;
  const device_t device = c->device;
  running_ = c;
  lock.unlock();
  {
    const ContextScope context(Context::softint, device, IPL_SOFTCLOCK,
                               reinterpret_cast<const void*>(function));
    const KernelLock kernel(!mpsafe);
    function(argument);
  }
  lock.lock();
  running_ = nullptr;
  if (halting_ != 0) halts_.wake_all(nullptr);
}

void Softclock::run() noexcept {
  Lock lock(mutex);
  runner_ = self();
  while (!stopping_) {
    Callout* const c = heap_.first();
    if (c == nullptr) {
      work_.wait(lock);
    } else if (c->deadline > monotonic_now()) {
      work_.wait_until(lock, c->deadline);
    } else {
      invoke(c, lock);
    }
  }
  runner_ = nullptr;
}

void Softclock::start() {
  stop();  // a thread from before the kernel ran has its stack outside the arena
  const Lock lock(mutex);
  start_thread();
}

void Softclock::stop() noexcept {
  std::unique_ptr<Thread> thread;
  {
    const Lock lock(mutex);
    stopping_ = true;
    work_.notify_one();
    thread = std::move(thread_);
  }
  thread.reset();
  const Lock lock(mutex);
  stopping_ = false;
  // What is still pending belongs to drivers that have gone.
  while (heap_.first() != nullptr) cancel(heap_.first());
}

Callout* checked(callout_t* c, const char* what, const void* caller) noexcept {
  auto* const callout = reinterpret_cast<Callout*>(c);
  if (__builtin_expect(callout->magic != Callout::live, 0)) {
    violation(fmt::format("{}: callout {} is {}", what, static_cast<const void*>(c),
                          callout->magic == Callout::dead ? "destroyed" : "not initialised"),
              caller);
  }
  return callout;
}

}  // namespace

void softclock_start(Kernel& /*kernel*/) {
  softclock().start();
}

void softclock_stop() noexcept {
  softclock().stop();
}

}  // namespace pupci::kern

using namespace pupci::kern;

void callout_init(callout_t* cs, u_int flags) {
  new (cs) Callout{
      .magic = Callout::live, .mpsafe = (flags & CALLOUT_MPSAFE) != 0, .device = self()->device};
  track(Kind::callout, cs, 0, __builtin_return_address(0));
}

void callout_destroy(callout_t* cs) {
  const void* const caller = __builtin_return_address(0);
  Callout* const c = checked(cs, "callout_destroy", caller);
  {
    const Lock lock(softclock().mutex);
    if (c->pending) violation("callout_destroy: the callout is pending", caller);
    if (softclock().runs_elsewhere(c)) violation("callout_destroy: the callout runs", caller);
    c->magic = Callout::dead;
  }
  untrack(Kind::callout, cs);
}

void callout_setfunc(callout_t* cs, void (*function)(void*), void* argument) {
  Callout* const c = checked(cs, "callout_setfunc", __builtin_return_address(0));
  if (function == nullptr) violation("callout_setfunc: no function", __builtin_return_address(0));
  const Lock lock(softclock().mutex);
  c->function = function;
  c->argument = argument;
}

void callout_reset(callout_t* cs, int ticks, void (*function)(void*), void* argument) {
  const void* const caller = __builtin_return_address(0);
  Callout* const c = checked(cs, "callout_reset", caller);
  {
    const Lock lock(softclock().mutex);
    c->function = function;
    c->argument = argument;
  }
  softclock().schedule(c, ticks, caller);
}

void callout_schedule(callout_t* cs, int ticks) {
  const void* const caller = __builtin_return_address(0);
  softclock().schedule(checked(cs, "callout_schedule", caller), ticks, caller);
}

bool callout_stop(callout_t* cs) {
  Callout* const c = checked(cs, "callout_stop", __builtin_return_address(0));
  const Lock lock(softclock().mutex);
  return softclock().cancel(c);
}

bool callout_halt(callout_t* cs, void* interlock) {
  const void* const caller = __builtin_return_address(0);
  Callout* const c = checked(cs, "callout_halt", caller);
  Mutex* const m = interlock != nullptr ? as_mutex(static_cast<kmutex_t*>(interlock)) : nullptr;
  if (m != nullptr) check_owned(m, "callout_halt", caller);
  // A softint may halt what does not run, and so may the callout itself.
  if (self()->context != Context::softint) {
    check_sleepable("callout_halt", caller, m != nullptr && m->spin ? 1 : 0);
  }
  return softclock().halt(c, m, caller);
}

bool callout_pending(callout_t* cs) {
  const Callout* const c = checked(cs, "callout_pending", __builtin_return_address(0));
  const Lock lock(softclock().mutex);
  return c->pending;
}

bool callout_expired(callout_t* cs) {
  const Callout* const c = checked(cs, "callout_expired", __builtin_return_address(0));
  const Lock lock(softclock().mutex);
  return c->fired;
}

bool callout_active(callout_t* cs) {
  const Callout* const c = checked(cs, "callout_active", __builtin_return_address(0));
  const Lock lock(softclock().mutex);
  return c->pending || c->fired;
}

bool callout_invoking(callout_t* cs) {
  const Callout* const c = checked(cs, "callout_invoking", __builtin_return_address(0));
  const Lock lock(softclock().mutex);
  return c->invoking;
}

void callout_ack(callout_t* cs) {
  Callout* const c = checked(cs, "callout_ack", __builtin_return_address(0));
  const Lock lock(softclock().mutex);
  c->invoking = false;
}

// There is one CPU, and so one thread, to bind to.
void callout_bind(callout_t* cs, struct cpu_info* ci) {
  const void* const caller = __builtin_return_address(0);
  const Callout* const c = checked(cs, "callout_bind", caller);
  const Lock lock(softclock().mutex);
  if (c->pending) violation("callout_bind: the callout is pending", caller);
  if (ci != &cpu_info_primary) violation("callout_bind: no such CPU", caller);
}
