// SPDX-License-Identifier: BSD-2-Clause
// condvar(9), ltsleep(9), kpause(9).
#include <cerrno>
#include <thread>
#include <vector>

#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/thread.h"
#include "kern_support.h"
#include "netbsd/sys/condvar.h"
#include "netbsd/sys/kernel.h"
#include "netbsd/sys/lock.h"
#include "netbsd/sys/proc.h"
#include "netbsd/sys/time.h"

namespace pupci::kern {
namespace {

using test::Event;
using test::eventually;

class CondvarTest : public testing::Test {
 protected:
  void SetUp() override {
    mutex_init(&mutex_, MUTEX_DEFAULT, IPL_NONE);
    mutex_init(&spin_, MUTEX_DEFAULT, IPL_NET);
    cv_init(&cv_, "testcv");
  }
  void TearDown() override {
    cv_destroy(&cv_);
    mutex_destroy(&mutex_);
    mutex_destroy(&spin_);
  }
  kmutex_t mutex_;
  kmutex_t spin_;
  kcondvar_t cv_;
};
using CondvarDeathTest = CondvarTest;

TEST_F(CondvarTest, WakesAWaiterThatHoldsTheMutexAgain) {
  bool ready = false;
  std::thread waker([&] {
    mutex_enter(&mutex_);
    ready = true;
    cv_signal(&cv_);
    mutex_exit(&mutex_);
  });
  mutex_enter(&mutex_);
  while (!ready) cv_wait(&cv_, &mutex_);
  EXPECT_TRUE(mutex_owned(&mutex_));
  mutex_exit(&mutex_);
  waker.join();
}

TEST_F(CondvarTest, SpinMutexAsInterlock) {
  bool ready = false;
  std::thread handler([&] {
    const ContextScope context(Context::interrupt, nullptr, IPL_NET);
    mutex_enter(&spin_);
    ready = true;
    cv_broadcast(&cv_);
    mutex_exit(&spin_);
  });
  mutex_enter(&spin_);
  while (!ready) cv_wait(&cv_, &spin_);
  EXPECT_EQ(current()->spin_locks, 1u);
  EXPECT_EQ(current()->ipl, IPL_NET);
  mutex_exit(&spin_);
  EXPECT_EQ(current()->ipl, IPL_NONE);
  handler.join();
}

TEST_F(CondvarTest, SignalWakesOneInOrderBroadcastAll) {
  std::vector<int> woken;
  std::vector<std::thread> threads;
  int asleep = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      mutex_enter(&mutex_);
      ++asleep;
      cv_wait(&cv_, &mutex_);
      woken.push_back(i);
      mutex_exit(&mutex_);
    });
    eventually([&] {
      mutex_enter(&mutex_);
      const bool sleeps = asleep == i + 1;  // and it holds the mutex no more
      mutex_exit(&mutex_);
      return sleeps;
    });
  }
  const auto count = [&] {
    mutex_enter(&mutex_);
    const auto n = woken.size();
    mutex_exit(&mutex_);
    return n;
  };
  cv_signal(&cv_);
  eventually([&] { return count() == 1; });
  EXPECT_EQ(woken.front(), 0);
  cv_signal(&cv_);
  eventually([&] { return count() == 2; });
  EXPECT_EQ(woken.back(), 1);
  EXPECT_TRUE(cv_has_waiters(&cv_));
  cv_broadcast(&cv_);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(woken.size(), 4u);
  EXPECT_FALSE(cv_has_waiters(&cv_));
}

TEST_F(CondvarTest, TimesOut) {
  const unsigned before = getticks();
  mutex_enter(&mutex_);
  EXPECT_EQ(cv_timedwait(&cv_, &mutex_, 20), EWOULDBLOCK);
  EXPECT_TRUE(mutex_owned(&mutex_));
  mutex_exit(&mutex_);
  EXPECT_GE(getticks() - before, 20u);
  EXPECT_FALSE(cv_has_waiters(&cv_));
}

TEST_F(CondvarTest, TimedWaitEndsWhenSignalled) {
  std::thread waker([&] {
    eventually([&] { return cv_has_waiters(&cv_); });
    cv_signal(&cv_);
  });
  mutex_enter(&mutex_);
  EXPECT_EQ(cv_timedwait(&cv_, &mutex_, 1000 * hz), 0);
  mutex_exit(&mutex_);
  waker.join();
}

