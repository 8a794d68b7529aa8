// SPDX-License-Identifier: BSD-2-Clause
// pmap(9): physical addresses, which are bus addresses here, and taking pages from who has them
// mapped.
#include <fmt/format.h>

#include <iterator>
#include <map>
#include <mutex>

#include "kern/check.h"
#include "kern/heap.h"
#include "kern/page_mapping.h"
#include "netbsd/uvm/uvm_extern.h"

struct pmap {};

using namespace pupci::kern;

namespace {

pmap the_kernel_pmap;

void* pointer_to(vaddr_t address) {
  return reinterpret_cast<void*>(address);
}

// Ranges of physical addresses that are not memory, the mappings of which can be taken away.
struct PvRanges {
  std::mutex mutex;
  std::map<paddr_t, psize_t> ranges;

  // Whether any of [start, start + size) is in one; mutex held.
  [[nodiscard]] bool overlaps(paddr_t start, psize_t size) const {
    const auto next = ranges.lower_bound(start + size);
    return next != ranges.begin() && std::prev(next)->first + std::prev(next)->second > start;
  }
};

PvRanges& pv_ranges() {
  static auto& the_ranges = *new PvRanges;
  return the_ranges;
}

// Less than all access cannot be left to a client, so all of it is taken.
void protect_page(paddr_t page, vm_prot_t prot) {
  if ((prot & VM_PROT_WRITE) == 0) mapping_revoke(page, PAGE_SIZE);
}

}  // namespace

pmap_t pmap_kernel(void) {
  return &the_kernel_pmap;
}

bool pmap_extract(pmap_t, vaddr_t address, paddr_t* physical) {
  const auto bus = heap_bus_address(pointer_to(address));
  if (!bus) return false;
  *physical = static_cast<paddr_t>(*bus);
  return true;
}

paddr_t vtophys(vaddr_t address) {
  paddr_t physical = 0;
  if (!pmap_extract(pmap_kernel(), address, &physical)) {
    violation(fmt::format("vtophys: no device can reach {}: it is neither memory of kmem(9) nor a "
                          "kernel thread's stack",
                          fmt::ptr(pointer_to(address))),
              __builtin_return_address(0));
  }
  return physical;
}

// A page is known by its address, with a bit that makes it no null pointer.
struct vm_page* uvm_phys_to_vm_page(paddr_t address) {
  const paddr_t page = trunc_page(address);
  return heap_has_bus_page(page) ? static_cast<vm_page*>(pointer_to(page | 1)) : nullptr;
}

paddr_t uvm_vm_page_to_phys(const struct vm_page* page) {
  return reinterpret_cast<paddr_t>(page) & ~paddr_t{1};
}

void pmap_page_protect(struct vm_page* page, vm_prot_t prot) {
  const void* caller = __builtin_return_address(0);
  if (page == nullptr) violation("pmap_page_protect: no page", caller);
  check_sleepable("pmap_page_protect", caller);
  protect_page(uvm_vm_page_to_phys(page), prot);
}

void pmap_pv_track(paddr_t start, psize_t size) {
  const void* caller = __builtin_return_address(0);
  if (size == 0 || (start & PAGE_MASK) != 0 || (size & PAGE_MASK) != 0) {
    violation(fmt::format("pmap_pv_track: {:#x}, {:#x}: not whole pages", start, size), caller);
  }
  const std::scoped_lock lock(pv_ranges().mutex);
  if (pv_ranges().overlaps(start, size)) {
    violation(fmt::format("pmap_pv_track: {:#x}, {:#x}: tracked already", start, size), caller);
  }
  pv_ranges().ranges.emplace(start, size);
}

void pmap_pv_untrack(paddr_t start, psize_t size) {
  const std::scoped_lock lock(pv_ranges().mutex);
  const auto found = pv_ranges().ranges.find(start);
  if (found == pv_ranges().ranges.end() || found->second != size) {
    violation(fmt::format("pmap_pv_untrack: {:#x}, {:#x}: not tracked", start, size),
              __builtin_return_address(0));
  }
  pv_ranges().ranges.erase(found);
}

void pmap_pv_protect(paddr_t address, vm_prot_t prot) {
  const void* caller = __builtin_return_address(0);
  check_sleepable("pmap_pv_protect", caller);
  {
    const std::scoped_lock lock(pv_ranges().mutex);
    if (!pv_ranges().overlaps(trunc_page(address), PAGE_SIZE)) {
      violation(fmt::format("pmap_pv_protect: {:#x} is not tracked", address), caller);
    }
  }
  protect_page(trunc_page(address), prot);
}
