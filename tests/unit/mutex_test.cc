// SPDX-License-Identifier: BSD-2-Clause
// mutex(9) and the kernel lock.
#include "netbsd/sys/mutex.h"

#include <thread>
#include <vector>

#include "kern/check.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern_support.h"
#include "netbsd/sys/lock.h"

namespace pupci::kern {
namespace {

using test::Event;
using test::eventually;

class MutexTest : public testing::Test {
 protected:
  void SetUp() override {
    mutex_init(&adaptive_, MUTEX_DEFAULT, IPL_NONE);
    mutex_init(&spin_, MUTEX_DEFAULT, IPL_NET);
  }
  void TearDown() override {
    mutex_destroy(&adaptive_);
    mutex_destroy(&spin_);
  }
  kmutex_t adaptive_;
  kmutex_t spin_;
};
using MutexDeathTest = MutexTest;

TEST_F(MutexTest, KnowsItsOwner) {
  EXPECT_FALSE(mutex_owned(&adaptive_));
  EXPECT_EQ(mutex_ownable(&adaptive_), 1);
  mutex_enter(&adaptive_);
  EXPECT_TRUE(mutex_owned(&adaptive_));
  EXPECT_EQ(mutex_owner(&adaptive_), current());
  std::thread([this] { EXPECT_FALSE(mutex_owned(&adaptive_)); }).join();
  mutex_exit(&adaptive_);
  EXPECT_FALSE(mutex_owned(&adaptive_));
  EXPECT_EQ(mutex_owner(&adaptive_), nullptr);
}

TEST_F(MutexTest, TryenterTakesOnlyWhatIsFree) {
  EXPECT_TRUE(mutex_tryenter(&adaptive_));
  EXPECT_FALSE(mutex_tryenter(&adaptive_));
  std::thread([this] { EXPECT_FALSE(mutex_tryenter(&adaptive_)); }).join();
  mutex_exit(&adaptive_);
  std::thread([this] {
    EXPECT_TRUE(mutex_tryenter(&adaptive_));
    mutex_exit(&adaptive_);
  }).join();
}

TEST_F(MutexTest, Excludes) {
  long count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) {
        mutex_enter(&adaptive_);
        ++count;
        mutex_exit(&adaptive_);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, 40'000);
}

// The handler runs on its own thread, as in a process; it must wait for the mutex all the same.
TEST_F(MutexTest, AtNetworkLevelExcludesTheInterruptHandler) {
  Event entered;
  bool handled = false;  // guarded by spin_
  mutex_spin_enter(&spin_);
  std::thread handler([&] {
    const ContextScope context(Context::interrupt, nullptr, IPL_NET);
    entered.set();
    mutex_spin_enter(&spin_);
    handled = true;
    mutex_spin_exit(&spin_);
  });
  entered.wait();
  for (int i = 0; i < 100; ++i) {
    std::this_thread::yield();
    EXPECT_FALSE(handled);
  }
  mutex_spin_exit(&spin_);
  handler.join();
  EXPECT_TRUE(handled);
}

TEST_F(MutexTest, SpinMutexRaisesTheLevel) {
  kmutex_t high;
  mutex_init(&high, MUTEX_DEFAULT, IPL_HIGH);
  const int s = splsoftnet();
  mutex_enter(&spin_);
  EXPECT_EQ(current()->ipl, IPL_NET);
  mutex_enter(&high);
  EXPECT_EQ(current()->ipl, IPL_HIGH);
  mutex_exit(&spin_);  // not the order of nesting: the level falls with the last one
  EXPECT_EQ(current()->ipl, IPL_HIGH);
  mutex_exit(&high);
  EXPECT_EQ(current()->ipl, IPL_SOFTNET);
  splx(s);
  EXPECT_EQ(current()->ipl, IPL_NONE);
  mutex_destroy(&high);
}

TEST_F(MutexTest, LevelDecidesWhetherItSpins) {
  kmutex_t soft;
  mutex_init(&soft, MUTEX_DEFAULT, IPL_SOFTNET);
  mutex_enter(&soft);
  EXPECT_EQ(current()->spin_locks, 0u);
  mutex_exit(&soft);
  mutex_destroy(&soft);
  mutex_enter(&spin_);
  EXPECT_EQ(current()->spin_locks, 1u);
  mutex_exit(&spin_);
}

// The holder of an adaptive mutex may want the kernel lock while its waiter holds that.
TEST_F(MutexTest, WaiterGivesUpTheKernelLock) {
  Event held;
  Event go;
  std::thread holder([&] {
    mutex_enter(&adaptive_);
    held.set();
    go.wait();
    KERNEL_LOCK(1, nullptr);
    KERNEL_UNLOCK_ONE(nullptr);
    mutex_exit(&adaptive_);
  });
  held.wait();
  KERNEL_LOCK(2, nullptr);
  go.set();
  mutex_enter(&adaptive_);
  EXPECT_EQ(current()->kernel_locks, 2u);
  mutex_exit(&adaptive_);
  int depth = 0;
  KERNEL_UNLOCK_ALL(nullptr, &depth);
  EXPECT_EQ(depth, 2);
  holder.join();
}

TEST(MutexObject, LivesAsLongAsItIsReferenced) {
  kmutex_t* const mutex = mutex_obj_alloc(MUTEX_DEFAULT, IPL_NONE);
  EXPECT_EQ(mutex_obj_refcnt(mutex), 1u);
  mutex_obj_hold(mutex);
  EXPECT_EQ(mutex_obj_refcnt(mutex), 2u);
  EXPECT_FALSE(mutex_obj_free(mutex));
  mutex_enter(mutex);
  mutex_exit(mutex);
  EXPECT_TRUE(mutex_obj_free(mutex));
}

TEST(KernelLockTest, NestsAndExcludes) {
  KERNEL_LOCK(1, nullptr);
  KERNEL_LOCK(1, nullptr);
  EXPECT_TRUE(KERNEL_LOCKED_P());
  Event asked;
  bool taken = false;
  std::thread other([&] {
    EXPECT_FALSE(KERNEL_LOCKED_P());
    asked.set();
    const KernelLock lock;
    taken = true;
  });
  asked.wait();
  KERNEL_UNLOCK_ONE(nullptr);
  std::this_thread::yield();
  EXPECT_FALSE(taken);
  KERNEL_UNLOCK_LAST(nullptr);
  other.join();
  EXPECT_TRUE(taken);
  EXPECT_FALSE(KERNEL_LOCKED_P());
}

TEST_F(MutexDeathTest, ExitOfWhatIsNotHeld) {
  EXPECT_PANIC(mutex_exit(&adaptive_), "mutex_exit: mutex .* is not held");
}

TEST_F(MutexDeathTest, ExitByAnotherThread) {
  EXPECT_PANIC(
      {
        mutex_enter(&adaptive_);
        std::thread([this] { mutex_exit(&adaptive_); }).join();
      },
      "mutex_exit: mutex .* is held by another thread");
}

TEST_F(MutexDeathTest, Recursion) {
  EXPECT_PANIC(
      {
        mutex_enter(&adaptive_);
        mutex_enter(&adaptive_);
      },
      "mutex_enter: mutex .*locking against myself");
}

TEST_F(MutexDeathTest, DestroyedWhileHeld) {
  EXPECT_PANIC(
      {
        mutex_enter(&adaptive_);
        mutex_destroy(&adaptive_);
      },
      "mutex_destroy: mutex .* is held");
}

TEST_F(MutexDeathTest, UseAfterDestroy) {
  EXPECT_PANIC(
      {
        mutex_destroy(&adaptive_);
        mutex_enter(&adaptive_);
      },
      "mutex_enter: mutex .* is destroyed");
}

TEST(UninitialisedMutexDeathTest, IsNoticed) {
  kmutex_t zero = {};
  EXPECT_PANIC(mutex_enter(&zero), "mutex_enter: mutex .* is not initialised");
}

TEST_F(MutexDeathTest, AdaptiveInInterruptHandler) {
  EXPECT_PANIC(
      {
        const ContextScope context(Context::interrupt, nullptr, IPL_NET);
        mutex_enter(&adaptive_);
      },
      "mutex_enter: mutex .* is adaptive, and this is an interrupt handler");
}

TEST_F(MutexDeathTest, AdaptiveUnderSpin) {
  EXPECT_PANIC(
      {
        mutex_enter(&spin_);
        mutex_enter(&adaptive_);
      },
      "mutex_enter: mutex .* is adaptive, and a spin mutex is held");
}

TEST_F(MutexDeathTest, SleepingWithSpinMutexHeld) {
  EXPECT_PANIC(
      {
        mutex_enter(&spin_);
        check_sleepable("kmem_alloc", nullptr);
      },
      "kmem_alloc: may sleep, called with a spin mutex held");
}

TEST_F(MutexDeathTest, HandlerThatReturnsWithAMutex) {
  EXPECT_PANIC(
      {
        const ContextScope context(Context::interrupt, nullptr, IPL_NET);
        mutex_enter(&spin_);
      },
      "returned with a mutex held");
}

TEST(SplDeathTest, HandlerThatReturnsAtAnotherLevel) {
  EXPECT_PANIC(
      {
        const ContextScope context(Context::interrupt, nullptr, IPL_NET);
        (void)splhigh();
      },
      "splx: returned at IPL 7, entered at IPL 5");
}

TEST(KernelLockDeathTest, GivenUpTooOften) {
  EXPECT_PANIC(KERNEL_UNLOCK_ONE(nullptr), "KERNEL_UNLOCK: 1 holds given up, 0 held");
}

TEST_F(MutexDeathTest, KernelLockUnderSpin) {
  EXPECT_PANIC(
      {
        mutex_enter(&spin_);
        KERNEL_LOCK(1, nullptr);
      },
      "KERNEL_LOCK: a spin mutex is held");
}

}  // namespace
}  // namespace pupci::kern
