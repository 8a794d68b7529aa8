// SPDX-License-Identifier: BSD-2-Clause
// What DmaConstraints mean, for all who place memory and all who are told where it lies.
#pragma once

#include <cstdint>

#include "pupci/dma.h"

namespace pupci {

/// Whether some `size` bytes could be so: an alignment and a boundary are powers of two or 0, for
/// none, and no boundary need be crossed.
[[nodiscard]] constexpr bool satisfiable(const DmaConstraints& wanted,
                                         std::uint64_t size) noexcept {
  const auto power_or_none = [](std::uint64_t n) { return (n & (n - 1)) == 0; };
  return size != 0 && power_or_none(wanted.alignment) && power_or_none(wanted.boundary) &&
         (wanted.boundary == 0 || size <= wanted.boundary) && wanted.lowest <= wanted.highest &&
         size - 1 <= wanted.highest - wanted.lowest;
}

/// Whether the `size` bytes at the bus address `bus` are so; of what is satisfiable().
[[nodiscard]] constexpr bool satisfied(const DmaConstraints& wanted, std::uint64_t bus,
                                       std::uint64_t size) noexcept {
  const std::uint64_t last = bus + (size - 1);
  // Boundaries are powers of two, so first and last differ below them alone.
  return last >= bus && bus >= wanted.lowest && last <= wanted.highest &&
         (wanted.alignment == 0 || (bus & (wanted.alignment - 1)) == 0) &&
         (wanted.boundary == 0 || (bus ^ last) < wanted.boundary);
}

}  // namespace pupci
