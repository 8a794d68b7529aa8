// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/iova.h"

#include <algorithm>
#include <iterator>
#include <utility>

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
    if (first >= range.first && first <= end - 1) free_.emplace(first, end - 1);
  }
}

std::optional<std::uint64_t> IovaSpace::take(std::uint64_t size,
                                             const DmaConstraints& constraints) {
  size = rounded(size);
  if (size == 0) return std::nullopt;
  const std::uint64_t alignment = std::max(constraints.alignment, page_);
  const std::scoped_lock lock(mutex_);
  for (auto range = free_.begin(); range != free_.end(); ++range) {
    const auto [first, last] = *range;
    if (first > constraints.highest) break;
    const auto at = fit(std::max(first, constraints.lowest), std::min(last, constraints.highest),
                        size, alignment, constraints.boundary);
    if (!at) continue;
    cut(range, *at, *at + (size - 1));
    return at;
  }
  return std::nullopt;
}

// Takes [first, last] out of a free range that holds it. The nodes are used again: memory is asked
// for only where one range becomes two.
void IovaSpace::cut(Ranges::iterator range, std::uint64_t first, std::uint64_t last) {
  const auto [begin, end] = *range;
  if (first != begin && last != end) free_.emplace_hint(std::next(range), last + 1, end);
  if (first != begin) {
    range->second = first - 1;
    return;
  }
  auto node = free_.extract(range);
  if (last == end) return;
  node.key() = last + 1;
  free_.insert(std::move(node));
}

void IovaSpace::give(std::uint64_t iova, std::uint64_t size) {
  const std::uint64_t last = iova + (rounded(size) - 1);
  const std::scoped_lock lock(mutex_);
  auto next = free_.lower_bound(iova);
  const bool joins_next = next != free_.end() && last + 1 == next->first;
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->second + 1 == iova) {
      before->second = joins_next ? next->second : last;
      if (joins_next) free_.erase(next);
      return;
    }
  }
  if (!joins_next) {
    free_.emplace_hint(next, iova, last);
    return;
  }
  auto node = free_.extract(next);
  node.key() = iova;
  free_.insert(std::move(node));
}

}  // namespace pupci::vfio
