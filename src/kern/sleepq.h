// SPDX-License-Identifier: BSD-2-Clause
// Threads that sleep, first come first served: under condvar(9), tsleep and kpause.
#pragma once

#include <chrono>
#include <mutex>

#include "kern/lwp.h"
#include "kern/mutex.h"

namespace pupci::kern {

struct Sleep {
  const char* wmesg = nullptr;
  const void* channel = nullptr;  // what wake() of a queue with many of them asks for
  bool interruptible = false;
  std::chrono::nanoseconds timeout{0};  // 0: for ever
  Mutex* interlock = nullptr;           // given up for the time of the sleep
  bool relock = true;
  // Given up, and not taken again: the lock under which the reason to sleep was found.
  std::unique_lock<std::mutex>* guard = nullptr;
  const char* what = nullptr;  // the function that the driver called, and from where
  const void* caller = nullptr;
};

class SleepQueue {
 public:
  constexpr SleepQueue() = default;
  SleepQueue(const SleepQueue&) = delete;
  SleepQueue& operator=(const SleepQueue&) = delete;

  // Gives up the interlock and the kernel lock, sleeps, takes them again. 0 when woken,
  // EWOULDBLOCK, or EINTR. A wake-up after the interlock was given up is never lost.
  int sleep(const Sleep& request) noexcept;

  // Both wake those who sleep on `channel`; any context.
  void wake_one(const void* channel) noexcept;
  void wake_all(const void* channel) noexcept;
  void interrupt(const lwp* l) noexcept;
  [[nodiscard]] bool empty() noexcept;

 private:
  struct Waiter;
  int wait(Waiter& waiter, std::chrono::nanoseconds timeout) noexcept;
  void append(Waiter& waiter) noexcept;
  void remove(Waiter& waiter) noexcept;
  void* release(Waiter& waiter, int result) noexcept;

  std::mutex mutex_;
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

// Ticks of a driver to the timeout of a sleep: 0 stays "for ever", what is negative is at once
// over.
std::chrono::nanoseconds ticks_to_timeout(int ticks) noexcept;

// The queue on which tsleep() sleeps for a channel; several channels may share one.
SleepQueue& sleep_queue_of(const volatile void* channel) noexcept;

}  // namespace pupci::kern
