// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/iova.h"

#include <algorithm>
#include <iterator>

#include "host/dma_limits.h"

namespace pupci::vfio {
namespace {

// The lowest place for `size` bytes in [first, last].
std::optional<std::uint64_t> fit(std::uint64_t first, std::uint64_t last, std::uint64_t size,
                                 std::uint64_t alignment, std::uint64_t boundary) {
  std::uint64_t at = first;
  const auto align = [&](std::uint64_t to) {
    at = (at + to - 1) & ~(to - 1);
    return at >= first;  // it did not wrap
  };
  if (!align(alignment)) return std::nullopt;
  // Past the boundary that it would cross; alignment keeps it there, or it never fits.
  if (boundary != 0 && (at & ~(boundary - 1)) != ((at + size - 1) & ~(boundary - 1))) {
    if (size > boundary || !align(std::max(boundary, alignment))) return std::nullopt;
  }
  if (at > last || last - at < size - 1) return std::nullopt;
  return at;
}

}  // namespace

IovaSpace::IovaSpace(const std::vector<IovaRange>& ranges, std::uint64_t page) : page_(page) {
  for (const IovaRange& range : ranges) {
    // Address 0 is what drivers take for none.
    const std::uint64_t first = std::max((range.first + page - 1) & ~(page - 1), page);
    const std::uint64_t end = (range.last + 1) & ~(page - 1);  // 0: the whole space
    if (first >= range.first && first <= end - 1) free_.emplace(end - 1, first);
  }
}

std::optional<std::uint64_t> IovaSpace::take(std::uint64_t size,
                                             const DmaConstraints& constraints) {
  size = rounded(size);
  if (!satisfiable(constraints, size)) return std::nullopt;
  const std::uint64_t alignment = std::max(constraints.alignment, page_);
  const std::scoped_lock lock(mutex_);
  for (auto range = free_.begin(); range != free_.end(); ++range) {
    const auto [last, first] = *range;
    if (first > constraints.highest) break;
    const auto at = fit(std::max(first, constraints.lowest), std::min(last, constraints.highest),
                        size, alignment, constraints.boundary);
    if (!at) continue;
    cut(range, *at, *at + (size - 1));
    return at;
  }
  return std::nullopt;
}

// Takes [first, last] out of a free range that holds it. Mostly it is the front, which costs
// nothing.
void IovaSpace::cut(Ranges::iterator range, std::uint64_t first, std::uint64_t last) {
  const auto [end, begin] = *range;
  if (first != begin) free_.emplace_hint(range, first - 1, begin);
  if (last == end) {
    free_.erase(range);
  } else {
    range->second = last + 1;
  }
}

void IovaSpace::give(std::uint64_t iova, std::uint64_t size) {
  const std::uint64_t last = iova + (rounded(size) - 1);
  const std::scoped_lock lock(mutex_);
  const auto next = free_.upper_bound(last);
  const bool joins_next = next != free_.end() && next->second == last + 1;
  std::uint64_t first = iova;
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->first + 1 == iova) {
      first = before->second;
      free_.erase(before);
    }
  }
  if (joins_next) {
    next->second = first;
  } else {
    free_.emplace_hint(next, last, first);
  }
}

}  // namespace pupci::vfio
