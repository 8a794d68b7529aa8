// SPDX-License-Identifier: BSD-2-Clause
// pool_cache(9): constructed objects that wait for their next use, in a few shards so that threads
// seldom meet.
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "kern/check.h"
#include "kern/pool.h"
#include "kern/track.h"
#include "netbsd/uvm/uvm_extern.h"

namespace {

using pupci::kern::Kind;
using pupci::kern::Pool;
using pupci::kern::PoolPages;
using pupci::kern::violation;

constexpr std::size_t shard_count = 8;
constexpr std::size_t shard_size = 32;

std::size_t this_shard() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % shard_count;
  return mine;
}

}  // namespace

struct pool_cache {
  pool_cache(struct pool_allocator* allocator, const PoolPages::Layout& layout, const char* name,
             const void* caller)
      : owned(Pool::make(&handle, allocator, layout, name, caller)), pool(*owned) {
    if (!pool.has_pages()) pool.set_high(0);  // what is free is kept here, constructed
    for (Shard& shard : shards) shard.objects.reserve(shard_size);
  }

  struct Shard {
    alignas(64) std::mutex mutex;
    std::vector<void*> objects;
  };

  struct pool handle{};  // what an allocator is told
  const std::unique_ptr<Pool> owned;
  Pool& pool;
  std::array<Shard, shard_count> shards;
  std::mutex depot_mutex;
  std::vector<void*> depot;
  int (*construct)(void*, void*, int) = nullptr;
  void (*destruct)(void*, void*) = nullptr;
  void* argument = nullptr;

  void* take() noexcept;
  void store(void* object);
  void destroy(void* object, const void* caller) noexcept;
  std::size_t invalidate(const void* caller) noexcept;
};

// A constructed object from the own shard, the depot or, at worst, another shard; or null.
void* pool_cache::take() noexcept {
  const std::size_t mine = this_shard();
  for (std::size_t i = 0; i <= shard_count; ++i) {
    const bool from_depot = i == 1;
    const std::size_t index = (mine + (i < 2 ? 0 : i - 1)) % shard_count;
    std::mutex& mutex = from_depot ? depot_mutex : shards[index].mutex;
    std::vector<void*>& objects = from_depot ? depot : shards[index].objects;
    const std::scoped_lock lock(mutex);
    if (objects.empty()) continue;
    void* object = objects.back();
    objects.pop_back();
    return object;
  }
  return nullptr;
}

void pool_cache::store(void* object) {
  {
    Shard& shard = shards[this_shard()];
    const std::scoped_lock lock(shard.mutex);
    if (shard.objects.size() < shard_size) {
      shard.objects.push_back(object);
      return;
    }
  }
  const std::scoped_lock lock(depot_mutex);
  depot.push_back(object);
}

void pool_cache::destroy(void* object, const void* caller) noexcept {
  pool.unpark(object, caller, "pool_cache_invalidate");
  if (destruct != nullptr) destruct(argument, object);
  pool.put(object, caller);
}

std::size_t pool_cache::invalidate(const void* caller) noexcept {
  std::size_t count = 0;
  while (void* object = take()) {
    destroy(object, caller);
    ++count;
  }
  return count;
}

#define CALLER __builtin_return_address(0)

pool_cache_t pool_cache_init(size_t size, u_int alignment, u_int offset, u_int flags,
                             const char* name, struct pool_allocator* allocator, int,
                             int (*construct)(void*, void*, int), void (*destruct)(void*, void*),
                             void* argument) {
  auto* cache =
      new pool_cache(allocator, {size, alignment, offset, static_cast<int>(flags)}, name, CALLER);
  cache->construct = construct;
  cache->destruct = destruct;
  cache->argument = argument;
  pupci::kern::track(Kind::pool, cache, size, CALLER);
  return cache;
}

void pool_cache_destroy(pool_cache_t cache) {
  if (!pupci::kern::untrack(Kind::pool, cache)) {
    violation(
        fmt::format("pool_cache_destroy: {} is no pool cache, or was destroyed", fmt::ptr(cache)),
        CALLER);
  }
  const std::unique_ptr<pool_cache> owned(cache);
  cache->invalidate(CALLER);
  cache->pool.check_empty("pool_cache_destroy", CALLER);
}

void* pool_cache_get_paddr(pool_cache_t cache, int flags, paddr_t* address) {
  if ((flags & PR_WAITOK) != 0) pupci::kern::check_sleepable("pool_cache_get", CALLER);
  void* object = cache->take();
  if (object != nullptr) {
    cache->pool.unpark(object, CALLER, "pool_cache_get");
  } else {
    object = cache->pool.get(flags & ~PR_ZERO, CALLER);
    if (object == nullptr) return nullptr;
    if (cache->construct != nullptr && cache->construct(cache->argument, object, flags) != 0) {
      cache->pool.put(object, CALLER);
      return nullptr;
    }
  }
  if (address != nullptr &&
      !pmap_extract(pmap_kernel(), reinterpret_cast<vaddr_t>(object), address)) {
    *address = POOL_PADDR_INVALID;
  }
  return object;
}

void pool_cache_put_paddr(pool_cache_t cache, void* object, paddr_t) {
  cache->pool.park(object, CALLER);
  cache->store(object);
}

void pool_cache_destruct_object(pool_cache_t cache, void* object) {
  if (cache->destruct != nullptr) cache->destruct(cache->argument, object);
  cache->pool.put(object, CALLER);
}

void pool_cache_invalidate(pool_cache_t cache) {
  cache->invalidate(CALLER);
}

bool pool_cache_reclaim(pool_cache_t cache) {
  const bool freed = cache->invalidate(CALLER) != 0;
  return cache->pool.reclaim() || freed;
}

void pool_cache_setlowat(pool_cache_t cache, int count) {
  cache->pool.set_low(static_cast<unsigned>(std::max(count, 0)));
}
void pool_cache_sethiwat(pool_cache_t cache, int count) {
  cache->pool.set_high(static_cast<unsigned>(std::max(count, 0)));
}
void pool_cache_sethardlimit(pool_cache_t cache, int limit, const char* message, int seconds) {
  cache->pool.set_limit(static_cast<unsigned>(std::max(limit, 0)), message, seconds);
}
void pool_cache_set_drain_hook(pool_cache_t cache, void (*hook)(void*, int), void* argument) {
  cache->pool.set_drain_hook(hook, argument);
}
int pool_cache_prime(pool_cache_t cache, int count) {
  return cache->pool.prime(static_cast<unsigned>(std::max(count, 0)));
}
