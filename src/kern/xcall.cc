// SPDX-License-Identifier: BSD-2-Clause
// xcall(9).
#include "netbsd/sys/xcall.h"

#include <fmt/core.h>

#include <deque>
#include <memory>
#include <mutex>

#include "kern/check.h"
#include "kern/condition.h"
#include "kern/section.h"
#include "kern/self.h"
#include "kern/sleepq.h"
#include "kern/subsystems.h"
#include "kern/thread.h"
#include "netbsd/sys/cpu.h"
#include "netbsd/sys/intr.h"

namespace pupci::kern {
namespace {

using Lock = std::unique_lock<std::mutex>;

struct Call {
  u_int flags;
  xcfunc_t function;
  void* arguments[2];
  device_t device;
};

class CrossCalls {
 public:
  std::uint64_t submit(const Call& call);
  void wait_for(std::uint64_t ticket) noexcept;
  void stop() noexcept;

 private:
  void run() noexcept;

  std::mutex mutex_;
  std::deque<Call> calls_;
  std::uint64_t submitted_ = 0;
  std::uint64_t done_ = 0;
  bool stopping_ = false;
  Condition work_;
  SleepQueue waiters_;
  std::unique_ptr<Thread> thread_;
};

CrossCalls& cross_calls() {
  static auto& the = *new CrossCalls;
  return the;
}

std::uint64_t CrossCalls::submit(const Call& call) {
  const Lock lock(mutex_);
  if (thread_ == nullptr) thread_ = std::make_unique<Thread>("xcall/0", [this] { run(); });
  calls_.push_back(call);
  work_.notify_one();
  return ++submitted_;
}

int ipl_of(u_int flags) noexcept {
  const int ipl = static_cast<int>(flags >> XC_IPL_SHIFT);
  return ipl != 0 ? ipl : IPL_SOFTSERIAL;
}

void invoke(const Call& call) noexcept {
  const bool high = (call.flags & XC_HIGHPRI) != 0;
  const ContextScope context(high ? Context::softint : Context::thread, call.device,
                             high ? ipl_of(call.flags) : IPL_NONE,
                             reinterpret_cast<const void*>(call.function));
  call.function(call.arguments[0], call.arguments[1]);
}

void CrossCalls::run() noexcept {
  Lock lock(mutex_);
  while (true) {
    if (!calls_.empty()) {
      const Call call = calls_.front();
      calls_.pop_front();
      lock.unlock();
      section_wait_for_all();
      invoke(call);
      lock.lock();
      ++done_;
      waiters_.wake_all(nullptr);
    } else if (stopping_) {
      return;
    } else {
      work_.wait(lock);
    }
  }
}

void CrossCalls::wait_for(std::uint64_t ticket) noexcept {
  Lock lock(mutex_);
  while (done_ < ticket) {
    waiters_.sleep({.wmesg = "xcall", .guard = &lock});
    lock.lock();
  }
}

void CrossCalls::stop() noexcept {
  std::unique_ptr<Thread> thread;
  {
    const Lock lock(mutex_);
    stopping_ = true;
    work_.notify_one();
    thread = std::move(thread_);
  }
  thread.reset();
  const Lock lock(mutex_);
  stopping_ = false;
}

std::uint64_t submit(u_int flags, xcfunc_t function, void* first, void* second,
                     const void* caller) noexcept {
  check_sleepable("xcall", caller);
  try {
    return cross_calls().submit({flags, function, {first, second}, self()->device});
  } catch (const std::exception& e) {
    panic(fmt::format("xcall: {}", e.what()));
  }
}

}  // namespace

void xcall_start(Kernel& /*kernel*/) {
  cross_calls().stop();  // a thread from before the kernel ran has its stack outside the arena
}

void xcall_stop() noexcept {
  cross_calls().stop();
}

}  // namespace pupci::kern

uint64_t xc_broadcast(u_int flags, xcfunc_t function, void* first, void* second) {
  return pupci::kern::submit(flags, function, first, second, __builtin_return_address(0));
}

uint64_t xc_unicast(u_int flags, xcfunc_t function, void* first, void* second,
                    struct cpu_info* ci) {
  const void* const caller = __builtin_return_address(0);
  if (ci != &cpu_info_primary) pupci::kern::violation("xc_unicast: no such CPU", caller);
  return pupci::kern::submit(flags, function, first, second, caller);
}

void xc_wait(uint64_t ticket) {
  pupci::kern::check_sleepable("xc_wait", __builtin_return_address(0));
  pupci::kern::cross_calls().wait_for(ticket);
}

void xc_barrier(u_int flags) {
  const void* const caller = __builtin_return_address(0);
  const auto nothing = [](void*, void*) {};
  pupci::kern::cross_calls().wait_for(
      pupci::kern::submit(flags, nothing, nullptr, nullptr, caller));
}
