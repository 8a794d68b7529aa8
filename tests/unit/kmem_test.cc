// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/kmem.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "expect_violation.h"
#include "host/arena.h"
#include "kern/heap.h"
#include "kern/lwp.h"
#include "kern/sanitize.h"
#include "netbsd/sys/malloc.h"

namespace pupci::kern {
namespace {

std::uintptr_t address(const void* p) {
  return reinterpret_cast<std::uintptr_t>(p);
}

TEST(Kmem, AlignsAsPromised) {
  for (std::size_t size = 1; size < 70000; size += size < 300 ? 1 : 509) {
    void* p = kmem_alloc(size, KM_SLEEP);
    ASSERT_NE(p, nullptr);
    EXPECT_EQ(address(p) % (size >= 4096 ? 4096 : size >= 64 ? 64 : 16), 0U) << size;
    kmem_free(p, size);
  }
}

TEST(Kmem, ZallocZeroesUsedMemory) {
  for (const std::size_t size : {1UL, 64UL, 1000UL, 5000UL, 40000UL, 300000UL}) {
    for (int round = 0; round < 3; ++round) {
      auto* p = static_cast<unsigned char*>(kmem_zalloc(size, KM_SLEEP));
      EXPECT_TRUE(std::all_of(p, p + size, [](unsigned char c) { return c == 0; })) << size;
      std::memset(p, 0xff, size);
      kmem_free(p, size);
    }
  }
}

TEST(Kmem, ObjectsDoNotOverlap) {
  std::mt19937 random(1);
  struct Piece {
    unsigned char* p;
    std::size_t size;
    unsigned char fill;
  };
  std::vector<Piece> pieces;
  const auto check_and_free = [&](std::size_t index) {
    const Piece piece = pieces[index];
    EXPECT_TRUE(std::all_of(piece.p, piece.p + piece.size,
                            [&](unsigned char c) { return c == piece.fill; }));
    kmem_free(piece.p, piece.size);
    pieces[index] = pieces.back();
    pieces.pop_back();
  };
  for (unsigned i = 0; i < 20000; ++i) {
    const std::size_t size = 1 + random() % (random() % 16 == 0 ? 50000 : 600);
    auto* p = static_cast<unsigned char*>(kmem_alloc(size, KM_SLEEP));
    const auto fill = static_cast<unsigned char>(i);
    std::memset(p, fill, size);
    pieces.push_back({p, size, fill});
    if (pieces.size() > 500) check_and_free(random() % pieces.size());
  }
  while (!pieces.empty()) check_and_free(0);
}

TEST(Kmem, ThreadsShareTheHeap) {
  const HeapUse before = heap_use();
  std::vector<std::thread> threads;
  std::atomic<void*> box{nullptr};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&box, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < 5000; ++i) {
        auto* p = static_cast<std::uint32_t*>(kmem_alloc(96, KM_SLEEP));
        p[0] = static_cast<std::uint32_t>(i);
        // Half of what one thread allocates another frees.
        void* other = box.exchange(p);
        if (other != nullptr) kmem_free(other, 96);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (void* last = box.load()) kmem_free(last, 96);
  EXPECT_EQ(heap_use().objects, before.objects);
}

TEST(Kmem, MemoryComesFromTheAttachedArena) {
  void* early = kmem_alloc(100, KM_SLEEP);
  ArenaDma dma({.size = std::size_t{8} << 20, .bus = 0x10000000});
  const std::size_t whole = dma.arena().free_bytes();
  heap_attach(&dma);
  void* small = kmem_alloc(100, KM_SLEEP);
  void* large = kmem_alloc(100000, KM_SLEEP);
  EXPECT_TRUE(dma.in_arena(small, 100));
  EXPECT_TRUE(dma.in_arena(large, 100000));
  EXPECT_FALSE(dma.in_arena(early, 100));
  kmem_free(early, 100);
  kmem_free(small, 100);
  kmem_free(large, 100000);
  (void)kmem_alloc(300, KM_SLEEP);  // left behind on purpose
  heap_detach();
  EXPECT_EQ(dma.arena().free_bytes(), whole);
  void* after = kmem_alloc(100, KM_SLEEP);
  EXPECT_FALSE(dma.in_arena(after, 100));
  kmem_free(after, 100);
}

TEST(Kmem, NosleepFailsWhenTheArenaIsFull) {
  ArenaDma dma({.size = std::size_t{1} << 20});
  heap_attach(&dma);
  std::vector<void*> all;
  while (void* p = kmem_alloc(30000, KM_NOSLEEP)) all.push_back(p);
  EXPECT_GE(all.size(), 15U);
  EXPECT_EQ(kmem_alloc(std::size_t{1} << 50, KM_NOSLEEP), nullptr);
  for (void* p : all) kmem_free(p, 30000);
  void* again = kmem_alloc(30000, KM_SLEEP);
  EXPECT_NE(again, nullptr);
  kmem_free(again, 30000);
  EXPECT_VIOLATION(
      {
        for (;;) (void)kmem_alloc(30000, KM_SLEEP);
      },
      "kmem_alloc: no 30000 bytes of kernel memory left");
  heap_detach();
}

TEST(Kmem, Strings) {
  char* a = kmem_asprintf("%s%d", "edu", 0);
  EXPECT_STREQ(a, "edu0");
  kmem_strfree(a);
  size_t size = 0;
  char* b = kmem_strdupsize("hello", &size, KM_SLEEP);
  EXPECT_STREQ(b, "hello");
  EXPECT_EQ(size, 6U);
  kmem_free(b, size);
  char* c = kmem_strdup("", KM_SLEEP);
  EXPECT_STREQ(c, "");
  kmem_strfree(c);
  char* d = kmem_strndup("abcdef", 3, KM_SLEEP);
  EXPECT_STREQ(d, "abc");
  kmem_strfree(d);
  kmem_strfree(nullptr);
}

TEST(Kmem, TmpbufPrefersTheCallersBuffer) {
  char buffer[64];
  void* p = kmem_tmpbuf_alloc(64, buffer, sizeof(buffer), KM_SLEEP);
  EXPECT_EQ(p, buffer);
  kmem_tmpbuf_free(p, 64, buffer);
  p = kmem_tmpbuf_alloc(65, buffer, sizeof(buffer), KM_SLEEP);
  EXPECT_NE(p, buffer);
  kmem_tmpbuf_free(p, 65, buffer);
}

TEST(Kmem, RemembersWhoAllocated) {
  void* p = kmem_alloc(128, KM_SLEEP);
  const HeapObject object = heap_find(static_cast<char*>(p) + 17);
  EXPECT_EQ(object.start, p);
  EXPECT_EQ(object.size, 128U);
  EXPECT_EQ(object.owner, Owner::kmem);
  EXPECT_NE(object.caller, nullptr);
  kmem_free(p, 128);
  int on_stack = 0;
  EXPECT_EQ(heap_find(&on_stack).start, nullptr);
}

TEST(Kmem, ListsTheObjectsOfADevice) {
  auto* device = reinterpret_cast<device_t>(0x1234);
  const ContextScope scope(Context::thread, device, 0);
  void* p = kmem_alloc(128, KM_SLEEP);
  const auto objects = heap_objects_for(device);
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0].object, p);
  EXPECT_EQ(objects[0].size, 128U);
  EXPECT_EQ(objects[0].kind, Kind::memory);
  kmem_free(p, 128);
  EXPECT_TRUE(heap_objects_for(device).empty());
}

