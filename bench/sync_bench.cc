// SPDX-License-Identifier: BSD-2-Clause
// Locks without contention, scheduling, and waking, beside POSIX's own.
#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "netbsd/sys/callout.h"
#include "netbsd/sys/condvar.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/mutex.h"
#include "netbsd/sys/rwlock.h"
#include "ratio.h"

namespace {

void pthread_mutex(benchmark::State& state) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  for (auto _ : state) {
    pthread_mutex_lock(&mutex);
    benchmark::ClobberMemory();
    pthread_mutex_unlock(&mutex);
  }
}
BENCHMARK(pthread_mutex)->Repetitions(5);

void mutex_at(benchmark::State& state, int ipl) {
  kmutex_t mutex;
  mutex_init(&mutex, MUTEX_DEFAULT, ipl);
  for (auto _ : state) {
    mutex_enter(&mutex);
    benchmark::ClobberMemory();
    mutex_exit(&mutex);
  }
  mutex_destroy(&mutex);
}
void mutex_adaptive(benchmark::State& state) {
  mutex_at(state, IPL_NONE);
}
BENCHMARK(mutex_adaptive)->Repetitions(5);

void mutex_spin(benchmark::State& state) {
  mutex_at(state, IPL_NET);
}
BENCHMARK(mutex_spin)->Repetitions(5);

void pthread_rwlock(benchmark::State& state) {
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  for (auto _ : state) {
    pthread_rwlock_rdlock(&lock);
    benchmark::ClobberMemory();
    pthread_rwlock_unlock(&lock);
  }
}
BENCHMARK(pthread_rwlock)->Repetitions(5);

void rwlock_reader(benchmark::State& state) {
  krwlock_t lock;
  rw_init(&lock);
  for (auto _ : state) {
    rw_enter(&lock, RW_READER);
    benchmark::ClobberMemory();
    rw_exit(&lock);
  }
  rw_destroy(&lock);
}
BENCHMARK(rwlock_reader)->Repetitions(5);

// Put off and on again among a thousand others, as drivers do with watchdogs.
void callout_reschedule(benchmark::State& state) {
  std::vector<callout_t> callouts(1000);
  int ticks = 1'000'000;
  for (callout_t& c : callouts) {
    callout_init(&c, CALLOUT_MPSAFE);
    callout_setfunc(&c, [](void*) {}, nullptr);
    callout_schedule(&c, ticks += 7);
  }
  std::size_t i = 0;
  for (auto _ : state) {
    callout_schedule(&callouts[i], ticks + static_cast<int>(i * 31 % 977));
    i = (i + 1) % callouts.size();
  }
  for (callout_t& c : callouts) {
    callout_halt(&c, nullptr);
    callout_destroy(&c);
  }
}
BENCHMARK(callout_reschedule);

// There and back between two threads.
void pthread_cond_ping_pong(benchmark::State& state) {
  std::mutex mutex;
  std::condition_variable condition;
  int turn = 0;
  std::thread other([&] {
    std::unique_lock lock(mutex);
    while (true) {
      condition.wait(lock, [&] { return turn != 0; });
      if (turn < 0) return;
      turn = 0;
      condition.notify_one();
    }
  });
  for (auto _ : state) {
    std::unique_lock lock(mutex);
    turn = 1;
    condition.notify_one();
    condition.wait(lock, [&] { return turn == 0; });
  }
  {
    const std::scoped_lock lock(mutex);
    turn = -1;
    condition.notify_one();
  }
  other.join();
}
BENCHMARK(pthread_cond_ping_pong)->Repetitions(5)->UseRealTime();

void cv_ping_pong(benchmark::State& state) {
  kmutex_t mutex;
  kcondvar_t cv;
  mutex_init(&mutex, MUTEX_DEFAULT, IPL_NONE);
  cv_init(&cv, "bench");
  int turn = 0;
  std::thread other([&] {
    mutex_enter(&mutex);
    while (true) {
      while (turn == 0) cv_wait(&cv, &mutex);
      if (turn < 0) break;
      turn = 0;
      cv_signal(&cv);
    }
    mutex_exit(&mutex);
  });
  for (auto _ : state) {
    mutex_enter(&mutex);
    turn = 1;
    cv_signal(&cv);
    while (turn != 0) cv_wait(&cv, &mutex);
    mutex_exit(&mutex);
  }
  mutex_enter(&mutex);
  turn = -1;
  cv_signal(&cv);
  mutex_exit(&mutex);
  other.join();
  cv_destroy(&cv);
  mutex_destroy(&mutex);
}
BENCHMARK(cv_ping_pong)->Repetitions(5)->UseRealTime();

// One thread tells another something.
class Gate {
 public:
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    condition_.notify_one();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    condition_.wait(lock, [this] { return open_; });
    open_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool open_ = false;
};

// From scheduling to running: one wake-up and back.
void softint_round_trip(benchmark::State& state) {
  Gate gate;
  void* const s = softint_establish(
      SOFTINT_NET | SOFTINT_MPSAFE, [](void* p) { static_cast<Gate*>(p)->open(); }, &gate);
  for (auto _ : state) {
    softint_schedule(s);
    gate.pass();
  }
  softint_disestablish(s);
}
BENCHMARK(softint_round_trip)->UseRealTime();

}  // namespace

int main(int argc, char** argv) {
  // glibc takes its locks without atomic operations while there is one thread; a driver never sees
  // that.
  Gate ended;
  std::thread bystander([&] { ended.pass(); });
  const int result = pupci::bench::run(argc, argv,
                                       {{"mutex_adaptive", "pthread_mutex"},
                                        {"mutex_spin", "pthread_mutex"},
                                        {"rwlock_reader", "pthread_rwlock"},
                                        {"cv_ping_pong", "pthread_cond_ping_pong"},
                                        {"softint_round_trip", "pthread_cond_ping_pong"}});
  ended.open();
  bystander.join();
  return result;
}
