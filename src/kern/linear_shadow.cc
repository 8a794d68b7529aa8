// SPDX-License-Identifier: BSD-2-Clause
#include "kern/linear_shadow.h"

#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kern/check.h"
#include "os/process.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

// Pages that one fault makes accessible at most.
constexpr std::size_t most_foreseen = 32;
// Equal bytes between two differences are cheaper sent than passed over, where that is allowed.
constexpr std::size_t worth_a_command = 32;

std::size_t page_size() noexcept {
  static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

std::size_t whole_pages(std::uint64_t size) noexcept {
  return (size + page_size() - 1) / page_size() * page_size();
}

[[noreturn]] void fail(std::size_t size) {
  const int error = errno;
  throw Error(error, fmt::format("a linear mapping of {:#x} bytes: {}", size,
                                 std::generic_category().message(error)));
}

Fd memory_file(std::size_t size) {
  Fd file = os::memory_file("pupci-linear");
  if (!file || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0) fail(size);
  return file;
}

// The first offset in [at, end) where the two differ, or `end`.
std::size_t next_difference(const std::byte* one, const std::byte* other, std::size_t at,
                            std::size_t end) noexcept {
  while (end - at >= sizeof(std::uint64_t)) {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::memcpy(&a, one + at, sizeof a);
    std::memcpy(&b, other + at, sizeof b);
    if (a != b) return at + static_cast<unsigned>(__builtin_ctzll(a ^ b)) / 8;
    at += sizeof a;
  }
  while (at < end && one[at] == other[at]) at++;
  return at;
}

std::size_t next_equal(const std::byte* one, const std::byte* other, std::size_t at,
                       std::size_t end) noexcept {
  while (at < end && one[at] != other[at]) at++;
  return at;
}

}  // namespace

LinearCounters linear_counters;

Pages::Pages(std::size_t size, int protection, int file) : size_(size) {
  const int flags = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
  void* base = ::mmap(nullptr, size, protection, flags, file, 0);
  if (base == MAP_FAILED) fail(size);
  base_ = static_cast<std::byte*>(base);
}

Pages::~Pages() {
  if (base_ != nullptr) ::munmap(base_, size_);
}

void Shadow::Range::include(std::size_t from, std::size_t to) noexcept {
  first = std::min(first, from);
  last = std::max(last, to);
}

Shadow::Shadow(std::shared_ptr<Region> region, const std::optional<Address>& function)
    : region_(std::move(region)),
      function_(function),
      changes_by_itself_(region_->changes_by_itself()),
      size_(whole_pages(region_->size())),
      memory_(memory_file(size_)),
      view_(size_, PROT_NONE, memory_.get()),
      inner_(size_, PROT_READ | PROT_WRITE, memory_.get()),
      twin_(size_, PROT_READ | PROT_WRITE, -1),
      states_(size_ / page_size(), State::unknown) {}

// Pages from `page` on, or down to it, that are not in state `wanted` yet: one, and twice as many
// as the last time when this fault is next to what the last one gave.
Shadow::Range Shadow::foresee(std::size_t page, Trend& trend, State wanted) const noexcept {
  const bool upwards = page == trend.last.last;
  const bool downwards = page + 1 == trend.last.first;
  trend.length = upwards || downwards ? std::min(2 * trend.length, most_foreseen) : 1;
  Range pages{page, page + 1};
  const auto worth = [&](std::size_t next) { return states_[next] < wanted; };
  while (!downwards && pages.last - pages.first < trend.length && pages.last < states_.size() &&
         worth(pages.last)) {
    pages.last++;
  }
  while (downwards && pages.last - pages.first < trend.length && pages.first > 0 &&
         worth(pages.first - 1)) {
    pages.first--;
  }
  trend.last = pages;
  return pages;
}

