// SPDX-License-Identifier: BSD-2-Clause
// threadpool(9).
#include "netbsd/sys/threadpool.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "kern/check.h"
#include "kern/condition.h"
#include "kern/klock.h"
#include "kern/mutex.h"
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

struct Job {
  static constexpr std::uint32_t live = 0x6a6f6273;
  static constexpr std::uint32_t dead = 0x64656164;
  enum class State : std::uint8_t { idle, queued, running };

  std::uint32_t magic;
  State state;  // guarded by the pool's mutex, and changed with the job's own held too, save that
                // a worker takes up what is queued
  threadpool_job_fn_t* function;
  kmutex_t* interlock;
  threadpool* pool;  // where it is queued or runs
  lwp* runner;
  Job* next;
  device_t device;
  SleepQueue ended;
  char name[24];
};
static_assert(sizeof(Job) <= sizeof(threadpool_job) && alignof(Job) <= alignof(threadpool_job));

Job* checked(threadpool_job* job, const char* what, const void* caller) noexcept {
  auto* const j = reinterpret_cast<Job*>(job);
  if (__builtin_expect(j->magic == Job::live, 1)) return j;
  violation(fmt::format("{}: job {} is {}", what, static_cast<const void*>(job),
                        j->magic == Job::dead ? "destroyed" : "not initialised"),
            caller);
}

constexpr std::int64_t idle_time = 30'000'000'000;  // ns that a thread stays around for more work

}  // namespace

// Threads are made by an overseer, because jobs are scheduled where none can be made.
struct threadpool {
  explicit threadpool(pri_t priority)
      : priority_(priority),
        overseer_(std::make_unique<Thread>(fmt::format("poolover/{}", priority),
                                           [this] { oversee(); })) {}
  ~threadpool();
  threadpool(const threadpool&) = delete;
  threadpool& operator=(const threadpool&) = delete;

  void schedule(Job* job) noexcept;
  // False if it runs.
  bool cancel(Job* job) noexcept;
  void cancel_and_wait(Job* job, const void* caller) noexcept;
  void done(Job* job, const void* caller) noexcept;
  [[nodiscard]] bool busy() noexcept;

  unsigned references = 0;  // guarded by the table of pools

 private:
  struct Worker {
    std::unique_ptr<Thread> thread;
    const Job* job = nullptr;  // until it says that it is done
    bool ended = false;
  };

  void oversee() noexcept;
  void work(Worker* worker) noexcept;
  void run_first(Worker* worker, Lock& lock) noexcept;
  void make_worker() noexcept;
  void reap(Lock& lock) noexcept;
  bool cancel_locked(Job* job) noexcept;

  const pri_t priority_;
  std::mutex mutex_;
  Job* first_ = nullptr;
  Job* last_ = nullptr;
  unsigned queued_ = 0;
  unsigned idle_ = 0;
  bool ending_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;
  Condition work_;
  Condition oversight_;
  std::unique_ptr<Thread> overseer_;
};

threadpool::~threadpool() {
  {
    const Lock lock(mutex_);
    ending_ = true;
    work_.notify_all();
    oversight_.notify_one();
  }
  overseer_->join();
  workers_.clear();  // joins
}

void threadpool::schedule(Job* job) noexcept {
  const Lock lock(mutex_);
  if (job->state != Job::State::idle) return;
  job->state = Job::State::queued;
  job->pool = this;
  job->next = nullptr;
  (last_ != nullptr ? last_->next : first_) = job;
  last_ = job;
  ++queued_;
  if (queued_ <= idle_) {
    work_.notify_one();
  } else {
    oversight_.notify_one();
  }
}

bool threadpool::cancel_locked(Job* job) noexcept {
  if (job->state == Job::State::running) return false;
  if (job->state == Job::State::idle) return true;
  Job* previous = nullptr;
  Job* at = first_;
  while (at != job) {
    previous = at;
    at = at->next;
  }
  (previous != nullptr ? previous->next : first_) = job->next;
  if (last_ == job) last_ = previous;
  --queued_;
  job->state = Job::State::idle;
  return true;
}

bool threadpool::cancel(Job* job) noexcept {
  const Lock lock(mutex_);
  return cancel_locked(job);
}

void threadpool::cancel_and_wait(Job* job, const void* caller) noexcept {
  Lock lock(mutex_);
  while (!cancel_locked(job)) {
    if (job->runner == self()) violation("threadpool_cancel_job: called by the job", caller);
    job->ended.sleep({.wmesg = "jobdone",
                      .interlock = as_mutex(job->interlock),
                      .guard = &lock,
                      .what = "threadpool_cancel_job",
                      .caller = caller});
    lock.lock();
  }
}

