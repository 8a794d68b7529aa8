// SPDX-License-Identifier: BSD-2-Clause
#include "kern/lwp.h"

#include <fmt/core.h>
#include <sched.h>

#include "kern/check.h"
#include "kern/klock.h"
#include "kern/poll.h"
#include "kern/section.h"
#include "kern/self.h"
#include "kern/sleepq.h"
#include "netbsd/sys/cpu.h"
#include "netbsd/sys/kauth.h"
#include "netbsd/sys/lwp.h"
#include "netbsd/sys/proc.h"

struct proc proc0 = {0, "system", nullptr, 0, nullptr};
struct cpu_info cpu_info_primary = {0, 0, CPUF_PRIMARY | CPUF_PRESENT | CPUF_RUNNING};
int ncpu = 1;
int ncpuonline = 1;

namespace pupci::kern {

constinit thread_local lwp* this_lwp = nullptr;

namespace {
// Of threads that are not kernel threads: main, those of tests and of embedders.
constinit thread_local lwp foreign_lwp;
constinit std::atomic<lwpid_t> last_lid{0};

// Takes a foreign thread off the list when it ends.
struct Adopted {
  Adopted() noexcept { thread_begins(&foreign_lwp); }
  ~Adopted() { thread_ends(&foreign_lwp); }
  Adopted(const Adopted&) = delete;
  Adopted& operator=(const Adopted&) = delete;
};

}  // namespace

void thread_begins(lwp* l) noexcept {
  // All work by the credentials that this process has.
  static kauth_cred* const ours = proc0.p_cred = kauth_cred_get();
  l->credentials = ours;
  l->lid = last_lid.fetch_add(1, std::memory_order_relaxed) + 1;
  this_lwp = l;
  section_register(l);
}

void thread_ends(lwp* l) noexcept {
  section_unregister(l);
}

lwp* adopt_thread() noexcept {
  static thread_local const Adopted adopted;
  return this_lwp;
}

lwp* current() noexcept {
  return self();
}

void interrupt(lwp* l) noexcept {
  const std::scoped_lock lock(l->sleep_mutex);
  l->interrupted.store(true, std::memory_order_relaxed);
  if (l->sleeping_on != nullptr) l->sleeping_on->interrupt(l);
  if (l->waiting != nullptr) l->waiting->cancel();
}

ContextScope::ContextScope(Context context, device_t device, int ipl, const void* handler) noexcept
    : handler_(handler), entered_ipl_(ipl) {
  lwp* const l = self();
  context_ = l->context;
  device_ = l->device;
  ipl_ = l->ipl;
  spin_locks_ = l->spin_locks;
  kernel_locks_ = l->kernel_locks;
  held_count_ = l->held_count;
  l->context = context;
  l->device = device;
  l->ipl = ipl;
  if (context != Context::thread) section_enter(l);
}

ContextScope::~ContextScope() {
  lwp* const l = self();
  if (__builtin_expect(l->spin_locks != spin_locks_ || l->held_count != held_count_, 0)) {
    violation_by("returned with a mutex held", handler_);
  }
  if (__builtin_expect(l->kernel_locks != kernel_locks_, 0)) {
    violation_by(fmt::format("returned with {} holds of the kernel lock, entered with {}",
                             l->kernel_locks, kernel_locks_),
                 handler_);
  }
  if (__builtin_expect(l->ipl != entered_ipl_, 0)) {
    violation_by(fmt::format("splx: returned at IPL {}, entered at IPL {}", l->ipl, entered_ipl_),
                 handler_);
  }
  if (l->context != Context::thread) section_leave(l);
  l->context = context_;
  l->device = device_;
  l->ipl = ipl_;
}

}  // namespace pupci::kern

using pupci::kern::Context;
using pupci::kern::self;

lwp_t* __pupci_curlwp() {
  return self();
}

struct proc* __pupci_curproc() {
  return self()->process;
}

struct cpu_info* cpu_lookup(u_int index) {
  return index == 0 ? &cpu_info_primary : nullptr;
}

bool cpu_intr_p() {
  return self()->context == Context::interrupt;
}

bool cpu_softintr_p() {
  return self()->context == Context::softint;
}

void yield() {
  pupci::kern::check_sleepable("yield", __builtin_return_address(0));
  const unsigned depth = pupci::kern::kernel_unlock_all();
  sched_yield();
  pupci::kern::kernel_lock(depth);
}

void preempt() {
  pupci::kern::check_sleepable("preempt", __builtin_return_address(0));
  const unsigned depth = pupci::kern::kernel_unlock_all();
  sched_yield();
  pupci::kern::kernel_lock(depth);
}

void kpreempt_disable() {
  lwp* const l = self();
  ++l->no_preempt;
  pupci::kern::section_enter(l);
}

void kpreempt_enable() {
  lwp* const l = self();
  if (l->no_preempt == 0) {
    pupci::kern::violation("kpreempt_enable: preemption is not disabled",
                           __builtin_return_address(0));
  }
  --l->no_preempt;
  pupci::kern::section_leave(l);
}

bool kpreempt_disabled() {
  return self()->no_preempt != 0;
}
