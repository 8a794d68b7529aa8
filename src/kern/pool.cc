// SPDX-License-Identifier: BSD-2-Clause
// pool(9). Items are objects of the heap; the pool keeps some that are free, so that what was
// promised by pool_prime() and the low mark is there when the arena is full. Those of a pool with
// an allocator of the driver's own lie in its pages.
#include "kern/pool.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <bit>
#include <climits>
#include <cstring>
#include <memory>
#include <new>

#include "kern/check.h"
#include "kern/console.h"
#include "kern/heap.h"
#include "kern/klock.h"
#include "kern/sanitize.h"
#include "kern/symbolize.h"
#include "kern/track.h"
#include "netbsd/sys/param.h"

namespace {

void* heap_page(struct pool*, int flags) {
  using namespace pupci::kern;
  void* page = heap_allocate(PAGE_SIZE, Owner::idle, nullptr, false, PAGE_SIZE);
  if (page != nullptr || (flags & PR_WAITOK) == 0) return page;
  heap_reclaim();
  return heap_allocate(PAGE_SIZE, Owner::idle, nullptr, false, PAGE_SIZE);
}

void free_heap_page(struct pool*, void* page) {
  using namespace pupci::kern;
  heap_free(page, PAGE_SIZE, Owner::idle, nullptr, "pool_destroy");
}

}  // namespace

struct pool_allocator pool_allocator_kmem = {heap_page, free_heap_page, PAGE_SIZE};
struct pool_allocator pool_allocator_nointr = {heap_page, free_heap_page, PAGE_SIZE};