void threadpool::done(Job* job, const void* caller) noexcept {
  const Lock lock(mutex_);
  if (job->state != Job::State::running || job->runner != self()) {
    violation("threadpool_job_done: not called by the running job", caller);
  }
  for (const auto& worker : workers_) {
    if (worker->job == job) worker->job = nullptr;
  }
  job->state = Job::State::idle;
  job->runner = nullptr;
  job->ended.wake_all(nullptr);
}

// Whether anybody works or has work to do.
bool threadpool::busy() noexcept {
  const Lock lock(mutex_);
  return queued_ != 0 || std::any_of(workers_.begin(), workers_.end(),
                                     [](const auto& w) { return w->job != nullptr; });
}

void threadpool::run_first(Worker* worker, Lock& lock) noexcept {
  Job* const job = first_;
  first_ = job->next;
  if (first_ == nullptr) last_ = nullptr;
  --queued_;
  job->state = Job::State::running;
  job->runner = self();
  worker->job = job;
  // Once it is done the job may be gone.
  threadpool_job_fn_t* const function = job->function;
  const device_t device = job->device;
  lock.unlock();
  {
    const ContextScope context(Context::thread, device, IPL_NONE,
                               reinterpret_cast<const void*>(function));
    function(reinterpret_cast<threadpool_job*>(job));
  }
  lock.lock();
  if (worker->job != nullptr) {
    violation_by("threadpool: a job returned without threadpool_job_done()",
                 reinterpret_cast<const void*>(function));
  }
}

void threadpool::work(Worker* worker) noexcept {
  Lock lock(mutex_);
  while (true) {
    if (first_ != nullptr) {
      run_first(worker, lock);
      continue;
    }
    if (ending_) break;
    ++idle_;
    const bool in_time = work_.wait_until(lock, monotonic_now() + idle_time);
    --idle_;
    if (!in_time && first_ == nullptr) break;
  }
  worker->ended = true;
  oversight_.notify_one();
}

void threadpool::make_worker() noexcept {
  try {
    auto worker = std::make_unique<Worker>();
    Worker* const w = worker.get();
    workers_.push_back(std::move(worker));
    w->thread = std::make_unique<Thread>(fmt::format("pool/{}", priority_), [this, w] { work(w); });
  } catch (const std::exception&) {
    // Those that there are get to it in time; the first one we cannot do without.
    if (!workers_.empty() && workers_.back()->thread == nullptr) workers_.pop_back();
    if (workers_.empty()) panic("threadpool: no thread can be made");
  }
}

void threadpool::reap(Lock& lock) noexcept {
  std::vector<std::unique_ptr<Worker>> ended;
  for (auto& worker : workers_) {
    if (worker->ended) ended.push_back(std::move(worker));
  }
  workers_.erase(std::remove(workers_.begin(), workers_.end(), nullptr), workers_.end());
  lock.unlock();
  ended.clear();  // joins
  lock.lock();
}

void threadpool::oversee() noexcept {
  Lock lock(mutex_);
  while (!ending_) {
    const auto unstarted =
        static_cast<std::size_t>(std::count_if(workers_.begin(), workers_.end(), [](const auto& w) {
          return w->job == nullptr && !w->ended;
        }));
    if (queued_ > unstarted) {
      make_worker();
    } else {
      oversight_.wait(lock);
      reap(lock);
    }
  }
}

namespace {

struct Pools {
  std::mutex mutex;
  std::map<pri_t, std::unique_ptr<threadpool>> by_priority;
};

Pools& pools() {
  static auto& the = *new Pools;
  return the;
}

}  // namespace

// One CPU, one pool.
struct threadpool_percpu {
  threadpool* pool;
};

int threadpool_get(struct threadpool** poolp, pri_t priority) {
  check_sleepable("threadpool_get", __builtin_return_address(0));
  Pools& all = pools();
  const std::scoped_lock lock(all.mutex);
  try {
    auto& pool = all.by_priority[priority];
    if (pool == nullptr) pool = std::make_unique<threadpool>(priority);
    ++pool->references;
    *poolp = pool.get();
    return 0;
  } catch (const pupci::Error& e) {
    all.by_priority.erase(priority);
    return e.errnum();
  } catch (const std::exception&) {
    all.by_priority.erase(priority);
    return ENOMEM;
  }
}

