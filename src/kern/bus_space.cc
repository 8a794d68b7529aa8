// SPDX-License-Identifier: BSD-2-Clause
// bus_space(9): mappings and what is not an access; those are in bus_space_access.cc.
#include "kern/bus_space.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>

#include "kern/bar_table.h"
#include "kern/bus_space_table.h"
#include "kern/check.h"
#include "kern/console.h"
#include "kern/linear.h"
#include "kern/pci_chipset.h"
#include "kern/symbolize.h"
#include "kern/track.h"
#include "netbsd/sys/param.h"
#include "pupci/bus.h"

namespace pupci::kern {
namespace {

class RegionMapping final : public Mapping {
 public:
  RegionMapping(std::unique_ptr<Region> region, int flags,
                const std::optional<Address>& function) noexcept
      : Mapping(region->space(), region->size(), flags),
        region_(std::move(region)),
        function_(function) {}

  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override {
    if (__predict_true(!linear_in_use())) return region_->read(offset, width);
    const LinearAccess access(function_, LinearAccess::Kind::read);
    return region_->read(offset, width);
  }
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override {
    if (__predict_true(!linear_in_use())) return region_->write(offset, width, value);
    const LinearAccess access(function_, LinearAccess::Kind::write);
    region_->write(offset, width, value);
  }
  void read_block(std::uint64_t offset, unsigned width, unsigned step, void* to,
                  std::size_t count) noexcept override {
    if (__predict_true(!linear_in_use())) {
      return region_->read_block(offset, width, step, to, count);
    }
    in_pieces(width, count, [&](std::byte* piece, std::size_t done, std::size_t now) {
      {
        const LinearAccess access(function_, LinearAccess::Kind::read);
        region_->read_block(offset + done * step, width, step, piece, now);
      }
      std::memcpy(static_cast<std::byte*>(to) + done * width, piece, now * width);
    });
  }
  void write_block(std::uint64_t offset, unsigned width, unsigned step, const void* from,
                   std::size_t count) noexcept override {
    if (__predict_true(!linear_in_use())) {
      return region_->write_block(offset, width, step, from, count);
    }
    in_pieces(width, count, [&](std::byte* piece, std::size_t done, std::size_t now) {
      std::memcpy(piece, static_cast<const std::byte*>(from) + done * width, now * width);
      const LinearAccess access(function_, LinearAccess::Kind::write);
      region_->write_block(offset + done * step, width, step, piece, now);
    });
  }
  [[nodiscard]] volatile void* direct() const noexcept override { return region_->base(); }
  [[nodiscard]] volatile void* linear() const noexcept override { return region_->base(); }

 private:
  // By way of the stack: the caller's memory may be a linear mapping, which must not be touched
  // during an access.
  template <typename Use>
  static void in_pieces(unsigned width, std::size_t count, Use use) noexcept {
    std::array<std::byte, 4096> piece;
    const std::size_t most = piece.size() / width;
    for (std::size_t done = 0; done < count; done += most) {
      use(piece.data(), done, std::min(most, count - done));
    }
  }

  std::unique_ptr<Region> region_;
  std::optional<Address> function_;  // nothing: it may be anybody's
};

// What the host reaches by calls only, and is wanted linear all the same.
class LinearMapping final : public Mapping {
 public:
  LinearMapping(std::unique_ptr<LinearMemory> memory, int flags) noexcept
      : Mapping(Space::memory, memory->size(), flags), memory_(std::move(memory)) {}

  // Nobody calls these: there is a direct way.
  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override {
    std::uint64_t value = 0;
    std::memcpy(&value, memory_->base() + offset, width);
    return value;
  }
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override {
    std::memcpy(memory_->base() + offset, &value, width);
  }
  void read_block(std::uint64_t offset, unsigned width, unsigned step, void* to,
                  std::size_t count) noexcept override {
    for (std::size_t i = 0; i < count; i++, offset += step) {
      std::memcpy(static_cast<std::byte*>(to) + i * width, memory_->base() + offset, width);
    }
  }
  void write_block(std::uint64_t offset, unsigned width, unsigned step, const void* from,
                   std::size_t count) noexcept override {
    for (std::size_t i = 0; i < count; i++, offset += step) {
      std::memcpy(memory_->base() + offset, static_cast<const std::byte*>(from) + i * width, width);
    }
  }
  [[nodiscard]] volatile void* direct() const noexcept override { return memory_->base(); }
  [[nodiscard]] volatile void* linear() const noexcept override { return memory_->base(); }