void Shadow::fault(std::size_t offset, std::optional<bool> is_write, Fetch bring) noexcept {
  const std::size_t page = offset / page_size();
  const bool write = is_write.value_or(states_[page] != State::unknown);
  linear_counters.faults.fetch_add(1, std::memory_order_relaxed);
  const State wanted = write ? State::dirty : State::clean;
  if (states_[page] >= wanted) return;  // another thread's fault has seen to it
  const Range pages = foresee(page, write ? writes_ : reads_, wanted);
  make_known(pages, bring);
  if (!write) {
    protect(pages, PROT_READ);
    return;
  }
  const std::size_t start = pages.first * page_size();
  std::memcpy(twin_.base() + start, inner_.base() + start,
              (pages.last - pages.first) * page_size());
  std::fill(states_.begin() + static_cast<std::ptrdiff_t>(pages.first),
            states_.begin() + static_cast<std::ptrdiff_t>(pages.last), State::dirty);
  dirty_.include(pages.first, pages.last);
  protect(pages, PROT_READ | PROT_WRITE);
}

// Fetches those of the pages that are unknown. Nobody can reach them before they are protected
// otherwise.
void Shadow::make_known(const Range& pages, Fetch bring) noexcept {
  for (std::size_t first = pages.first; first < pages.last;) {
    std::size_t last = first;
    while (last < pages.last && states_[last] == State::unknown) states_[last++] = State::clean;
    if (last > first) bring(*this, first, last - first);
    first = last + 1;
  }
  known_.include(pages.first, pages.last);
}

void Shadow::fetch(std::size_t first, std::size_t count) noexcept {
  const std::size_t start = first * page_size();
  const std::size_t size = std::min<std::uint64_t>(count * page_size(), region_->size() - start);
  linear_counters.pages_fetched.fetch_add(count, std::memory_order_relaxed);
  region_->read_memory(start, inner_.base() + start, size);
}

void Shadow::protect(const Range& pages, int protection) noexcept {
  std::byte* start = view_.base() + pages.first * page_size();
  const std::size_t size = (pages.last - pages.first) * page_size();
  if (::mprotect(start, size, protection) != 0) {
    panic("linear mapping: mprotect: out of memory, or of mappings (vm.max_map_count)");
  }
}

void Shadow::flush() noexcept {
  if (!dirty()) return;
  const Range all = dirty_;
  dirty_ = {};
  for (std::size_t first = all.first; first < all.last;) {
    std::size_t last = first;
    while (last < all.last && states_[last] == State::dirty) states_[last++] = State::clean;
    if (last > first) send({first, last});
    first = last + 1;
  }
}

// What is written from now on waits for the lock in a fault, so the bytes stand still.
void Shadow::send(const Range& pages) noexcept {
  protect(pages, PROT_READ);
  const std::byte* now = inner_.base();
  const std::byte* before = twin_.base();
  const std::size_t end = std::min<std::uint64_t>(pages.last * page_size(), region_->size());
  // Equal bytes are the device's own, and may be sent with others, unless it may be drawing.
  const std::size_t gap = changes_by_itself_ ? 0 : worth_a_command;
  std::size_t at = next_difference(now, before, pages.first * page_size(), end);
  while (at < end) {
    std::size_t stop = next_equal(now, before, at, end);
    std::size_t next = next_difference(now, before, stop, end);
    while (next < end && next - stop <= gap) {
      stop = next_equal(now, before, next, end);
      next = next_difference(now, before, stop, end);
    }
    send_bytes(at, stop);
    at = next;
  }
}

void Shadow::send_bytes(std::size_t first, std::size_t last) noexcept {
  linear_counters.transfers.fetch_add(1, std::memory_order_relaxed);
  linear_counters.bytes_sent.fetch_add(last - first, std::memory_order_relaxed);
  region_->write_memory(first, inner_.base() + first, last - first);
}

void Shadow::forget(LinearAccess::Kind kind) noexcept {
  if (kind == LinearAccess::Kind::read && !changes_by_itself_) return;
  flush();
  if (known_.first >= known_.last) return;
  protect(known_, PROT_NONE);
  std::fill(states_.begin() + static_cast<std::ptrdiff_t>(known_.first),
            states_.begin() + static_cast<std::ptrdiff_t>(known_.last), State::unknown);
  known_ = {};
}

}  // namespace pupci::kern
