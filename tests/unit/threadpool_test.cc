// SPDX-License-Identifier: BSD-2-Clause
// threadpool(9).
#include "netbsd/sys/threadpool.h"

#include <atomic>
#include <thread>

#include "kern/lwp.h"
#include "kern_support.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/kernel.h"
#include "netbsd/sys/lock.h"
#include "netbsd/sys/proc.h"

namespace pupci::kern {
namespace {

using test::Event;
using test::eventually;

// What a driver would embed a job in.
struct Softc {
  threadpool_job job;  // first: the function casts back
  kmutex_t lock;
  std::atomic<int> runs{0};
  Event begun;
  Event go;
  bool locked = true;

  explicit Softc(threadpool_job_fn_t* function = run) {
    mutex_init(&lock, MUTEX_DEFAULT, IPL_NONE);
    threadpool_job_init(&job, function, &lock, "job%d", 1);
  }
  ~Softc() {
    threadpool_job_destroy(&job);
    mutex_destroy(&lock);
  }
  Softc(const Softc&) = delete;
  Softc& operator=(const Softc&) = delete;

  static void run(threadpool_job* job) {
    auto* const sc = reinterpret_cast<Softc*>(job);
    sc->begun.set();
    sc->go.wait();
    mutex_enter(&sc->lock);
    sc->locked = KERNEL_LOCKED_P();
    ++sc->runs;
    threadpool_job_done(job);
    mutex_exit(&sc->lock);
  }
  void schedule(threadpool* pool) {
    mutex_enter(&lock);
    threadpool_schedule_job(pool, &job);
    mutex_exit(&lock);
  }
  void cancel(threadpool* pool) {
    mutex_enter(&lock);
    threadpool_cancel_job(pool, &job);
    EXPECT_TRUE(mutex_owned(&lock));
    mutex_exit(&lock);
  }
};

class ThreadpoolTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(threadpool_get(&pool_, PRI_NONE), 0); }
  void TearDown() override { threadpool_put(pool_, PRI_NONE); }
  threadpool* pool_ = nullptr;
};
using ThreadpoolDeathTest = ThreadpoolTest;

TEST_F(ThreadpoolTest, RunsAJobOutsideTheKernelLock) {
  Softc sc;
  sc.go.set();
  sc.schedule(pool_);
  sc.begun.wait();
  sc.cancel(pool_);  // waits
  EXPECT_EQ(sc.runs, 1);
  EXPECT_FALSE(sc.locked);
}

TEST_F(ThreadpoolTest, SchedulingAgainBeforeItIsDoneChangesNothing) {
  Softc sc;
  sc.schedule(pool_);
  sc.begun.wait();
  sc.schedule(pool_);
  sc.go.set();
  sc.cancel(pool_);
  EXPECT_EQ(sc.runs, 1);
  sc.schedule(pool_);
  eventually([&] { return sc.runs == 2; });
  sc.cancel(pool_);
}

TEST_F(ThreadpoolTest, JobsThatBlockDoNotHoldUpOthers) {
  Softc blocked[3];
  for (Softc& sc : blocked) sc.schedule(pool_);
  for (Softc& sc : blocked) sc.begun.wait();
  Softc other;
  other.go.set();
  other.schedule(pool_);
  eventually([&] { return other.runs == 1; });
  for (Softc& sc : blocked) sc.go.set();
  for (Softc& sc : blocked) sc.cancel(pool_);
  other.cancel(pool_);
}

TEST_F(ThreadpoolTest, CancelAsyncTellsWhetherItRuns) {
  Softc sc;
  mutex_enter(&sc.lock);
  EXPECT_TRUE(threadpool_cancel_job_async(pool_, &sc.job));  // not scheduled at all
  threadpool_schedule_job(pool_, &sc.job);
  mutex_exit(&sc.lock);
  sc.begun.wait();
  mutex_enter(&sc.lock);
  EXPECT_FALSE(threadpool_cancel_job_async(pool_, &sc.job));
  mutex_exit(&sc.lock);
  std::thread opener([&] { sc.go.set(); });
  sc.cancel(pool_);
  EXPECT_EQ(sc.runs, 1);
  opener.join();
}

TEST_F(ThreadpoolTest, OnePoolForAPriority) {
  threadpool* again = nullptr;
  ASSERT_EQ(threadpool_get(&again, PRI_NONE), 0);
  EXPECT_EQ(again, pool_);
  threadpool_put(again, PRI_NONE);
  threadpool_percpu* percpu = nullptr;
  ASSERT_EQ(threadpool_percpu_get(&percpu, PRI_NONE), 0);
  EXPECT_EQ(threadpool_percpu_ref(percpu), pool_);
  threadpool_percpu_put(percpu, PRI_NONE);
}

TEST_F(ThreadpoolDeathTest, ScheduledWithoutTheMutex) {
  EXPECT_PANIC(
      {
        Softc sc;
        threadpool_schedule_job(pool_, &sc.job);
      },
      "threadpool_schedule_job: mutex .* is not held");
}

// In a process of its own from the start, so that the pool has threads there.
TEST(ThreadpoolJobDeathTest, ReturnsWithoutSayingThatItIsDone) {
  EXPECT_PANIC(
      {
        threadpool* pool = nullptr;
        threadpool_get(&pool, PRI_NONE);
        Softc sc([](threadpool_job*) {});
        sc.schedule(pool);
        Event().wait();
      },
      "threadpool: a job returned without threadpool_job_done");
}

TEST(ThreadpoolJobDeathTest, DestroyedWhileRunning) {
  EXPECT_PANIC(
      {
        threadpool* pool = nullptr;
        threadpool_get(&pool, PRI_NONE);
        Softc sc;
        sc.schedule(pool);
        sc.begun.wait();
        threadpool_job_destroy(&sc.job);
      },
      "threadpool_job_destroy: job \"job1\" is running");
}

}  // namespace
}  // namespace pupci::kern
