// SPDX-License-Identifier: BSD-2-Clause
// A condition variable on the monotonic clock that ThreadSanitizer of every compiler knows
// (std::condition_variable's timed waits are not).
#pragma once

#include <pthread.h>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <atomic>
#include <cerrno>
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

// One thread waits here for one other, once.
class Parking {
 public:
#ifdef __linux__
  // True when woken, false once it is `deadline` (0: never).
  bool wait_until(std::int64_t deadline) noexcept {
    const timespec at = {.tv_sec = deadline / 1'000'000'000, .tv_nsec = deadline % 1'000'000'000};
    while (word_.load(std::memory_order_acquire) == 0) {
      const long result =
          futex(&word_, FUTEX_WAIT_BITSET_PRIVATE, 0, deadline != 0 ? &at : nullptr);
      if (result != 0 && errno == ETIMEDOUT) return word_.load(std::memory_order_acquire) != 0;
    }
    return true;
  }
  // What came before is seen by the waiter. The object may be gone from here on...
  void* release() noexcept {
    void* const where = &word_;
    word_.store(1, std::memory_order_release);
    return where;
  }
  // ... but its address does to rouse the waiter: at worst somebody looks twice.
  static void rouse(void* where) noexcept { futex(where, FUTEX_WAKE_PRIVATE, 1, nullptr); }

 private:
  static long futex(void* word, int operation, std::uint32_t value, const timespec* at) noexcept {
    return syscall(SYS_futex, word, operation, value, at, nullptr, FUTEX_BITSET_MATCH_ANY);
  }
  std::atomic<std::uint32_t> word_{0};
#else
  bool wait_until(std::int64_t deadline) noexcept {
    std::unique_lock lock(mutex_);
    while (!released_) {
      if (deadline == 0) {
        condition_.wait(lock);
      } else if (!condition_.wait_until(lock, deadline)) {
        break;
      }
    }
    return released_;
  }
  // Under the lock to the last, since the waiter takes the object with it.
  void* release() noexcept {
    const std::scoped_lock lock(mutex_);
    released_ = true;
    condition_.notify_one();
    return nullptr;
  }
  static void rouse(void* /*where*/) noexcept {}

 private:
  std::mutex mutex_;
  Condition condition_;
  bool released_ = false;
#endif
};

}  // namespace pupci::kern
