// SPDX-License-Identifier: BSD-2-Clause
// workqueue(9). There is one CPU, so WQ_PERCPU asks for no more than one thread.
#include "netbsd/sys/workqueue.h"

#include <fmt/core.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <new>
#include <string>

#include "kern/check.h"
#include "kern/condition.h"
#include "kern/klock.h"
#include "kern/self.h"
#include "kern/sleepq.h"
#include "kern/thread.h"
#include "kern/track.h"
#include "netbsd/sys/cpu.h"
#include "netbsd/sys/intr.h"
#include "pupci/error.h"

namespace {

using namespace pupci::kern;
using Lock = std::unique_lock<std::mutex>;

work* next_of(const work* w) noexcept {
  return static_cast<work*>(w->wk_dummy);
}

}  // namespace

struct workqueue {
  workqueue(const char* name, void (*function)(struct work*, void*), void* argument, bool mpsafe)
      : function_(function), argument_(argument), mpsafe_(mpsafe), device_(self()->device) {
    thread_ = std::make_unique<Thread>(name, [this] { run(); });
  }
  ~workqueue() {
    {
      const Lock lock(mutex_);
      ending_ = true;
      work_.notify_one();
    }
    const unsigned depth = kernel_unlock_all();  // what is to be drained may need it
    thread_->join();
    kernel_lock(depth);
  }
  workqueue(const workqueue&) = delete;
  workqueue& operator=(const workqueue&) = delete;

  void enqueue(work* w, const void* caller) noexcept;
  void wait_for(const work* w, const void* caller) noexcept;
  [[nodiscard]] bool is_own_thread() const noexcept { return thread_->thread() == self(); }

 private:
  void run() noexcept;
  void do_one(Lock& lock) noexcept;
  [[nodiscard]] bool queued(const work* w) const noexcept;

  void (*const function_)(struct work*, void*);
  void* const argument_;
  const bool mpsafe_;
  const device_t device_;

  std::mutex mutex_;
  work* first_ = nullptr;
  work* last_ = nullptr;
  const work* running_ = nullptr;  // for comparison only: its memory may be gone
  bool ending_ = false;
  unsigned waiting_ = 0;
  Condition work_;
  SleepQueue waits_;
  std::unique_ptr<Thread> thread_;
};

bool workqueue::queued(const work* w) const noexcept {
  for (const work* p = first_; p != nullptr; p = next_of(p)) {
    if (p == w) return true;
  }
  return false;
}

void workqueue::enqueue(work* w, const void* caller) noexcept {
  const Lock lock(mutex_);
#ifdef PUPCI_DEBUG
  if (queued(w)) violation("workqueue_enqueue: the work is queued already", caller);
#else
  (void)caller;
#endif
  w->wk_dummy = nullptr;
  if (last_ != nullptr) {
    last_->wk_dummy = w;
  } else {
    first_ = w;
  }
  last_ = w;
  work_.notify_one();
}

void workqueue::do_one(Lock& lock) noexcept {
  work* const w = first_;
  first_ = next_of(w);
  if (first_ == nullptr) last_ = nullptr;
  running_ = w;
  lock.unlock();
  {
    const ContextScope context(Context::thread, device_, IPL_NONE,
                               reinterpret_cast<const void*>(function_));
    const KernelLock kernel(!mpsafe_);
    function_(w, argument_);
  }
  lock.lock();
  running_ = nullptr;
  if (waiting_ != 0) waits_.wake_all(nullptr);
}

void workqueue::run() noexcept {
  Lock lock(mutex_);
  while (true) {
    if (first_ != nullptr) {
      do_one(lock);
    } else if (ending_) {
      return;
    } else {
      work_.wait(lock);
    }
  }
}

void workqueue::wait_for(const work* w, const void* caller) noexcept {
  Lock lock(mutex_);
  while (running_ == w || queued(w)) {
    if (is_own_thread()) violation("workqueue_wait: called by the queue's own thread", caller);
    ++waiting_;
    waits_.sleep({.wmesg = "wqwait", .guard = &lock});
    lock.lock();
    --waiting_;
  }
}

int workqueue_create(struct workqueue** wqp, const char* name,
                     void (*function)(struct work*, void*), void* argument, pri_t /*priority*/,
                     int /*ipl*/, int flags) {
  const void* const caller = __builtin_return_address(0);
  check_sleepable("workqueue_create", caller);
  try {
    *wqp = new workqueue(name, function, argument, (flags & WQ_MPSAFE) != 0);
  } catch (const pupci::Error& e) {
    return e.errnum();
  } catch (const std::exception&) {
    return ENOMEM;
  }
  track(Kind::workqueue, *wqp, 0, caller);
  return 0;
}

void workqueue_destroy(struct workqueue* wq) {
  const void* const caller = __builtin_return_address(0);
  if (!untrack(Kind::workqueue, wq)) {
    violation(fmt::format("workqueue_destroy: {} is not a workqueue", static_cast<void*>(wq)),
              caller);
  }
  check_sleepable("workqueue_destroy", caller);
  if (wq->is_own_thread()) violation("workqueue_destroy: called by its own thread", caller);
  delete wq;
}

void workqueue_enqueue(struct workqueue* wq, struct work* w, struct cpu_info* ci) {
  const void* const caller = __builtin_return_address(0);
  if (ci != nullptr && ci != &cpu_info_primary) violation("workqueue_enqueue: no such CPU", caller);
  wq->enqueue(w, caller);
}

void workqueue_wait(struct workqueue* wq, struct work* w) {
  const void* const caller = __builtin_return_address(0);
  check_sleepable("workqueue_wait", caller);
  wq->wait_for(w, caller);
}