TEST(KmemViolation, SizeZero) {
  EXPECT_VIOLATION((void)kmem_alloc(0, KM_SLEEP), "kmem_alloc: size 0");
}

TEST(KmemViolation, NeitherSleepNorNosleep) {
  EXPECT_VIOLATION((void)kmem_alloc(8, 0), "kmem_alloc: flags 0x0");
}

TEST(KmemViolation, DoubleFree) {
  EXPECT_VIOLATION(
      {
        void* p = kmem_alloc(128, KM_SLEEP);
        kmem_free(p, 128);
        kmem_free(p, 128);
      },
      "kmem_free: 0x[0-9a-f]+ was freed already, in .*DoubleFree");
}

TEST(KmemViolation, DoubleFreeOfManyPages) {
  EXPECT_VIOLATION(
      {
        void* p = kmem_alloc(1 << 20, KM_SLEEP);
        kmem_free(p, 1 << 20);
        kmem_free(p, 1 << 20);
      },
      "kmem_free: 0x[0-9a-f]+ .*was freed already");
}

TEST(KmemViolation, WrongSize) {
  EXPECT_VIOLATION(
      {
        void* p = kmem_alloc(128, KM_SLEEP);
        kmem_free(p, 127);
      },
      "kmem_free: 0x[0-9a-f]+ was allocated with 128 bytes in .*WrongSize.*but size 127");
}

