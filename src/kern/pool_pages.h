// SPDX-License-Identifier: BSD-2-Clause
// Items of a pool(9) in pages that an allocator of the driver's own gives and takes back
// (struct pool_allocator).
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "netbsd/sys/pool.h"

namespace pupci::kern {

class PoolPages {
 public:
  struct Layout {
    std::size_t size = 0;    // of an item, not 0
    unsigned alignment = 0;  // a power of two, or 0 for any type's
    unsigned offset = 0;     // the byte of an item that is aligned
    int flags = 0;           // PR_NOALIGN: pages need not be aligned to their size
  };
  // Ends with violation() when the allocator or the layout cannot be. `pool` is what the allocator
  // is given; both must outlive this.
  PoolPages(struct pool* pool, struct pool_allocator* allocator, const Layout& layout,
            std::string name, const void* caller) noexcept;
  ~PoolPages();  // gives all pages back
  PoolPages(const PoolPages&) = delete;
  PoolPages& operator=(const PoolPages&) = delete;

  // No lock of the pool's may be held by the caller: the allocator may sleep, and use pools.
  // Null when no item is free and the allocator has no page. `flags` as of pool_get().
  void* get(int flags, const void* caller) noexcept;
  // These end with violation() when `item` is no item of these pages that is out. parked: free in
  // a cache, constructed.
  void put(void* item, const void* caller, const char* function) noexcept;
  void park(void* item, const void* caller, const char* function) noexcept;
  void unpark(void* item, const void* caller, const char* function) noexcept;

  // False when the allocator has no page before so many items are free.
  bool prime(std::size_t count, int flags) noexcept;
  void set_low(std::size_t count) noexcept;   // kept ready
  void set_high(std::size_t count) noexcept;  // kept when free; all are until this is called
  // Gives back the pages that nothing lies in, but for those that are to be kept ready.
  bool reclaim() noexcept;

 private:
  enum class State : std::uint8_t { free, out, parked };
  struct Item {
    State state = State::free;
    const void* caller = nullptr;  // of the last change
  };
  struct Page {
    std::uintptr_t base = 0;
    std::uintptr_t first = 0;  // where the first item is
    std::vector<Item> items;
    std::vector<std::uint32_t> free;  // indices; has room for all
  };
  using Pages = std::list<Page>;

  [[nodiscard]] std::size_t pages_for(std::size_t items) const noexcept;
  [[nodiscard]] bool add_page(int flags, const void* caller) noexcept;
  [[nodiscard]] Page lay_out(std::uintptr_t base, const void* caller) const;
  void check_page(std::uintptr_t base, const void* caller) noexcept;
  void* take_locked(const void* caller) noexcept;
  void give_back(const std::vector<std::uintptr_t>& pages) noexcept;
  // Takes pages that nothing lies in off the list until `keep` pages are left.
  std::vector<std::uintptr_t> take_off(std::size_t keep) noexcept;
  Item& find(void* item, Pages::iterator& page, const void* caller, const char* function) noexcept;
  // The page that it is of.
  Pages::iterator change(void* item, State from, State to, const void* caller,
                         const char* function) noexcept;
  [[nodiscard]] bool poisons() const noexcept;

  struct pool* const pool_;
  struct pool_allocator* const allocator_;
  const Layout layout_;
  const std::string name_;
  std::size_t page_size_ = 0;
  std::size_t stride_ = 0;
  std::size_t per_page_ = 1;

  std::mutex mutex_;
  Pages with_room_;
  Pages full_;
  std::map<std::uintptr_t, Pages::iterator> pages_;  // all, by where they begin
  std::size_t free_ = 0;                             // items
  std::size_t low_ = 0;                              // items
  std::size_t lowest_pages_ = 0;
  std::size_t highest_pages_ = SIZE_MAX;
};

}  // namespace pupci::kern