 private:
  std::unique_ptr<LinearMemory> memory_;
};

std::shared_mutex table_mutex;

// Direct mappings by address; a host may hand out one address twice.
using DirectTable = std::multimap<std::uintptr_t, std::unique_ptr<Mapping>>;
DirectTable& direct_table() {
  static auto& table = *new DirectTable;
  return table;
}

std::array<std::atomic<Mapping*>, handle_slots> slots;
unsigned next_slot;  // a slot is used again as late as can be, so that stale handles are noticed

int enter_trapped(std::unique_ptr<Mapping> mapping, bus_space_handle_t* handle) {
  if (mapping->size() > handle_offset_mask) return ENOMEM;
  const std::unique_lock lock(table_mutex);
  for (unsigned tries = 0; tries < handle_slots; tries++) {
    const unsigned slot = next_slot++ % handle_slots;
    if (slots[slot].load(std::memory_order_relaxed) != nullptr) continue;
    *handle = handle_trapped | (static_cast<std::uintptr_t>(slot) << handle_slot_shift);
    slots[slot].store(mapping.release(), std::memory_order_release);
    return 0;
  }
  return ENOMEM;
}

int enter_direct(std::unique_ptr<Mapping> mapping, bus_space_handle_t* handle) {
  const auto base = reinterpret_cast<std::uintptr_t>(mapping->direct());
  const std::unique_lock lock(table_mutex);
  direct_table().emplace(base, std::move(mapping));
  *handle = base;
  return 0;
}

std::unique_ptr<Mapping> leave(bus_space_handle_t handle, std::uint64_t size) {
  const std::unique_lock lock(table_mutex);
  if (is_trapped(handle)) {
    if ((handle & handle_offset_mask) != 0 || trapped_slot(handle) >= handle_slots) return nullptr;
    return std::unique_ptr<Mapping>(
        slots[trapped_slot(handle)].exchange(nullptr, std::memory_order_acq_rel));
  }
  auto [first, last] = direct_table().equal_range(handle);
  if (first == last) return nullptr;
  auto chosen = first;
  for (auto it = first; it != last; ++it) {
    if (it->second->size() == size) chosen = it;
  }
  auto mapping = std::move(chosen->second);
  direct_table().erase(chosen);
  return mapping;
}

void refuse_linear(const Region& region) {
  console_write(Message::error,
                fmt::format("bus_space_map: the {} ports at {:#x} cannot be mapped linear\n",
                            region.size(), region.bus_address()));
}

}  // namespace

bus_space_tag_t bus_space_tag(Space space) noexcept {
  static pupci_bus_space_tag memory{Space::memory};
  static pupci_bus_space_tag io{Space::io};
  return space == Space::io ? &io : &memory;
}

Located locate_trapped(bus_space_handle_t handle) noexcept {
  const unsigned slot = trapped_slot(handle);
  Mapping* mapping = slot < handle_slots ? slots[slot].load(std::memory_order_acquire) : nullptr;
  return {mapping, handle & handle_offset_mask};
}

Located locate(bus_space_handle_t handle) noexcept {
  if (is_trapped(handle)) return locate_trapped(handle);
  const std::shared_lock lock(table_mutex);
  // Mappings may overlap: the one that reaches farthest is the one whose bounds hold.
  Located best;
  std::uint64_t most = 0;
  for (auto it = direct_table().upper_bound(handle); it != direct_table().begin();) {
    --it;
    const std::uint64_t offset = handle - it->first;
    if (offset >= it->second->size() || it->second->size() - offset <= most) continue;
    most = it->second->size() - offset;
    best = {it->second.get(), offset};
  }
  return best;
}

int bus_space_enter(std::unique_ptr<Region> region, int flags, const void* caller,
                    bus_space_handle_t* handle) noexcept try {
  const bool linear = (flags & BUS_SPACE_MAP_LINEAR) != 0;
  const std::size_t size = region->size();
  const bool direct = region->base() != nullptr;
  if (linear && !direct && region->space() != Space::memory) {
    refuse_linear(*region);
    return EOPNOTSUPP;
  }
  int error = 0;
  if (linear && !direct) {
    error = enter_direct(
        std::make_unique<LinearMapping>(LinearMemory::open(std::move(region)), flags), handle);
  } else if (direct) {
    error = enter_direct(std::make_unique<RegionMapping>(std::move(region), flags, std::nullopt),
                         handle);
  } else {
    const auto owned = find_bar(region->space(), region->bus_address(), size);
    const auto function = owned ? std::optional(owned->function) : std::nullopt;
    error =
        enter_trapped(std::make_unique<RegionMapping>(std::move(region), flags, function), handle);
  }
  if (error == 0) track(Kind::mapping, mapping_key(*handle), size, caller);
  return error;
} catch (const Error& error) {
  console_write(Message::error, fmt::format("bus_space_map: {}\n", error.what()));
  return error.errnum();
} catch (...) {
  return ENOMEM;
}

bool bus_space_read_physical(paddr_t cookie, std::span<std::byte> to,
                             std::uint64_t offset) noexcept {
  const std::uint64_t address = ptoa(cookie) + offset;
  const auto owned = find_bar(Space::memory, address, to.size());
  if (!owned) return false;
  const std::shared_ptr<Region> region = bar_region(*owned);
  if (region == nullptr) return false;
  linear_flush(owned->function);
  region->read_memory(address - owned->bar.address, to.data(), to.size());
  Bus* bus = running_bus();
  return bus != nullptr && bus->failure().empty();
}

namespace {

// Whether the host has this page of ports in memory, as it has no BAR's alone.
bool ports_in_memory(std::uint64_t first) noexcept try {
  Bus* bus = running_bus();
  if (bus == nullptr || first >= port_window) return false;
  return bus->map(Space::io, first, PAGE_SIZE)->base() != nullptr;
} catch (...) {
  return false;
}

}  // namespace
}  // namespace pupci::kern

