// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/config_function.h"

#include <fmt/core.h>

#include <cerrno>
#include <utility>

#include "host/config_space.h"
#include "host/direct_access.h"
#include "host/netbsd/obstacle.h"
#include "host/netbsd/region.h"
#include "host/request.h"
#include "pupci/capability.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci::netbsd {
namespace {

constexpr std::uint32_t bridge_class = 0x06;

}  // namespace

ConfigFunction::ConfigFunction(const Address& address, std::shared_ptr<BusNode> bus,
                               std::string holder)
    : Function(address), bus_(std::move(bus)), holder_(std::move(holder)) {
  FunctionConfig space(*this);
  if (find_capability(space, pci::capability_id::express) &&
      bus_->read(address, pci::config_end) != UINT32_MAX) {
    config_size_ = pci::extended_end;
  }
  // Bridges to other buses, and those of the machine itself, which look like any device.
  bridge_ = read_header(space).kind != HeaderKind::endpoint ||
            config_read(pci::base_class, 1) == bridge_class;
  ours_ = bus_->writable() && !bridge_ && holder_.empty();
  if (ours_) bars_ = size_bars(space).bars;
}

bool ConfigFunction::in_config(unsigned offset, unsigned width) const noexcept {
  return (width == 1 || width == 2 || width == 4) && offset % width == 0 && offset < config_size_;
}

std::uint32_t ConfigFunction::config_read(unsigned offset, unsigned width) noexcept {
  const auto ones = static_cast<std::uint32_t>(all_ones(width));
  if (!in_config(offset, width)) return ones;
  return bus_->read(address(), offset & ~3U) >> (8 * (offset & 3)) & ones;
}

void ConfigFunction::config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept {
  if (!ours_ || !in_config(offset, width)) return;
  const unsigned shift = 8 * (offset & 3);
  std::uint32_t mask = static_cast<std::uint32_t>(all_ones(width)) << shift;
  value <<= shift;
  if ((offset & ~3U) == pci::command) {
    // Its DMA would reach anything, and nothing ends it with this process.
    value &= ~pci::command_bit::master;
    // Ones in the status register clear what is there: only those that were asked for.
    mask |= 0xffff0000;
  }
  bus_->modify(address(), offset & ~3U, mask, value);
}

std::vector<Bar> ConfigFunction::bars() {
  std::vector<Bar> now = bars_;
  FunctionConfig space(*this);
  refresh_addresses(space, now);
  return now;
}

std::string ConfigFunction::why_not() const {
  if (bridge_) return "it is a bridge, which stays with the kernel";
  if (holder_.starts_with("pupci")) {
    return fmt::format("another process has it: fstat {}",
                       bus_->path().substr(0, bus_->path().rfind('/') + 1) + holder_);
  }
  const std::string how = how_to_claim(address(), holder_);
  if (!holder_.empty()) {
    return fmt::format("it is in the hands of the kernel's {}; take it: {}", holder_, how);
  }
  return fmt::format("this takes the kernel's module, which is not there or has not claimed it: {}",
                     how);
}

std::unique_ptr<Region> ConfigFunction::map(unsigned index, std::uint64_t offset,
                                            std::uint64_t size, MapMode /*mode*/) {
  const BarRequest request{bus_->path(), address(), index, offset, size};
  if (bridge_ || !holder_.empty()) request.refuse(EBUSY, why_not());
  if (!bus_->writable()) {
    request.refuse(EACCES,
                   fmt::format("this user may only read {0}: run as root, or better let the "
                               "user have the function alone: {1}",
                               bus_->path(), how_to_claim(address(), holder_)));
  }
  const std::vector<Bar> now = bars();
  const Bar& bar = request.find(now);
  if (bar.address == 0) request.refuse(ENOTSUP, "firmware has given it no address");
  if (bar.space() == Space::io) request.refuse(ENOTSUP, "they are ports; " + why_not());
  const BarPart part{index, bar.space(), bar.address + offset, offset, size};
  Mapping mapping(bus_->system(), bus_->fd(), part.bus_address, size);
  if (mapping.base() == nullptr) request.refuse(errno, why_not_mapped(errno));
  return direct_region(part, std::move(mapping), bus_);
}

unsigned ConfigFunction::interrupt_count(InterruptType type) {
  FunctionConfig space(*this);
  if (type == InterruptType::intx) {
    const std::uint32_t pin = config_read(pci::interrupt_pin, 1);
    return !bridge_ && pin >= 1 && pin <= 4 ? 1 : 0;
  }
  if (bridge_) return 0;
  if (type == InterruptType::msi) {
    const auto msi = msi_capability(space);
    return msi ? msi->vectors : 0;
  }
  const auto msix = msix_capability(space);
  return msix ? msix->vectors : 0;
}

std::vector<std::shared_ptr<Interrupt>> ConfigFunction::enable_interrupts(InterruptType type,
                                                                          unsigned count) {
  const InterruptRequest request{bus_->path(), address(), type, count};
  request.check(interrupt_count(type), false);
  request.refuse(ENOTSUP, why_not());
}

void ConfigFunction::reset() {
  throw Error(ENOTSUP, fmt::format("{}: {}: cannot be reset: {}", bus_->path(),
                                   to_string(address()), why_not()));
}

}  // namespace pupci::netbsd
