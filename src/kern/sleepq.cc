// SPDX-License-Identifier: BSD-2-Clause
// ltsleep(9), kpause(9), and the queue beneath all sleeping.
#include "kern/sleepq.h"

#include <array>
#include <cerrno>

#include "kern/check.h"
#include "kern/condition.h"
#include "kern/klock.h"
#include "kern/section.h"
#include "kern/self.h"
#include "netbsd/sys/kernel.h"
#include "netbsd/sys/param.h"
#include "netbsd/sys/proc.h"

namespace pupci::kern {
namespace {

using std::chrono::nanoseconds;

// While it lives interrupt() finds the queue on which this thread sleeps.
class Interruptible {
 public:
  Interruptible(lwp* l, SleepQueue* queue) noexcept : l_(l) {
    if (l_ != nullptr) set(queue);
  }
  ~Interruptible() {
    if (l_ != nullptr) set(nullptr);
  }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  void set(SleepQueue* queue) noexcept {
    const std::scoped_lock lock(l_->sleep_mutex);
    l_->sleeping_on = queue;
  }
  lwp* l_;
};

constinit std::array<SleepQueue, 64> channels;

}  // namespace

struct SleepQueue::Waiter {
  lwp* thread;
  const void* channel;
  Waiter* next = nullptr;
  Waiter* previous = nullptr;
  bool queued = false;
  int result = 0;
  Parking parking;
};

void SleepQueue::append(Waiter& waiter) noexcept {
  waiter.queued = true;
  waiter.previous = last_;
  (last_ != nullptr ? last_->next : first_) = &waiter;
  last_ = &waiter;
}

void SleepQueue::remove(Waiter& waiter) noexcept {
  waiter.queued = false;
  (waiter.previous != nullptr ? waiter.previous->next : first_) = waiter.next;
  (waiter.next != nullptr ? waiter.next->previous : last_) = waiter.previous;
}

// The waiter lives on its thread's stack, and is gone once it is released.
void* SleepQueue::release(Waiter& waiter, int result) noexcept {
  remove(waiter);
  waiter.result = result;
  return waiter.parking.release();
}

int SleepQueue::wait(Waiter& waiter, nanoseconds timeout) noexcept {
  const bool forever = timeout == nanoseconds::zero();
  const bool woken = waiter.parking.wait_until(forever ? 0 : monotonic_now() + timeout.count());
  // Also waits until the waker has left: who sleeps last may destroy the queue.
  const std::scoped_lock lock(mutex_);
  if (woken || !waiter.queued) return waiter.result;
  remove(waiter);
  return EWOULDBLOCK;
}

int SleepQueue::sleep(const Sleep& request) noexcept {
  lwp* const l = self();
  Waiter waiter{.thread = l, .channel = request.channel, .parking = {}};
  int result = EINTR;
  unsigned depth = 0;
  {
    const Blocked blocked(l);
    const Interruptible interruptible(request.interruptible ? l : nullptr, this);
    std::unique_lock lock(mutex_);
    append(waiter);
    if (request.guard != nullptr) request.guard->unlock();
    if (request.interlock != nullptr) {
      mutex_release(request.interlock, request.what, request.caller);
    }
    depth = kernel_unlock_all();
    // One that came before the thread was on the queue found nobody to wake.
    if (request.interruptible && l->interrupted.load(std::memory_order_relaxed)) {
      remove(waiter);
    } else {
      l->sleeping_for.store(request.wmesg, std::memory_order_relaxed);
      lock.unlock();
      result = wait(waiter, request.timeout);
      l->sleeping_for.store(nullptr, std::memory_order_relaxed);
    }
  }
  kernel_lock(depth);
  if (request.interlock != nullptr && request.relock) {
    mutex_acquire(request.interlock, request.what, request.caller);
  }
  return result;
}

// Rouses outside the lock, so that the one roused need not wait for it at once.
void SleepQueue::wake_one(const void* channel) noexcept {
  std::unique_lock lock(mutex_);
  Waiter* w = first_;
  while (w != nullptr && w->channel != channel) w = w->next;
  if (w == nullptr) return;
  void* const where = release(*w, 0);
  lock.unlock();
  Parking::rouse(where);
}

void SleepQueue::wake_all(const void* channel) noexcept {
  const std::scoped_lock lock(mutex_);
  for (Waiter* w = first_; w != nullptr;) {
    Waiter* const next = w->next;
    if (w->channel == channel) Parking::rouse(release(*w, 0));
    w = next;
  }
}

void SleepQueue::interrupt(const lwp* l) noexcept {
  const std::scoped_lock lock(mutex_);
  for (Waiter* w = first_; w != nullptr; w = w->next) {
    if (w->thread == l) return Parking::rouse(release(*w, EINTR));
  }
}

bool SleepQueue::empty() noexcept {
  const std::scoped_lock lock(mutex_);
  return first_ == nullptr;
}

nanoseconds ticks_to_timeout(int ticks) noexcept {
  if (ticks < 0) return nanoseconds(1);
  return nanoseconds(std::int64_t{ticks} * (1'000'000'000 / hz));
}

SleepQueue& sleep_queue_of(const volatile void* channel) noexcept {
  return channels[(reinterpret_cast<std::uintptr_t>(channel) >> 4) % channels.size()];
}

}  // namespace pupci::kern

using namespace pupci::kern;

int tsleep(const volatile void* channel, pri_t priority, const char* wmesg, int timo) {
  const void* const caller = __builtin_return_address(0);
  check_sleepable("tsleep", caller);
  return sleep_queue_of(channel).sleep({.wmesg = wmesg,
                                        .channel = const_cast<const void*>(channel),
                                        .interruptible = (priority & PCATCH) != 0,
                                        .timeout = ticks_to_timeout(timo),
                                        .what = "tsleep",
                                        .caller = caller});
}

int mtsleep(const volatile void* channel, pri_t priority, const char* wmesg, int timo,
            kmutex_t* mtx) {
  const void* const caller = __builtin_return_address(0);
  Mutex* const m = as_mutex(mtx);
  check_owned(m, "mtsleep", caller);
  check_sleepable("mtsleep", caller, m->spin ? 1 : 0);
  return sleep_queue_of(channel).sleep({.wmesg = wmesg,
                                        .channel = const_cast<const void*>(channel),
                                        .interruptible = (priority & PCATCH) != 0,
                                        .timeout = ticks_to_timeout(timo),
                                        .interlock = m,
                                        .relock = (priority & PNORELOCK) == 0,
                                        .what = "mtsleep",
                                        .caller = caller});
}

int kpause(const char* wmesg, bool interruptible, int timo, kmutex_t* mtx) {
  const void* const caller = __builtin_return_address(0);
  Mutex* const m = mtx != nullptr ? as_mutex(mtx) : nullptr;
  if (m != nullptr) check_owned(m, "kpause", caller);
  if (timo == 0 && !interruptible) violation("kpause: would sleep for ever", caller);
  check_sleepable("kpause", caller, m != nullptr && m->spin ? 1 : 0);
  SleepQueue nobody_wakes;
  return nobody_wakes.sleep({.wmesg = wmesg,
                             .interruptible = interruptible,
                             .timeout = ticks_to_timeout(timo),
                             .interlock = m,
                             .what = "kpause",
                             .caller = caller});
}

void wakeup(const volatile void* channel) {
  sleep_queue_of(channel).wake_all(const_cast<const void*>(channel));
}

void wakeup_one(const volatile void* channel) {
  sleep_queue_of(channel).wake_one(const_cast<const void*>(channel));
}
