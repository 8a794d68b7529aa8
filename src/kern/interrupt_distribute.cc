// SPDX-License-Identifier: BSD-2-Clause
// interrupt_distribute(9) and paravirt_membar_sync(9): what a kernel of many CPUs has to do, and
// one whose CPU is all threads of a process does not.
#include <atomic>
#include <cerrno>

#include "kern/check.h"
#include "netbsd/sys/cpu.h"
#include "netbsd/sys/interrupt.h"
#include "netbsd/sys/paravirt_membar.h"

int interrupt_distribute(void* cookie, const kcpuset_t* to, kcpuset_t* from) {
  if (cookie == nullptr) {
    pupci::kern::violation(
        "interrupt_distribute: no interrupt; give it what pci_intr_establish() returned",
        __builtin_return_address(0));
  }
  pupci::kern::check_sleepable("interrupt_distribute", __builtin_return_address(0));
  const cpuid_t first = kcpuset_ffs(to);
  if (first == 0 || cpu_lookup(static_cast<u_int>(first - 1)) == nullptr) return EINVAL;
  if (from != nullptr) {
    kcpuset_zero(from);
    kcpuset_set(from, cpu_index(&cpu_info_primary));
  }
  return 0;
}

// A device's model runs on another processor than the driver, whatever ncpu says.
void paravirt_membar_sync() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}
