// SPDX-License-Identifier: BSD-2-Clause
// One shadow: the memory, and what is known of each of its pages. See linear.h.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "host/fd.h"
#include "kern/linear.h"
#include "pupci/function.h"

namespace pupci::kern {

// Memory of its own address range, or nothing.
class Pages {
 public:
  Pages() = default;
  // Throws pupci::Error. `file` -1: private memory.
  Pages(std::size_t size, int protection, int file);
  ~Pages();
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  [[nodiscard]] std::byte* base() const noexcept { return base_; }

 private:
  std::byte* base_ = nullptr;
  std::size_t size_ = 0;
};

// Everything but the constructor and the constants is called with the one lock of linear.cc held.
class Shadow {
 public:
  // Reads pages [first, first + count) of a shadow into its memory.
  using Fetch = void (*)(Shadow& shadow, std::size_t first, std::size_t count);

  Shadow(std::shared_ptr<Region> region, const std::optional<Address>& function);

  [[nodiscard]] std::byte* view() const noexcept { return view_.base(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }  // in whole pages
  [[nodiscard]] const std::optional<Address>& function() const noexcept { return function_; }
  [[nodiscard]] Region& region() const noexcept { return *region_; }

  // Makes the page at `offset` of the view accessible, and some behind or before it when accesses
  // go that way. Where it is not known whether it was a write, one of a page that can be read was.
  // In a signal handler: allocates nothing, and leaves fetching to `bring`.
  void fault(std::size_t offset, std::optional<bool> is_write, Fetch bring) noexcept;
  // The device's memory, whatever the state of the pages; in a thread.
  void fetch(std::size_t first, std::size_t count) noexcept;
  [[nodiscard]] bool dirty() const noexcept { return dirty_.first < dirty_.last; }
  void flush() noexcept;
  // After an access: what it may have changed is to be fetched again.
  void forget(LinearAccess::Kind kind) noexcept;

 private:
  enum class State : std::uint8_t {
    unknown,  // not accessible
    clean,    // readable, like the device's
    dirty,    // writable; was like its twin
  };
  struct Range {
    std::size_t first = SIZE_MAX;
    std::size_t last = 0;  // behind the end
    void include(std::size_t from, std::size_t to) noexcept;
  };
  // Where the last faults were, to foresee the next ones.
  struct Trend {
    Range last;
    std::size_t length = 1;
  };

  [[nodiscard]] Range foresee(std::size_t page, Trend& trend, State wanted) const noexcept;
  void make_known(const Range& pages, Fetch bring) noexcept;
  void protect(const Range& pages, int protection) noexcept;
  void send(const Range& pages) noexcept;
  void send_bytes(std::size_t first, std::size_t last) noexcept;

  std::shared_ptr<Region> region_;
  std::optional<Address> function_;
  bool changes_by_itself_;
  std::size_t size_;
  Fd memory_;
  Pages view_;   // what drivers see
  Pages inner_;  // the same memory, always writable
  Pages twin_;
  std::vector<State> states_;
  Range known_;  // all that are not unknown lie in it
  Range dirty_;
  Trend reads_;
  Trend writes_;
};

struct LinearCounters {
  std::atomic<std::uint64_t> faults{0};
  std::atomic<std::uint64_t> pages_fetched{0};
  std::atomic<std::uint64_t> transfers{0};
  std::atomic<std::uint64_t> bytes_sent{0};
};
extern LinearCounters linear_counters;

}  // namespace pupci::kern
