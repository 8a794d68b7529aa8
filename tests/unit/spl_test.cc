// SPDX-License-Identifier: BSD-2-Clause
// spl(9), and on which CPU things run.
#include <gtest/gtest.h>

#include <cerrno>
#include <thread>

#include "kern/lwp.h"
#include "kern/thread.h"
#include "kern_support.h"
#include "netbsd/sys/callout.h"
#include "netbsd/sys/condvar.h"
#include "netbsd/sys/cpu.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/mutex.h"
#include "netbsd/sys/param.h"
#include "netbsd/sys/rwlock.h"
#include "netbsd/sys/time.h"

namespace pupci::kern {
namespace {

using test::Event;
using test::eventually;

TEST(Spl, EachRaisesToItsLevelAndReturnsTheOneBefore) {
  struct Level {
    int (*raise)();
    int level;
  };
  const Level levels[] = {{splsoftclock, IPL_SOFTCLOCK},
                          {splsoftbio, IPL_SOFTBIO},
                          {splsoftnet, IPL_SOFTNET},
                          {splsoftserial, IPL_SOFTSERIAL},
                          {splvm, IPL_VM},
                          {splsched, IPL_SCHED},
                          {splhigh, IPL_HIGH}};
  int previous = IPL_NONE;
  for (const Level& one : levels) {
    EXPECT_EQ(one.raise(), previous);
    EXPECT_EQ(current()->ipl, one.level);
    previous = one.level;
  }
  EXPECT_EQ(splvm(), IPL_HIGH);
  EXPECT_EQ(current()->ipl, IPL_HIGH) << "it never lowers";
  EXPECT_EQ(splraiseipl(makeiplcookie(IPL_NET)), IPL_HIGH);
  EXPECT_EQ(current()->ipl, IPL_HIGH);
  splx(IPL_SOFTNET);
  EXPECT_EQ(splraiseipl(makeiplcookie(IPL_SCHED)), IPL_SOFTNET);
  EXPECT_EQ(current()->ipl, IPL_SCHED);
  EXPECT_EQ(spl0(), IPL_SCHED);
  EXPECT_EQ(current()->ipl, IPL_NONE);
}

TEST(Cpu, ThereIsOneAndItKnowsItsContext) {
  EXPECT_EQ(cpu_lookup(0), curcpu());
  EXPECT_EQ(cpu_lookup(static_cast<u_int>(ncpu)), nullptr);
  EXPECT_FALSE(cpu_intr_p());
  {
    const ContextScope scope(Context::interrupt, nullptr, IPL_NET);
    EXPECT_TRUE(cpu_intr_p());
  }
  {
    const ContextScope scope(Context::softint, nullptr, IPL_SOFTNET);
    EXPECT_FALSE(cpu_intr_p());
    EXPECT_TRUE(cpu_softintr_p());
  }
}

TEST(Cpu, SoftintsAndCalloutsRunOnTheOneNamed) {
  Event soft;
  void* handler = softint_establish(
      SOFTINT_NET | SOFTINT_MPSAFE | SOFTINT_RCPU,
      [](void* event) { static_cast<Event*>(event)->set(); }, &soft);
  ASSERT_NE(handler, nullptr);
  softint_schedule_cpu(handler, cpu_lookup(0));
  soft.wait();
  softint_disestablish(handler);
  Event late;
  callout_t callout;
  callout_init(&callout, CALLOUT_MPSAFE);
  callout_bind(&callout, curcpu());
  callout_reset(&callout, 1, [](void* event) { static_cast<Event*>(event)->set(); }, &late);
  late.wait();
  callout_halt(&callout, nullptr);
  callout_destroy(&callout);
}

TEST(LockObjects, ThatMayFailToBeMadeAreAsTheOthers) {
  kmutex_t* mutex = mutex_obj_tryalloc(MUTEX_DEFAULT, IPL_NET);
  ASSERT_NE(mutex, nullptr);
  mutex_obj_hold(mutex);
  mutex_enter(mutex);
  EXPECT_NE(mutex_owned(mutex), 0);
  mutex_exit(mutex);
  EXPECT_FALSE(mutex_obj_free(mutex));
  EXPECT_TRUE(mutex_obj_free(mutex));
  krwlock_t* lock = rw_obj_tryalloc();
  ASSERT_NE(lock, nullptr);
  rw_enter(lock, RW_WRITER);
  EXPECT_NE(rw_write_held(lock), 0);
  rw_exit(lock);
  EXPECT_TRUE(rw_obj_free(lock));
}

TEST(CondvarBintime, EndsByTimeOrByAnInterrupt) {
  kmutex_t mutex;
  kcondvar_t cv;
  mutex_init(&mutex, MUTEX_DEFAULT, IPL_NONE);
  cv_init(&cv, "testcv");
  struct bintime left = ms2bintime(5);
  mutex_enter(&mutex);
  EXPECT_EQ(cv_timedwaitbt_sig(&cv, &mutex, &left, DEFAULT_TIMEOUT_EPSILON), EWOULDBLOCK);
  EXPECT_FALSE(bintimeisset(&left));
  mutex_exit(&mutex);
  int result = -1;
  {
    Thread sleeper("sleeper", [&] {
      struct bintime longer = ms2bintime(1000000);
      mutex_enter(&mutex);
      result = cv_timedwaitbt_sig(&cv, &mutex, &longer, DEFAULT_TIMEOUT_EPSILON);
      mutex_exit(&mutex);
    });
    eventually([&] { return cv_has_waiters(&cv); });
    interrupt(sleeper.thread());
    sleeper.join();
  }
  EXPECT_EQ(result, EINTR);
  cv_destroy(&cv);
  mutex_destroy(&mutex);
}

}  // namespace
}  // namespace pupci::kern
