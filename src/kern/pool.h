// SPDX-License-Identifier: BSD-2-Clause
// pool(9) behind its opaque structure; pool_cache(9) is built on it.
#pragma once

#include <climits>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kern/pool_pages.h"
#include "netbsd/sys/pool.h"

namespace pupci::kern {

class Pool {
 public:
  // Items of pages that `allocator` gives, when it is one of the driver's own or the layout asks
  // for it; otherwise of the heap. `handle` becomes this pool's.
  static Pool* make(struct pool* handle, struct pool_allocator* allocator,
                    const PoolPages::Layout& layout, const char* name, const void* caller);
  Pool(std::size_t size, unsigned alignment, const char* name, const void* caller) noexcept;
  ~Pool();  // frees what is free
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void* get(int flags, const void* caller) noexcept;
  void put(void* item, const void* caller) noexcept;
  // A cache's: free, but constructed.
  void park(void* item, const void* caller) noexcept;
  void unpark(void* item, const void* caller, const char* function) noexcept;
  bool reclaim() noexcept;  // frees all free items above the low mark
  int prime(unsigned count) noexcept;
  void set_low(unsigned count) noexcept;
  void set_high(unsigned count) noexcept;
  void set_limit(unsigned limit, const char* message, int seconds) noexcept;
  void set_drain_hook(void (*hook)(void*, int), void* argument) noexcept;
  // Ends with violation() if items are out.
  void check_empty(const char* function, const void* caller) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool has_pages() const noexcept { return pages_ != nullptr; }

 private:
  void* allocate(const void* caller) noexcept;
  void* get_locked(std::unique_lock<std::mutex>& lock, bool may_wait, const void* caller) noexcept;
  void* get_from_pages(std::unique_lock<std::mutex>& lock, int flags, const void* caller) noexcept;
  [[noreturn]] void complain_shortage(const char* why, const void* caller) const noexcept;
  void put_to_heap(void* item, const void* caller) noexcept;
  [[nodiscard]] std::size_t kept() const noexcept;
  bool wait_below_limit(std::unique_lock<std::mutex>& lock, int flags, const void* caller) noexcept;
  void warn_at_limit() noexcept;
  void trim(std::size_t keep, std::vector<void*>& surplus) noexcept;

  const std::size_t size_;
  const unsigned alignment_;
  const std::string name_;
  std::unique_ptr<PoolPages> pages_;  // or null
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<void*> free_;  // capacity is kept above out_ + free_: put() must not fail
  unsigned out_ = 0;
  unsigned low_ = 0;
  unsigned high_;
  unsigned limit_ = UINT_MAX;
  std::string limit_message_;
  long limit_interval_ = 0;  // seconds
  long limit_warned_ = -1;
  void (*drain_hook_)(void*, int) = nullptr;
  void* drain_argument_ = nullptr;
};

}  // namespace pupci::kern