using namespace pupci;
using namespace pupci::kern;

int bus_space_map(bus_space_tag_t tag, bus_addr_t address, bus_size_t size, int flags,
                  bus_space_handle_t* handle) {
  const void* caller = __builtin_return_address(0);
  if (size == 0) return EINVAL;
  Bus* bus = running_bus();
  if (bus == nullptr) return ENXIO;
  try {
    return bus_space_enter(bus->map(tag->space, address, size, map_mode(flags)), flags, caller,
                           handle);
  } catch (const Error& error) {
    console_write(Message::error, fmt::format("bus_space_map: {}\n", error.what()));
    return error.errnum();
  } catch (...) {
    return ENOMEM;
  }
}

void bus_space_unmap(bus_space_tag_t, bus_space_handle_t handle, bus_size_t size) {
  const void* caller = __builtin_return_address(0);
  const auto mapping = leave(handle, size);
  if (mapping == nullptr) {
    violation(fmt::format("bus_space_unmap: handle {:#x} is not mapped", handle), caller);
  }
  untrack(Kind::mapping, mapping_key(handle));
  if (mapping->size() != size) {
    console_write(Message::error,
                  fmt::format("bus_space_unmap: {} bytes, but {} were mapped, in {}\n", size,
                              mapping->size(), symbolize(caller)));
  }
}

int bus_space_subregion(bus_space_tag_t, bus_space_handle_t handle, bus_size_t offset,
                        bus_size_t size, bus_space_handle_t* sub) {
  const Located at = locate(handle);
  if (at.mapping == nullptr || offset > UINT64_MAX - at.offset ||
      !at.mapping->contains(at.offset + offset, size)) {
    return EINVAL;
  }
  *sub = handle + offset;
  return 0;
}

void* bus_space_vaddr(bus_space_tag_t, bus_space_handle_t handle) {
  const Located at = locate(handle);
  if (at.mapping == nullptr || (at.mapping->flags() & BUS_SPACE_MAP_LINEAR) == 0) return nullptr;
  return static_cast<std::byte*>(const_cast<void*>(at.mapping->linear())) + at.offset;
}

paddr_t bus_space_mmap(bus_space_tag_t tag, bus_addr_t address, off_t offset, int /*prot*/,
                       int /*flags*/) {
  constexpr auto none = static_cast<paddr_t>(-1);
  const std::uint64_t wanted = address + static_cast<std::uint64_t>(offset);
  if (offset < 0 || wanted < address) return none;
  if (tag->space == Space::io) {
    return ports_in_memory(trunc_page(wanted)) ? atop(port_window + wanted) : none;
  }
  return find_bar(Space::memory, wanted, 1) ? atop(wanted) : none;
}

bool bus_space_is_equal(bus_space_tag_t one, bus_space_tag_t other) {
  return one == other;
}

bool bus_space_handle_is_equal(bus_space_tag_t, bus_space_handle_t one, bus_space_handle_t other) {
  return one == other;
}
