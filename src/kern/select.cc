// SPDX-License-Identifier: BSD-2-Clause
// Who waits for which device: selrecord(9), and poll(2) as its other side.
#include "netbsd/sys/select.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "kern/check.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/poll.h"
#include "kern/track.h"
#include "netbsd/sys/poll.h"

using namespace pupci::kern;

namespace {

// By the address of the selinfo, so that one that was never initialised works too, as it does in
// NetBSD when it was cleared.
struct Recorded {
  std::mutex mutex;
  std::unordered_multimap<const selinfo*, Waiter*> waiters;
};

Recorded& recorded() {
  static auto& the_recorded = *new Recorded;
  return the_recorded;
}

// Who polls in this thread, for the driver's selrecord().
thread_local Waiter* polling = nullptr;

void forget(const Waiter* waiter) {
  const std::scoped_lock lock(recorded().mutex);
  auto& all = recorded().waiters;
  for (auto it = all.begin(); it != all.end();) {
    it = it->second == waiter ? all.erase(it) : std::next(it);
  }
}

}  // namespace

void selinit(selinfo* sip) {
  std::memset(sip, 0, sizeof *sip);
  track(Kind::selinfo, sip, 0, __builtin_return_address(0));
}

void seldestroy(selinfo* sip) {
  if (sip->sel_klist.slh_first != nullptr) {
    violation("seldestroy: a knote is still on its list", __builtin_return_address(0));
  }
  {
    const std::scoped_lock lock(recorded().mutex);
    auto& all = recorded().waiters;
    const auto [first, last] = all.equal_range(sip);
    for (auto it = first; it != last; ++it) it->second->wake();
    all.erase(first, last);
  }
  if (!untrack(Kind::selinfo, sip)) {
    violation("seldestroy: not initialised, or destroyed already", __builtin_return_address(0));
  }
}

void selrecord(lwp_t* /*l*/, selinfo* sip) {
  if (polling == nullptr) return;  // a caller that asks and does not wait
  const std::scoped_lock lock(recorded().mutex);
  auto& all = recorded().waiters;
  const auto [first, last] = all.equal_range(sip);
  if (std::none_of(first, last, [](const auto& entry) { return entry.second == polling; })) {
    all.emplace(sip, polling);
  }
}

void selnotify(selinfo* sip, int /*events*/, long hint) {
  {
    const std::scoped_lock lock(recorded().mutex);
    const auto [first, last] = recorded().waiters.equal_range(sip);
    for (auto it = first; it != last; ++it) it->second->wake();
  }
  KNOTE(&sip->sel_klist, hint);
}

int seltrue(dev_t /*dev*/, int events, lwp_t* /*l*/) {
  return events & (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
}

namespace pupci::kern {

Waiter::~Waiter() {
  forget(this);
}

void Waiter::wake() noexcept {
  const std::scoped_lock lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

void Waiter::cancel() noexcept {
  const std::scoped_lock lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

bool Waiter::cancelled() noexcept {
  const std::scoped_lock lock(mutex_);
  return cancelled_;
}

namespace {

// While a thread waits, interrupt() finds its waiter.
class Waiting {
 public:
  explicit Waiting(Waiter* waiter) : lwp_(current()) {
    const std::scoped_lock lock(lwp_->sleep_mutex);
    lwp_->waiting = waiter;
    if (lwp_->interrupted) waiter->cancel();
  }
  ~Waiting() {
    const std::scoped_lock lock(lwp_->sleep_mutex);
    lwp_->waiting = nullptr;
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  lwp* lwp_;
};

}  // namespace

bool Waiter::wait(std::optional<std::chrono::steady_clock::time_point> deadline) noexcept {
  const Waiting waiting(this);
  const unsigned holds = kernel_unlock_all();
  bool woken = true;
  {
    std::unique_lock lock(mutex_);
    const auto done = [this] { return woken_ || cancelled_; };
    if (deadline) {
      woken = changed_.wait_until(lock, *deadline, done);
    } else {
      changed_.wait(lock, done);
    }
    woken_ = false;
  }
  if (holds != 0) kernel_lock(holds);
  return woken;
}

int poll_source(EventSource& source, int events, std::optional<std::chrono::milliseconds> timeout,
                Waiter& waiter) {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  if (timeout) deadline = std::chrono::steady_clock::now() + *timeout;
  int found = 0;
  for (;;) {
    Waiter* const outer = std::exchange(polling, &waiter);
    found = source.poll_events(events) & (events | POLLERR | POLLHUP | POLLNVAL);
    polling = outer;
    if (found != 0 || waiter.cancelled() || !waiter.wait(deadline)) break;
  }
  forget(&waiter);
  return found;
}

}  // namespace pupci::kern
