// SPDX-License-Identifier: BSD-2-Clause
// What a bus space handle leads to, bus_space(9).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "kern/api.h"
#include "netbsd/sys/bus.h"
#include "pupci/region.h"

struct pupci_bus_space_tag {
  pupci::Space space;
};

namespace pupci::kern {

PUPCI_API bus_space_tag_t bus_space_tag(Space space) noexcept;

// One mapping. The accessors that the CPU cannot do by itself end here, with bounds checked.
class Mapping {
 public:
  Mapping(Space space, std::uint64_t size, int flags) noexcept
      : space_(space), size_(size), flags_(flags) {}
  virtual ~Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  // As those of Region.
  virtual std::uint64_t read(std::uint64_t offset, unsigned width) noexcept = 0;
  virtual void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept = 0;
  virtual void read_block(std::uint64_t offset, unsigned width, unsigned step, void* to,
                          std::size_t count) noexcept = 0;
  virtual void write_block(std::uint64_t offset, unsigned width, unsigned step, const void* from,
                           std::size_t count) noexcept = 0;
  // Where loads and stores reach the device at any time; null when each access must be a call.
  [[nodiscard]] virtual volatile void* direct() const noexcept = 0;
  // What bus_space_vaddr() answers when the driver asked for BUS_SPACE_MAP_LINEAR; may be memory
  // that follows the device's. Null: this mapping cannot be linear.
  [[nodiscard]] virtual volatile void* linear() const noexcept = 0;

  [[nodiscard]] Space space() const noexcept { return space_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] int flags() const noexcept { return flags_; }
  [[nodiscard]] bool contains(std::uint64_t offset, std::uint64_t length) const noexcept {
    return offset <= size_ && length <= size_ - offset;
  }

  // Faults that were told of; the rest of a flood is left out.
  std::atomic<unsigned> faults{0};

 private:
  Space space_;
  std::uint64_t size_;
  int flags_;
};

// Enters a mapping of `region`, tracked as the driver's at `caller`. 0; EOPNOTSUPP when `flags`
// wants it linear and it is not; ENOMEM.
PUPCI_API int bus_space_enter(std::unique_ptr<Region> region, int flags, const void* caller,
                              bus_space_handle_t* handle) noexcept;

// Reads device memory by what bus_space_mmap() answered, from `offset` bytes behind that page on:
// what the device's own memory holds, once everything that was drawn before the call, through a
// linear mapping too, has reached it. False when no BAR holds the range, or the bus is lost. Thread
// context. `to` is not within a linear mapping.
PUPCI_API bool bus_space_read_physical(paddr_t cookie, std::span<std::byte> to,
                                       std::uint64_t offset = 0) noexcept;

// Where bus_space_mmap() has the ports of a bus whose host has them in memory: port N at the
// physical address port_window + N, behind every address that a BAR can have.
constexpr paddr_t port_window = paddr_t{1} << 62;

}  // namespace pupci::kern
