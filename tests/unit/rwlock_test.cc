// SPDX-License-Identifier: BSD-2-Clause
// rwlock(9).
#include "netbsd/sys/rwlock.h"

#include <atomic>
#include <thread>
#include <vector>

#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/thread.h"
#include "kern_support.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/lock.h"
#include "netbsd/sys/mutex.h"

namespace pupci::kern {
namespace {

using test::Event;
using test::eventually;

class RwlockTest : public testing::Test {
 protected:
  void SetUp() override { rw_init(&lock_); }
  void TearDown() override { rw_destroy(&lock_); }
  krwlock_t lock_;
};
using RwlockDeathTest = RwlockTest;

bool sleeps(Thread& t) {
  return t.thread()->sleeping_for.load() != nullptr;
}

TEST_F(RwlockTest, ReadersShareAndKeepWritersOut) {
  rw_enter(&lock_, RW_READER);
  std::thread([&] {
    EXPECT_TRUE(rw_tryenter(&lock_, RW_READER));
    rw_exit(&lock_);
    EXPECT_FALSE(rw_tryenter(&lock_, RW_WRITER));
  }).join();
  EXPECT_TRUE(rw_read_held(&lock_));
  EXPECT_TRUE(rw_lock_held(&lock_));
  EXPECT_FALSE(rw_write_held(&lock_));
  EXPECT_EQ(rw_lock_op(&lock_), RW_READER);
  rw_exit(&lock_);
  EXPECT_FALSE(rw_lock_held(&lock_));
}

TEST_F(RwlockTest, WriterKeepsEverybodyOut) {
  rw_enter(&lock_, RW_WRITER);
  EXPECT_TRUE(rw_write_held(&lock_));
  EXPECT_EQ(rw_lock_op(&lock_), RW_WRITER);
  std::thread([&] {
    EXPECT_FALSE(rw_write_held(&lock_));
    EXPECT_FALSE(rw_tryenter(&lock_, RW_READER));
    EXPECT_FALSE(rw_tryenter(&lock_, RW_WRITER));
  }).join();
  rw_exit(&lock_);
}

TEST_F(RwlockTest, AWaitingWriterGoesBeforeNewReaders) {
  std::vector<char> order;  // guarded by the lock: of readers there is one
  rw_enter(&lock_, RW_READER);
  Thread writer("writer", [&] {
    rw_enter(&lock_, RW_WRITER);
    order.push_back('w');
    rw_exit(&lock_);
  });
  eventually([&] { return sleeps(writer); });
  EXPECT_FALSE(rw_tryenter(&lock_, RW_READER));
  Thread reader("reader", [&] {
    rw_enter(&lock_, RW_READER);
    order.push_back('r');
    rw_exit(&lock_);
  });
  eventually([&] { return sleeps(reader); });
  rw_exit(&lock_);
  writer.join();
  reader.join();
  EXPECT_EQ(std::string(order.begin(), order.end()).find('w') != std::string::npos, true);
  EXPECT_EQ(order.size(), 2u);
}

TEST_F(RwlockTest, UpgradesAndDowngrades) {
  rw_enter(&lock_, RW_READER);
  EXPECT_TRUE(rw_tryupgrade(&lock_));
  EXPECT_TRUE(rw_write_held(&lock_));
  Thread reader("reader", [&] {
    rw_enter(&lock_, RW_READER);
    EXPECT_FALSE(rw_tryupgrade(&lock_));  // there is another
    rw_exit(&lock_);
  });
  eventually([&] { return sleeps(reader); });
  rw_downgrade(&lock_);
  EXPECT_TRUE(rw_read_held(&lock_));
  reader.join();
  rw_exit(&lock_);
}

TEST_F(RwlockTest, ExcludesUnderLoad) {
  long value = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 3000; ++n) {
        rw_enter(&lock_, i < 2 ? RW_WRITER : RW_READER);
        if (i < 2) {
          ++value;
        } else {
          EXPECT_GE(value, 0);
        }
        rw_exit(&lock_);
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(value, 6000);
}

TEST_F(RwlockTest, WaiterGivesUpTheKernelLock) {
  Event held;
  std::thread writer([&] {
    rw_enter(&lock_, RW_WRITER);
    held.set();
    const KernelLock kernel;
    rw_exit(&lock_);
  });
  held.wait();
  KERNEL_LOCK(1, nullptr);
  rw_enter(&lock_, RW_READER);
  EXPECT_TRUE(KERNEL_LOCKED_P());
  rw_exit(&lock_);
  KERNEL_UNLOCK_ONE(nullptr);
  writer.join();
}

TEST(RwlockObject, LivesAsLongAsItIsReferenced) {
  krwlock_t* const lock = rw_obj_alloc();
  rw_obj_hold(lock);
  EXPECT_EQ(rw_obj_refcnt(lock), 2u);
  EXPECT_FALSE(rw_obj_free(lock));
  EXPECT_TRUE(rw_obj_free(lock));
}

TEST_F(RwlockDeathTest, ExitOfWhatIsNotHeld) {
  EXPECT_PANIC(rw_exit(&lock_), "rw_exit: rwlock .* is not held");
}

TEST_F(RwlockDeathTest, Recursion) {
  EXPECT_PANIC(
      {
        rw_enter(&lock_, RW_WRITER);
        rw_enter(&lock_, RW_READER);
      },
      "rw_enter: rwlock .* locking against myself");
}

TEST_F(RwlockDeathTest, DestroyedWhileHeld) {
  EXPECT_PANIC(
      {
        rw_enter(&lock_, RW_READER);
        rw_destroy(&lock_);
      },
      "rw_destroy: rwlock .* is held");
}

TEST_F(RwlockDeathTest, InInterruptHandler) {
  EXPECT_PANIC(
      {
        const ContextScope context(Context::interrupt, nullptr, IPL_NET);
        rw_enter(&lock_, RW_READER);
      },
      "rw_enter: rwlock .* taken in an interrupt handler");
}

TEST(UninitialisedRwlockDeathTest, IsNoticed) {
  krwlock_t zero = {};
  EXPECT_PANIC(rw_enter(&zero, RW_READER), "rw_enter: rwlock .* is not initialised");
}

}  // namespace
}  // namespace pupci::kern
