// SPDX-License-Identifier: BSD-2-Clause
// Event filters of drivers: knote(9), and kqueue(2) as its other side.
#include <algorithm>
#include <atomic>
#include <cerrno>

#include "kern/check.h"
#include "kern/klock.h"
#include "kern/poll.h"
#include "netbsd/sys/conf.h"
#include "netbsd/sys/select.h"

using namespace pupci::kern;

struct EventQueue::Note {
  knote kn{};
  EventSource* source = nullptr;
  EventQueue* queue = nullptr;
  bool active = false;  // under the queue's mutex

  // Held while the driver's filter is asked by its queue, that it is not detached meanwhile. Taken
  // after the kernel lock.
  std::mutex in_use;
  bool detached = false;  // under in_use
  bool gone = false;      // under in_use: its source has
};

namespace {

// The driver's filter, under the kernel lock unless it does without.
int event(knote& kn, long hint) {
  const KernelLock kernel((kn.kn_fop->f_flags & FILTEROP_MPSAFE) == 0);
  return kn.kn_fop->f_event(&kn, hint);
}

// The driver changes a knote under a lock of its own, which nobody else knows: what is copied here
// may be newer than what the filter was asked for, as in NetBSD.
__attribute__((no_sanitize("thread"))) struct kevent copy_of(const knote& kn) {
  struct kevent copy{};
  copy.ident = kn.kn_kevent.ident;
  copy.filter = kn.kn_kevent.filter;
  copy.flags = kn.kn_kevent.flags;
  copy.fflags = kn.kn_kevent.fflags;
  copy.data = kn.kn_kevent.data;
  copy.udata = kn.kn_kevent.udata;
  return copy;
}

// As event(), for the queue's side. A knote of what has gone is at its end.
int ask(EventQueue::Note& note) {
  const KernelLock kernel((note.kn.kn_fop->f_flags & FILTEROP_MPSAFE) == 0);
  const std::scoped_lock lock(note.in_use);
  if (note.detached) return note.gone ? 1 : 0;
  return note.kn.kn_fop->f_event(&note.kn, 0);
}

int filt_seltrue_attach(knote* /*kn*/) {
  return 0;
}
void filt_seltrue_detach(knote* /*kn*/) {}

}  // namespace

void kern_knote(klist* list, long hint) {
  // A filter may remove its own knote.
  for (knote *kn = list->slh_first, *next = nullptr; kn != nullptr; kn = next) {
    next = kn->kn_selnext.sle_next;
    if (event(*kn, hint) != 0) {
      auto* note = static_cast<EventQueue::Note*>(kn->kn_kq);
      note->queue->activate(*note);
    }
  }
}

void knote_set_eof(knote* kn, uint32_t flags) {
  kn->kn_flags |= EV_EOF | flags;
}

void knote_clear_eof(knote* kn) {
  kn->kn_flags &= ~EV_EOF;
}

void klist_init(klist* list) {
  list->slh_first = nullptr;
}

void klist_fini(klist* list) {
  if (list->slh_first != nullptr) {
    violation("klist_fini: a knote is still on the list", __builtin_return_address(0));
  }
}

void klist_insert(klist* list, knote* kn) {
  kn->kn_selnext.sle_next = list->slh_first;
  list->slh_first = kn;
}

bool klist_remove(klist* list, knote* kn) {
  knote** at = &list->slh_first;
  while (*at != nullptr && *at != kn) at = &(*at)->kn_selnext.sle_next;
  if (*at == nullptr) {
    violation("klist_remove: the knote is not on the list", __builtin_return_address(0));
  }
  *at = kn->kn_selnext.sle_next;
  return list->slh_first == nullptr;
}

void selrecord_knote(selinfo* sip, knote* kn) {
  klist_insert(&sip->sel_klist, kn);
}

bool selremove_knote(selinfo* sip, knote* kn) {
  return klist_remove(&sip->sel_klist, kn);
}

int filt_seltrue(knote* kn, long /*hint*/) {
  kn->kn_data = 0;  // ready, with nothing known of how much
  return 1;
}

const filterops seltrue_filtops = {FILTEROP_ISFD | FILTEROP_MPSAFE, filt_seltrue_attach,
                                   filt_seltrue_detach, filt_seltrue, nullptr};
const filterops seltrue_filterops = seltrue_filtops;

int seltrue_kqfilter(dev_t /*dev*/, knote* kn) {
  if (kn->kn_filter != EVFILT_READ && kn->kn_filter != EVFILT_WRITE) return EINVAL;
  kn->kn_fop = &seltrue_filtops;
  return 0;
}

