// SPDX-License-Identifier: BSD-2-Clause
// pool(9) and pool_cache(9) with pages of an allocator of the driver's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "expect_violation.h"
#include "kern/heap.h"
#include "kern/leaks.h"
#include "kern/lwp.h"
#include "netbsd/sys/param.h"
#include "netbsd/sys/pool.h"

namespace pupci::kern {
namespace {

void* new_page(std::size_t size, std::size_t alignment) {
  return ::operator new(size, std::align_val_t{alignment});
}
void delete_page(void* page, std::size_t alignment) {
  ::operator delete(page, std::align_val_t{alignment});
}

// Gives pages and knows which are out.
struct Source {
  static constexpr std::size_t page_size = 1024;
  static Source* the;

  static void* allocate(struct pool* pool, int flags) {
    const std::scoped_lock lock(the->mutex);
    the->asked++;
    the->pools.insert(pool);
    the->flags.push_back(flags);
    if (the->left == 0) return nullptr;
    the->left--;
    void* page = new_page(2 * page_size, page_size);
    the->out.insert(page);
    return static_cast<char*>(page) + the->skew;
  }
  static void release(struct pool* pool, void* page) {
    const std::scoped_lock lock(the->mutex);
    the->pools.insert(pool);
    page = static_cast<char*>(page) - the->skew;
    EXPECT_EQ(the->out.erase(page), 1U) << "it was not given, or is back already";
    the->left++;
    std::memset(page, 0x5a, page_size);  // it is the driver's again
    delete_page(page, page_size);
  }
  Source() { the = this; }
  ~Source() { EXPECT_TRUE(out.empty()) << out.size() << " pages not given back"; }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  [[nodiscard]] std::size_t pages() {
    const std::scoped_lock lock(mutex);
    return out.size();
  }
  [[nodiscard]] bool holds(const void* item, std::size_t size) const {
    return std::any_of(out.begin(), out.end(), [&](const void* page) {
      const auto* first = static_cast<const char*>(page) + skew;
      return item >= first && static_cast<const char*>(item) + size <= first + page_size;
    });
  }

  std::mutex mutex;
  std::set<void*> out;
  std::set<struct pool*> pools;
  std::vector<int> flags;
  unsigned asked = 0;
  unsigned left = 1000;
  unsigned skew = 0;
};
Source* Source::the = nullptr;

class PoolAllocator : public testing::Test {
 protected:
  __attribute__((__noinline__)) void make(std::size_t size, unsigned alignment = 0,
                                          unsigned offset = 0, int flags = 0) {
    pool_init(&pool_, size, alignment, offset, flags, "pagepl", &allocator_, 0);
  }
  std::vector<void*> get(std::size_t count, int flags = PR_WAITOK) {
    std::vector<void*> items;
    while (items.size() < count) items.push_back(pool_get(&pool_, flags));
    return items;
  }
  void put(const std::vector<void*>& items) {
    for (void* item : items) pool_put(&pool_, item);
  }

