// SPDX-License-Identifier: BSD-2-Clause
// From handles to mappings, between the two files of bus_space(9).
#pragma once

#include <array>
#include <cstdint>

#include "kern/bus_space.h"

namespace pupci::kern {

// A trapped handle: the top bit, 23 bits of slot, 40 bits of offset.
constexpr std::uintptr_t handle_trapped = std::uintptr_t{1} << 63;
constexpr unsigned handle_slot_shift = 40;
constexpr std::uintptr_t handle_offset_mask = (std::uintptr_t{1} << handle_slot_shift) - 1;
constexpr unsigned handle_slots = 65536;

inline bool is_trapped(bus_space_handle_t handle) noexcept {
  return (handle & handle_trapped) != 0;
}
inline unsigned trapped_slot(bus_space_handle_t handle) noexcept {
  return static_cast<unsigned>((handle & ~handle_trapped) >> handle_slot_shift);
}
// Under what a mapping stands in the list of resources.
inline const void* mapping_key(bus_space_handle_t handle) noexcept {
  return reinterpret_cast<const void*>(handle);
}
inline MapMode map_mode(int flags) noexcept {
  return (flags & BUS_SPACE_MAP_PREFETCHABLE) != 0 ? MapMode::write_combining : MapMode::uncached;
}

struct Located {
  Mapping* mapping = nullptr;  // null: nothing is mapped there
  std::uint64_t offset = 0;    // of the handle within it
};
// The first takes no lock.
Located locate_trapped(bus_space_handle_t handle) noexcept;
Located locate(bus_space_handle_t handle) noexcept;

}  // namespace pupci::kern
