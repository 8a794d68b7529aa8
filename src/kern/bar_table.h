// SPDX-License-Identifier: BSD-2-Clause
// Which function's BAR holds a bus address.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "kern/api.h"
#include "pupci/function.h"

namespace pupci::kern {

struct OwnedBar {
  Address function;
  Bar bar;
};

// The BAR of the running bus that holds all of [address, address + size). Known BARs are
// remembered, and looked up anew when none of them does.
PUPCI_API std::optional<OwnedBar> find_bar(Space space, std::uint64_t address,
                                           std::uint64_t size) noexcept;

// The whole of that BAR, mapped once for everybody; null when it cannot be. For memory only.
std::shared_ptr<Region> bar_region(const OwnedBar& owned) noexcept;

// Forgets everything, with the bus.
void forget_bars() noexcept;

}  // namespace pupci::kern
