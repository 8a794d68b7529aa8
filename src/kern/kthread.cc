// SPDX-License-Identifier: BSD-2-Clause
// kthread(9).
#include "netbsd/sys/kthread.h"

#include <fmt/core.h>

#include <algorithm>
#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <vector>

#include "kern/check.h"
#include "kern/klock.h"
#include "kern/self.h"
#include "kern/subsystems.h"
#include "kern/thread.h"
#include "kern/track.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

struct Kthread {
  void (*function)(void*);
  void* argument;
  device_t device;
  bool mpsafe;
  bool must_join;
  const void* creator;
  int exit_code = 0;
  std::jmp_buf end;
  std::unique_ptr<Thread> thread;

  void run() noexcept;
};

constinit thread_local Kthread* this_kthread = nullptr;

class Kthreads {
 public:
  // Sets *lp before the thread's function begins.
  void create(std::unique_ptr<Kthread> thread, const std::string& name, lwp_t** lp);
  void await_creation() noexcept { const std::scoped_lock lock(mutex_); }
  void finished(const Kthread* thread) noexcept;
  // Null if there is no such thread, or it is not to be joined.
  std::unique_ptr<Kthread> take(const lwp* l) noexcept;
  void reap() noexcept;
  void expect_none() noexcept;

 private:
  using List = std::vector<std::unique_ptr<Kthread>>;
  std::mutex mutex_;
  List live_;
  List finished_;  // waiting for someone to join them; their stacks are still in use
};

// Immortal: threads may run to the very end.
Kthreads& kthreads() {
  static auto& the = *[] {
    std::atexit([] { kthreads().reap(); });
    return new Kthreads;
  }();
  return the;
}

void Kthreads::create(std::unique_ptr<Kthread> kthread, const std::string& name, lwp_t** lp) {
  const std::scoped_lock lock(mutex_);
  Kthread* const k = kthread.get();
  live_.reserve(live_.size() + 1);
  finished_.reserve(finished_.size() + live_.capacity());
  k->thread = std::make_unique<Thread>(name, [k] { k->run(); });
  live_.push_back(std::move(kthread));
  track(Kind::thread, k->thread->thread(), 0, k->creator);
  if (lp != nullptr) *lp = k->thread->thread();
}

void Kthreads::finished(const Kthread* thread) noexcept {
  const std::scoped_lock lock(mutex_);
  if (thread->must_join) return;
  const auto at =
      std::find_if(live_.begin(), live_.end(), [=](auto& k) { return k.get() == thread; });
  untrack(Kind::thread, thread->thread->thread());
  finished_.push_back(std::move(*at));
  live_.erase(at);
}

std::unique_ptr<Kthread> Kthreads::take(const lwp* l) noexcept {
  const std::scoped_lock lock(mutex_);
  const auto at = std::find_if(live_.begin(), live_.end(),
                               [=](auto& k) { return k->must_join && k->thread->thread() == l; });
  if (at == live_.end()) return nullptr;
  std::unique_ptr<Kthread> found = std::move(*at);
  live_.erase(at);
  return found;
}

void Kthreads::reap() noexcept {
  List finished;
  {
    const std::scoped_lock lock(mutex_);
    finished.swap(finished_);
  }
}

void Kthreads::expect_none() noexcept {
  const std::scoped_lock lock(mutex_);
  if (live_.empty()) return;
  const Kthread& k = *live_.front();
  violation(fmt::format("kthread \"{}\" still runs, and its stack is about to go",
                        k.thread->thread()->name),
            k.creator);
}

// kthread_exit() leaves the driver's function by longjmp: there are only C frames between.
void Kthread::run() noexcept {
  kthreads().await_creation();
  this_kthread = this;
  self()->device = device;
  if (setjmp(end) == 0) {
    if (!mpsafe) kernel_lock();
    function(argument);
    violation_by("kthread: returned without kthread_exit()",
                 reinterpret_cast<const void*>(function));
  }
  kernel_unlock_all();
  kthreads().finished(this);
}

}  // namespace

void kthread_stop() noexcept {
  kthreads().expect_none();
  kthreads().reap();
}

}  // namespace pupci::kern

using namespace pupci::kern;

int kthread_create(pri_t /*priority*/, int flags, struct cpu_info* /*ci*/, void (*function)(void*),
                   void* argument, lwp_t** lp, const char* format, ...) {
  const void* const caller = __builtin_return_address(0);
  check_sleepable("kthread_create", caller);
  char name[64];
  va_list arguments;
  va_start(arguments, format);
  (void)std::vsnprintf(name, sizeof(name), format, arguments);
  va_end(arguments);
  kthreads().reap();
  try {
    auto kthread = std::make_unique<Kthread>();
    kthread->function = function;
    kthread->argument = argument;
    kthread->device = self()->device;
    kthread->mpsafe = (flags & KTHREAD_MPSAFE) != 0;
    kthread->must_join = (flags & KTHREAD_MUSTJOIN) != 0;
    kthread->creator = caller;
    kthreads().create(std::move(kthread), name, lp);
    return 0;
  } catch (const pupci::Error& e) {
    return e.errnum();
  } catch (const std::exception&) {
    return ENOMEM;
  }
}

void kthread_exit(int code) {
  if (this_kthread == nullptr) {
    violation("kthread_exit: not a thread of kthread_create()", __builtin_return_address(0));
  }
  this_kthread->exit_code = code;
  std::longjmp(this_kthread->end, 1);
}

int kthread_join(lwp_t* l) {
  const void* const caller = __builtin_return_address(0);
  check_sleepable("kthread_join", caller);
  if (l == self()) violation("kthread_join: called by the thread itself", caller);
  const std::unique_ptr<Kthread> kthread = kthreads().take(l);
  if (kthread == nullptr) {
    violation("kthread_join: not a KTHREAD_MUSTJOIN thread, or joined already", caller);
  }
  const unsigned depth = kernel_unlock_all();
  kthread->thread->join();
  kernel_lock(depth);
  untrack(Kind::thread, l);
  return kthread->exit_code;
}
