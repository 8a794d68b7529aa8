// SPDX-License-Identifier: BSD-2-Clause
// What the host interfaces can do in terms of their own primitives.
#include "pupci/bus.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pupci {

const char* to_string(InterruptType type) noexcept {
  switch (type) {
    case InterruptType::intx:
      return "INTx";
    case InterruptType::msi:
      return "MSI";
    case InterruptType::msix:
      return "MSI-X";
  }
  return "?";
}

void Region::read_block(std::uint64_t offset, unsigned width, unsigned step, void* to,
                        std::size_t count) noexcept {
  auto* bytes = static_cast<std::byte*>(to);
  for (std::size_t i = 0; i < count; i++, offset += step, bytes += width) {
    const std::uint64_t value = read(offset, width);
    std::memcpy(bytes, &value,
                width);  // little-endian hosts; bus_space(9) stream semantics are above
  }
}

void Region::write_block(std::uint64_t offset, unsigned width, unsigned step, const void* from,
                         std::size_t count) noexcept {
  const auto* bytes = static_cast<const std::byte*>(from);
  for (std::size_t i = 0; i < count; i++, offset += step, bytes += width) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, width);
    write(offset, width, value);
  }
}

namespace {

// Calls use(width, done, items) for the parts of [offset, offset + size): single bytes up to the
// first multiple of eight and behind the last, eights between.
template <typename Use>
void in_widths(std::uint64_t offset, std::size_t size, Use use) noexcept {
  constexpr std::size_t widest = 8;
  const std::size_t head = std::min<std::size_t>(size, (widest - offset % widest) % widest);
  const std::size_t body = (size - head) / widest;
  const std::size_t tail = size - head - body * widest;
  if (head > 0) use(1U, std::size_t{0}, head);
  if (body > 0) use(unsigned{widest}, head, body);
  if (tail > 0) use(1U, size - tail, tail);
}

}  // namespace

void Region::read_memory(std::uint64_t offset, void* to, std::size_t size) noexcept {
  auto* bytes = static_cast<std::byte*>(to);
  in_widths(offset, size, [&](unsigned width, std::size_t done, std::size_t items) {
    read_block(offset + done, width, width, bytes + done, items);
  });
}

void Region::write_memory(std::uint64_t offset, const void* from, std::size_t size) noexcept {
  const auto* bytes = static_cast<const std::byte*>(from);
  in_widths(offset, size, [&](unsigned width, std::size_t done, std::size_t items) {
    write_block(offset + done, width, width, bytes + done, items);
  });
}

std::optional<std::uint64_t> Dma::map(void* /*p*/, std::size_t /*size*/,
                                      const DmaConstraints& /*constraints*/) noexcept {
  errno = ENOTSUP;
  return std::nullopt;
}

void Dma::unmap(std::uint64_t /*bus*/, std::size_t /*size*/) noexcept {}

std::unique_ptr<Region> Bus::map(Space space, std::uint64_t bus_address, std::uint64_t size,
                                 MapMode mode) {
  for (const Address& address : functions()) {
    const auto candidate = function(address);
    for (const Bar& bar : candidate->bars()) {
      if (bar.space() != space || bar.address == 0 || bus_address < bar.address) continue;
      const std::uint64_t offset = bus_address - bar.address;
      if (offset < bar.size && size <= bar.size - offset) {
        return candidate->map(bar.index, offset, size, mode);
      }
    }
  }
  throw Error(ENXIO, fmt::format("{}: no function has a BAR that holds {} {:#x}-{:#x}", name(),
                                 space == Space::io ? "ports" : "bus addresses", bus_address,
                                 bus_address + size - 1));
}

}  // namespace pupci
