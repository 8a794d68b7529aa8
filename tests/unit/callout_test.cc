// SPDX-License-Identifier: BSD-2-Clause
// callout(9).
#include "netbsd/sys/callout.h"

#include <atomic>
#include <deque>
#include <random>
#include <vector>

#include "kern/callout_heap.h"
#include "kern/klock.h"
#include "kern_support.h"
#include "netbsd/sys/cpu.h"
#include "netbsd/sys/kernel.h"
#include "netbsd/sys/lock.h"
#include "netbsd/sys/mutex.h"

namespace pupci::kern {
namespace {

using test::Event;
using test::eventually;

constexpr int never = 1'000'000'000;  // ticks

TEST(CalloutHeapTest, GivesTheEarliestFirst) {
  std::mt19937 random(1);
  std::deque<Callout> callouts(500);
  CalloutHeap heap;
  std::uint64_t sequence = 0;
  for (Callout& c : callouts) {
    c.deadline = static_cast<std::int64_t>(random() % 100);
    c.sequence = sequence++;
    heap.insert(&c);
  }
  std::size_t left = callouts.size();
  for (std::size_t i = 0; i < callouts.size(); i += 3, --left) heap.remove(&callouts[i]);
  const Callout* last = nullptr;
  for (; heap.first() != nullptr; --left) {
    Callout* const c = heap.first();
    if (last != nullptr) {
      EXPECT_TRUE(last->deadline < c->deadline ||
                  (last->deadline == c->deadline && last->sequence < c->sequence));
    }
    heap.remove(c);
    last = c;
  }
  EXPECT_EQ(left, 0u);
}

class CalloutTest : public testing::Test {
 protected:
  void SetUp() override { callout_init(&callout_, CALLOUT_MPSAFE); }
  void TearDown() override {
    callout_halt(&callout_, nullptr);
    callout_destroy(&callout_);
  }
  callout_t callout_;
};
using CalloutDeathTest = CalloutTest;

TEST_F(CalloutTest, RunsOnceAndNotEarly) {
  struct State {
    unsigned at = 0;
    Context context = Context::thread;
    int ipl = 0;
    std::atomic<int> runs{0};
    Event done;
  } state;
  const unsigned before = getticks();
  callout_reset(
      &callout_, 10,
      [](void* p) {
        auto* const s = static_cast<State*>(p);
        s->at = getticks();
        s->context = current()->context;
        s->ipl = current()->ipl;
        EXPECT_TRUE(cpu_softintr_p());
        EXPECT_FALSE(KERNEL_LOCKED_P());
        ++s->runs;
        s->done.set();
      },
      &state);
  EXPECT_TRUE(callout_pending(&callout_));
  EXPECT_TRUE(callout_active(&callout_));
  EXPECT_FALSE(callout_expired(&callout_));
  state.done.wait();
  EXPECT_GE(state.at - before, 10u);
  EXPECT_EQ(state.context, Context::softint);
  EXPECT_EQ(state.ipl, IPL_SOFTCLOCK);
  EXPECT_FALSE(callout_pending(&callout_));
  EXPECT_TRUE(callout_expired(&callout_));
  EXPECT_TRUE(callout_active(&callout_));
  EXPECT_EQ(state.runs, 1);
}

TEST_F(CalloutTest, StopTellsWhetherItHadExpired) {
  Event done;
  callout_setfunc(&callout_, [](void* p) { static_cast<Event*>(p)->set(); }, &done);
  EXPECT_FALSE(callout_stop(&callout_));  // never scheduled
  callout_schedule(&callout_, never);
  EXPECT_FALSE(callout_stop(&callout_));
  EXPECT_FALSE(callout_pending(&callout_));
  callout_schedule(&callout_, 0);
  done.wait();
  callout_halt(&callout_, nullptr);
  EXPECT_FALSE(callout_stop(&callout_));  // halt has told it already
  Event again;
  callout_reset(&callout_, 0, [](void* p) { static_cast<Event*>(p)->set(); }, &again);
  again.wait();
  EXPECT_TRUE(callout_stop(&callout_));
  EXPECT_FALSE(callout_expired(&callout_));
}

TEST_F(CalloutTest, RunInOrderOfTime) {
  struct State {
    std::vector<int> order;
    Event done;
  } state;
  callout_t others[3];
  // Same deadline or later: they run one after the other on one thread.
  static State* the;
  the = &state;
  const auto note = [](void* p) {
    the->order.push_back(static_cast<int>(reinterpret_cast<std::intptr_t>(p)));
    if (the->order.size() == 3) the->done.set();
  };
  const int ticks[] = {30, 10, 20};
  for (int i = 0; i < 3; ++i) {
    callout_init(&others[i], CALLOUT_MPSAFE);
    callout_reset(&others[i], ticks[i], note, reinterpret_cast<void*>(std::intptr_t{ticks[i]}));
  }
  state.done.wait();
  EXPECT_EQ(state.order, (std::vector<int>{10, 20, 30}));
  for (auto& c : others) {
    callout_halt(&c, nullptr);
    callout_destroy(&c);
  }
}

TEST_F(CalloutTest, ScheduleMovesAPendingOne) {
  Event done;
  callout_reset(&callout_, never, [](void* p) { static_cast<Event*>(p)->set(); }, &done);
  callout_schedule(&callout_, 1);
  done.wait();
}

TEST_F(CalloutTest, MaySchedulesItself) {
  struct State {
    callout_t* callout;
    int runs = 0;
    Event done;
  } state{.callout = &callout_, .done = {}};
  callout_reset(
      &callout_, 1,
      [](void* p) {
        auto* const s = static_cast<State*>(p);
        if (++s->runs < 5) {
          callout_schedule(s->callout, 1);
        } else {
          s->done.set();
        }
      },
      &state);
  state.done.wait();
  EXPECT_EQ(state.runs, 5);
}

TEST_F(CalloutTest, InvokingUntilAcknowledged) {
  struct State {
    callout_t* callout;
    bool before = false;
    bool after = true;
    Event done;
  } state{.callout = &callout_, .done = {}};
  callout_reset(
      &callout_, 0,
      [](void* p) {
        auto* const s = static_cast<State*>(p);
        s->before = callout_invoking(s->callout);
        callout_ack(s->callout);
        s->after = callout_invoking(s->callout);
        s->done.set();
      },
      &state);
  state.done.wait();
  EXPECT_TRUE(state.before);
  EXPECT_FALSE(state.after);
}

// The callout wants the mutex that its halter holds: the pattern for which there is an interlock.
TEST_F(CalloutTest, HaltGivesUpTheInterlockAndWaits) {
  struct State {
    kmutex_t mutex;
    Event begun;
    std::atomic<bool> ended{false};
  } state;
  mutex_init(&state.mutex, MUTEX_DEFAULT, IPL_SOFTCLOCK);
  mutex_enter(&state.mutex);
  callout_reset(
      &callout_, 0,
      [](void* p) {
        auto* const s = static_cast<State*>(p);
        s->begun.set();
        mutex_enter(&s->mutex);
        mutex_exit(&s->mutex);
        s->ended = true;
      },
      &state);
  state.begun.wait();
  EXPECT_FALSE(state.ended);
  EXPECT_TRUE(callout_halt(&callout_, &state.mutex));
  EXPECT_TRUE(state.ended);
  EXPECT_TRUE(mutex_owned(&state.mutex));
  mutex_exit(&state.mutex);
  mutex_destroy(&state.mutex);
}

TEST_F(CalloutTest, HaltWithASpinMutexAsInterlock) {
  struct State {
    kmutex_t mutex;
    Event begun;
    std::atomic<bool> ended{false};
  } state;
  mutex_init(&state.mutex, MUTEX_DEFAULT, IPL_NET);
  mutex_enter(&state.mutex);
  callout_reset(
      &callout_, 0,
      [](void* p) {
        auto* const s = static_cast<State*>(p);
        s->begun.set();
        mutex_enter(&s->mutex);
        mutex_exit(&s->mutex);
        s->ended = true;
      },
      &state);
  state.begun.wait();
  callout_halt(&callout_, &state.mutex);
  EXPECT_TRUE(state.ended);
  EXPECT_TRUE(mutex_owned(&state.mutex));
  mutex_exit(&state.mutex);
  mutex_destroy(&state.mutex);
}

TEST_F(CalloutTest, HaltStopsOneThatSchedulesItself) {
  struct State {
    callout_t* callout;
    std::atomic<int> runs{0};
  } state{.callout = &callout_};
  callout_reset(
      &callout_, 0,
      [](void* p) {
        auto* const s = static_cast<State*>(p);
        ++s->runs;
        callout_schedule(s->callout, 0);
      },
      &state);
  eventually([&] { return state.runs > 10; });
  callout_halt(&callout_, nullptr);
  const int runs = state.runs;
  EXPECT_FALSE(callout_pending(&callout_));
  // Whatever is scheduled now comes after any run that halt had missed.
  callout_t probe;
  Event done;
  callout_init(&probe, CALLOUT_MPSAFE);
  callout_reset(&probe, 0, [](void* p) { static_cast<Event*>(p)->set(); }, &done);
  done.wait();
  EXPECT_EQ(state.runs, runs);
  callout_halt(&probe, nullptr);
  callout_destroy(&probe);
}

TEST_F(CalloutTest, HaltByItselfReturnsAtOnce) {
  struct State {
    callout_t* callout;
    bool expired = false;
    Event done;
  } state{.callout = &callout_, .done = {}};
  callout_reset(
      &callout_, 0,
      [](void* p) {
        auto* const s = static_cast<State*>(p);
        s->expired = callout_halt(s->callout, nullptr);
        s->done.set();
      },
      &state);
  state.done.wait();
  EXPECT_TRUE(state.expired);
}

TEST_F(CalloutTest, WithoutMpsafeRunsUnderTheKernelLock) {
  struct State {
    bool locked = false;
    std::atomic<bool> ended{false};
    Event done;
  } state;
  callout_t legacy;
  callout_init(&legacy, 0);
  KERNEL_LOCK(1, nullptr);
  callout_reset(
      &legacy, 0,
      [](void* p) {
        auto* const s = static_cast<State*>(p);
        s->locked = KERNEL_LOCKED_P();
        s->ended = true;
        s->done.set();
      },
      &state);
  eventually([&] { return callout_expired(&legacy); });  // begun, and waits for us
  EXPECT_FALSE(state.ended);
  callout_halt(&legacy, nullptr);  // gives the lock up
  EXPECT_TRUE(KERNEL_LOCKED_P());
  EXPECT_TRUE(state.ended);
  KERNEL_UNLOCK_ONE(nullptr);
  EXPECT_TRUE(state.locked);
  callout_destroy(&legacy);
}

TEST_F(CalloutTest, MayFreeItself) {
  struct State {
    callout_t callout;
    Event* done;
  };
  Event done;
  auto* const state = new State{.callout = {}, .done = &done};
  callout_init(&state->callout, CALLOUT_MPSAFE);
  callout_reset(
      &state->callout, 0,
      [](void* p) {
        auto* const s = static_cast<State*>(p);
        Event* const e = s->done;
        callout_destroy(&s->callout);
        delete s;
        e->set();
      },
      state);
  done.wait();
}

TEST_F(CalloutDeathTest, DestroyedWhilePending) {
  EXPECT_PANIC(
      {
        callout_reset(&callout_, never, [](void*) {}, nullptr);
        callout_destroy(&callout_);
      },
      "callout_destroy: the callout is pending");
}

TEST_F(CalloutDeathTest, ScheduledWithoutFunction) {
  EXPECT_PANIC(callout_schedule(&callout_, 1), "callout_schedule: no function was set");
}

TEST_F(CalloutDeathTest, HaltInInterruptHandler) {
  EXPECT_PANIC(
      {
        const ContextScope context(Context::interrupt, nullptr, IPL_NET);
        callout_halt(&callout_, nullptr);
      },
      "callout_halt: may sleep, called in an interrupt handler");
}

TEST(UninitialisedCalloutDeathTest, IsNoticed) {
  callout_t zero = {};
  EXPECT_PANIC(callout_stop(&zero), "callout_stop: callout .* is not initialised");
}

}  // namespace
}  // namespace pupci::kern