TEST(KmemViolation, NotItsStart) {
  EXPECT_VIOLATION(
      {
        char* p = static_cast<char*>(kmem_alloc(128, KM_SLEEP));
        kmem_free(p + 16, 112);
      },
      "kmem_free: 0x[0-9a-f]+ points 16 bytes into memory allocated in .*NotItsStart");
}

TEST(KmemViolation, NotKernelMemory) {
  EXPECT_VIOLATION(
      {
        int on_stack = 0;
        kmem_free(&on_stack, sizeof(on_stack));
      },
      "kmem_free: 0x[0-9a-f]+ is not kernel memory");
}

TEST(KmemViolation, OfAnotherAllocator) {
  EXPECT_VIOLATION(
      {
        void* p = kern_malloc(128, M_DEVBUF, M_WAITOK);
        kmem_free(p, 128);
      },
      "kmem_free: 0x[0-9a-f]+ belongs to malloc, allocated in .*OfAnotherAllocator");
}

TEST(KmemViolation, InAnInterruptHandler) {
  const ContextScope scope(Context::interrupt, nullptr, 5);
  EXPECT_VIOLATION((void)kmem_alloc(8, KM_NOSLEEP), "kmem_alloc in an interrupt handler");
  void* p = kmem_intr_alloc(8, KM_NOSLEEP);
  EXPECT_NE(p, nullptr);
  kmem_intr_free(p, 8);
}

TEST(KmemViolation, Overflow) {
#ifdef PUPCI_DEBUG
  EXPECT_DEATH(
      {
        set_panic_handler(die_with_message);
        auto* volatile p = static_cast<char*>(kmem_alloc(100, KM_SLEEP));
        p[100] = 1;
        kmem_free(p, 100);
      },
      address_sanitizer ? "use-after-poison" : "written beyond its end .100 bytes");
#endif
}

TEST(KmemViolation, UseAfterFree) {
#ifdef PUPCI_DEBUG
  EXPECT_DEATH(
      {
        set_panic_handler(die_with_message);
        auto* volatile p = static_cast<char*>(kmem_alloc(100, KM_SLEEP));
        kmem_free(p, 100);
        p[50] = 1;
        heap_reclaim();  // ends the delay of its reuse
        for (int i = 0; i < 1000; ++i) (void)kmem_alloc(100, KM_SLEEP);
      },
      address_sanitizer ? "use-after-poison" : "was written after it was freed in .*UseAfterFree");
#endif
}

TEST(Malloc, Reallocates) {
  auto* p = static_cast<char*>(kern_malloc(10, M_TEMP, M_WAITOK | M_ZERO));
  EXPECT_EQ(p[9], 0);
  std::memcpy(p, "012345678", 10);
  p = static_cast<char*>(kern_realloc(p, 10000, M_TEMP, M_WAITOK));
  EXPECT_STREQ(p, "012345678");
  p = static_cast<char*>(kern_realloc(p, 5, M_TEMP, M_WAITOK));
  EXPECT_EQ(std::memcmp(p, "01234", 5), 0);
  EXPECT_EQ(kern_realloc(p, 0, M_TEMP, M_WAITOK), nullptr);
  p = static_cast<char*>(kern_realloc(nullptr, 7, M_TEMP, M_NOWAIT));
  kern_free(p, M_TEMP);
  EXPECT_EQ(kern_malloc(1UL << 50, M_TEMP, M_WAITOK | M_CANFAIL), nullptr);
}

TEST(MallocViolation, DoubleFree) {
  EXPECT_VIOLATION(
      {
        void* p = kern_malloc(128, M_TEMP, M_WAITOK);
        kern_free(p, M_TEMP);
        kern_free(p, M_TEMP);
      },
      "free: 0x[0-9a-f]+ was freed already, in .*DoubleFree");
}

}  // namespace
}  // namespace pupci::kern
