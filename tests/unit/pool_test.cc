// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "expect_violation.h"
#include "host/arena.h"
#include "kern/console.h"
#include "kern/heap.h"
#include "kern/leaks.h"
#include "kern/lwp.h"

namespace pupci::kern {
namespace {

class PoolTest : public testing::Test {
 protected:
  __attribute__((__noinline__)) void make(std::size_t size, unsigned alignment = 0) {
    pool_init(&pool_, size, alignment, 0, 0, "testpl", nullptr, 0);
  }
  struct pool pool_{};
};

TEST_F(PoolTest, ItemsAreAligned) {
  for (const unsigned alignment : {0U, 8U, 64U, 256U, 4096U}) {
    make(40, alignment);
    void* items[10];
    for (void*& item : items) {
      item = pool_get(&pool_, PR_WAITOK);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(item) % std::max(alignment, 8U), 0U);
    }
    for (void* item : items) pool_put(&pool_, item);
    pool_destroy(&pool_);
  }
}

TEST_F(PoolTest, ZeroesWhenAsked) {
  make(100);
  for (int round = 0; round < 3; ++round) {
    auto* item = static_cast<unsigned char*>(pool_get(&pool_, PR_WAITOK | PR_ZERO));
    EXPECT_EQ(std::count(item, item + 100, 0), 100);
    std::memset(item, 0xff, 100);
    pool_put(&pool_, item);
  }
  pool_destroy(&pool_);
}

TEST_F(PoolTest, PrimedItemsAreThereWhenMemoryIsNot) {
  ArenaDma dma({.size = std::size_t{1} << 20});
  heap_attach(&dma);
  make(8000);
  EXPECT_EQ(pool_prime(&pool_, 4), 0);
  EXPECT_EQ(pool_prime(&pool_, 100000), ENOMEM);
  (void)pool_reclaim(&pool_);
  EXPECT_EQ(pool_prime(&pool_, 4), 0);
  std::vector<void*> all;
  while (void* p = heap_allocate(8000, Owner::kernel, nullptr, false)) all.push_back(p);
  std::vector<void*> items;
  while (void* item = pool_get(&pool_, PR_NOWAIT)) items.push_back(item);
  EXPECT_GE(items.size(), 4U);
  for (void* item : items) pool_put(&pool_, item);
  for (void* p : all) heap_free(p, 8000, Owner::kernel, nullptr, "test");
  pool_destroy(&pool_);
  heap_detach();
}

TEST_F(PoolTest, ReclaimFreesDownToTheLowMark) {
  make(64);
  pool_setlowat(&pool_, 2);
  pool_sethiwat(&pool_, 5);
  void* items[8];
  for (void*& item : items) item = pool_get(&pool_, PR_WAITOK);
  for (void* item : items) pool_put(&pool_, item);
  EXPECT_NE(pool_reclaim(&pool_), 0);
  EXPECT_EQ(pool_reclaim(&pool_), 0);
  pool_destroy(&pool_);
}

TEST_F(PoolTest, HardLimitWithWarning) {
  std::string text;
  set_console([&](std::string_view part) { text += part; });
  make(64);
  pool_sethardlimit(&pool_, 2, "limit reached", 3600);
  void* a = pool_get(&pool_, PR_NOWAIT);
  void* b = pool_get(&pool_, PR_NOWAIT);
  EXPECT_EQ(pool_get(&pool_, PR_NOWAIT), nullptr);
  EXPECT_EQ(pool_get(&pool_, PR_WAITOK | PR_LIMITFAIL), nullptr);
  pool_put(&pool_, a);
  pool_put(&pool_, b);
  pool_destroy(&pool_);
  set_console({});
  EXPECT_EQ(text, "testpl: limit reached\n");
}

TEST_F(PoolTest, WaitsAtTheHardLimit) {
  make(64);
  pool_sethardlimit(&pool_, 1, nullptr, 0);
  void* a = pool_get(&pool_, PR_WAITOK);
  std::atomic<void*> got{nullptr};
  std::thread waiter([&] { got = pool_get(&pool_, PR_WAITOK); });
  std::this_thread::yield();
  EXPECT_EQ(got.load(), nullptr);
  pool_put(&pool_, a);
  waiter.join();
  EXPECT_NE(got.load(), nullptr);
  pool_put(&pool_, got);
  pool_destroy(&pool_);
}

TEST_F(PoolTest, DrainHookRunsAtReclaim) {
  make(64);
  int calls = 0;
  pool_set_drain_hook(&pool_, [](void* argument, int) { ++*static_cast<int*>(argument); }, &calls);
  (void)pool_reclaim(&pool_);
  EXPECT_EQ(calls, 1);
  pool_destroy(&pool_);
}

TEST_F(PoolTest, Violations) {
  make(64);
  EXPECT_VIOLATION((void)pool_get(&pool_, 0), "pool_get: testpl: flags 0x0");
  EXPECT_VIOLATION(
      {
        void* item = pool_get(&pool_, PR_WAITOK);
        pool_put(&pool_, item);
        pool_put(&pool_, item);
      },
      "pool_put: 0x[0-9a-f]+ was freed already, in .*Violations");
  EXPECT_VIOLATION(
      {
        (void)pool_get(&pool_, PR_WAITOK);
        pool_destroy(&pool_);
      },
      "pool_destroy: testpl: 1 item of 64 bytes still out");
  EXPECT_VIOLATION(pool_put(&pool_, nullptr), "pool_put: testpl: null pointer");
  EXPECT_VIOLATION(
      {
        struct pool other{};
        pool_init(&other, 65, 0, 0, 0, "otherpl", nullptr, 0);
        pool_put(&pool_, pool_get(&other, PR_WAITOK));
      },
      "pool_put: testpl: 0x[0-9a-f]+ has 65 bytes");
  EXPECT_VIOLATION(
      {
        const ContextScope scope(Context::interrupt, nullptr, 5);
        (void)pool_get(&pool_, PR_WAITOK);
      },
      "pool_get: may sleep, called in an interrupt handler");
  pool_destroy(&pool_);
  EXPECT_VIOLATION((void)pool_get(&pool_, PR_NOWAIT), "pool_get: 0x[0-9a-f]+ is no pool");
}

TEST_F(PoolTest, LeaksAreNamed) {
  auto* device = reinterpret_cast<device_t>(0x1000);
  const ContextScope scope(Context::thread, device, 0);
  make(64);
  void* item = pool_get(&pool_, PR_WAITOK);
  EXPECT_THAT(describe_leaks("edu0", leaks_of(device)),
              testing::ElementsAre(
                  testing::ContainsRegex("edu0: leaked 64 bytes of memory allocated in .*LeaksAre"),
                  testing::ContainsRegex("edu0: leaked a pool created in .*pool_test.cc:")));
  pool_put(&pool_, item);
  pool_destroy(&pool_);
  EXPECT_TRUE(leaks_of(device).empty());
}

// pool_cache(9).

struct Counts {
  int constructed = 0;
  int destructed = 0;
  int refuse = 0;
};

int construct(void* argument, void* object, int flags) {
  auto* counts = static_cast<Counts*>(argument);
  EXPECT_NE(flags & (PR_WAITOK | PR_NOWAIT), 0);
  if (counts->refuse != 0) return ENOMEM;
  ++counts->constructed;
  *static_cast<int*>(object) = 0x600d;
  return 0;
}

void destruct(void* argument, void* object) {
  ++static_cast<Counts*>(argument)->destructed;
  EXPECT_EQ(*static_cast<int*>(object), 0x600d);
}

pool_cache_t make_cache(Counts& counts) {
  return pool_cache_init(100, 0, 0, 0, "testpc", nullptr, 0, construct, destruct, &counts);
}

TEST(PoolCache, ConstructsOnceAndKeeps) {
  Counts counts;
  pool_cache_t cache = make_cache(counts);
  for (int i = 0; i < 100; ++i) {
    void* object = pool_cache_get(cache, PR_WAITOK);
    EXPECT_EQ(*static_cast<int*>(object), 0x600d);
    pool_cache_put(cache, object);
  }
  EXPECT_EQ(counts.constructed, 1);
  EXPECT_EQ(counts.destructed, 0);
  pool_cache_destroy(cache);
  EXPECT_EQ(counts.destructed, 1);
}

TEST(PoolCache, InvalidateDestructsWhatIsFree) {
  Counts counts;
  pool_cache_t cache = make_cache(counts);
  std::vector<void*> objects(200);
  for (void*& object : objects) object = pool_cache_get(cache, PR_WAITOK);
  for (std::size_t i = 1; i < objects.size(); ++i) pool_cache_put(cache, objects[i]);
  pool_cache_invalidate(cache);
  EXPECT_EQ(counts.constructed, 200);
  EXPECT_EQ(counts.destructed, 199);
  EXPECT_FALSE(pool_cache_reclaim(cache));
  pool_cache_destruct_object(cache, objects[0]);
  EXPECT_EQ(counts.destructed, 200);
  pool_cache_destroy(cache);
}

TEST(PoolCache, FailsWhenTheConstructorDoes) {
  Counts counts;
  counts.refuse = 1;
  pool_cache_t cache = make_cache(counts);
  EXPECT_EQ(pool_cache_get(cache, PR_NOWAIT), nullptr);
  EXPECT_EQ(pool_cache_get(cache, PR_WAITOK), nullptr);
  pool_cache_destroy(cache);
  EXPECT_EQ(counts.destructed, 0);
}

TEST(PoolCache, GivesTheBusAddress) {
  ArenaDma dma({.size = std::size_t{4} << 20, .bus = 0x40000000});
  heap_attach(&dma);
  Counts counts;
  pool_cache_t cache = make_cache(counts);
  paddr_t address = 0;
  void* object = pool_cache_get_paddr(cache, PR_WAITOK, &address);
  EXPECT_EQ(address, dma.to_bus(object));
  pool_cache_put_paddr(cache, object, address);
  pool_cache_destroy(cache);
  heap_detach();
}

TEST(PoolCache, ThreadsShareIt) {
  Counts unused;
  pool_cache_t cache =
      pool_cache_init(64, 0, 0, 0, "shared", nullptr, 0, nullptr, nullptr, &unused);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([cache, t] {
      void* held[20];
      for (int round = 0; round < 200; ++round) {
        for (void*& object : held) {
          object = pool_cache_get(cache, PR_NOWAIT);
          *static_cast<int*>(object) = t;
        }
        for (void* object : held) {
          EXPECT_EQ(*static_cast<int*>(object), t);
          pool_cache_put(cache, object);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  pool_cache_destroy(cache);
}

TEST(PoolCacheViolation, PutTwiceAndDestroyBusy) {
  Counts counts;
  pool_cache_t cache = make_cache(counts);
  EXPECT_VIOLATION(
      {
        void* object = pool_cache_get(cache, PR_WAITOK);
        pool_cache_put(cache, object);
        pool_cache_put(cache, object);
      },
      "pool_cache_put: 0x[0-9a-f]+ was freed already, in");
  EXPECT_VIOLATION(
      {
        (void)pool_cache_get(cache, PR_WAITOK);
        pool_cache_destroy(cache);
      },
      "pool_cache_destroy: testpc: 1 item of 100 bytes still out");
  pool_cache_destroy(cache);
}

}  // namespace
}  // namespace pupci::kern
