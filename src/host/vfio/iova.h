// SPDX-License-Identifier: BSD-2-Clause
// Hands out ranges of I/O virtual addresses.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "host/vfio/iommu.h"
#include "pupci/dma.h"

namespace pupci::vfio {

/// Lowest fit, so that what is handed out is within reach of most devices. Thread-safe.
class IovaSpace {
 public:
  /// `page`: a power of two; all that is handed out is a multiple.
  IovaSpace(const std::vector<IovaRange>& ranges, std::uint64_t page);

  /// `size` bytes, rounded up to pages. Nothing when there is no such range. Throws bad_alloc.
  std::optional<std::uint64_t> take(std::uint64_t size, const DmaConstraints& constraints);
  /// As taken.
  void give(std::uint64_t iova, std::uint64_t size);

  [[nodiscard]] std::uint64_t rounded(std::uint64_t size) const noexcept {
    return (size + page_ - 1) & ~(page_ - 1);
  }

 private:
  // From the last address to the first, both inclusive: what changes most is where a range begins.
  using Ranges = std::map<std::uint64_t, std::uint64_t>;
  void cut(Ranges::iterator range, std::uint64_t first, std::uint64_t last);

  std::mutex mutex_;
  std::uint64_t page_;
  Ranges free_;
};

}  // namespace pupci::vfio
