// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/iova.h"

#include <algorithm>

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
    if (*at + (size - 1) != last) free_.emplace(*at + size, last);
    if (*at == first) {
      free_.erase(first);
    } else {
      free_[first] = *at - 1;
    }
    return at;
  }
  return std::nullopt;
}

void IovaSpace::give(std::uint64_t iova, std::uint64_t size) {
  std::uint64_t last = iova + (rounded(size) - 1);
  const std::scoped_lock lock(mutex_);
  auto next = free_.lower_bound(iova);
  if (next != free_.end() && last + 1 == next->first) {
    last = next->second;
    next = free_.erase(next);
  }
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->second + 1 == iova) {
      before->second = last;
      return;
    }
  }
  free_.emplace(iova, last);
}

}  // namespace pupci::vfio
