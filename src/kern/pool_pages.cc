// SPDX-License-Identifier: BSD-2-Clause
#include "kern/pool_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include "kern/check.h"
#include "kern/sanitize.h"
#include "kern/symbolize.h"
#include "kern/track.h"
#include "netbsd/sys/param.h"

namespace pupci::kern {
namespace {

constexpr std::size_t any_type = 8;  // alignment, and the least size of an item

std::uintptr_t align_up(std::uintptr_t value, std::size_t alignment) noexcept {
  return (value + alignment - 1) & ~(alignment - 1);
}

// The first place from `base` on whose byte `offset` is aligned.
std::uintptr_t first_place(std::uintptr_t base, std::size_t alignment, unsigned offset) noexcept {
  const std::uintptr_t place = align_up(base + offset, alignment) - offset;
  return place < base ? place + alignment : place;
}

}  // namespace

PoolPages::PoolPages(struct pool* pool, struct pool_allocator* allocator, const Layout& layout,
                     std::string name, const void* caller) noexcept
    : pool_(pool), allocator_(allocator), layout_(layout), name_(std::move(name)) {
  if (allocator->pa_alloc == nullptr || allocator->pa_free == nullptr) {
    violation(fmt::format("pool_init: {}: its allocator lacks {}", name_,
                          allocator->pa_alloc == nullptr ? "pa_alloc" : "pa_free"),
              caller);
  }
  if (allocator->pa_pagesz == 0) allocator->pa_pagesz = PAGE_SIZE;
  page_size_ = allocator->pa_pagesz;
  if (!std::has_single_bit(page_size_)) {
    violation(fmt::format("pool_init: {}: its allocator's pages have {} bytes, no power of two",
                          name_, page_size_),
              caller);
  }
  const std::size_t alignment = std::max<std::size_t>(layout_.alignment, any_type);
  stride_ = align_up(std::max(layout_.size, any_type), alignment);
  const std::size_t lost = first_place(0, alignment, layout_.offset);
  if (lost + layout_.size > page_size_) {
    violation(fmt::format("pool_init: {}: an item of {} bytes does not fit into a page of its "
                          "allocator, which has {}; let pa_pagesz be larger",
                          name_, layout_.size, page_size_),
              caller);
  }
  per_page_ = 1 + (page_size_ - lost - layout_.size) / stride_;
}

PoolPages::~PoolPages() {
  std::vector<std::uintptr_t> all;
  all.reserve(pages_.size());
  for (const auto& [base, page] : pages_) all.push_back(base);
  give_back(all);
}

std::size_t PoolPages::pages_for(std::size_t items) const noexcept {
  return items / per_page_ + (items % per_page_ != 0 ? 1 : 0);
}

// Smaller steps than the sanitizer's own cannot be told to it.
bool PoolPages::poisons() const noexcept {
  return address_sanitizer && stride_ % 8 == 0 && layout_.offset % 8 == 0;
}

void PoolPages::check_page(std::uintptr_t base, const void* caller) noexcept {
  if ((layout_.flags & PR_NOALIGN) == 0 && base % page_size_ != 0) {
    violation(fmt::format("pool_get: {}: its allocator gave a page at {:#x}, which is not aligned "
                          "to its {} bytes; align it, or give pool_init() PR_NOALIGN",
                          name_, base, page_size_),
              caller);
  }
  const auto after = pages_.lower_bound(base);
  const bool overlaps = (after != pages_.end() && after->first - base < page_size_) ||
                        (after != pages_.begin() && base - std::prev(after)->first < page_size_);
  if (overlaps) {
    violation(fmt::format("pool_get: {}: its allocator gave the page at {:#x}, which the pool has "
                          "already",
                          name_, base),
              caller);
  }
}

PoolPages::Page PoolPages::lay_out(std::uintptr_t base, const void* caller) const {
  Page page;
  page.base = base;
  page.first =
      first_place(base, std::max<std::size_t>(layout_.alignment, any_type), layout_.offset);
  if (page.first + layout_.size > base + page_size_) {
    violation(fmt::format("pool_get: {}: its allocator gave a page at {:#x}, where no item of {} "
                          "bytes can be aligned in it; align the page",
                          name_, base, layout_.size),
              caller);
  }
  const std::size_t count = 1 + (base + page_size_ - page.first - layout_.size) / stride_;
  page.items.resize(count);
  page.free.reserve(count);
  for (std::size_t i = count; i > 0; i--) page.free.push_back(static_cast<std::uint32_t>(i - 1));
  return page;
}

bool PoolPages::add_page(int flags, const void* caller) noexcept {
  void* const memory = allocator_->pa_alloc(pool_, flags & (PR_WAITOK | PR_NOWAIT));
  if (memory == nullptr) return false;
  const auto base = reinterpret_cast<std::uintptr_t>(memory);
  try {
    const std::scoped_lock lock(mutex_);
    check_page(base, caller);
    Pages one;
    one.push_back(lay_out(base, caller));
    pages_.emplace(base, one.begin());
    free_ += one.front().items.size();
    with_room_.splice(with_room_.end(), one);
    if (poisons()) asan_poison(memory, page_size_);
    return true;
  } catch (const std::bad_alloc&) {
    allocator_->pa_free(pool_, memory);
    return false;
  }
}

// From pages that others lie in first, so that the rest can be given back.
void* PoolPages::take_locked(const void* caller) noexcept {
  if (with_room_.empty()) return nullptr;
  const auto page = with_room_.begin();
  const std::uint32_t index = page->free.back();
  page->free.pop_back();
  free_--;
  page->items[index] = {State::out, caller};
  if (page->free.empty()) full_.splice(full_.end(), with_room_, page);
  auto* item = reinterpret_cast<void*>(page->first + index * stride_);
  if (poisons()) asan_unpoison(item, layout_.size);
  return item;
}

void* PoolPages::get(int flags, const void* caller) noexcept {
  void* item = nullptr;
  bool below = false;
  for (;;) {
    {
      const std::scoped_lock lock(mutex_);
      item = take_locked(caller);
      below = free_ < low_;
    }
    if (item != nullptr || !add_page(flags, caller)) break;
  }
  // Meanwhile another may have put one back.
  if (item == nullptr) {
    const std::scoped_lock lock(mutex_);
    item = take_locked(caller);
  }
  if (item == nullptr) return nullptr;
  track(Kind::memory, item, layout_.size, caller);
  if (below) (void)add_page(PR_NOWAIT, caller);
  return item;
}

PoolPages::Item& PoolPages::find(void* item, Pages::iterator& page, const void* caller,
                                 const char* function) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(item);
  const auto after = pages_.upper_bound(address);
  if (after == pages_.begin() || address - std::prev(after)->first >= page_size_) {
    violation(fmt::format("{}: {}: {} is not of this pool", function, name_, fmt::ptr(item)),
              caller);
  }
  page = std::prev(after)->second;
  const std::size_t index = (address - page->first) / stride_;
  if (address < page->first || (address - page->first) % stride_ != 0 ||
      index >= page->items.size()) {
    violation(fmt::format("{}: {}: {} is of this pool's pages, but not the start of an item",
                          function, name_, fmt::ptr(item)),
              caller);
  }
  return page->items[index];
}

