// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/function.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "host/config_registers.h"
#include "host/qemu/board.h"
#include "host/qemu/region.h"
#include "pupci/error.h"

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
      config_size_(256) {
  if ((config_read(reg::status, 2) & reg::status_capabilities) == 0) return;
  unsigned offset = config_read(reg::capabilities, 1) & 0xfc;
  // Bounded, for a list that is a loop.
  for (int i = 0; i < 48 && offset >= 0x40; i++) {
    const unsigned header = config_read(offset, 2);
    const unsigned id = header & 0xff;
    if (id == 0xff) break;
    unsigned* known = id == reg::cap_msi       ? &msi_
                      : id == reg::cap_msix    ? &msix_
                      : id == reg::cap_express ? &express_
                      : id == reg::cap_af      ? &af_
                                               : nullptr;
    if (known != nullptr && *known == 0) *known = offset;
    offset = header >> 8 & 0xfc;
  }
  if (express_ != 0) config_size_ = 4096;
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
  if (bar.kind == Bar::Kind::rom) {
    return config_read(place_.self.bridge ? reg::bridge_rom : reg::rom, 4) & 0xfffff800;
  }
  const unsigned offset = reg::bar0 + 4 * bar.index;
  const std::uint32_t low = config_read(offset, 4);
  if (bar.kind == Bar::Kind::io) return low & ~3U;
  std::uint64_t address = low & ~15U;
  if (bar.kind == Bar::Kind::memory64) address |= std::uint64_t{config_read(offset + 4, 4)} << 32;
  return address;
}

std::unique_ptr<Region> QemuFunction::map(unsigned index, std::uint64_t offset, std::uint64_t size,
                                          MapMode /*mode*/) {
  for (const Bar& bar : place_.self.bars) {
    if (bar.index != index) continue;
    if (offset > bar.size || size == 0 || size > bar.size - offset) {
      throw Error(ERANGE,
                  fmt::format("qemu: {} BAR {}: {:#x} bytes at {:#x} are not within its {:#x}",
                              to_string(address()), index, size, offset, bar.size));
    }
    const std::uint64_t base = bar_address(bar);
    if (base == 0) {
      throw Error(ENXIO, fmt::format("qemu: {} BAR {} has no address on the bus",
                                     to_string(address()), index));
    }
    return std::make_unique<TrappedRegion>(transport_, bar.space(), base + offset, size);
  }
  throw Error(EINVAL, fmt::format("qemu: {} has no BAR {}", to_string(address()), index));
}

void QemuFunction::set_command(unsigned set, unsigned clear) noexcept {
  const unsigned command = config_read(reg::command, 2);
  config_write(reg::command, 2, (command & ~clear) | set);
}

void QemuFunction::reset() {
  const std::scoped_lock lock(mutex_);
  const bool function_level = has_function_level_reset();
  // A power-state cycle is no way out here: QEMU's models keep their state through it.
  if (!function_level && (!place_.self.parent || !place_.alone_on_bus)) {
    throw Error(
        ENOTSUP,
        fmt::format("qemu: {} cannot be reset: it has no function-level reset and {}",
                    to_string(address()),
                    place_.self.parent ? "shares its bus with others" : "sits on the root bus"));
  }
  disable_locked();
  constexpr unsigned header_size = 0x40;
  std::uint32_t saved[header_size / 4];
  for (unsigned i = 0; i < header_size / 4; i++) saved[i] = config_read(4 * i, 4);
  const std::uint32_t device_control = express_ != 0 ? config_read(express_ + 8, 2) : 0;
  set_command(0, reg::command_master | reg::command_io | reg::command_memory);
  if (function_level) {
    function_level_reset();
  } else {
    secondary_bus_reset();
  }
  for (unsigned i = reg::bar0 / 4; i < header_size / 4; i++) config_write(4 * i, 4, saved[i]);
  config_write(0x0c, 2, saved[3] & 0xffff);
  if (express_ != 0) config_write(express_ + 8, 2, device_control);
  config_write(reg::command, 2, saved[1] & 0xffff & ~(reg::command_master));
}

// PCI Express 3.0, 6.6.2, and the Advanced Features ECN for conventional functions.
bool QemuFunction::has_function_level_reset() noexcept {
  constexpr std::uint32_t express_capable = 1U << 28;
  constexpr unsigned af_capable = 1U << 1;
  return (express_ != 0 && (config_read(express_ + 4, 4) & express_capable) != 0) ||
         (af_ != 0 && (config_read(af_ + 3, 1) & af_capable) != 0);
}

void QemuFunction::function_level_reset() noexcept {
  constexpr std::uint32_t express_capable = 1U << 28;
  constexpr unsigned express_start = 1U << 15;
  constexpr unsigned af_start = 1;
  if (express_ != 0 && (config_read(express_ + 4, 4) & express_capable) != 0) {
    config_write(express_ + 8, 2, config_read(express_ + 8, 2) | express_start);
  } else {
    config_write(af_ + 4, 1, af_start);
  }
}

void QemuFunction::secondary_bus_reset() noexcept {
  const std::uint64_t control = config_address(*place_.self.parent) + reg::bridge_control;
  const std::uint64_t found = transport_->read(Space::memory, control, 2);
  transport_->write(Space::memory, control, 2, found | reg::bridge_control_reset);
  transport_->write(Space::memory, control, 2, found & ~std::uint64_t{reg::bridge_control_reset});
  transport_->flush();
}

}  // namespace pupci::qemu
