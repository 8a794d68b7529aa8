// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/region.h"

#include <span>
#include <utility>

namespace pupci::qemu {

TrappedRegion::TrappedRegion(std::shared_ptr<Qtest> transport, Space space,
                             std::uint64_t bus_address, std::uint64_t size) noexcept
    : Region(space, bus_address, size, nullptr), transport_(std::move(transport)) {}

TrappedRegion::TrappedRegion(std::shared_ptr<Qtest> transport, Space space,
                             std::uint64_t bus_address, std::uint64_t size, bool changes_by_itself,
                             std::unique_ptr<MemoryWindow> window) noexcept
    : Region(space, bus_address, size, nullptr),
      transport_(std::move(transport)),
      changes_by_itself_(changes_by_itself),
      window_(std::move(window)) {}

std::uint64_t TrappedRegion::read(std::uint64_t offset, unsigned width) noexcept {
  if (!in_bounds(offset, width)) return ~std::uint64_t{0} >> (64 - 8 * width);
  return transport_->read(space(), bus_address() + offset, width);
}

void TrappedRegion::write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept {
  if (in_bounds(offset, width)) transport_->write(space(), bus_address() + offset, width, value);
}

void TrappedRegion::read_block(std::uint64_t offset, unsigned width, unsigned step, void* to,
                               std::size_t count) noexcept {
  if (count == 0) return;
  const bool inside = offset <= size() && (step == 0 || (count - 1) <= (size() - offset) / step) &&
                      in_bounds(offset + step * (count - 1), width);
  if (inside) {
    transport_->read_block(space(), bus_address() + offset, width, step, to, count);
  } else {
    Region::read_block(offset, width, step, to, count);
  }
}

void TrappedRegion::read_memory(std::uint64_t offset, void* to, std::size_t size) noexcept {
  const std::span<std::byte> bytes(static_cast<std::byte*>(to), size);
  if (space() != Space::memory || !in_bounds(offset, size)) {
    Region::read_memory(offset, to, size);
  } else if (window_ == nullptr || !window_->read(offset, bytes)) {
    transport_->read_memory(bus_address() + offset, bytes);
  }
}

void TrappedRegion::write_memory(std::uint64_t offset, const void* from,
                                 std::size_t size) noexcept {
  if (space() != Space::memory || !in_bounds(offset, size)) {
    Region::write_memory(offset, from, size);
    return;
  }
  transport_->write_memory(bus_address() + offset, {static_cast<const std::byte*>(from), size});
}

void TrappedRegion::flush() noexcept {
  transport_->flush();
}

}  // namespace pupci::qemu
