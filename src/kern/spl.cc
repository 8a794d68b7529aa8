// SPDX-License-Identifier: BSD-2-Clause
// spl(9): the level is recorded for checks; see sys/intr.h.
#include <fmt/core.h>

#include <algorithm>

#include "kern/check.h"
#include "kern/self.h"
#include "netbsd/sys/intr.h"

namespace {

int raise(int level) noexcept {
  lwp* const l = pupci::kern::self();
  const int before = l->ipl;
  l->ipl = std::max(before, level);
  return before;
}

}  // namespace

int splraiseipl(ipl_cookie_t cookie) {
  return raise(cookie._ipl);
}

int splsoftclock() {
  return raise(IPL_SOFTCLOCK);
}

int splsoftbio() {
  return raise(IPL_SOFTBIO);
}

int splsoftnet() {
  return raise(IPL_SOFTNET);
}

int splsoftserial() {
  return raise(IPL_SOFTSERIAL);
}

int splvm() {
  return raise(IPL_VM);
}

int splsched() {
  return raise(IPL_SCHED);
}

int splhigh() {
  return raise(IPL_HIGH);
}

int spl0() {
  lwp* const l = pupci::kern::self();
  const int before = l->ipl;
  l->ipl = IPL_NONE;
  return before;
}

void splx(int level) {
  if (__builtin_expect(level < IPL_NONE || level > IPL_HIGH, 0)) {
    pupci::kern::violation(fmt::format("splx: {} is not a level", level),
                           __builtin_return_address(0));
  }
  pupci::kern::self()->ipl = level;
}