namespace pupci::kern {
namespace {

// How many free items a pool keeps without being told: none where a use after free is to be found.
#ifdef PUPCI_DEBUG
constexpr unsigned usual_high = 0;
#else
constexpr unsigned usual_high = address_sanitizer ? 0 : 256;
#endif

long uptime_seconds() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

// All pools, for the time when memory is short.
struct Pools {
  std::mutex mutex;
  std::vector<Pool*> all;
};
Pools& pools() {
  static auto& the = *new Pools;
  return the;
}

void reclaim_all() {
  const std::scoped_lock lock(pools().mutex);
  for (Pool* pool : pools().all) pool->reclaim();
}

}  // namespace

Pool::Pool(std::size_t size, unsigned alignment, const char* name, const void* caller) noexcept
    : size_(std::max<std::size_t>(size, 1)),
      alignment_(std::max(alignment, 1U)),
      name_(name != nullptr ? name : "?"),
      high_(usual_high) {
  if (size == 0) violation(fmt::format("pool_init: {}: size 0", name_), caller);
  if (!std::has_single_bit(alignment_) || alignment_ > PAGE_SIZE) {
    violation(fmt::format("pool_init: {}: alignment {} is no power of two up to {}", name_,
                          alignment, PAGE_SIZE),
              caller);
  }
  const std::scoped_lock lock(pools().mutex);
  static bool registered = false;
  if (!registered) heap_on_shortage(reclaim_all);
  registered = true;
  pools().all.push_back(this);
}

Pool::~Pool() {
  {
    const std::scoped_lock lock(pools().mutex);
    std::erase(pools().all, this);
  }
  for (void* item : free_) {
    asan_unpoison(item, size_);
    heap_free(item, size_, Owner::idle, nullptr, "pool_destroy");
  }
}

void* Pool::allocate(const void* caller) noexcept {
  try {
    free_.reserve(std::bit_ceil<std::size_t>(free_.size() + out_ + 1));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return heap_allocate(size_, Owner::pool, caller, false, alignment_);
}

std::size_t Pool::kept() const noexcept {
  return std::max(low_, high_);
}

void Pool::warn_at_limit() noexcept {
  if (limit_message_.empty()) return;
  const long now = uptime_seconds();
  if (limit_warned_ >= 0 && now - limit_warned_ < limit_interval_) return;
  limit_warned_ = now;
  console_write(Message::error, name_ + ": " + limit_message_ + "\n");
}

bool Pool::wait_below_limit(std::unique_lock<std::mutex>& lock, int flags,
                            const void* caller) noexcept {
  while (out_ >= limit_) {
    warn_at_limit();
    if ((flags & PR_WAITOK) == 0 || (flags & PR_LIMITFAIL) != 0) return false;
    lock.unlock();
    check_sleepable("pool_get", caller);
    const unsigned kernel_locks = kernel_unlock_all();
    lock.lock();
    returned_.wait(lock, [this] { return out_ < limit_; });
    lock.unlock();
    if (kernel_locks != 0) kernel_lock(kernel_locks);
    lock.lock();
  }
  return true;
}

void* Pool::get(int flags, const void* caller) noexcept {
  const int how = flags & (PR_WAITOK | PR_NOWAIT);
  if (how != PR_WAITOK && how != PR_NOWAIT) {
    violation(fmt::format("pool_get: {}: flags {:#x}: neither PR_WAITOK nor PR_NOWAIT, or both",
                          name_, flags),
              caller);
  }
  if (how == PR_WAITOK) check_sleepable("pool_get", caller);
  std::unique_lock lock(mutex_);
  if (!wait_below_limit(lock, flags, caller)) return nullptr;
  void* item =
      pages_ ? get_from_pages(lock, flags, caller) : get_locked(lock, how == PR_WAITOK, caller);
  if (item != nullptr && (flags & PR_ZERO) != 0) std::memset(item, 0, size_);
  return item;
}

void* Pool::get_locked(std::unique_lock<std::mutex>& lock, bool may_wait,
                       const void* caller) noexcept {
  void* item = nullptr;
  if (!free_.empty()) {
    item = free_.back();
    free_.pop_back();
    asan_unpoison(item, size_);
    heap_change_owner(item, Owner::idle, Owner::pool, caller, "pool_get");
  } else {
    item = allocate(caller);
    if (item == nullptr && may_wait) {
      lock.unlock();
      heap_reclaim();
      lock.lock();
      item = allocate(caller);
      if (item == nullptr) {
        complain_shortage("kernel memory left; give the bus a larger arena", caller);
      }
    }
    if (item == nullptr) return nullptr;
  }
  ++out_;
  lock.unlock();
  return item;
}

// The allocator may sleep, so it is asked without the lock.
void* Pool::get_from_pages(std::unique_lock<std::mutex>& lock, int flags,
                           const void* caller) noexcept {
  ++out_;
  lock.unlock();
  void* item = pages_->get(flags, caller);
  if (item != nullptr) return item;
  if ((flags & PR_WAITOK) != 0 && (flags & PR_LIMITFAIL) == 0) {
    complain_shortage("memory had by its allocator, which may sleep; let pa_alloc wait for it",
                      caller);
  }
  lock.lock();
  --out_;
  returned_.notify_one();
  lock.unlock();
  return nullptr;
}

void Pool::complain_shortage(const char* why, const void* caller) const noexcept {
  violation(fmt::format("pool_get: {}: no {} bytes of {}, or let the driver use PR_NOWAIT and cope",
                        name_, size_, why),
            caller);
}

void Pool::put(void* item, const void* caller) noexcept {
  if (item == nullptr) violation(fmt::format("pool_put: {}: null pointer", name_), caller);
  if (!pages_) {
    put_to_heap(item, caller);
    return;
  }
  pages_->put(item, caller, "pool_put");
  const std::scoped_lock lock(mutex_);
  --out_;
  returned_.notify_one();
}

void Pool::put_to_heap(void* item, const void* caller) noexcept {
  const std::size_t size = heap_size(item, Owner::pool, caller, "pool_put");
  if (size != size_) {
    violation(fmt::format("pool_put: {}: {} has {} bytes, but the pool's items have {}", name_,
                          fmt::ptr(item), size, size_),
              caller);
  }
  const std::scoped_lock lock(mutex_);
  if (out_ == 0) {
    violation(fmt::format("pool_put: {}: {} is not of this pool", name_, fmt::ptr(item)), caller);
  }
  if (free_.size() < kept()) {
    heap_change_owner(item, Owner::pool, Owner::idle, caller, "pool_put");
    asan_poison(item, size_);
    free_.push_back(item);
  } else {
    heap_free(item, size_, Owner::pool, caller, "pool_put");
  }
  --out_;
  returned_.notify_one();
}

void Pool::park(void* item, const void* caller) noexcept {
  if (pages_) {
    pages_->park(item, caller, "pool_cache_put");
    return;
  }
  const std::size_t size = heap_size(item, Owner::pool, caller, "pool_cache_put");
  if (size != size_) {
    violation(fmt::format("pool_cache_put: {}: {} has {} bytes, but the cache's objects have {}",
                          name_, fmt::ptr(item), size, size_),
              caller);
  }
  heap_change_owner(item, Owner::pool, Owner::idle, caller, "pool_cache_put");
  asan_poison(item, size);
}

void Pool::unpark(void* item, const void* caller, const char* function) noexcept {
  if (pages_) {
    pages_->unpark(item, caller, function);
    return;
  }
  asan_unpoison(item, size_);
  heap_change_owner(item, Owner::idle, Owner::pool, caller, function);
}

// Under the mutex; the caller frees the surplus without it.
void Pool::trim(std::size_t keep, std::vector<void*>& surplus) noexcept {
  while (free_.size() > keep) {
    surplus.push_back(free_.back());
    free_.pop_back();
  }
}

bool Pool::reclaim() noexcept {
  void (*hook)(void*, int) = nullptr;
  void* argument = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    hook = drain_hook_;
    argument = drain_argument_;
  }
  if (hook != nullptr) hook(argument, PR_NOWAIT);
  if (pages_) return pages_->reclaim();
  std::vector<void*> surplus;
  {
    const std::scoped_lock lock(mutex_);
    trim(low_, surplus);
  }
  for (void* item : surplus) {
    asan_unpoison(item, size_);
    heap_free(item, size_, Owner::idle, nullptr, "pool_reclaim");
  }
  return !surplus.empty();
}

int Pool::prime(unsigned count) noexcept {
  if (pages_) return pages_->prime(count, PR_WAITOK) ? 0 : ENOMEM;
  const std::scoped_lock lock(mutex_);
  high_ = std::max(high_, count);
  while (free_.size() < count) {
    void* item = allocate(nullptr);
    if (item == nullptr) return ENOMEM;
    heap_change_owner(item, Owner::pool, Owner::idle, nullptr, "pool_prime");
    asan_poison(item, size_);
    free_.push_back(item);
  }
  return 0;
}

void Pool::set_low(unsigned count) noexcept {
  if (pages_) {
    pages_->set_low(count);
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    low_ = count;
  }
  (void)prime(count);
}

void Pool::set_high(unsigned count) noexcept {
  if (pages_) {
    pages_->set_high(count);
    return;
  }
  const std::scoped_lock lock(mutex_);
  high_ = count;
}

void Pool::set_limit(unsigned limit, const char* message, int seconds) noexcept {
  const std::scoped_lock lock(mutex_);
  limit_ = limit;
  limit_message_ = message != nullptr ? message : "";
  limit_interval_ = seconds;
  returned_.notify_all();
}

void Pool::set_drain_hook(void (*hook)(void*, int), void* argument) noexcept {
  const std::scoped_lock lock(mutex_);
  drain_hook_ = hook;
  drain_argument_ = argument;
}

void Pool::check_empty(const char* function, const void* caller) noexcept {
  const std::scoped_lock lock(mutex_);
  if (out_ == 0) return;
  violation(fmt::format("{}: {}: {} item{} of {} bytes still out", function, name_, out_,
                        out_ == 1 ? "" : "s", size_),
            caller);
}

}  // namespace pupci::kern

