// SPDX-License-Identifier: BSD-2-Clause
// softint(9). One thread a level, since a softint that waits for a mutex must not hold up the other
// levels; and a level begins nothing new while a higher one is about to begin.
#include <fmt/core.h>

#include <array>
#include <memory>
#include <new>

#include "kern/check.h"
#include "kern/condition.h"
#include "kern/klock.h"
#include "kern/self.h"
#include "kern/sleepq.h"
#include "kern/subsystems.h"
#include "kern/thread.h"
#include "kern/track.h"
#include "netbsd/sys/cpu.h"
#include "netbsd/sys/intr.h"

namespace pupci::kern {
namespace {

using Lock = std::unique_lock<std::mutex>;

struct Softint {
  unsigned level;  // index of Softints::levels_
  bool mpsafe;
  void (*function)(void*);
  void* argument;
  device_t device;
  std::atomic<bool> pending{false};
  Softint* next = nullptr;
};

struct Level {
  const char* name;
  int ipl;
  Softint* first = nullptr;
  Softint* last = nullptr;
  Softint* running = nullptr;
  lwp* runner = nullptr;
  Condition work;
  std::unique_ptr<Thread> thread;

  // Work has come, and the thread has not taken it up yet.
  [[nodiscard]] bool about_to_begin() const noexcept {
    return first != nullptr && running == nullptr;
  }
};

class Softints {
 public:
  void schedule(Softint* s) noexcept;
  void retire(Softint* s, const void* caller) noexcept;
  void start_threads();
  void stop() noexcept;

 private:
  void run(unsigned level) noexcept;
  void invoke(unsigned level, Lock& lock) noexcept;
  [[nodiscard]] bool may_begin(unsigned level) const noexcept;
  void remove(Softint* s) noexcept;