TEST_F(CondvarTest, BintimeCountsDown) {
  struct bintime left = ms2bintime(5);
  mutex_enter(&mutex_);
  EXPECT_EQ(cv_timedwaitbt(&cv_, &mutex_, &left, DEFAULT_TIMEOUT_EPSILON), EWOULDBLOCK);
  EXPECT_FALSE(bintimeisset(&left));
  EXPECT_EQ(cv_timedwaitbt(&cv_, &mutex_, &left, DEFAULT_TIMEOUT_EPSILON), EWOULDBLOCK);

  left = ms2bintime(1'000'000);
  std::thread waker([&] {
    eventually([&] { return cv_has_waiters(&cv_); });
    cv_signal(&cv_);
  });
  EXPECT_EQ(cv_timedwaitbt(&cv_, &mutex_, &left, DEFAULT_TIMEOUT_EPSILON), 0);
  const struct bintime whole = ms2bintime(1'000'000);
  EXPECT_TRUE(bintimecmp(&left, &whole, <));
  EXPECT_TRUE(bintimeisset(&left));
  mutex_exit(&mutex_);
  waker.join();
}

TEST_F(CondvarTest, InterruptEndsOnlyInterruptibleWaits) {
  int result = -1;
  Thread sleeper("sleeper", [&] {
    mutex_enter(&mutex_);
    result = cv_wait_sig(&cv_, &mutex_);
    mutex_exit(&mutex_);
  });
  eventually([&] { return cv_has_waiters(&cv_); });
  interrupt(sleeper.thread());
  sleeper.join();
  EXPECT_EQ(result, EINTR);
  EXPECT_FALSE(cv_has_waiters(&cv_));
}

TEST_F(CondvarTest, InterruptBeforeTheWaitIsNotLost) {
  Event go;
  int signalled = -1;
  int deaf = -1;
  Thread sleeper("sleeper", [&] {
    go.wait();
    mutex_enter(&mutex_);
    deaf = cv_timedwait(&cv_, &mutex_, 2);
    signalled = cv_timedwait_sig(&cv_, &mutex_, 1000 * hz);
    EXPECT_TRUE(mutex_owned(&mutex_));
    mutex_exit(&mutex_);
  });
  interrupt(sleeper.thread());
  go.set();
  sleeper.join();
  EXPECT_EQ(deaf, EWOULDBLOCK);
  EXPECT_EQ(signalled, EINTR);
}

TEST_F(CondvarTest, KernelLockIsGivenUpAndRestored) {
  bool ready = false;
  std::thread waker([&] {
    eventually([&] { return cv_has_waiters(&cv_); });
    const KernelLock lock;
    mutex_enter(&mutex_);
    ready = true;
    cv_signal(&cv_);
    mutex_exit(&mutex_);
  });
  KERNEL_LOCK(3, nullptr);
  mutex_enter(&mutex_);
  while (!ready) cv_wait(&cv_, &mutex_);
  mutex_exit(&mutex_);
  EXPECT_EQ(current()->kernel_locks, 3u);
  kernel_unlock(3);
  waker.join();
}

TEST_F(CondvarDeathTest, WaitWithoutTheMutex) {
  EXPECT_PANIC(cv_wait(&cv_, &mutex_), "cv_wait: mutex .* is not held");
}

TEST_F(CondvarDeathTest, WaitInInterruptHandler) {
  EXPECT_PANIC(
      {
        const ContextScope context(Context::interrupt, nullptr, IPL_NET);
        mutex_enter(&spin_);
        cv_wait(&cv_, &spin_);
      },
      "cv_wait: may sleep, called in an interrupt handler");
}

TEST_F(CondvarDeathTest, WaitInSoftint) {
  EXPECT_PANIC(
      {
        const ContextScope context(Context::softint, nullptr, IPL_SOFTNET);
        mutex_enter(&mutex_);
        cv_wait(&cv_, &mutex_);
      },
      "cv_wait: may sleep, called in a softint or callout");
}

TEST_F(CondvarDeathTest, WaitWithAnotherSpinMutex) {
  EXPECT_PANIC(
      {
        kmutex_t other;
        mutex_init(&other, MUTEX_DEFAULT, IPL_NET);
        mutex_enter(&spin_);
        mutex_enter(&other);
        cv_wait(&cv_, &spin_);
      },
      "cv_wait: may sleep, called with a spin mutex held");
}

TEST_F(CondvarDeathTest, DestroyedWithWaiters) {
  EXPECT_PANIC(
      {
        std::thread waiter([&] {
          mutex_enter(&mutex_);
          cv_wait(&cv_, &mutex_);
        });
        eventually([&] { return cv_has_waiters(&cv_); });
        cv_destroy(&cv_);
      },
      "cv_destroy: somebody waits for \"testcv\"");
}

