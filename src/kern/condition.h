// SPDX-License-Identifier: BSD-2-Clause
// A condition variable on the monotonic clock that ThreadSanitizer of every compiler knows
// (std::condition_variable's timed waits are not).
#pragma once

#include <pthread.h>

#include <cstdint>
#include <ctime>
#include <mutex>

namespace pupci::kern {

class Condition {
 public:
  Condition() noexcept {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&condition_, &attributes);
    pthread_condattr_destroy(&attributes);
  }
  ~Condition() { pthread_cond_destroy(&condition_); }
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;

  void notify_one() noexcept { pthread_cond_signal(&condition_); }
  void notify_all() noexcept { pthread_cond_broadcast(&condition_); }
  void wait(std::unique_lock<std::mutex>& lock) noexcept {
    pthread_cond_wait(&condition_, lock.mutex()->native_handle());
  }
  // False once it is `deadline`, nanoseconds of CLOCK_MONOTONIC.
  bool wait_until(std::unique_lock<std::mutex>& lock, std::int64_t deadline) noexcept {
    const timespec at = {.tv_sec = deadline / 1'000'000'000, .tv_nsec = deadline % 1'000'000'000};
    return pthread_cond_timedwait(&condition_, lock.mutex()->native_handle(), &at) == 0;
  }

 private:
  pthread_cond_t condition_;
};

// Nanoseconds of CLOCK_MONOTONIC.
inline std::int64_t monotonic_now() noexcept {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace pupci::kern
