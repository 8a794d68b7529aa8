// SPDX-License-Identifier: BSD-2-Clause
// xcall(9), pserialize(9), RUN_ONCE(9), preemption.
#include "netbsd/sys/xcall.h"

#include <atomic>
#include <thread>
#include <vector>

#include "kern/lwp.h"
#include "kern_support.h"
#include "netbsd/sys/cpu.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/lwp.h"
#include "netbsd/sys/mutex.h"
#include "netbsd/sys/once.h"
#include "netbsd/sys/pserialize.h"

namespace pupci::kern {
namespace {

using test::Event;
using test::eventually;

TEST(XcallTest, RunsOnceOnEachCpuBeforeWaitReturns) {
  std::atomic<int> runs{0};
  const auto count = [](void* p, void* amount) {
    EXPECT_FALSE(cpu_softintr_p());
    *static_cast<std::atomic<int>*>(p) += *static_cast<int*>(amount);
  };
  int amount = 3;
  xc_wait(xc_broadcast(0, count, &runs, &amount));
  EXPECT_EQ(runs, 3 * ncpu);
  xc_wait(xc_unicast(0, count, &runs, &amount, curcpu()));
  EXPECT_EQ(runs, 3 * ncpu + 3);
}

TEST(XcallTest, HighPriorityRunsAsASoftint) {
  bool soft = false;
  xc_wait(xc_broadcast(
      XC_HIGHPRI, [](void* p, void*) { *static_cast<bool*>(p) = cpu_softintr_p(); }, &soft,
      nullptr));
  EXPECT_TRUE(soft);
}

TEST(XcallTest, BarrierWaitsForAHandlerThatIsUnderWay) {
  Event begun;
  Event go;
  std::atomic<bool> ended{false};
  std::thread handler([&] {
    const ContextScope context(Context::interrupt, nullptr, IPL_NET);
    begun.set();
    go.wait();
    ended = true;
  });
  begun.wait();
  std::thread opener([&] { go.set(); });
  xc_barrier(0);
  EXPECT_TRUE(ended);
  handler.join();
  opener.join();
}

TEST(XcallTest, BarrierWaitsForPreemptionToBeEnabled) {
  Event begun;
  Event go;
  std::atomic<bool> ended{false};
  std::thread other([&] {
    kpreempt_disable();
    EXPECT_TRUE(kpreempt_disabled());
    begun.set();
    go.wait();
    ended = true;
    kpreempt_enable();
    EXPECT_FALSE(kpreempt_disabled());
  });
  begun.wait();
  std::thread opener([&] { go.set(); });
  xc_barrier(0);
  EXPECT_TRUE(ended);
  other.join();
  opener.join();
}

// As a softint that waits for a mutex lets others run, the barrier does not wait for it: its holder
// may be who called.
TEST(XcallTest, BarrierPassesASoftintThatWaitsForAMutex) {
  kmutex_t mutex;
  mutex_init(&mutex, MUTEX_DEFAULT, IPL_SOFTNET);
  mutex_enter(&mutex);
  lwp* l = nullptr;
  Event begun;
  std::thread softint([&] {
    const ContextScope context(Context::softint, nullptr, IPL_SOFTNET);
    l = current();
    begun.set();
    mutex_enter(&mutex);
    mutex_exit(&mutex);
  });
  begun.wait();
  xc_barrier(0);
  mutex_exit(&mutex);
  softint.join();
  mutex_destroy(&mutex);
}

TEST(PserializeTest, PerformWaitsForReadersThatCameBefore) {
  pserialize_t psz = pserialize_create();
  Event begun;
  Event go;
  std::atomic<bool> ended{false};
  std::thread reader([&] {
    const int s = pserialize_read_enter();
    begun.set();
    go.wait();
    ended = true;
    pserialize_read_exit(s);
  });
  begun.wait();
  std::thread opener([&] { go.set(); });
  pserialize_perform(psz);
  EXPECT_TRUE(ended);
  reader.join();
  opener.join();
  pserialize_destroy(psz);
}

TEST(PserializeDeathTest, ExitWithoutEnter) {
  EXPECT_PANIC(pserialize_read_exit(0), "pserialize_read_exit: not in a read section");
}

int calls;
Event* gate;

TEST(OnceTest, RunsOnceAndTellsEverybodyTheResult) {
  static ONCE_DECL(once);
  Event open;
  gate = &open;
  calls = 0;
  const auto init = [] {
    gate->wait();
    return ++calls;
  };
  std::atomic<int> sum{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { sum += RUN_ONCE(&once, init); });
  open.set();
  for (auto& t : threads) t.join();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(RUN_ONCE(&once, init), 1);
}

TEST(OnceTest, LastFiniUndoesIt) {
  static ONCE_DECL(once);
  calls = 0;
  const auto init = [] {
    calls += 10;
    return 0;
  };
  const auto fini = [] { ++calls; };
  INIT_ONCE(&once, init);
  INIT_ONCE(&once, init);
  FINI_ONCE(&once, fini);
  EXPECT_EQ(calls, 10);
  FINI_ONCE(&once, fini);
  EXPECT_EQ(calls, 11);
  INIT_ONCE(&once, init);
  EXPECT_EQ(calls, 21);
}

TEST(OnceDeathTest, FiniTooOften) {
  static ONCE_DECL(once);
  EXPECT_PANIC(FINI_ONCE(&once, [] {}), "FINI_ONCE: more often than INIT_ONCE");
}

TEST(PreemptionDeathTest, EnabledTooOften) {
  EXPECT_PANIC(kpreempt_enable(), "kpreempt_enable: preemption is not disabled");
}

}  // namespace
}  // namespace pupci::kern