PoolPages::Pages::iterator PoolPages::change(void* item, State from, State to, const void* caller,
                                             const char* function) noexcept {
  Pages::iterator page;
  Item& found = find(item, page, caller, function);
  if (found.state != from) {
    violation(found.caller == nullptr
                  ? fmt::format("{}: {}: {} is not out", function, name_, fmt::ptr(item))
                  : fmt::format("{}: {} was freed already, in {}", function, fmt::ptr(item),
                                symbolize(found.caller)),
              caller);
  }
  found = {to, caller};
  return page;
}

void PoolPages::put(void* item, const void* caller, const char* function) noexcept {
  std::vector<std::uintptr_t> surplus;
  {
    const std::scoped_lock lock(mutex_);
    const auto page = change(item, State::out, State::free, caller, function);
    if (page->free.empty()) with_room_.splice(with_room_.begin(), full_, page);
    const std::size_t index = (reinterpret_cast<std::uintptr_t>(item) - page->first) / stride_;
    page->free.push_back(static_cast<std::uint32_t>(index));
    // Those that nothing lies in are used last.
    if (page->free.size() == page->items.size()) {
      with_room_.splice(with_room_.end(), with_room_, page);
    }
    free_++;
    (void)untrack(Kind::memory, item);
    if (poisons()) asan_poison(item, layout_.size);
    const std::size_t keep = std::max(lowest_pages_, highest_pages_);
    if (pages_.size() > keep) surplus = take_off(keep);
  }
  give_back(surplus);
}

void PoolPages::park(void* item, const void* caller, const char* function) noexcept {
  const std::scoped_lock lock(mutex_);
  change(item, State::out, State::parked, caller, function);
  (void)untrack(Kind::memory, item);
  if (poisons()) asan_poison(item, layout_.size);
}

void PoolPages::unpark(void* item, const void* caller, const char* function) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    change(item, State::parked, State::out, caller, function);
    if (poisons()) asan_unpoison(item, layout_.size);
  }
  track(Kind::memory, item, layout_.size, caller);
}

bool PoolPages::prime(std::size_t count, int flags) noexcept {
  const auto missing = [&] {
    const std::scoped_lock lock(mutex_);
    return free_ < count;
  };
  while (missing()) {
    if (!add_page(flags, nullptr)) return false;
  }
  const std::scoped_lock lock(mutex_);
  lowest_pages_ = std::max(lowest_pages_, pages_for(count));
  return true;
}

void PoolPages::set_low(std::size_t count) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    low_ = count;
    lowest_pages_ = pages_for(count);
  }
  (void)prime(count, PR_NOWAIT);
}

void PoolPages::set_high(std::size_t count) noexcept {
  const std::scoped_lock lock(mutex_);
  highest_pages_ = pages_for(count);
}

bool PoolPages::reclaim() noexcept {
  std::vector<std::uintptr_t> surplus;
  {
    const std::scoped_lock lock(mutex_);
    surplus = take_off(lowest_pages_);
  }
  give_back(surplus);
  return !surplus.empty();
}

std::vector<std::uintptr_t> PoolPages::take_off(std::size_t keep) noexcept try {
  std::vector<std::uintptr_t> taken;
  taken.reserve(pages_.size());
  for (auto page = with_room_.begin(); page != with_room_.end() && pages_.size() > keep;) {
    if (page->free.size() != page->items.size()) {
      ++page;
      continue;
    }
    free_ -= page->items.size();
    taken.push_back(page->base);
    pages_.erase(page->base);
    page = with_room_.erase(page);
  }
  return taken;
} catch (const std::bad_alloc&) {
  return {};
}

void PoolPages::give_back(const std::vector<std::uintptr_t>& pages) noexcept {
  for (const std::uintptr_t base : pages) {
    auto* memory = reinterpret_cast<void*>(base);
    if (poisons()) asan_unpoison(memory, page_size_);
    allocator_->pa_free(pool_, memory);
  }
}

}  // namespace pupci::kern
