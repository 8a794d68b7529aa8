// SPDX-License-Identifier: BSD-2-Clause
// The odds and ends of uvm(9) that drivers use: pages of the arena.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "kern/check.h"
#include "kern/heap.h"
#include "netbsd/uvm/uvm_extern.h"

struct vm_map {};

namespace {

vm_map the_kernel_map;

void* to_pointer(vaddr_t address) {
  return reinterpret_cast<void*>(address);
}

}  // namespace

struct vm_map* kernel_map = &the_kernel_map;

using pupci::kern::Owner;
using pupci::kern::violation;

vaddr_t uvm_km_alloc(struct vm_map* map, vsize_t size, vsize_t alignment, unsigned int flags) {
  const void* caller = __builtin_return_address(0);
  if (map != kernel_map) violation("uvm_km_alloc: another map than kernel_map", caller);
  if (size == 0 || (flags & UVM_KMF_WIRED) == 0) {
    violation(fmt::format("uvm_km_alloc: size {}, flags {:#x}: not some wired pages", size, flags),
              caller);
  }
  if (alignment > PAGE_SIZE || (alignment != 0 && !std::has_single_bit(alignment))) {
    violation(fmt::format("uvm_km_alloc: alignment {}", alignment), caller);
  }
  const std::size_t whole = round_page(size);
  const bool zero = (flags & UVM_KMF_ZERO) != 0;
  void* p = pupci::kern::heap_allocate(whole, Owner::uvm, caller, zero, PAGE_SIZE);
  if (p == nullptr && (flags & (UVM_KMF_NOWAIT | UVM_KMF_CANFAIL)) == 0) {
    violation(fmt::format("uvm_km_alloc: no {} bytes of kernel memory left", whole), caller);
  }
  return reinterpret_cast<vaddr_t>(p);
}

void uvm_km_free(struct vm_map*, vaddr_t address, vsize_t size, unsigned int) {
  pupci::kern::heap_free(to_pointer(address), round_page(size), Owner::uvm,
                         __builtin_return_address(0), "uvm_km_free");
}