TEST(UninitialisedCondvarDeathTest, IsNoticed) {
  kcondvar_t zero = {};
  EXPECT_FALSE(cv_is_valid(&zero));
  EXPECT_PANIC(cv_signal(&zero), "cv_signal: condvar .* is not initialised");
}

TEST(SleepTest, WakeupWakesAllOfOneChannel) {
  int channel = 0;
  int other = 0;
  std::atomic<int> woken{0};
  std::vector<std::unique_ptr<Thread>> threads;
  for (int i = 0; i < 3; ++i) {
    threads.push_back(std::make_unique<Thread>("sleeper", [&] {
      EXPECT_EQ(tsleep(&channel, PZERO, "chan", 0), 0);
      ++woken;
    }));
  }
  Thread bystander("bystander", [&] { EXPECT_EQ(tsleep(&other, PZERO, "other", 0), 0); });
  const auto sleeps = [](Thread& t) { return t.thread()->sleeping_for.load() != nullptr; };
  eventually([&] {
    return std::all_of(threads.begin(), threads.end(), [&](auto& t) { return sleeps(*t); });
  });
  eventually([&] { return sleeps(bystander); });
  wakeup(&channel);
  threads.clear();
  EXPECT_EQ(woken, 3);
  EXPECT_TRUE(sleeps(bystander));
  wakeup_one(&other);
}

TEST(SleepTest, TsleepGivesUpTheKernelLock) {
  int channel = 0;
  bool ready = false;  // guarded by the kernel lock
  std::thread waker([&] {
    const KernelLock lock;
    ready = true;
    wakeup(&channel);
  });
  KERNEL_LOCK(1, nullptr);
  while (!ready) EXPECT_EQ(tsleep(&channel, PZERO, "ready", 0), 0);
  EXPECT_TRUE(KERNEL_LOCKED_P());
  KERNEL_UNLOCK_ONE(nullptr);
  waker.join();
}

TEST(SleepTest, TsleepTimesOutAndIsInterrupted) {
  int channel = 0;
  EXPECT_EQ(tsleep(&channel, PZERO, "time", 5), EWOULDBLOCK);
  int result = -1;
  Thread sleeper("sleeper", [&] { result = tsleep(&channel, PZERO | PCATCH, "sig", 0); });
  eventually([&] { return sleeper.thread()->sleeping_for.load() != nullptr; });
  interrupt(sleeper.thread());
  sleeper.join();
  EXPECT_EQ(result, EINTR);
}

TEST(SleepTest, MtsleepLeavesTheMutexAsAsked) {
  int channel = 0;
  kmutex_t mutex;
  mutex_init(&mutex, MUTEX_DEFAULT, IPL_NONE);
  mutex_enter(&mutex);
  EXPECT_EQ(mtsleep(&channel, PZERO, "m", 2, &mutex), EWOULDBLOCK);
  EXPECT_TRUE(mutex_owned(&mutex));
  EXPECT_EQ(mtsleep(&channel, PZERO | PNORELOCK, "m", 2, &mutex), EWOULDBLOCK);
  EXPECT_FALSE(mutex_owned(&mutex));
  mutex_destroy(&mutex);
}

TEST(SleepTest, KpauseLastsAndGivesUpTheMutex) {
  kmutex_t mutex;
  mutex_init(&mutex, MUTEX_DEFAULT, IPL_NONE);
  mutex_enter(&mutex);
  const unsigned before = getticks();
  Event done;
  std::thread other([&] {
    mutex_enter(&mutex);
    mutex_exit(&mutex);
    done.set();
  });
  while (!done.is_set()) EXPECT_EQ(kpause("pause", false, 3, &mutex), EWOULDBLOCK);
  EXPECT_GE(getticks() - before, 3u);
  EXPECT_TRUE(mutex_owned(&mutex));
  mutex_exit(&mutex);
  other.join();
  EXPECT_EQ(kpause("pause", false, mstohz(1), nullptr), EWOULDBLOCK);
  mutex_destroy(&mutex);
}

TEST(SleepDeathTest, KpauseForEver) {
  EXPECT_PANIC(kpause("pause", false, 0, nullptr), "kpause: would sleep for ever");
}

TEST(SleepDeathTest, InInterruptHandler) {
  EXPECT_PANIC(
      {
        const ContextScope context(Context::interrupt, nullptr, IPL_NET);
        kpause("pause", false, 1, nullptr);
      },
      "kpause: may sleep, called in an interrupt handler");
}

}  // namespace
}  // namespace pupci::kern