  std::mutex mutex_;
  // Ascending.
  std::array<Level, 4> levels_{{{.name = "softclk/i", .ipl = IPL_SOFTCLOCK, .work = {}},
                                {.name = "softbio/i", .ipl = IPL_SOFTBIO, .work = {}},
                                {.name = "softnet/i", .ipl = IPL_SOFTNET, .work = {}},
                                {.name = "softser/i", .ipl = IPL_SOFTSERIAL, .work = {}}}};
  bool stopping_ = false;
  unsigned retiring_ = 0;
  SleepQueue retirements_;
};

Softints& softints() {
  static auto& the = *new Softints;
  return the;
}

unsigned level_of(u_int flags) noexcept {
  switch (flags & SOFTINT_LVLMASK) {
    case SOFTINT_CLOCK:
      return 0;
    case SOFTINT_BIO:
      return 1;
    case SOFTINT_NET:
      return 2;
    default:
      return 3;
  }
}

void Softints::start_threads() {
  const Lock lock(mutex_);
  for (unsigned i = 0; i < levels_.size(); ++i) {
    if (levels_[i].thread != nullptr) continue;
    levels_[i].thread = std::make_unique<Thread>(levels_[i].name, [this, i] { run(i); });
  }
}

void Softints::stop() noexcept {
  std::array<std::unique_ptr<Thread>, 4> threads;
  {
    const Lock lock(mutex_);
    stopping_ = true;
    for (unsigned i = 0; i < levels_.size(); ++i) {
      levels_[i].work.notify_all();
      threads[i] = std::move(levels_[i].thread);
    }
  }
  for (auto& thread : threads) thread.reset();
  const Lock lock(mutex_);
  stopping_ = false;
  for (Level& level : levels_) level.first = level.last = nullptr;
}

void Softints::schedule(Softint* s) noexcept {
  if (s->pending.exchange(true)) return;
  const Lock lock(mutex_);
  Level& level = levels_[s->level];
  s->next = nullptr;
  (level.last != nullptr ? level.last->next : level.first) = s;
  level.last = s;
  level.work.notify_one();
}

bool Softints::may_begin(unsigned level) const noexcept {
  if (levels_[level].first == nullptr) return false;
  for (unsigned higher = level + 1; higher < levels_.size(); ++higher) {
    if (levels_[higher].about_to_begin()) return false;
  }
  return true;
}

void Softints::invoke(unsigned index, Lock& lock) noexcept {
  Level& level = levels_[index];
  Softint* const s = level.first;
  level.first = s->next;
  if (level.first == nullptr) level.last = nullptr;
  level.running = s;
  s->pending = false;  // from here on it may be scheduled again
  for (unsigned lower = 0; lower < index; ++lower) {
    if (levels_[lower].first != nullptr) levels_[lower].work.notify_one();
  }
  lock.unlock();
  {
    const ContextScope context(Context::softint, s->device, level.ipl,
                               reinterpret_cast<const void*>(s->function));
    const KernelLock kernel(!s->mpsafe);
    s->function(s->argument);
  }
  lock.lock();
  level.running = nullptr;
  if (retiring_ != 0) retirements_.wake_all(nullptr);
}

void Softints::run(unsigned index) noexcept {
  Lock lock(mutex_);
  Level& level = levels_[index];
  level.runner = self();
  while (!stopping_) {
    if (may_begin(index)) {
      invoke(index, lock);
    } else {
      level.work.wait(lock);
    }
  }
  level.runner = nullptr;
}

void Softints::remove(Softint* s) noexcept {
  Level& level = levels_[s->level];
  Softint* previous = nullptr;
  for (Softint* p = level.first; p != nullptr; previous = p, p = p->next) {
    if (p != s) continue;
    (previous != nullptr ? previous->next : level.first) = s->next;
    if (level.last == s) level.last = previous;
    return;
  }
}

void Softints::retire(Softint* s, const void* caller) noexcept {
  Lock lock(mutex_);
  const Level& level = levels_[s->level];
  if (level.running == s && level.runner == self()) {
    violation("softint_disestablish: called by the softint itself", caller);
  }
  s->pending = true;  // nothing schedules it again
  remove(s);
  while (level.running == s) {
    ++retiring_;
    retirements_.sleep({.wmesg = "softint", .guard = &lock});
    lock.lock();
    --retiring_;
  }
}

}  // namespace

void softint_start(Kernel& /*kernel*/) {
  softints().stop();  // threads from before the kernel ran have their stacks outside the arena
  softints().start_threads();
}

void softint_stop() noexcept {
  softints().stop();
}

}  // namespace pupci::kern

using namespace pupci::kern;

void* softint_establish(u_int flags, void (*function)(void*), void* argument) {
  const void* const caller = __builtin_return_address(0);
  if ((flags & SOFTINT_LVLMASK) >= SOFTINT_COUNT) {
    violation(fmt::format("softint_establish: no level {}", flags & SOFTINT_LVLMASK), caller);
  }
  check_sleepable("softint_establish", caller);
  try {
    softints().start_threads();
    auto* const s = new Softint{.level = level_of(flags),
                                .mpsafe = (flags & SOFTINT_MPSAFE) != 0,
                                .function = function,
                                .argument = argument,
                                .device = self()->device};
    track(Kind::softint, s, 0, caller);
    return s;
  } catch (const std::exception&) {
    return nullptr;
  }
}

void softint_disestablish(void* handle) {
  const void* const caller = __builtin_return_address(0);
  if (!untrack(Kind::softint, handle)) {
    violation(fmt::format("softint_disestablish: {} is not established", handle), caller);
  }
  auto* const s = static_cast<Softint*>(handle);
  softints().retire(s, caller);
  delete s;
}

void softint_schedule(void* handle) {
  softints().schedule(static_cast<Softint*>(handle));
}

void softint_schedule_cpu(void* handle, struct cpu_info* ci) {
  if (ci != &cpu_info_primary) {
    violation("softint_schedule_cpu: no such CPU", __builtin_return_address(0));
  }
  softints().schedule(static_cast<Softint*>(handle));
}
