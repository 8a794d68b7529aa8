// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/function.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "host/qemu/board.h"
#include "host/qemu/region.h"
#include "host/request.h"
#include "pupci/capability.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci::qemu {
namespace {

bool valid_access(unsigned offset, unsigned width, unsigned size) {
  return (width == 1 || width == 2 || width == 4) && offset % width == 0 && offset < size;
}

}  // namespace

QemuFunction::QemuFunction(std::shared_ptr<Machine> machine, Place place)
    : Function(place.self.address),
      machine_(std::move(machine)),
      transport_(machine_->transport()),
      place_(std::move(place)),
      config_(config_address(address())),
      config_size_(pci::config_end) {
  FunctionConfig config(*this);
  const auto offset = [&](unsigned id) { return find_capability(config, id).value_or(0); };
  msi_ = offset(pci::capability_id::msi);
  msix_ = offset(pci::capability_id::msix);
  express_ = offset(pci::capability_id::express);
  af_ = offset(pci::capability_id::advanced_features);
  if (express_ != 0) config_size_ = pci::extended_end;
}

QemuFunction::~QemuFunction() {
  disable_interrupts();
}

std::uint32_t QemuFunction::config_read(unsigned offset, unsigned width) noexcept {
  if (!valid_access(offset, width, config_size_))
    return 0xffffffffU >> (width < 4 ? 32 - 8 * width : 0);
  return static_cast<std::uint32_t>(transport_->read(Space::memory, config_ + offset, width));
}

void QemuFunction::config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept {
  if (!valid_access(offset, width, config_size_)) return;
  transport_->write(Space::memory, config_ + offset, width, value);
  // Configuration writes are not posted: when this returns, bus mastering is off or the MSI is on.
  transport_->flush();
}

std::vector<Bar> QemuFunction::bars() {
  std::vector<Bar> bars = place_.self.bars;
  for (Bar& bar : bars) bar.address = bar_address(bar);
  return bars;
}

std::uint64_t QemuFunction::bar_address(const Bar& bar) noexcept {
  const unsigned rom = place_.self.bridge ? pci::bridge_rom_bar : pci::rom_bar;
  const unsigned offset = bar.kind == Bar::Kind::rom ? rom : pci::bar0 + 4 * bar.index;
  const std::uint64_t low = config_read(offset, 4);
  // The flags lie below the smallest size.
  const std::uint64_t address = low & ~(bar.size - 1) & UINT32_MAX;
  if (bar.kind != Bar::Kind::memory64) return address;
  return address | std::uint64_t{config_read(offset + 4, 4)} << 32;
}

std::unique_ptr<Region> QemuFunction::map(unsigned index, std::uint64_t offset, std::uint64_t size,
                                          MapMode /*mode*/) {
  const BarRequest request{"qemu", address(), index, offset, size};
  const Bar& bar = request.find(place_.self.bars);
  const std::uint64_t base = bar_address(bar);
  if (base == 0) request.refuse(ENXIO, "it has no address on the bus");
  if (bar.space() == Space::io) {
    return std::make_unique<TrappedRegion>(transport_, bar.space(), base + offset, size);
  }
  return std::make_unique<TrappedRegion>(
      transport_, bar.space(), base + offset, size, !is_plain_display(),
      std::make_unique<MemoryWindow>(machine_, base + offset, size));
}

// Models that draw while they execute the access that tells them to, and at no other time.
bool QemuFunction::is_plain_display() noexcept {
  constexpr std::uint32_t known[] = {
      0x11111234,  // VGA, secondary-vga, bochs-display
      0x00b81013,  // cirrus-vga
      0x50461002,  // ati-vga as Rage 128 Pro
      0x51591002,  // ati-vga as Radeon RV100
  };
  return std::find(std::begin(known), std::end(known), config_read(pci::vendor_id, 4)) !=
         std::end(known);
}

void QemuFunction::set_command(unsigned set, unsigned clear) noexcept {
  const unsigned command = config_read(pci::command, 2);
  config_write(pci::command, 2, (command & ~clear) | set);
}

void QemuFunction::reset() {
  const std::scoped_lock lock(mutex_);
  const ResetWay way = reset_way();
  disable_locked();
  std::uint32_t saved[pci::header_end / 4];
  for (unsigned i = 0; i < std::size(saved); i++) saved[i] = config_read(4 * i, 4);
  const unsigned device_control = express_ + pci::express::device_control;
  const unsigned link_control = express_ + pci::express::link_control;
  const std::uint32_t device = express_ != 0 ? config_read(device_control, 2) : 0;
  const std::uint32_t link = express_ != 0 ? config_read(link_control, 2) : 0;
  set_command(0, pci::command_bit::master | pci::command_bit::io | pci::command_bit::memory);
  switch (way) {
    case ResetWay::express:
      config_write(device_control, 2, device | pci::express::initiate_flr);
      break;
    case ResetWay::advanced_features:
      config_write(af_ + pci::af::control, 1, pci::af::initiate_flr);
      break;
    case ResetWay::bus:
      reset_bus();
      break;
  }
  // The models reset at once; no time needs to pass before they can be configured.
  constexpr unsigned command_status = pci::command / 4;
  for (unsigned i = command_status + 1; i < std::size(saved); i++) {
    config_write(4 * i, 4, saved[i]);
  }
  if (express_ != 0) {
    config_write(device_control, 2, device);
    config_write(link_control, 2, link);
  }
  config_write(pci::command, 2,
               saved[command_status] & 0xffff & ~static_cast<unsigned>(pci::command_bit::master));
}

// PCI Express 3.0, 6.6.2, and the Advanced Features ECN for conventional functions.
QemuFunction::ResetWay QemuFunction::reset_way() {
  if (express_ != 0 && (config_read(express_ + pci::express::device_capabilities, 4) &
                        pci::express::flr_capable) != 0) {
    return ResetWay::express;
  }
  if (af_ != 0 && (config_read(af_ + pci::af::capabilities, 1) & pci::af::flr_capable) != 0) {
    return ResetWay::advanced_features;
  }
  if (place_.self.parent && place_.alone_on_bus) return ResetWay::bus;
  // A power-state cycle is no way out here: QEMU's models keep their state through it.
  throw Error(
      ENOTSUP,
      fmt::format("qemu: {} cannot be reset: it has no function-level reset and {}",
                  to_string(address()),
                  place_.self.parent ? "shares its bus with others" : "sits on the root bus"));
}

void QemuFunction::reset_bus() {
  constexpr std::uint64_t secondary_bus_reset = 1U << 6;
  const std::uint64_t control = config_address(*place_.self.parent) + pci::bridge_control;
  const std::uint64_t found = transport_->read(Space::memory, control, 2);
  transport_->write(Space::memory, control, 2, found | secondary_bus_reset);
  transport_->write(Space::memory, control, 2, found & ~secondary_bus_reset);
  transport_->flush();
}

}  // namespace pupci::qemu
