// SPDX-License-Identifier: BSD-2-Clause
// What a callout_t holds, and the pending ones in order of time: a pairing heap through the
// callouts themselves, so that scheduling allocates nothing.
#pragma once

#include <cstdint>

#include "kern/api.h"
#include "netbsd/sys/callout.h"

namespace pupci::kern {

struct Callout {
  static constexpr std::uint32_t live = 0x63616c6c;
  static constexpr std::uint32_t dead = 0x64656164;

  std::uint32_t magic;
  bool mpsafe;
  bool pending;
  bool fired;     // begun since it was last scheduled
  bool invoking;  // begun, not acknowledged
  void (*function)(void*);
  void* argument;
  device_t device;
  std::int64_t deadline;   // nanoseconds of CLOCK_MONOTONIC
  std::uint64_t sequence;  // of equal deadlines, who was scheduled first runs first
  Callout* child;
  Callout* next;      // sibling
  Callout* previous;  // sibling, or parent of a first child
};
static_assert(sizeof(Callout) <= sizeof(callout_t) && alignof(Callout) <= alignof(callout_t));

class PUPCI_API CalloutHeap {
 public:
  [[nodiscard]] Callout* first() const noexcept { return root_; }
  void insert(Callout* c) noexcept;
  void remove(Callout* c) noexcept;

 private:
  static Callout* meld(Callout* a, Callout* b) noexcept;
  static Callout* meld_siblings(Callout* first) noexcept;

  Callout* root_ = nullptr;
};

}  // namespace pupci::kern
