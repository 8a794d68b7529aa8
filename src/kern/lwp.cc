// SPDX-License-Identifier: BSD-2-Clause
#include "kern/lwp.h"

namespace pupci::kern {
namespace {
thread_local lwp this_lwp;
}

lwp* current() noexcept {
  return &this_lwp;
}

ContextScope::ContextScope(Context context, device_t device, int ipl) noexcept
    : context_(this_lwp.context), device_(this_lwp.device), ipl_(this_lwp.ipl) {
  this_lwp.context = context;
  this_lwp.device = device;
  this_lwp.ipl = ipl;
}

ContextScope::~ContextScope() {
  this_lwp.context = context_;
  this_lwp.device = device_;
  this_lwp.ipl = ipl_;
}

}  // namespace pupci::kern
