// SPDX-License-Identifier: BSD-2-Clause
#include "host/sim/clock.h"

#include <utility>

#include "os/process.h"

namespace pupci::sim {

void Clock::after(Time delay, std::function<void()> event) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  const auto at = events_.emplace(now() + delay, std::move(event));
  if (manual_) return;
  if (!thread_.joinable()) {
    thread_ = std::thread([this] {
      os::name_this_thread("sim-clock");
      run();
    });
  } else if (at == events_.begin()) {
    changed_.notify_one();
  }
}

void Clock::advance(Time by) {
  std::unique_lock lock(mutex_);
  const Time end = manual_now_ + by;
  while (!events_.empty() && events_.begin()->first <= end && !stopping_) {
    auto event = events_.extract(events_.begin());
    manual_now_ = std::max(manual_now_, event.key());
    lock.unlock();
    event.mapped()();
    lock.lock();
  }
  manual_now_ = std::max(manual_now_, end);
}

void Clock::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

Clock::Time Clock::now() const {
  return manual_ ? manual_now_ : std::chrono::steady_clock::now() - start_;
}

void Clock::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (events_.empty()) {
      changed_.wait(lock);
    } else if (const Time next = events_.begin()->first; next > now()) {
      changed_.wait_until(lock, start_ + next);
    } else {
      auto event = events_.extract(events_.begin());
      lock.unlock();
      event.mapped()();
      event = {};  // what it holds may lock us when it goes
      lock.lock();
    }
  }
}

}  // namespace pupci::sim
