// SPDX-License-Identifier: BSD-2-Clause
// current(), inline, for the hot paths of the kernel library itself.
#pragma once

#include "kern/lwp.h"

namespace pupci::kern {

// Null until the thread's first call.
extern constinit thread_local lwp* this_lwp __attribute__((__visibility__("hidden")));

lwp* adopt_thread() noexcept;

inline lwp* self() noexcept {
  lwp* const l = this_lwp;
  return __builtin_expect(l != nullptr, 1) ? l : adopt_thread();
}

}  // namespace pupci::kern
