// SPDX-License-Identifier: BSD-2-Clause
// pserialize(9).
#include "netbsd/sys/pserialize.h"

#include <new>

#include "kern/check.h"
#include "kern/klock.h"
#include "kern/section.h"
#include "kern/self.h"
#include "kern/track.h"
#include "netbsd/sys/intr.h"

// Readers are known by their threads, so there is nothing to keep for each of these.
struct pserialize {};

pserialize_t pserialize_create() {
  const void* const caller = __builtin_return_address(0);
  pupci::kern::check_sleepable("pserialize_create", caller);
  auto* const psz = new (std::nothrow) pserialize;
  if (psz == nullptr) pupci::kern::panic("pserialize_create: out of memory");
  pupci::kern::track(pupci::kern::Kind::other, psz, 0, caller);
  return psz;
}

void pserialize_destroy(pserialize_t psz) {
  if (!pupci::kern::untrack(pupci::kern::Kind::other, psz)) {
    pupci::kern::violation("pserialize_destroy: there is no such object",
                           __builtin_return_address(0));
  }
  delete psz;
}

void pserialize_perform(pserialize_t /*psz*/) {
  pupci::kern::check_sleepable("pserialize_perform", __builtin_return_address(0));
  const unsigned depth = pupci::kern::kernel_unlock_all();
  pupci::kern::section_wait_for_all();
  pupci::kern::kernel_lock(depth);
}

int pserialize_read_enter() {
  pupci::kern::section_enter(pupci::kern::self());
  return splsoftserial();
}

void pserialize_read_exit(int s) {
  if (pupci::kern::self()->section_depth == 0) {
    pupci::kern::violation("pserialize_read_exit: not in a read section",
                           __builtin_return_address(0));
  }
  splx(s);
  pupci::kern::section_leave(pupci::kern::self());
}
