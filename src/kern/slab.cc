// SPDX-License-Identifier: BSD-2-Clause
#include "kern/slab.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

#include "kern/sanitize.h"

namespace pupci::kern {
namespace {

constexpr std::size_t page_size = Dma::page_size;
constexpr std::size_t slab_bytes = std::size_t{32} << 10;
constexpr std::size_t table_limit = 4096;  // sizes up to here are looked up

constexpr std::array<std::uint8_t, table_limit / 16 + 1> make_class_table() {
  std::array<std::uint8_t, table_limit / 16 + 1> table{};
  unsigned size_class = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    while (class_sizes[size_class] < i * 16) ++size_class;
    table[i] = static_cast<std::uint8_t>(size_class);
  }
  return table;
}
constexpr auto class_table = make_class_table();

// Eight objects to a slab at least, so that few pages are wasted at its end.
constexpr std::size_t bytes_of_slab(std::size_t slot_size) noexcept {
  return std::max(slab_bytes, slot_size * 4);
}

}  // namespace

unsigned class_for(std::size_t size) noexcept {
  if (size <= table_limit) return class_table[(size + 15) / 16];
  const auto* found = std::lower_bound(class_sizes.begin(), class_sizes.end(), size);
  return static_cast<unsigned>(found - class_sizes.begin());
}

unsigned class_for(std::size_t size, std::size_t alignment) noexcept {
  unsigned size_class = class_for(size);
  while (size_class < class_count && class_sizes[size_class] % alignment != 0) ++size_class;
  return size_class;
}

Region::Region(Dma& dma, std::uint64_t generation)
    : dma_(dma),
      generation_(generation),
      base_(dma.arena_base()),
      pages_(dma.arena_size() / page_size) {
  void* table = mmap(nullptr, pages_ * sizeof(*table_), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (table == MAP_FAILED) throw std::bad_alloc();
  table_ = static_cast<std::atomic<Slab*>*>(table);  // all zero: all null
}

Region::~Region() {
  const std::unordered_set<Slab*> all = all_;
  for (Slab* slab : all) destroy(slab);
  munmap(table_, pages_ * sizeof(*table_));
}

Slab* Region::make_slab(std::size_t bytes, std::size_t slot_size, unsigned size_class) noexcept {
  auto* base = static_cast<std::byte*>(dma_.allocate(bytes));
  if (base == nullptr) return nullptr;
  try {
    auto slab = std::make_unique<Slab>();
    slab->base = base;
    slab->bytes = bytes;
    slab->slot_size = slot_size;
    slab->slots = static_cast<std::uint32_t>(bytes / slot_size);
    slab->reciprocal =
        static_cast<std::uint32_t>(((std::uint64_t{1} << 32) + slot_size - 1) / slot_size);
    slab->size_class = size_class;
    slab->records = std::make_unique<Record[]>(slab->slots);
    slab->free.reserve(slab->slots);
    for (std::uint32_t i = slab->slots; i-- > 0;) slab->free.push_back(i);
    const std::scoped_lock lock(all_mutex_);
    all_.insert(slab.get());
    const std::size_t first = static_cast<std::size_t>(base - base_) / page_size;
    for (std::size_t i = 0; i < bytes / page_size; ++i) {
      table_[first + i].store(slab.get(), std::memory_order_release);
    }
    taken_.fetch_add(bytes / page_size, std::memory_order_relaxed);
    asan_poison(base, bytes);
    lsan_add_root(base, bytes);
    return slab.release();
  } catch (const std::bad_alloc&) {
    dma_.release(base, bytes);
    return nullptr;
  }
}

void Region::destroy(Slab* slab) noexcept {
  const std::unique_ptr<Slab> owned(slab);
  {
    const std::scoped_lock lock(all_mutex_);
    all_.erase(slab);
  }
  lsan_remove_root(slab->base, slab->bytes);
  asan_unpoison(slab->base, slab->bytes);
  const std::size_t first = static_cast<std::size_t>(slab->base - base_) / page_size;
  for (std::size_t i = 0; i < slab->bytes / page_size; ++i) {
    table_[first + i].store(nullptr, std::memory_order_release);
  }
  taken_.fetch_sub(slab->bytes / page_size, std::memory_order_relaxed);
  dma_.release(slab->base, slab->bytes);
}

void Region::link(Class& c, Slab* slab) noexcept {
  slab->next = c.partial;
  slab->previous = nullptr;
  if (c.partial != nullptr) c.partial->previous = slab;
  c.partial = slab;
}

void Region::unlink(Class& c, Slab* slab) noexcept {
  (slab->previous != nullptr ? slab->previous->next : c.partial) = slab->next;
  if (slab->next != nullptr) slab->next->previous = slab->previous;
}

std::size_t Region::take(unsigned size_class, Slot* slots, std::size_t wanted) noexcept {
  Class& c = classes_[size_class];
  const std::scoped_lock lock(c.mutex);
  std::size_t taken = 0;
  while (taken < wanted) {
    if (c.partial == nullptr) {
      if (taken != 0) break;  // enough for now; no new pages for a cache's sake
      const std::size_t size = class_sizes[size_class];
      Slab* slab = make_slab(bytes_of_slab(size), size, size_class);
      if (slab == nullptr) break;
      link(c, slab);
      ++c.empty;
    }
    Slab* slab = c.partial;
    if (slab->free.size() == slab->slots) --c.empty;
    while (taken < wanted && !slab->free.empty()) {
      slots[taken++] = slab->slot(slab->free.back());
      slab->free.pop_back();
    }
    if (slab->free.empty()) unlink(c, slab);
  }
  return taken;
}

void Region::give(const Slot* slots, std::size_t count) noexcept {
  if (count == 0) return;
  Class& c = classes_[slots[0].slab->size_class];
  const std::scoped_lock lock(c.mutex);
  for (std::size_t i = 0; i < count; ++i) {
    Slab* slab = slots[i].slab;
    if (slab->free.empty()) link(c, slab);
    slab->free.push_back(slab->index_of(slots[i].address));
    if (slab->free.size() < slab->slots) continue;
    if (c.empty != 0) {  // one wholly free slab is kept
      unlink(c, slab);
      destroy(slab);
    } else {
      ++c.empty;
    }
  }
}

Slab* Region::take_run(std::size_t bytes) noexcept {
  const std::size_t whole = (bytes + page_size - 1) / page_size * page_size;
  if (whole < bytes) return nullptr;
  return make_slab(whole, whole, no_class);
}

void Region::give_run(Slab* slab) noexcept {
  destroy(slab);
}

void Region::trim() noexcept {
  for (Class& c : classes_) {
    const std::scoped_lock lock(c.mutex);
    for (Slab* slab = c.partial; slab != nullptr;) {
      Slab* next = slab->next;
      if (slab->free.size() == slab->slots) {
        unlink(c, slab);
        destroy(slab);
        --c.empty;
      }
      slab = next;
    }
  }
}

}  // namespace pupci::kern
