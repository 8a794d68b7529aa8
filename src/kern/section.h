// SPDX-License-Identifier: BSD-2-Clause
// Stretches of code that a NetBSD CPU would run through without giving way to a thread: handlers,
// softints, callouts, code with preemption disabled. xcall(9) waits until all that were under way
// have ended.
#pragma once

#include "kern/lwp.h"

namespace pupci::kern {

// Both by the thread itself; they nest.
inline void section_enter(lwp* l) noexcept {
  if (l->section_depth++ == 0) l->section.fetch_add(1, std::memory_order_seq_cst);
}
inline void section_leave(lwp* l) noexcept {
  if (--l->section_depth == 0) l->section.fetch_add(1, std::memory_order_release);
}

// Who waits for a lock has given way: on NetBSD other threads would run meanwhile.
class Blocked {
 public:
  explicit Blocked(lwp* l) noexcept : l_(l), depth_(l->section_depth) {
    if (depth_ != 0) l_->section.fetch_add(1, std::memory_order_release);
    l_->section_depth = 0;
  }
  ~Blocked() {
    l_->section_depth = depth_;
    if (depth_ != 0) l_->section.fetch_add(1, std::memory_order_seq_cst);
  }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;

 private:
  lwp* l_;
  unsigned depth_;
};

void section_register(lwp* l) noexcept;
void section_unregister(lwp* l) noexcept;

// Returns once every stretch of other threads that was under way has ended or given way.
void section_wait_for_all() noexcept;

}  // namespace pupci::kern
