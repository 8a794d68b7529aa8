// SPDX-License-Identifier: BSD-2-Clause
// softint(9).
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern_support.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/lock.h"

namespace pupci::kern {
namespace {

using test::Event;
using test::eventually;

// What ran, in order, and which of them is to wait for the test.
struct Log {
  std::mutex mutex;
  std::vector<char> order;
  void add(char name) {
    const std::scoped_lock lock(mutex);
    order.push_back(name);
  }
  std::string text() {
    const std::scoped_lock lock(mutex);
    return {order.begin(), order.end()};
  }
};

struct Named {
  Log* log;
  char name;
  static void run(void* p) {
    auto* const n = static_cast<Named*>(p);
    n->log->add(n->name);
  }
};

TEST(SoftintTest, RunsAtItsLevelOutsideTheKernelLock) {
  struct State {
    int ipl = 0;
    bool locked = true;
    bool soft = false;
    Event done;
  } state;
  void* const s = softint_establish(
      SOFTINT_NET | SOFTINT_MPSAFE,
      [](void* p) {
        auto* const st = static_cast<State*>(p);
        st->ipl = current()->ipl;
        st->locked = KERNEL_LOCKED_P();
        st->soft = current()->context == Context::softint;
        st->done.set();
      },
      &state);
  ASSERT_NE(s, nullptr);
  softint_schedule(s);
  state.done.wait();
  EXPECT_EQ(state.ipl, IPL_SOFTNET);
  EXPECT_FALSE(state.locked);
  EXPECT_TRUE(state.soft);
  softint_disestablish(s);
}

TEST(SoftintTest, WithoutMpsafeRunsUnderTheKernelLock) {
  struct State {
    bool locked = false;
    std::atomic<bool> ran{false};
    Event done;
  } state;
  void* const s = softint_establish(
      SOFTINT_SERIAL,
      [](void* p) {
        auto* const st = static_cast<State*>(p);
        st->locked = KERNEL_LOCKED_P();
        st->ran = true;
        st->done.set();
      },
      &state);
  KERNEL_LOCK(1, nullptr);
  softint_schedule(s);
  std::this_thread::yield();
  EXPECT_FALSE(state.ran);
  KERNEL_UNLOCK_ONE(nullptr);
  state.done.wait();
  EXPECT_TRUE(state.locked);
  softint_disestablish(s);
}

// Scheduled from an interrupt handler while the level is busy: once each, in order.
TEST(SoftintTest, OneLevelRunsInOrderAndEachAtMostOnce) {
  struct Gate {
    Event begun;
    Event go;
  } gate;
  Log log;
  void* const blocker = softint_establish(
      SOFTINT_BIO | SOFTINT_MPSAFE,
      [](void* p) {
        static_cast<Gate*>(p)->begun.set();
        static_cast<Gate*>(p)->go.wait();
      },
      &gate);
  Named names[] = {{&log, 'a'}, {&log, 'b'}, {&log, 'c'}};
  void* s[3];
  for (int i = 0; i < 3; ++i) {
    s[i] = softint_establish(SOFTINT_BIO | SOFTINT_MPSAFE, Named::run, &names[i]);
  }
  softint_schedule(blocker);
  gate.begun.wait();
  std::thread([&] {
    const ContextScope context(Context::interrupt, nullptr, IPL_NET);
    for (const int i : {1, 0, 2, 1, 0}) softint_schedule(s[i]);
  }).join();
  EXPECT_EQ(log.text(), "");
  gate.go.set();
  eventually([&] { return log.text().size() >= 3; });
  softint_disestablish(blocker);
  for (void* si : s) softint_disestablish(si);
  EXPECT_EQ(log.text(), "bac");
}

TEST(SoftintTest, HigherLevelsDoNotWaitForLowerOnes) {
  struct Gate {
    Event begun;
    Event go;
  } gate;
  Event done;
  void* const low = softint_establish(
      SOFTINT_CLOCK | SOFTINT_MPSAFE,
      [](void* p) {
        static_cast<Gate*>(p)->begun.set();
        static_cast<Gate*>(p)->go.wait();
      },
      &gate);
  void* const high = softint_establish(
      SOFTINT_NET | SOFTINT_MPSAFE, [](void* p) { static_cast<Event*>(p)->set(); }, &done);
  softint_schedule(low);
  gate.begun.wait();
  softint_schedule(high);
  done.wait();
  gate.go.set();
  softint_disestablish(low);
  softint_disestablish(high);
}

TEST(SoftintTest, MayScheduleItself) {
  struct State {
    void* softint = nullptr;
    std::atomic<int> runs{0};
  } state;
  state.softint = softint_establish(
      SOFTINT_NET | SOFTINT_MPSAFE,
      [](void* p) {
        auto* const s = static_cast<State*>(p);
        if (++s->runs < 4) softint_schedule(s->softint);
      },
      &state);
  softint_schedule(state.softint);
  eventually([&] { return state.runs == 4; });
  softint_disestablish(state.softint);
  EXPECT_EQ(state.runs, 4);
}

TEST(SoftintTest, DisestablishWaitsForARunningOne) {
  struct State {
    Event begun;
    Event go;
    std::atomic<bool> ended{false};
  } state;
  void* const s = softint_establish(
      SOFTINT_NET,  // not MPSAFE: whoever waits must give up the kernel lock
      [](void* p) {
        auto* const st = static_cast<State*>(p);
        st->begun.set();
        st->go.wait();
        st->ended = true;
      },
      &state);
  softint_schedule(s);
  state.begun.wait();
  std::thread opener([&] { state.go.set(); });
  softint_disestablish(s);
  EXPECT_TRUE(state.ended);
  opener.join();
}

TEST(SoftintDeathTest, DisestablishedTwice) {
  EXPECT_PANIC(
      {
        void* const s = softint_establish(SOFTINT_NET, [](void*) {}, nullptr);
        softint_disestablish(s);
        softint_disestablish(s);
      },
      "softint_disestablish: .* is not established");
}

TEST(SoftintDeathTest, SleepsInHandler) {
  EXPECT_PANIC(
      {
        void* const s = softint_establish(SOFTINT_NET, [](void*) { assert_sleepable(); }, nullptr);
        softint_schedule(s);
        Event().wait();
      },
      "may sleep, called in a softint or callout");
}

}  // namespace
}  // namespace pupci::kern
