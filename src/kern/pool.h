// SPDX-License-Identifier: BSD-2-Clause
// pool(9) behind its opaque structure; pool_cache(9) is built on it.
#pragma once

#include <climits>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "netbsd/sys/pool.h"

namespace pupci::kern {

class Pool {
 public:
  Pool(std::size_t size, unsigned alignment, const char* name, const void* caller) noexcept;
  ~Pool();  // frees what is free
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void* get(int flags, const void* caller) noexcept;
  void put(void* item, const void* caller) noexcept;
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

 private:
  void* allocate(const void* caller) noexcept;
  [[nodiscard]] std::size_t kept() const noexcept;
  bool wait_below_limit(std::unique_lock<std::mutex>& lock, int flags, const void* caller) noexcept;
  void warn_at_limit() noexcept;
  void trim(std::size_t keep, std::vector<void*>& surplus) noexcept;

  const std::size_t size_;
  const unsigned alignment_;
  const std::string name_;
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
