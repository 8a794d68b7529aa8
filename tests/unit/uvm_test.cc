// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/uvm/uvm_extern.h"

#include <gtest/gtest.h>

#include "expect_violation.h"
#include "host/arena.h"
#include "kern/heap.h"
#include "netbsd/sys/kmem.h"

namespace pupci::kern {
namespace {

TEST(Uvm, AllocatesWiredPages) {
  const vaddr_t pages = uvm_km_alloc(kernel_map, 5000, PAGE_SIZE, UVM_KMF_WIRED | UVM_KMF_ZERO);
  EXPECT_EQ(pages % PAGE_SIZE, 0U);
  const auto* bytes = reinterpret_cast<const char*>(pages);
  EXPECT_EQ(std::count(bytes, bytes + 8192, 0), 8192);
  uvm_km_free(kernel_map, pages, 5000, UVM_KMF_WIRED);
  EXPECT_EQ(uvm_km_alloc(kernel_map, 1UL << 50, 0, UVM_KMF_WIRED | UVM_KMF_CANFAIL), 0U);
}

TEST(Uvm, PhysicalIsBusAddress) {
  ArenaDma dma({.size = std::size_t{4} << 20, .bus = 0x80000000});
  heap_attach(&dma);
  void* p = kmem_alloc(100, KM_SLEEP);
  const auto address = reinterpret_cast<vaddr_t>(p);
  EXPECT_EQ(vtophys(address), dma.to_bus(p));
  paddr_t physical = 0;
  EXPECT_TRUE(pmap_extract(pmap_kernel(), address + 7, &physical));
  EXPECT_EQ(physical, dma.to_bus(p) + 7);
  int on_stack = 0;
  EXPECT_FALSE(pmap_extract(pmap_kernel(), reinterpret_cast<vaddr_t>(&on_stack), &physical));
  EXPECT_VIOLATION((void)vtophys(reinterpret_cast<vaddr_t>(&on_stack)),
                   "vtophys: no device can reach 0x");
  kmem_free(p, 100);
  heap_detach();
}

TEST(UvmViolation, OnlyWholeWiredPages) {
  EXPECT_VIOLATION((void)uvm_km_alloc(kernel_map, 0, 0, UVM_KMF_WIRED), "uvm_km_alloc: size 0");
  EXPECT_VIOLATION((void)uvm_km_alloc(kernel_map, 1, 0, 0), "uvm_km_alloc: size 1, flags 0x0");
}

}  // namespace
}  // namespace pupci::kern
