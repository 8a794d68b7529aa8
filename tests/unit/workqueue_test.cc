// SPDX-License-Identifier: BSD-2-Clause
// workqueue(9) and kthread(9).
#include "netbsd/sys/workqueue.h"

#include <atomic>
#include <thread>
#include <vector>

#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/track.h"
#include "kern_support.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/kernel.h"
#include "netbsd/sys/kthread.h"
#include "netbsd/sys/lock.h"
#include "netbsd/sys/proc.h"

namespace pupci::kern {
namespace {

using test::Event;
using test::eventually;

struct Item {
  struct work work;  // first: the driver casts back
  int number;
};

struct Queue {
  Event go;
  std::vector<int> done;
  std::atomic<std::size_t> count{0};
  bool locked = false;
  static void run(struct work* w, void* p) {
    auto* const q = static_cast<Queue*>(p);
    q->go.wait();
    q->locked = KERNEL_LOCKED_P();
    q->done.push_back(reinterpret_cast<Item*>(w)->number);
    ++q->count;
  }
};

std::vector<Item> items(int n) {
  std::vector<Item> all(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) all[static_cast<std::size_t>(i)].number = i;
  return all;
}

TEST(WorkqueueTest, DoesWorkInOrderAndDestroyDrains) {
  Queue queue;
  struct workqueue* wq = nullptr;
  ASSERT_EQ(workqueue_create(&wq, "testwq", Queue::run, &queue, PRI_BIO, IPL_NET, WQ_MPSAFE), 0);
  auto all = items(20);
  std::thread([&] {
    const ContextScope context(Context::interrupt, nullptr, IPL_NET);
    for (Item& item : all) workqueue_enqueue(wq, &item.work, nullptr);
  }).join();
  queue.go.set();
  workqueue_destroy(wq);
  ASSERT_EQ(queue.done.size(), 20u);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(queue.done[static_cast<std::size_t>(i)], i);
  EXPECT_FALSE(queue.locked);
}

TEST(WorkqueueTest, WithoutMpsafeRunsUnderTheKernelLockAndDrainsFromBelowIt) {
  Queue queue;
  struct workqueue* wq = nullptr;
  ASSERT_EQ(workqueue_create(&wq, "testwq", Queue::run, &queue, PRI_BIO, IPL_NONE, 0), 0);
  auto all = items(2);
  queue.go.set();
  KERNEL_LOCK(1, nullptr);
  for (Item& item : all) workqueue_enqueue(wq, &item.work, nullptr);
  EXPECT_EQ(queue.count, 0u);
  workqueue_destroy(wq);
  EXPECT_TRUE(KERNEL_LOCKED_P());
  KERNEL_UNLOCK_ONE(nullptr);
  EXPECT_EQ(queue.done.size(), 2u);
  EXPECT_TRUE(queue.locked);
}

TEST(WorkqueueTest, WorkMaySleepFreeAndEnqueueItself) {
  struct State {
    struct workqueue* wq = nullptr;
    std::atomic<int> runs{0};
  } state;
  const auto run = [](struct work* w, void* p) {
    auto* const s = static_cast<State*>(p);
    kpause("work", false, 1, nullptr);
    if (++s->runs < 3) {
      workqueue_enqueue(s->wq, w, nullptr);
    } else {
      delete reinterpret_cast<Item*>(w);
    }
  };
  ASSERT_EQ(
      workqueue_create(&state.wq, "testwq", run, &state, PRI_BIO, IPL_NONE, WQ_MPSAFE | WQ_PERCPU),
      0);
  workqueue_enqueue(state.wq, &(new Item{})->work, nullptr);
  eventually([&] { return state.runs == 3; });
  workqueue_destroy(state.wq);
}

TEST(WorkqueueTest, WaitReturnsWhenTheWorkIsDone) {
  Queue queue;
  struct workqueue* wq = nullptr;
  ASSERT_EQ(workqueue_create(&wq, "testwq", Queue::run, &queue, PRI_BIO, IPL_NONE, WQ_MPSAFE), 0);
  auto all = items(3);
  for (Item& item : all) workqueue_enqueue(wq, &item.work, nullptr);
  std::thread opener([&] { queue.go.set(); });
  workqueue_wait(wq, &all[1].work);
  EXPECT_GE(queue.count, 2u);
  struct work never = {};
  workqueue_wait(wq, &never);  // was never queued: returns
  opener.join();
  workqueue_destroy(wq);
}

TEST(WorkqueueDeathTest, DestroyedTwice) {
  EXPECT_PANIC(
      {
        Queue queue;
        struct workqueue* wq = nullptr;
        workqueue_create(&wq, "testwq", Queue::run, &queue, PRI_BIO, IPL_NONE, WQ_MPSAFE);
        workqueue_destroy(wq);
        workqueue_destroy(wq);
      },
      "workqueue_destroy: .* is not a workqueue");
}

#ifdef PUPCI_DEBUG
TEST(WorkqueueDeathTest, EnqueuedTwice) {
  EXPECT_PANIC(
      {
        Queue queue;
        struct workqueue* wq = nullptr;
        workqueue_create(&wq, "testwq", Queue::run, &queue, PRI_BIO, IPL_NONE, WQ_MPSAFE);
        auto all = items(2);
        workqueue_enqueue(wq, &all[0].work, nullptr);
        workqueue_enqueue(wq, &all[1].work, nullptr);
        workqueue_enqueue(wq, &all[1].work, nullptr);
      },
      "workqueue_enqueue: the work is queued already");
}
#endif

struct Body {
  lwp_t* thread = nullptr;
  bool same = false;
  bool locked = false;
  std::atomic<bool> ended{false};
  Event done;
};

TEST(KthreadTest, RunsUnderTheKernelLockAndIsJoined) {
  Body body;
  ASSERT_EQ(kthread_create(
                PRI_NONE, KTHREAD_MUSTJOIN, nullptr,
                [](void* p) {
                  auto* const b = static_cast<Body*>(p);
                  b->same = b->thread == current();
                  b->locked = KERNEL_LOCKED_P();
                  kthread_exit(7);
                },
                &body, &body.thread, "test%d", 5),
            0);
  EXPECT_EQ(kthread_join(body.thread), 7);
  EXPECT_TRUE(body.same);
  EXPECT_TRUE(body.locked);
}

TEST(KthreadTest, MpsafeRunsOutsideTheKernelLock) {
  Body body;
  const KernelLock lock;
  ASSERT_EQ(kthread_create(
                PRI_NONE, KTHREAD_MUSTJOIN | KTHREAD_MPSAFE, nullptr,
                [](void* p) {
                  auto* const b = static_cast<Body*>(p);
                  b->locked = KERNEL_LOCKED_P();
                  EXPECT_STREQ(current()->name, "mp5");
                  b->done.set();
                  kthread_exit(0);
                },
                &body, &body.thread, "mp%d", 5),
            0);
  body.done.wait();
  EXPECT_FALSE(body.locked);
  EXPECT_EQ(kthread_join(body.thread), 0);
}

TEST(KthreadTest, EndsOnItsOwn) {
  Body body;
  ASSERT_EQ(kthread_create(
                PRI_NONE, 0, nullptr,
                [](void* p) {
                  KERNEL_LOCK(2, nullptr);  // given up with the thread
                  static_cast<Body*>(p)->done.set();
                  kthread_exit(0);
                },
                &body, nullptr, "test"),
            0);
  body.done.wait();
  const KernelLock lock;
  eventually([] {
    std::size_t threads = 0;
    for (const Tracked& t : tracked_for(nullptr)) threads += t.kind == Kind::thread ? 1u : 0u;
    return threads == 0;
  });
}

TEST(KthreadTest, HasAGuardedStackOfItsOwn) {
  Body body;
  ASSERT_EQ(kthread_create(
                PRI_NONE, KTHREAD_MUSTJOIN | KTHREAD_MPSAFE, nullptr,
                [](void* p) {
                  const auto* const base = static_cast<const std::byte*>(current()->stack_base);
                  const auto* const here =
                      static_cast<const std::byte*>(__builtin_frame_address(0));
                  static_cast<Body*>(p)->same = here >= base && here < base + current()->stack_size;
                  kthread_exit(0);
                },
                &body, &body.thread, "test"),
            0);
  kthread_join(body.thread);
  EXPECT_TRUE(body.same);
}

TEST(KthreadDeathTest, ReturnsInsteadOfExiting) {
  EXPECT_PANIC(
      {
        lwp_t* l = nullptr;
        kthread_create(PRI_NONE, KTHREAD_MUSTJOIN, nullptr, [](void*) {}, nullptr, &l, "test");
        kthread_join(l);
      },
      "kthread: returned without kthread_exit");
}

TEST(KthreadDeathTest, ExitOfAnotherKindOfThread) {
  EXPECT_PANIC(kthread_exit(0), "kthread_exit: not a thread of kthread_create");
}

TEST(KthreadDeathTest, JoinOfWhatIsNotToBeJoined) {
  EXPECT_PANIC(
      {
        Body body;
        kthread_create(
            PRI_NONE, 0, nullptr,
            [](void* p) {
              static_cast<Body*>(p)->done.wait();
              kthread_exit(0);
            },
            &body, &body.thread, "test");
        kthread_join(body.thread);
      },
      "kthread_join: not a KTHREAD_MUSTJOIN thread");
}

}  // namespace
}  // namespace pupci::kern
