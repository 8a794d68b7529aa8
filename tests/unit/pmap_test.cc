// SPDX-License-Identifier: BSD-2-Clause
// Pages that clients have mapped, and memory of clients that stays in its place.
#include <gtest/gtest.h>

#include <vector>

#include "expect_violation.h"
#include "host/arena.h"
#include "kern/file_table.h"
#include "kern/heap.h"
#include "kern/page_mapping.h"
#include "kern/user_memory.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/proc.h"
#include "netbsd/uvm/uvm_extern.h"

namespace pupci::kern {
namespace {

class Client : public PageClient {
 public:
  void revoke(std::uint64_t address, std::uint64_t size) noexcept override {
    revoked.emplace_back(address, size);
  }
  using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  Ranges revoked;
};

class PmapTest : public testing::Test {
 protected:
  void SetUp() override { heap_attach(&dma); }
  void TearDown() override {
    mapping_remove_all(*client);
    mapping_remove_all(*other);
    heap_detach();
  }
  ArenaDma dma{{.size = std::size_t{4} << 20, .bus = 0x80000000}};
  std::shared_ptr<Client> client = std::make_shared<Client>();
  std::shared_ptr<Client> other = std::make_shared<Client>();
};

TEST_F(PmapTest, PagesOfTheArenaAreKnown) {
  vm_page* page = PHYS_TO_VM_PAGE(0x80001234);
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(VM_PAGE_TO_PHYS(page), 0x80001000U);
  EXPECT_EQ(PHYS_TO_VM_PAGE(0x1000), nullptr);
  EXPECT_EQ(PHYS_TO_VM_PAGE(0x80400000), nullptr);
}

TEST_F(PmapTest, ProtectTakesAPageFromAllWhoHaveIt) {
  mapping_enter(client, 0x80000000, 0x3000);
  mapping_enter(other, 0x80001000, 0x1000);
  pmap_page_protect(PHYS_TO_VM_PAGE(0x80001000), VM_PROT_READ | VM_PROT_WRITE);
  EXPECT_TRUE(client->revoked.empty());
  pmap_page_protect(PHYS_TO_VM_PAGE(0x80001000), VM_PROT_NONE);
  EXPECT_EQ(client->revoked, (Client::Ranges{{0x80001000, 0x1000}}));
  EXPECT_EQ(other->revoked, (Client::Ranges{{0x80001000, 0x1000}}));
  for (paddr_t page = 0x80000000; page < 0x80004000; page += PAGE_SIZE) {
    pmap_page_protect(PHYS_TO_VM_PAGE(page), VM_PROT_NONE);
  }
  EXPECT_EQ(client->revoked,
            (Client::Ranges{{0x80001000, 0x1000}, {0x80000000, 0x1000}, {0x80002000, 0x1000}}));
  EXPECT_EQ(other->revoked.size(), 1u);
}

TEST_F(PmapTest, WhatIsUnmappedIsNotRevoked) {
  mapping_enter(client, 0x80000000, 0x4000);
  mapping_enter(client, 0x80000000, 0x4000);  // twice
  mapping_remove(*client, 0x80000000, 0x4000);
  mapping_remove(*client, 0x80000000, 0x1000);
  mapping_revoke(0x80000000, 0x2000);
  EXPECT_EQ(client->revoked, (Client::Ranges{{0x80001000, 0x1000}}));
  mapping_remove_all(*client);
  mapping_revoke(0x80000000, 0x4000);
  EXPECT_EQ(client->revoked.size(), 1u);
}

TEST_F(PmapTest, OtherThanMemoryIsTrackedFirst) {
  pmap_pv_track(0xfe000000, 0x2000);
  mapping_enter(client, 0xfe000000, 0x2000);
  pmap_pv_protect(0xfe001000, VM_PROT_NONE);
  EXPECT_EQ(client->revoked, (Client::Ranges{{0xfe001000, 0x1000}}));
  EXPECT_VIOLATION(pmap_pv_protect(0xfe002000, VM_PROT_NONE), "0xfe002000 is not tracked");
  EXPECT_VIOLATION(pmap_pv_track(0xfe001000, 0x1000), "tracked already");
  EXPECT_VIOLATION(pmap_pv_track(0xfe100010, 0x1000), "not whole pages");
  EXPECT_VIOLATION(pmap_pv_untrack(0xfe000000, 0x1000), "pmap_pv_untrack: .* not tracked");
  EXPECT_VIOLATION(pmap_page_protect(nullptr, VM_PROT_NONE), "pmap_page_protect: no page");
  pmap_pv_untrack(0xfe000000, 0x2000);
  pmap_pv_track(0xfe001000, 0x1000);
  pmap_pv_untrack(0xfe001000, 0x1000);
}

TEST(Vmspace, LocksWhatIsAccessible) {
  vmspace user;
  user.add(0x1000, std::vector<std::byte>(0x100));
  user.add(0x2000, std::vector<std::byte>(0x100), false);
  auto* writable = reinterpret_cast<void*>(0x1000);
  auto* readable = reinterpret_cast<void*>(0x2000);
  EXPECT_EQ(uvm_vslock(&user, writable, 0x100, VM_PROT_READ | VM_PROT_WRITE), 0);
  EXPECT_EQ(uvm_vslock(&user, writable, 0x101, VM_PROT_READ), EFAULT);
  EXPECT_EQ(uvm_vslock(&user, readable, 0x100, VM_PROT_READ | VM_PROT_WRITE), EFAULT);
  EXPECT_EQ(uvm_vslock(&user, readable, 0x100, VM_PROT_READ), 0);
  EXPECT_EQ(uvm_vslock(&user, reinterpret_cast<void*>(~0UL), 2, VM_PROT_READ), EFAULT);
  uvm_vsunlock(&user, readable, 0x100);
  EXPECT_VIOLATION(uvm_vsunlock(&user, readable, 0x100), "uvm_vsunlock: 0x2000, 256 bytes");
  uvm_vsunlock(&user, writable, 0x100);
}

TEST(Vmspace, LivesAsLongAsItIsReferredTo) {
  FileTable files{1, "client"};
  vmspace* kept = nullptr;
  {
    const SpaceHandle space(new vmspace);
    space->add(0x1000, std::vector<std::byte>(4));
    const ClientScope client(files);
    const UserScope user(space.get());
    EXPECT_EQ(curproc->p_vmspace, space.get());
    kept = curproc->p_vmspace;
    uvmspace_addref(kept);
  }
  EXPECT_EQ(files.process()->p_vmspace, nullptr);
  char bytes[4];
  EXPECT_TRUE(kept->copy_in(0x1000, bytes, 4));
  uvmspace_free(kept);
}

TEST(Vmspace, EndsWhenNobodyRefersToIt) {
  EXPECT_VIOLATION(
      {
        vmspace user;
        uvmspace_addref(&user);
      },
      "the memory of a client ends while a driver refers to it");
}

}  // namespace
}  // namespace pupci::kern
