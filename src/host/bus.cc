// SPDX-License-Identifier: BSD-2-Clause
// What the host interfaces can do in terms of their own primitives.
#include "pupci/bus.h"

#include <fmt/format.h>

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
