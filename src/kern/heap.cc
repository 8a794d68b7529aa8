// SPDX-License-Identifier: BSD-2-Clause
#include "kern/heap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>

#include "host/arena.h"
#include "kern/check.h"
#include "kern/sanitize.h"
#include "kern/self.h"
#include "kern/slab.h"
#include "kern/symbolize.h"

namespace pupci::kern {
namespace {

#ifdef PUPCI_DEBUG
constexpr bool fills = !address_sanitizer;  // which would see our own accesses
#else
constexpr bool fills = false;
#endif
constexpr bool delays = fills || address_sanitizer;
constexpr std::size_t tail = fills || address_sanitizer ? 16 : 0;  // canary or red zone
constexpr std::size_t quarantine_bytes = std::size_t{address_sanitizer ? 16 : 1} << 20;
constexpr std::size_t private_arena_bytes = std::size_t{512} << 20;
constexpr int fresh_fill = 0xa5;
constexpr int free_fill = 0xdf;
constexpr int canary_fill = 0xca;
constexpr std::size_t checked_fill = 256;  // of a free object, when it is reused

// Regions. The private one is immortal; its objects may outlive everything.

std::atomic<Region*> active{nullptr};
std::atomic<Region*> attached{nullptr};
std::atomic<Region*> fallback{nullptr};

std::mutex& region_mutex() {
  static auto& mutex = *new std::mutex;
  return mutex;
}

Region* make_fallback() noexcept {
  try {
    const std::scoped_lock lock(region_mutex());
    if (fallback.load() == nullptr) {
      auto dma = std::make_unique<ArenaDma>(ArenaDma::Options{.size = private_arena_bytes});
      fallback = new Region(*dma, 1);
      (void)dma.release();
    }
    if (active.load() == nullptr) active = fallback.load();
    return active.load();
  } catch (const std::exception& e) {
    panic(fmt::format("kernel memory without a bus: {}", e.what()));
  }
}

Region& active_region() noexcept {
  Region* region = active.load(std::memory_order_acquire);
  return region != nullptr ? *region : *make_fallback();
}

Region* region_of(const void* p, Slab*& slab) noexcept {
  for (const auto* candidate : {&attached, &fallback}) {
    Region* region = candidate->load(std::memory_order_acquire);
    if (region == nullptr) continue;
    slab = region->slab_of(p);
    if (slab != nullptr) return region;
  }
  return nullptr;
}

// Threads' caches.

constexpr std::size_t magazine_slots = 32;

std::size_t magazine_capacity(unsigned size_class) noexcept {
  return std::clamp<std::size_t>(16384 / class_sizes[size_class], 2, magazine_slots);
}

struct Magazine {
  std::size_t count = 0;
  std::array<Slot, magazine_slots> slots;
};

struct ThreadCache {
  std::uint64_t generation = 0;
  std::array<Magazine, class_count> magazines;
};

// A plain pointer, read without a guard on the hot path; null before the first use and again when
// the thread's destructors have run.
thread_local ThreadCache* this_cache = nullptr;
thread_local bool thread_ended = false;

// Slots of a region that was detached are forgotten with it.
void empty_cache(ThreadCache& cache) noexcept {
  Region* owner = nullptr;
  for (const auto* candidate : {&attached, &fallback}) {
    Region* region = candidate->load(std::memory_order_acquire);
    if (region != nullptr && region->generation() == cache.generation) owner = region;
  }
  for (Magazine& magazine : cache.magazines) {
    if (owner != nullptr) owner->give(magazine.slots.data(), magazine.count);
    magazine.count = 0;
  }
}

struct CacheOwner {
  std::unique_ptr<ThreadCache> cache = std::make_unique<ThreadCache>();
  CacheOwner() { this_cache = cache.get(); }
  ~CacheOwner() {
    this_cache = nullptr;
    thread_ended = true;
    empty_cache(*cache);
  }
  CacheOwner(const CacheOwner&) = delete;
  CacheOwner& operator=(const CacheOwner&) = delete;
};

ThreadCache* make_cache() noexcept {
  if (thread_ended) return nullptr;
  try {
    thread_local CacheOwner owner;
    return this_cache;
  } catch (...) {
    return nullptr;
  }
}

// The calling thread's cache, holding slots of this region only; null if it has none.
ThreadCache* cache_for(const Region& region) noexcept {
  ThreadCache* cache = this_cache;
  if (cache == nullptr) {
    cache = make_cache();
    if (cache == nullptr) return nullptr;
  }
  if (cache->generation != region.generation()) {
    empty_cache(*cache);
    cache->generation = region.generation();
  }
  return cache;
}

// Freed objects that wait, so that a use after free meets poison and not a new owner.

struct Quarantine {
  struct Entry {
    Slot slot;
    Region* region;
  };
  std::mutex mutex;
  std::deque<Entry> entries;
  std::size_t bytes = 0;
};

Quarantine& quarantine() {
  static auto& the = *new Quarantine;
  return the;
}

void give_back(Region& region, const Slot& slot) noexcept {
  if (slot.slab->size_class == no_class) {
    region.give_run(slot.slab);
  } else {
    region.give(&slot, 1);
  }
}

// Down to `bytes`, oldest first.
void shrink_quarantine(std::size_t bytes) noexcept {
  Quarantine& q = quarantine();
  for (;;) {
    Quarantine::Entry entry{};
    {
      const std::scoped_lock lock(q.mutex);
      if (q.bytes <= bytes || q.entries.empty()) return;
      entry = q.entries.front();
      q.entries.pop_front();
      q.bytes -= entry.slot.slab->slot_size;
    }
    give_back(*entry.region, entry.slot);
  }
}

void put_in_quarantine(Region& region, const Slot& slot) noexcept {
  Quarantine& q = quarantine();
  try {
    const std::scoped_lock lock(q.mutex);
    q.entries.push_back({slot, &region});
    q.bytes += slot.slab->slot_size;
  } catch (...) {
    give_back(region, slot);
    return;
  }
  shrink_quarantine(quarantine_bytes);
}

void forget_quarantined(const Region* region) noexcept {
  Quarantine& q = quarantine();
  const std::scoped_lock lock(q.mutex);
  std::erase_if(q.entries, [&](const Quarantine::Entry& entry) {
    if (entry.region != region) return false;
    q.bytes -= entry.slot.slab->slot_size;
    return true;
  });
}

// Slots.

Slot take_central(Region& region, unsigned size_class) noexcept {
  Slot slot{};
  if (region.take(size_class, &slot, 1) == 0) {
    shrink_quarantine(0);
    region.take(size_class, &slot, 1);
  }
  return slot;
}

Slot take_slot(Region& region, unsigned size_class) noexcept {
  ThreadCache* cache = cache_for(region);
  if (cache == nullptr) return take_central(region, size_class);
  Magazine& magazine = cache->magazines[size_class];
  if (magazine.count == 0) {
    magazine.count =
        region.take(size_class, magazine.slots.data(), magazine_capacity(size_class) / 2);
    if (magazine.count == 0) return take_central(region, size_class);
  }
  return magazine.slots[--magazine.count];
}

void give_slot(Region& region, const Slot& slot) noexcept {
  const unsigned size_class = slot.slab->size_class;
  ThreadCache* cache =
      &region == active.load(std::memory_order_relaxed) ? cache_for(region) : nullptr;
  if (size_class == no_class || cache == nullptr) {
    give_back(region, slot);
    return;
  }
  Magazine& magazine = cache->magazines[size_class];
  const std::size_t capacity = magazine_capacity(size_class);
  if (magazine.count == capacity) {  // the older half, which is colder
    const std::size_t half = capacity / 2;
    region.give(magazine.slots.data(), half);
    std::move(magazine.slots.begin() + static_cast<std::ptrdiff_t>(half),
              magazine.slots.begin() + static_cast<std::ptrdiff_t>(capacity),
              magazine.slots.begin());
    magazine.count -= half;
  }
  magazine.slots[magazine.count++] = slot;
}

Slot take_run(Region& region, std::size_t bytes) noexcept {
  // A page between runs: nothing that runs over the end is missed.
  const std::size_t guarded = bytes + (address_sanitizer ? Dma::page_size : 0);
  if (guarded < bytes) return {};
  Slab* slab = region.take_run(guarded);
  if (slab == nullptr && delays) {
    shrink_quarantine(0);
    slab = region.take_run(guarded);
  }
  return slab == nullptr ? Slot{} : slab->slot(0);
}

// Fills and canaries (debug builds without a sanitizer).

std::size_t canary_size(const Slot& slot, std::size_t size) noexcept {
  return std::min(slot.slab->slot_size - size, tail * 4);
}

bool is_filled(const std::byte* p, std::size_t size, int fill) noexcept {
  return std::all_of(p, p + size,
                     [fill](std::byte b) { return b == static_cast<std::byte>(fill); });
}

void check_still_free(const Slot& slot) noexcept {
  const void* freed_by = slot.record->caller.load(std::memory_order_relaxed);
  if (freed_by == nullptr) return;  // fresh
  const std::size_t size = std::min(slot.slab->slot_size, checked_fill);
  if (is_filled(slot.address, size, free_fill)) return;
  violation(fmt::format("memory at {} was written after it was freed in {}", fmt::ptr(slot.address),
                        symbolize(freed_by)),
            nullptr);
}

void prepare(const Slot& slot, std::size_t size, bool zero) noexcept {
  asan_unpoison(slot.address, size);
  const bool run = slot.slab->size_class == no_class;  // whose pages are zero
  if (zero && !run) {
    std::memset(slot.address, 0, size);
  } else if (fills && !zero) {
    std::memset(slot.address, fresh_fill, size);
  }
  if (fills) std::memset(slot.address + size, canary_fill, canary_size(slot, size));
}

const char* to_string(Owner owner) noexcept {
  switch (owner) {
    case Owner::kmem:
      return "kmem_alloc";
    case Owner::malloc:
      return "malloc";
    case Owner::pool:
      return "pool_get";
    case Owner::idle:
      return "a pool";
    case Owner::uvm:
      return "uvm_km_alloc";
    case Owner::kernel:
      return "the kernel";
    case Owner::nobody:
      break;
  }
  return "nobody";
}

// Complaints. Each ends the process.

[[noreturn]] void complain_owner(const Slot& slot, Owner found, Owner wanted, const void* caller,
                                 const char* function) noexcept {
  const std::string by = symbolize(slot.record->caller.load(std::memory_order_relaxed));
  std::string message;
  if (found == Owner::nobody || (found == Owner::idle && wanted == Owner::pool)) {
    message = fmt::format("{}: {} was freed already, in {}", function, fmt::ptr(slot.address), by);
  } else {
    message = fmt::format("{}: {} belongs to {}, allocated in {}", function, fmt::ptr(slot.address),
                          to_string(found), by);
  }
  violation(message, caller);
}

[[noreturn]] void complain_size(const Slot& slot, std::size_t size, const void* caller,
                                const char* function) noexcept {
  violation(fmt::format("{}: {} was allocated with {} bytes in {}, but size {} is given", function,
                        fmt::ptr(slot.address), slot.record->size.load(std::memory_order_relaxed),
                        symbolize(slot.record->caller.load(std::memory_order_relaxed)), size),
            caller);
}

[[noreturn]] void complain_overrun(const Slot& slot, const void* caller,
                                   const char* function) noexcept {
  violation(fmt::format("{}: {}: written beyond its end ({} bytes, allocated in {})", function,
                        fmt::ptr(slot.address), slot.record->size.load(std::memory_order_relaxed),
                        symbolize(slot.record->caller.load(std::memory_order_relaxed))),
            caller);
}

// The slot that `p` is the start of, or a complaint.
Slot slot_at(const void* p, Region*& region, const void* caller, const char* function) noexcept {
  Slab* slab = nullptr;
  region = region_of(p, slab);
  if (region == nullptr) {
    violation(
        fmt::format("{}: {} is not kernel memory, or was freed already", function, fmt::ptr(p)),
        caller);
  }
  const std::uint32_t index = slab->index_of(p);
  if (index < slab->slots && slab->slot(index).address == p) return slab->slot(index);
  const HeapObject object = heap_find(p);
  violation(fmt::format("{}: {} points {} bytes into memory allocated in {}", function, fmt::ptr(p),
                        static_cast<const char*>(p) - static_cast<const char*>(object.start),
                        symbolize(object.caller)),
            caller);
}

Slot live_slot(const void* p, Region*& region, Owner owner, const void* caller,
               const char* function) noexcept {
  const Slot slot = slot_at(p, region, caller, function);
  const Owner found = slot.record->owner.load(std::memory_order_relaxed);
  if (found != owner) complain_owner(slot, found, owner, caller, function);
  return slot;
}

std::mutex& reclaim_mutex() {
  static auto& mutex = *new std::mutex;
  return mutex;
}
std::vector<void (*)()>& reclaimers() {
  static auto& all = *new std::vector<void (*)()>;
  return all;
}

template <typename Predicate>
std::vector<Tracked> live_objects(Predicate wanted) {
  std::vector<Tracked> found;
  for (const auto* candidate : {&attached, &fallback}) {
    Region* region = candidate->load(std::memory_order_acquire);
    if (region == nullptr) continue;
    region->for_each_slab([&](Slab& slab) {
      for (std::uint32_t i = 0; i < slab.slots; ++i) {
        const Record& r = slab.records[i];
        const Owner owner = r.owner.load(std::memory_order_relaxed);
        if (owner == Owner::nobody || owner == Owner::idle || owner == Owner::kernel) continue;
        const Tracked object{
            Kind::memory, slab.slot(i).address, r.size.load(std::memory_order_relaxed),
            r.caller.load(std::memory_order_relaxed), r.device.load(std::memory_order_relaxed)};
        if (wanted(object)) found.push_back(object);
      }
    });
  }
  return found;
}

}  // namespace

void heap_attach(Dma* dma) {
  static std::uint64_t generation = 1;
  const std::scoped_lock lock(region_mutex());
  if (attached.load() != nullptr) panic("heap_attach: a bus is attached already");
  attached = new Region(*dma, ++generation);
  active = attached.load();
}

void heap_detach() noexcept {
  const std::scoped_lock lock(region_mutex());
  Region* region = attached.load();
  if (region == nullptr) return;
  forget_quarantined(region);
  active = fallback.load();
  attached = nullptr;
  delete region;
}

void* heap_allocate(std::size_t size, Owner owner, const void* caller, bool zero,
                    std::size_t alignment) noexcept {
  const std::size_t need = size + tail;
  if (need < size) return nullptr;
  Region& region = active_region();
  const unsigned size_class = class_for(need, alignment);
  const Slot slot = size_class == no_class ? take_run(region, need) : take_slot(region, size_class);
  if (slot.address == nullptr) return nullptr;
  if (fills && size_class != no_class) check_still_free(slot);
  Record& record = *slot.record;
  record.caller.store(caller, std::memory_order_relaxed);
  record.device.store(self()->device, std::memory_order_relaxed);
  record.size.store(size, std::memory_order_relaxed);
  record.owner.store(owner, std::memory_order_relaxed);
  prepare(slot, size, zero);
  return slot.address;
}

void heap_free(void* p, std::size_t size, Owner owner, const void* caller,
               const char* function) noexcept {
  Region* region = nullptr;
  const Slot slot = live_slot(p, region, owner, caller, function);
  const std::size_t allocated = slot.record->size.load(std::memory_order_relaxed);
  if (size != any_size && size != allocated) complain_size(slot, size, caller, function);
  if (fills && !is_filled(slot.address + allocated, canary_size(slot, allocated), canary_fill)) {
    complain_overrun(slot, caller, function);
  }
  // An exchange, so that of two threads that free it at once one is told.
  const Owner found = slot.record->owner.exchange(Owner::nobody, std::memory_order_relaxed);
  if (found != owner) complain_owner(slot, found, owner, caller, function);
  slot.record->caller.store(caller, std::memory_order_relaxed);
  if (fills) std::memset(slot.address, free_fill, slot.slab->slot_size);
  asan_poison(slot.address, slot.slab->slot_size);
  if (delays) {
    put_in_quarantine(*region, slot);
  } else {
    give_slot(*region, slot);
  }
}

std::size_t heap_size(const void* p, Owner owner, const void* caller,
                      const char* function) noexcept {
  Region* region = nullptr;
  return live_slot(p, region, owner, caller, function).record->size.load(std::memory_order_relaxed);
}

void heap_change_owner(void* p, Owner from, Owner to, const void* caller,
                       const char* function) noexcept {
  Region* region = nullptr;
  const Slot slot = live_slot(p, region, from, caller, function);
  const Owner found = slot.record->owner.exchange(to, std::memory_order_relaxed);
  if (found != from) complain_owner(slot, found, from, caller, function);
  const std::size_t size = slot.record->size.load(std::memory_order_relaxed);
  if (fills && !is_filled(slot.address + size, canary_size(slot, size), canary_fill)) {
    complain_overrun(slot, caller, function);
  }
  slot.record->caller.store(caller, std::memory_order_relaxed);
  slot.record->device.store(self()->device, std::memory_order_relaxed);
}

HeapObject heap_find(const void* address) noexcept {
  Slab* slab = nullptr;
  if (region_of(address, slab) == nullptr) return {};
  const std::uint32_t index = slab->index_of(address);
  if (index >= slab->slots) return {};
  const Slot slot = slab->slot(index);
  return {slot.address, slot.record->size.load(std::memory_order_relaxed),
          slot.record->owner.load(std::memory_order_relaxed),
          slot.record->caller.load(std::memory_order_relaxed)};
}

std::optional<std::uint64_t> heap_bus_address(const void* p) noexcept {
  const Region& region = active_region();
  if (!region.dma().in_arena(p, 1)) return std::nullopt;
  return region.dma().to_bus(p);
}

bool heap_has_bus_page(std::uint64_t bus) noexcept {
  return active_region().dma().from_bus(bus, Dma::page_size) != nullptr;
}

std::vector<Tracked> heap_objects_for(device_t device) {
  return live_objects([device](const Tracked& t) { return t.device == device; });
}

void heap_hand_over(device_t from, device_t to) {
  for (const auto* candidate : {&attached, &fallback}) {
    Region* region = candidate->load(std::memory_order_acquire);
    if (region == nullptr) continue;
    region->for_each_slab([&](Slab& slab) {
      for (std::uint32_t i = 0; i < slab.slots; ++i) {
        device_t expected = from;
        slab.records[i].device.compare_exchange_strong(expected, to, std::memory_order_relaxed);
      }
    });
  }
}

std::vector<Tracked> heap_objects_in(const void* low, const void* high) {
  return live_objects([low, high](const Tracked& t) {
    return !std::less<>{}(t.caller, low) && std::less<>{}(t.caller, high);
  });
}

HeapUse heap_use() {
  HeapUse use{};
  for (const Tracked& object : live_objects([](const Tracked&) { return true; })) {
    ++use.objects;
    use.bytes += object.size;
  }
  for (const auto* candidate : {&attached, &fallback}) {
    if (const Region* region = candidate->load()) use.pages += region->pages_taken();
  }
  return use;
}

void heap_on_shortage(void (*reclaim)()) {
  const std::scoped_lock lock(reclaim_mutex());
  reclaimers().push_back(reclaim);
}

void heap_reclaim() {
  std::vector<void (*)()> all;
  {
    const std::scoped_lock lock(reclaim_mutex());
    all = reclaimers();
  }
  for (auto* reclaim : all) reclaim();
  if (delays) shrink_quarantine(0);
  active_region().trim();
}

}  // namespace pupci::kern