using pupci::kern::Kind;
using pupci::kern::Pool;
using pupci::kern::PoolPages;
using pupci::kern::violation;

namespace {

struct Opaque {
  Pool* pool;
  std::uint64_t magic;
};
static_assert(sizeof(Opaque) <= sizeof(struct pool));
constexpr std::uint64_t live_pool = 0x706f6f6c2e6c6976;

Pool& pool_of(struct pool* handle, const char* function, const void* caller) {
  const auto* opaque = reinterpret_cast<Opaque*>(handle);
  if (opaque->magic != live_pool) {
    violation(fmt::format("{}: {} is no pool, or was destroyed", function, fmt::ptr(handle)),
              caller);
  }
  return *opaque->pool;
}

}  // namespace

Pool* Pool::make(struct pool* handle, struct pool_allocator* allocator,
                 const PoolPages::Layout& layout, const char* name, const void* caller) {
  auto* pool = new Pool(layout.size, layout.alignment, name, caller);
  *reinterpret_cast<Opaque*>(handle) = {pool, live_pool};
  if (allocator == nullptr) allocator = &pool_allocator_kmem;
  const bool own = allocator != &pool_allocator_kmem && allocator != &pool_allocator_nointr;
  // The heap aligns the start of an object, and no other byte.
  if (own || layout.offset != 0) {
    pool->pages_ = std::make_unique<PoolPages>(handle, allocator, layout, pool->name_, caller);
  }
  return pool;
}

#define CALLER __builtin_return_address(0)
#define POOL(handle) pool_of(handle, __func__, CALLER)

void pool_init(struct pool* handle, size_t size, u_int alignment, u_int offset, int flags,
               const char* name, struct pool_allocator* allocator, int) {
  Pool::make(handle, allocator, {size, alignment, offset, flags}, name, CALLER);
  pupci::kern::track(Kind::pool, handle, size, CALLER);
}

void pool_destroy(struct pool* handle) {
  Pool& pool = POOL(handle);
  pool.check_empty("pool_destroy", CALLER);
  (void)pupci::kern::untrack(Kind::pool, handle);
  reinterpret_cast<Opaque*>(handle)->magic = 0;
  delete &pool;
}

void* pool_get(struct pool* handle, int flags) {
  return POOL(handle).get(flags, CALLER);
}
void pool_put(struct pool* handle, void* item) {
  POOL(handle).put(item, CALLER);
}
int pool_reclaim(struct pool* handle) {
  return POOL(handle).reclaim() ? 1 : 0;
}
int pool_prime(struct pool* handle, int count) {
  return POOL(handle).prime(static_cast<unsigned>(std::max(count, 0)));
}
void pool_setlowat(struct pool* handle, int count) {
  POOL(handle).set_low(static_cast<unsigned>(std::max(count, 0)));
}
void pool_sethiwat(struct pool* handle, int count) {
  POOL(handle).set_high(static_cast<unsigned>(std::max(count, 0)));
}
void pool_sethardlimit(struct pool* handle, int limit, const char* message, int seconds) {
  POOL(handle).set_limit(static_cast<unsigned>(std::max(limit, 0)), message, seconds);
}
void pool_set_drain_hook(struct pool* handle, void (*hook)(void*, int), void* argument) {
  POOL(handle).set_drain_hook(hook, argument);
}
