// SPDX-License-Identifier: BSD-2-Clause
// The memory of clients as uvm(9) has it: who refers to it, and what of it stays where it is.
#include <fmt/format.h>

#include <cerrno>

#include "kern/check.h"
#include "kern/lwp.h"
#include "kern/user_memory.h"
#include "netbsd/uvm/uvm_extern.h"

using pupci::kern::check_sleepable;
using pupci::kern::violation;

vmspace::~vmspace() {
  if (references_.count.load(std::memory_order_acquire) > 1) {
    violation("the memory of a client ends while a driver refers to it (uvmspace_addref)",
              __builtin_return_address(0));
  }
}

bool vmspace::wire(std::uintptr_t address, std::size_t size, bool write) {
  if (!accessible(address, size, write)) return false;
  const std::scoped_lock lock(wired_.mutex);
  wired_.ranges.emplace(address, size);
  return true;
}

bool vmspace::unwire(std::uintptr_t address, std::size_t size) {
  const std::scoped_lock lock(wired_.mutex);
  const auto found = wired_.ranges.find({address, size});
  if (found == wired_.ranges.end()) return false;
  wired_.ranges.erase(found);
  return true;
}

void uvmspace_addref(struct vmspace* space) {
  space->hold();
}

void uvmspace_free(struct vmspace* space) {
  if (space->release()) delete space;
}

int uvm_vslock(struct vmspace* space, void* address, size_t size, vm_prot_t prot) {
  check_sleepable("uvm_vslock", __builtin_return_address(0));
  const auto start = reinterpret_cast<std::uintptr_t>(address);
  if (space == nullptr || start > UINTPTR_MAX - size) return EFAULT;
  return space->wire(start, size, (prot & VM_PROT_WRITE) != 0) ? 0 : EFAULT;
}

void uvm_vsunlock(struct vmspace* space, void* address, size_t size) {
  if (space == nullptr || !space->unwire(reinterpret_cast<std::uintptr_t>(address), size)) {
    violation(fmt::format("uvm_vsunlock: {}, {} bytes: not locked", fmt::ptr(address), size),
              __builtin_return_address(0));
  }
}