void threadpool_put(struct threadpool* pool, pri_t priority) {
  const void* const caller = __builtin_return_address(0);
  check_sleepable("threadpool_put", caller);
  std::unique_ptr<threadpool> last;
  {
    Pools& all = pools();
    const std::scoped_lock lock(all.mutex);
    const auto at = all.by_priority.find(priority);
    if (at == all.by_priority.end() || at->second.get() != pool) {
      violation("threadpool_put: no such pool of this priority", caller);
    }
    if (--pool->references != 0) return;
    if (pool->busy()) violation("threadpool_put: a job is scheduled or running", caller);
    last = std::move(at->second);
    all.by_priority.erase(at);
  }
  const unsigned depth = kernel_unlock_all();
  last.reset();
  kernel_lock(depth);
}

int threadpool_percpu_get(struct threadpool_percpu** percpup, pri_t priority) {
  threadpool* pool = nullptr;
  const int error = threadpool_get(&pool, priority);
  if (error != 0) return error;
  *percpup = new (std::nothrow) threadpool_percpu{pool};
  if (*percpup != nullptr) return 0;
  threadpool_put(pool, priority);
  return ENOMEM;
}

void threadpool_percpu_put(struct threadpool_percpu* percpu, pri_t priority) {
  threadpool_put(percpu->pool, priority);
  delete percpu;
}

struct threadpool* threadpool_percpu_ref(struct threadpool_percpu* percpu) {
  return percpu->pool;
}

struct threadpool* threadpool_percpu_ref_remote(struct threadpool_percpu* percpu,
                                                struct cpu_info* ci) {
  if (ci != &cpu_info_primary) {
    violation("threadpool_percpu_ref_remote: no such CPU", __builtin_return_address(0));
  }
  return percpu->pool;
}

void threadpool_job_init(struct threadpool_job* job, threadpool_job_fn_t* function,
                         kmutex_t* interlock, const char* format, ...) {
  auto* const j = new (job) Job{.magic = Job::live,
                                .state = Job::State::idle,
                                .function = function,
                                .interlock = interlock,
                                .device = self()->device,
                                .ended = {},
                                .name = {}};
  va_list arguments;
  va_start(arguments, format);
  (void)std::vsnprintf(j->name, sizeof(j->name), format, arguments);
  va_end(arguments);
  track(Kind::threadpool, job, 0, __builtin_return_address(0));
}

void threadpool_job_destroy(struct threadpool_job* job) {
  const void* const caller = __builtin_return_address(0);
  Job* const j = checked(job, "threadpool_job_destroy", caller);
  mutex_enter(j->interlock);  // and so waits for one that has said it is done
  const Job::State state = j->state;
  mutex_exit(j->interlock);
  if (state != Job::State::idle) {
    violation(fmt::format("threadpool_job_destroy: job \"{}\" is {}", j->name,
                          state == Job::State::queued ? "scheduled" : "running"),
              caller);
  }
  j->magic = Job::dead;
  untrack(Kind::threadpool, job);
}

void threadpool_schedule_job(struct threadpool* pool, struct threadpool_job* job) {
  const void* const caller = __builtin_return_address(0);
  Job* const j = checked(job, "threadpool_schedule_job", caller);
  check_owned(as_mutex(j->interlock), "threadpool_schedule_job", caller);
  pool->schedule(j);
}

bool threadpool_cancel_job_async(struct threadpool* pool, struct threadpool_job* job) {
  const void* const caller = __builtin_return_address(0);
  Job* const j = checked(job, "threadpool_cancel_job_async", caller);
  check_owned(as_mutex(j->interlock), "threadpool_cancel_job_async", caller);
  return pool->cancel(j);
}

void threadpool_cancel_job(struct threadpool* pool, struct threadpool_job* job) {
  const void* const caller = __builtin_return_address(0);
  Job* const j = checked(job, "threadpool_cancel_job", caller);
  const Mutex* const m = as_mutex(j->interlock);
  check_owned(m, "threadpool_cancel_job", caller);
  check_sleepable("threadpool_cancel_job", caller, m->spin ? 1 : 0);
  pool->cancel_and_wait(j, caller);
}

void threadpool_job_done(struct threadpool_job* job) {
  const void* const caller = __builtin_return_address(0);
  Job* const j = checked(job, "threadpool_job_done", caller);
  check_owned(as_mutex(j->interlock), "threadpool_job_done", caller);
  j->pool->done(j, caller);
}