namespace pupci::kern {

EventQueue::EventQueue() = default;

EventQueue::~EventQueue() {
  for (const auto& note : take(nullptr, {})) detach(*note, false);
}

void EventQueue::detach(Note& note, bool gone) {
  const KernelLock kernel((note.kn.kn_fop->f_flags & FILTEROP_MPSAFE) == 0);
  const std::scoped_lock lock(note.in_use);
  if (note.detached) return;
  note.detached = true;
  if (note.kn.kn_fop->f_detach != nullptr) note.kn.kn_fop->f_detach(&note.kn);
  if (!gone) return;
  note.gone = true;
  note.kn.kn_flags |= EV_EOF;
  note.kn.kn_data = 0;
}

EventQueue::Notes EventQueue::take(const EventSource* source, std::optional<std::uint32_t> filter) {
  const std::scoped_lock lock(mutex_);
  Notes taken;
  Notes left;
  for (auto& note : notes_) {
    const bool meant =
        (source == nullptr || note->source == source) && (!filter || note->kn.kn_filter == *filter);
    (meant ? taken : left).push_back(std::move(note));
  }
  notes_.swap(left);
  return taken;
}

int EventQueue::add(EventSource& source, std::uintptr_t ident, std::uint32_t filter,
                    std::uint32_t flags, std::uint32_t fflags, std::int64_t data, void* udata) {
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& other : notes_) {
      if (other->source == &source && other->kn.kn_filter == filter) return EEXIST;
    }
  }
  const auto note = std::make_shared<Note>();
  note->source = &source;
  note->queue = this;
  knote& kn = note->kn;
  kn.kn_kevent = {ident, filter, flags & (EV_CLEAR | EV_ONESHOT), 0, 0, udata};
  kn.kn_sfflags = fflags;
  kn.kn_sdata = static_cast<std::uintptr_t>(data);
  kn.kn_kq = note.get();
  if (const int error = source.attach_filter(&kn)) return error;
  if (kn.kn_fop == nullptr) return EINVAL;
  {
    const std::scoped_lock lock(mutex_);
    notes_.push_back(note);
  }
  if (ask(*note) != 0) activate(*note);
  return 0;
}

int EventQueue::remove(EventSource& source, std::uint32_t filter) {
  const Notes removed = take(&source, filter);
  for (const auto& note : removed) detach(*note, false);
  return removed.empty() ? ENOENT : 0;
}

void EventQueue::source_closed(EventSource& source, bool gone) {
  if (!gone) {
    for (const auto& note : take(&source, {})) detach(*note, false);
    return;
  }
  Notes ended;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& note : notes_) {
      if (note->source == &source) ended.push_back(note);
    }
  }
  for (const auto& note : ended) {
    detach(*note, true);
    const std::scoped_lock lock(mutex_);
    note->active = true;
    for (Waiter* waiter : waiting_) waiter->wake();
  }
}

void EventQueue::end() noexcept {
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  for (Waiter* waiter : waiting_) waiter->wake();
}

void EventQueue::activate(Note& note) noexcept {
  const std::scoped_lock lock(mutex_);
  note.active = true;
  for (Waiter* waiter : waiting_) waiter->wake();
}

// An active note is asked once more: what it announced may be gone.
std::vector<struct kevent> EventQueue::collect(std::size_t count) {
  std::vector<struct kevent> events;
  Notes active;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& note : notes_) {
      if (note->active) active.push_back(note);
    }
  }
  for (const auto& note : active) {
    if (events.size() == count) break;
    {
      const std::scoped_lock lock(mutex_);
      note->active = false;
    }
    if (ask(*note) == 0) continue;
    events.push_back(copy_of(note->kn));
    if ((events.back().flags & EV_ONESHOT) != 0) {
      const std::scoped_lock lock(mutex_);
      notes_.erase(std::remove(notes_.begin(), notes_.end(), note), notes_.end());
    } else if ((events.back().flags & EV_CLEAR) != 0) {
      note->kn.kn_data = 0;
      note->kn.kn_fflags = 0;
    } else {
      activate(*note);  // a level: reported again as long as it lasts
    }
    if ((events.back().flags & EV_ONESHOT) != 0) detach(*note, false);
  }
  return events;
}

std::vector<struct kevent> EventQueue::wait(std::size_t count,
                                            std::optional<std::chrono::milliseconds> timeout,
                                            Waiter& waiter) {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  if (timeout) deadline = std::chrono::steady_clock::now() + *timeout;
  {
    const std::scoped_lock lock(mutex_);
    if (ended_) return {};
    waiting_.push_back(&waiter);
  }
  const auto ended = [this] {
    const std::scoped_lock lock(mutex_);
    return ended_;
  };
  std::vector<struct kevent> events = collect(count);
  while (events.empty() && !waiter.cancelled() && waiter.wait(deadline) && !ended())
    events = collect(count);
  const std::scoped_lock lock(mutex_);
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &waiter));
  return events;
}

}  // namespace pupci::kern
