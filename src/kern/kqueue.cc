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
  dev_t dev = 0;
  EventQueue* queue = nullptr;
  bool active = false;  // under the queue's mutex
};

namespace {

// The driver's filter, under the kernel lock unless it does without.
int event(knote& kn, long hint) {
  const KernelLock kernel((kn.kn_fop->f_flags & FILTEROP_MPSAFE) == 0);
  return kn.kn_fop->f_event(&kn, hint);
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
  std::vector<std::unique_ptr<Note>> notes;
  {
    const std::scoped_lock lock(mutex_);
    notes.swap(notes_);
  }
  for (auto& note : notes) detach(std::move(note));
}

void EventQueue::detach(std::unique_ptr<Note> note) {
  const KernelLock kernel((note->kn.kn_fop->f_flags & FILTEROP_MPSAFE) == 0);
  if (note->kn.kn_fop->f_detach != nullptr) note->kn.kn_fop->f_detach(&note->kn);
}

int EventQueue::add(dev_t dev, std::uint32_t filter, std::uint32_t flags, std::uint32_t fflags,
                    std::int64_t data, void* udata) {
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& other : notes_) {
      if (other->dev == dev && other->kn.kn_filter == filter) return EEXIST;
    }
  }
  auto note = std::make_unique<Note>();
  note->dev = dev;
  note->queue = this;
  knote& kn = note->kn;
  kn.kn_kevent = {dev, filter, flags & (EV_CLEAR | EV_ONESHOT), 0, 0, udata};
  kn.kn_sfflags = fflags;
  kn.kn_sdata = static_cast<std::uintptr_t>(data);
  kn.kn_kq = note.get();
  if (const int error = cdev_kqfilter(dev, &kn)) return error;
  if (kn.kn_fop == nullptr) return EINVAL;
  Note& added = *note;
  {
    const std::scoped_lock lock(mutex_);
    notes_.push_back(std::move(note));
  }
  if (event(added.kn, 0) != 0) activate(added);
  return 0;
}

int EventQueue::remove(dev_t dev, std::uint32_t filter) {
  std::unique_ptr<Note> removed;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = std::find_if(notes_.begin(), notes_.end(), [=](const auto& note) {
      return note->dev == dev && note->kn.kn_filter == filter;
    });
    if (found == notes_.end()) return ENOENT;
    removed = std::move(*found);
    notes_.erase(found);
  }
  detach(std::move(removed));
  return 0;
}

void EventQueue::activate(Note& note) noexcept {
  const std::scoped_lock lock(mutex_);
  note.active = true;
  if (waiting_ != nullptr) waiting_->wake();
}

// An active note is asked once more: what it announced may be gone.
std::vector<struct kevent> EventQueue::collect(std::size_t count) {
  std::vector<struct kevent> events;
  std::vector<Note*> active;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& note : notes_) {
      if (note->active) active.push_back(note.get());
    }
  }
  for (Note* note : active) {
    if (events.size() == count) break;
    {
      const std::scoped_lock lock(mutex_);
      note->active = false;
    }
    if (event(note->kn, 0) == 0) continue;
    events.push_back(note->kn.kn_kevent);
    if ((note->kn.kn_flags & EV_ONESHOT) != 0) {
      remove(note->dev, note->kn.kn_filter);
    } else if ((note->kn.kn_flags & EV_CLEAR) != 0) {
      note->kn.kn_data = 0;
      note->kn.kn_fflags = 0;
    } else {
      activate(*note);  // a level: reported again as long as it lasts
    }
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
    waiting_ = &waiter;
  }
  std::vector<struct kevent> events = collect(count);
  while (events.empty() && !waiter.cancelled() && waiter.wait(deadline)) events = collect(count);
  const std::scoped_lock lock(mutex_);
  waiting_ = nullptr;
  return events;
}

}  // namespace pupci::kern