  Source source_;
  struct pool_allocator allocator_{Source::allocate, Source::release, Source::page_size};
  struct pool pool_{};
};

TEST_F(PoolAllocator, ItemsLieInItsPagesAndEveryPageGoesBack) {
  make(100);
  const auto items = get(25);
  EXPECT_EQ(source_.pages(), 3U) << "nine or ten fit into each";
  const std::set<void*> different(items.begin(), items.end());
  EXPECT_EQ(different.size(), items.size());
  for (void* item : items) {
    EXPECT_TRUE(source_.holds(item, 100));
    std::memset(item, 0xa5, 100);
  }
  put(items);
  EXPECT_EQ(source_.pages(), 3U) << "kept for the next";
  EXPECT_EQ(source_.pools, std::set<struct pool*>{&pool_});
  pool_destroy(&pool_);
  EXPECT_EQ(source_.pages(), 0U);
}

TEST_F(PoolAllocator, NoOtherMemoryIsTaken) {
  const auto before = heap_use();
  make(64);
  const auto items = get(50);
  EXPECT_EQ(heap_use().objects, before.objects);
  put(items);
  pool_destroy(&pool_);
}

TEST_F(PoolAllocator, IsToldWhetherItMaySleep) {
  make(512);
  const auto items = get(2, PR_WAITOK | PR_ZERO);
  const auto more = get(2, PR_NOWAIT | PR_LIMITFAIL);
  EXPECT_EQ(source_.flags, (std::vector<int>{PR_WAITOK, PR_NOWAIT}));
  put(items);
  put(more);
  pool_destroy(&pool_);
}

TEST_F(PoolAllocator, ZeroesWhenAskedAndKeepsWhatWasThereWhenNot) {
  make(64);
  auto* item = static_cast<unsigned char*>(pool_get(&pool_, PR_WAITOK));
  std::memset(item, 0xff, 64);
  pool_put(&pool_, item);
  auto* again = static_cast<unsigned char*>(pool_get(&pool_, PR_WAITOK | PR_ZERO));
  EXPECT_EQ(again, item);
  EXPECT_EQ(std::count(again, again + 64, 0), 64);
  pool_put(&pool_, again);
  pool_destroy(&pool_);
}

TEST_F(PoolAllocator, WithoutAPageThereIsNoItem) {
  source_.left = 1;
  make(512);
  const auto items = get(2);
  EXPECT_EQ(pool_get(&pool_, PR_NOWAIT), nullptr);
  EXPECT_EQ(pool_get(&pool_, PR_WAITOK | PR_LIMITFAIL), nullptr);
  pool_put(&pool_, items[1]);
  EXPECT_EQ(pool_get(&pool_, PR_NOWAIT), items[1]);
  EXPECT_VIOLATION((void)pool_get(&pool_, PR_WAITOK),
                   "pool_get: pagepl: no 512 bytes of memory had by its allocator, which may "
                   "sleep; let pa_alloc wait for it, or let the driver use PR_NOWAIT");
  put(items);
  pool_destroy(&pool_);
}

TEST_F(PoolAllocator, ReclaimGivesBackWhatNothingLiesIn) {
  make(512);
  const auto items = get(6);
  EXPECT_EQ(source_.pages(), 3U);
  pool_put(&pool_, items[0]);
  pool_put(&pool_, items[1]);
  pool_put(&pool_, items[2]);
  EXPECT_EQ(pool_reclaim(&pool_), 1);
  EXPECT_EQ(source_.pages(), 2U);
  EXPECT_EQ(pool_reclaim(&pool_), 0);
  std::memset(items[3], 1, 512);  // is still there
  for (const unsigned i : {3U, 4U, 5U}) pool_put(&pool_, items[i]);
  pool_destroy(&pool_);
}

TEST_F(PoolAllocator, MarksAreKept) {
  make(512);
  pool_setlowat(&pool_, 3);
  EXPECT_EQ(source_.pages(), 2U) << "ready at once";
  const auto items = get(4);
  EXPECT_GE(source_.pages(), 4U) << "and ready again";
  pool_sethiwat(&pool_, 4);
  put(items);
  (void)pool_reclaim(&pool_);
  EXPECT_EQ(source_.pages(), 2U);
  pool_setlowat(&pool_, 0);
  const auto many = get(10);
  EXPECT_EQ(source_.pages(), 5U);
  put(many);
  EXPECT_EQ(source_.pages(), 2U) << "above the high mark they go back";
  pool_destroy(&pool_);
}

TEST_F(PoolAllocator, PrimedItemsNeedNoPage) {
  make(256);
  EXPECT_EQ(pool_prime(&pool_, 5), 0);
  EXPECT_EQ(source_.pages(), 2U);
  (void)pool_reclaim(&pool_);
  source_.left = 0;
  put(get(5, PR_NOWAIT));
  EXPECT_EQ(pool_prime(&pool_, 50), ENOMEM);
  pool_destroy(&pool_);
}

TEST_F(PoolAllocator, AlignsTheByteAtTheOffset) {
  for (const auto& [alignment, offset] : {std::pair{64U, 0U}, {64U, 16U}, {256U, 24U}, {16U, 8U}}) {
    make(80, alignment, offset);
    const auto items = get(9);
    for (void* item : items) {
      EXPECT_EQ((reinterpret_cast<std::uintptr_t>(item) + offset) % alignment, 0U);
      EXPECT_TRUE(source_.holds(item, 80));
    }
    put(items);
    pool_destroy(&pool_);
  }
  // Without an allocator as well.
  pool_init(&pool_, 80, 64, 16, 0, "offpl", nullptr, 0);
  const auto items = get(100);
  for (void* item : items) {
    EXPECT_EQ((reinterpret_cast<std::uintptr_t>(item) + 16) % 64, 0U);
    std::memset(item, 1, 80);
  }
  put(items);
  pool_destroy(&pool_);
}

TEST_F(PoolAllocator, PagesOfTheUsualSizeWhenItSaysNone) {
  static std::vector<void*> pages;
  allocator_ = {[](struct pool*, int) {
                  pages.push_back(new_page(PAGE_SIZE, PAGE_SIZE));
                  return pages.back();
                },
                [](struct pool*, void* page) { delete_page(page, PAGE_SIZE); }, 0};
  make(PAGE_SIZE);
  void* item = pool_get(&pool_, PR_WAITOK);
  EXPECT_EQ(allocator_.pa_pagesz, static_cast<unsigned>(PAGE_SIZE));
  EXPECT_EQ(item, pages.at(0));
  std::memset(item, 1, PAGE_SIZE);
  pool_put(&pool_, item);
  pool_destroy(&pool_);
  pages.clear();
}

TEST_F(PoolAllocator, HardLimitAndDrainHook) {
  make(256);
  pool_sethardlimit(&pool_, 2, "no more", 60);
  const auto items = get(2);
  EXPECT_EQ(pool_get(&pool_, PR_NOWAIT), nullptr);
  EXPECT_EQ(source_.asked, 1U);
  std::thread other([&] { pool_put(&pool_, items[0]); });
  void* waited = pool_get(&pool_, PR_WAITOK);
  other.join();
  EXPECT_EQ(waited, items[0]);
  int calls = 0;
  pool_set_drain_hook(&pool_, [](void* argument, int) { ++*static_cast<int*>(argument); }, &calls);
  (void)pool_reclaim(&pool_);
  EXPECT_EQ(calls, 1);
  pool_put(&pool_, waited);
  pool_put(&pool_, items[1]);
  pool_destroy(&pool_);
}

TEST_F(PoolAllocator, PagesNeedNotBeAlignedWhenSaidSo) {
  source_.skew = 8;
  make(100, 0, 0, PR_NOALIGN);
  const auto items = get(30);
  for (void* item : items) EXPECT_TRUE(source_.holds(item, 100));
  put(items);
  pool_destroy(&pool_);
  EXPECT_VIOLATION(
      {
        make(100);
        (void)pool_get(&pool_, PR_WAITOK);
      },
      "pool_get: pagepl: its allocator gave a page at 0x[0-9a-f]+, which is not aligned to its "
      "1024 bytes; align it, or give pool_init\\(\\) PR_NOALIGN");
}

TEST_F(PoolAllocator, Violations) {
  EXPECT_VIOLATION(make(1025), "pool_init: pagepl: an item of 1025 bytes does not fit into a page");
  EXPECT_VIOLATION(
      {
        allocator_.pa_pagesz = 1000;
        make(8);
      },
      "pool_init: pagepl: its allocator's pages have 1000 bytes, no power of two");
  EXPECT_VIOLATION(
      {
        allocator_.pa_free = nullptr;
        make(8);
      },
      "pool_init: pagepl: its allocator lacks pa_free");
  make(64);
  void* item = pool_get(&pool_, PR_WAITOK);
  EXPECT_VIOLATION(
      {
        pool_put(&pool_, item);
        pool_put(&pool_, item);
      },
      "pool_put: 0x[0-9a-f]+ was freed already, in .*Violations");
  EXPECT_VIOLATION(pool_put(&pool_, static_cast<char*>(item) + 8), "not the start of an item");
  EXPECT_VIOLATION(pool_put(&pool_, &item), "pool_put: pagepl: 0x[0-9a-f]+ is not of this pool");
  EXPECT_VIOLATION(pool_destroy(&pool_), "pool_destroy: pagepl: 1 item of 64 bytes still out");
  pool_put(&pool_, item);
  pool_destroy(&pool_);
  EXPECT_VIOLATION(
      {
        static void* once = new_page(1024, 1024);
        allocator_.pa_alloc = [](struct pool*, int) { return once; };
        make(1024);
        (void)get(2);
      },
      "its allocator gave the page at 0x[0-9a-f]+, which the pool has already");
}

TEST_F(PoolAllocator, LeaksAreNamed) {
  auto* device = reinterpret_cast<device_t>(0x1000);
  const ContextScope scope(Context::thread, device, 0);
  make(64);
  void* item = pool_get(&pool_, PR_WAITOK);
  EXPECT_THAT(describe_leaks("edu0", leaks_of(device)),
              testing::UnorderedElementsAre(
                  testing::ContainsRegex("edu0: leaked 64 bytes of memory allocated in .*LeaksAre"),
                  testing::ContainsRegex("edu0: leaked a pool created in ")));
  pool_put(&pool_, item);
  pool_destroy(&pool_);
  EXPECT_TRUE(leaks_of(device).empty());
}

// The allocator may use the very functions that call it.
TEST_F(PoolAllocator, MayUseAnotherPoolAndSleep) {
  static struct pool backing;
  pool_init(&backing, Source::page_size, Source::page_size, 0, 0, "backpl", nullptr, 0);
  allocator_ = {[](struct pool*, int flags) { return pool_get(&backing, flags); },
                [](struct pool*, void* page) { pool_put(&backing, page); }, Source::page_size};
  make(100);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([this, t] {
      for (int round = 0; round < 200; round++) {
        std::vector<unsigned char*> mine;
        for (int i = 0; i < 15; i++) {
          mine.push_back(static_cast<unsigned char*>(pool_get(&pool_, PR_WAITOK)));
          std::memset(mine.back(), t, 100);
        }
        for (unsigned char* item : mine) {
          EXPECT_EQ(std::count(item, item + 100, t), 100);
          pool_put(&pool_, item);
        }
        if (round % 50 == 0) (void)pool_reclaim(&pool_);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  pool_destroy(&pool_);
  pool_destroy(&backing);
}

struct Constructed {
  int made = 0;
  int unmade = 0;
  static int make(void* self, void* object, int) {
    static_cast<Constructed*>(self)->made++;
    *static_cast<int*>(object) = 0x600d;
    return 0;
  }
  static void unmake(void* self, void* object) {
    EXPECT_EQ(*static_cast<int*>(object), 0x600d);
    static_cast<Constructed*>(self)->unmade++;
  }
};

TEST_F(PoolAllocator, CachesKeepConstructedObjectsInItsPages) {
  Constructed counts;
  pool_cache_t cache = pool_cache_init(100, 0, 0, 0, "pagepc", &allocator_, 0, Constructed::make,
                                       Constructed::unmake, &counts);
  void* object = pool_cache_get(cache, PR_WAITOK);
  EXPECT_TRUE(source_.holds(object, 100));
  pool_cache_put(cache, object);
  EXPECT_EQ(pool_cache_get(cache, PR_WAITOK), object);
  EXPECT_EQ(counts.made, 1);
  EXPECT_VIOLATION(
      {
        pool_cache_put(cache, object);
        pool_cache_put(cache, object);
      },
      "pool_cache_put: 0x[0-9a-f]+ was freed already, in ");
  void* second = pool_cache_get(cache, PR_WAITOK);
  pool_cache_put(cache, object);
  (void)pool_cache_reclaim(cache);
  EXPECT_EQ(counts.unmade, 1);
  EXPECT_EQ(source_.pages(), 1U) << "the second lies there";
  pool_cache_put(cache, second);
  EXPECT_TRUE(pool_cache_reclaim(cache));
  EXPECT_EQ(source_.pages(), 0U);
  pool_cache_destroy(cache);
  EXPECT_EQ(counts.unmade, 2);
}

}  // namespace
}  // namespace pupci::kern
