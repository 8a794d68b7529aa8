// SPDX-License-Identifier: BSD-2-Clause
// What tests of the kernel API share.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "kern/console.h"
#include "kern/lwp.h"

namespace pupci::kern::test {

// One thread tells another that it has come to some point.
class Event {
 public:
  void set() {
    const std::scoped_lock lock(mutex_);
    set_ = true;
    condition_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    condition_.wait(lock, [this] { return set_; });
  }
  [[nodiscard]] bool is_set() {
    const std::scoped_lock lock(mutex_);
    return set_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool set_ = false;
};

// For what another thread does without telling anybody, such as falling asleep.
template <typename Predicate>
void eventually(Predicate predicate) {
  while (!predicate()) std::this_thread::sleep_for(std::chrono::microseconds(100));
}

inline void console_to_stderr() {
  set_console([](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); });
}

}  // namespace pupci::kern::test

// The statement panics, with a message that matches `pattern`.
#define EXPECT_PANIC(statement, pattern)        \
  EXPECT_EXIT(                                  \
      {                                         \
        pupci::kern::test::console_to_stderr(); \
        statement;                              \
      },                                        \
      testing::ExitedWithCode(3), "panic: .*" pattern)
