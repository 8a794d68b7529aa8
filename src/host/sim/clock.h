// SPDX-License-Identifier: BSD-2-Clause
// The time of a sim bus, and the thread that device models run their events on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace pupci::sim {

class Clock {
 public:
  using Time = std::chrono::nanoseconds;  // since the clock was made

  explicit Clock(bool manual) : manual_(manual) {}
  ~Clock() { stop(); }
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  /// Runs `event` once `delay` has passed; events of one time in the order of the calls.
  void after(Time delay, std::function<void()> event);
  /// Manual clocks only: passes time, running what falls due in this thread.
  void advance(Time by);
  /// No event runs once it has returned.
  void stop() noexcept;

 private:
  [[nodiscard]] Time now() const;
  void run();

  const bool manual_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Time, std::function<void()>> events_;
  Time manual_now_{0};
  bool stopping_ = false;
  std::thread thread_;  // started with the first event
};

}  // namespace pupci::sim
