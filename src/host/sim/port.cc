// SPDX-License-Identifier: BSD-2-Clause
// What software and the model do to a function of the sim host.
#include "host/sim/port.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>

#include "host/config_space.h"
#include "host/request.h"
#include "host/sim/topology.h"

namespace pupci::sim {
namespace {

std::uint64_t all_ones(unsigned width) noexcept {
  return width >= 8 ? UINT64_MAX : (std::uint64_t{1} << (8 * width)) - 1;
}

bool config_access(unsigned offset, unsigned width, unsigned size) noexcept {
  return (width == 1 || width == 2 || width == 4) && offset % width == 0 && offset < size;
}

}  // namespace

std::uint32_t Port::read(unsigned offset, unsigned width) noexcept {
  const std::lock_guard lock(mutex_);
  if (!config_access(offset, width, config_size_) || gone()) {
    return static_cast<std::uint32_t>(all_ones(width));
  }
  return peek(offset, width);
}

void Port::write(unsigned offset, unsigned width, std::uint32_t value) noexcept {
  const std::lock_guard lock(mutex_);
  if (!config_access(offset, width, config_size_) || gone()) return;
  std::uint32_t mask = 0;
  std::memcpy(&mask, writable_.data() + offset, width);
  poke(offset, width, (peek(offset, width) & ~mask) | (value & mask));
  written(offset, width);
}

std::uint32_t Port::peek(unsigned offset, unsigned width) const noexcept {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes_.data() + offset, width);
  return value;
}

void Port::poke(unsigned offset, unsigned width, std::uint32_t value) noexcept {
  std::memcpy(bytes_.data() + offset, &value, width);
}

// Side effects of a register that has a new value.
void Port::written(unsigned offset, unsigned width) noexcept {
  const auto touches = [offset, width](unsigned at) { return offset <= at && at < offset + width; };
  if (touches(pci::command + 1)) update_line();
  if (msix_ != 0 && touches(msix_ + pci::msix::control + 1)) update_function_mask();
  model_.config_written(offset, width);
  const unsigned control = express_ + pci::express::device_control;
  if (express_ != 0 && touches(control + 1) &&
      (peek(control, 2) & pci::express::initiate_flr) != 0) {
    reset_locked(false);
  }
}

bool Port::gone() const noexcept {
  return removed_ || (topology_ != nullptr && topology_->failed());
}

bool Port::decodes(unsigned bar) const noexcept {
  const bool io = specs_.at(bar).kind == Bar::Kind::io;
  const unsigned bit = io ? pci::command_bit::io : pci::command_bit::memory;
  const bool on = power_ == 0 || (peek(power_ + pci::pm::control, 2) & pci::pm::state_mask) == 0;
  return on && (peek(pci::command, 2) & bit) != 0;
}

std::vector<Bar> Port::bars() {
  std::vector<Bar> now = bars_;
  refresh_addresses(*this, now);
  return now;
}

std::uint64_t Port::bar_read(unsigned bar, std::uint64_t offset, unsigned width) noexcept {
  const std::lock_guard lock(mutex_);
  if (gone() || !decodes(bar)) return all_ones(width);
  if (in_table(bar, offset)) return table_read(offset - table_.table_offset, width);
  if (in_pending(bar, offset)) return pending_read(offset - table_.pending_offset, width);
  return model_.read(bar, offset, width) & all_ones(width);
}

void Port::bar_write(unsigned bar, std::uint64_t offset, unsigned width,
                     std::uint64_t value) noexcept {
  const std::lock_guard lock(mutex_);
  if (gone() || !decodes(bar) || in_pending(bar, offset)) return;
  if (in_table(bar, offset)) return table_write(offset - table_.table_offset, width, value);
  model_.write(bar, offset, width, value & all_ones(width));
}

unsigned Port::interrupt_count(InterruptType type) {
  const std::lock_guard lock(mutex_);
  switch (type) {
    case InterruptType::intx:
      return line_ != nullptr && bytes_[pci::interrupt_pin] != 0 ? 1 : 0;
    case InterruptType::msi:
      if (msi_ == 0) return 0;
      return 1U << ((peek(msi_ + pci::msi::control, 2) >> pci::msi::capable_shift) & 7);
    case InterruptType::msix:
      return table_.vectors;
  }
  return 0;
}

std::vector<std::shared_ptr<Interrupt>> Port::enable_interrupts(InterruptType type, unsigned count,
                                                                const std::shared_ptr<Line>& line) {
  const unsigned offered = interrupt_count(type);
  const std::lock_guard lock(mutex_);
  const InterruptRequest request{topology_->options().name, address_, type, count};
  if (gone()) request.refuse(ENODEV, "the function is gone");
  request.check(offered, uses_line_ || !vectors_.empty());
  if (type == InterruptType::intx) {
    uses_line_ = true;
    line_->use(true);
    poke(pci::command, 2, peek(pci::command, 2) & ~pci::command_bit::intx_disable);
    update_line();
    return {line};
  }
  if (!topology_->take_vectors(count)) request.refuse(ENOSPC, "the host has not so many left");
  std::vector<std::shared_ptr<Vector>> made;
  try {
    for (unsigned i = 0; i < count; i++) made.push_back(std::make_shared<Vector>(type, i));
    vectors_ = std::move(made);
  } catch (...) {
    topology_->give_vectors(count);
    throw;
  }
  vectors_type_ = type;
  if (type == InterruptType::msi) {
    const auto log = static_cast<unsigned>(std::countr_zero(count));
    const unsigned control = peek(msi_ + pci::msi::control, 2) & ~(7U << pci::msi::enabled_shift);
    poke(msi_ + pci::msi::control, 2, control | log << pci::msi::enabled_shift | pci::msi::enable);
  } else {
    poke(msix_ + pci::msix::control, 2,
         (peek(msix_ + pci::msix::control, 2) | pci::msix::enable) & ~pci::msix::mask_all);
  }
  update_line();
  return {vectors_.begin(), vectors_.end()};
}

void Port::disable_interrupts() noexcept {
  const std::lock_guard lock(mutex_);
  disable_locked();
}

void Port::disable_locked() noexcept {
  if (msi_ != 0) {
    poke(msi_ + pci::msi::control, 2,
         peek(msi_ + pci::msi::control, 2) & ~(pci::msi::enable | 7U << pci::msi::enabled_shift));
  }
  if (msix_ != 0) {
    poke(msix_ + pci::msix::control, 2,
         peek(msix_ + pci::msix::control, 2) & ~(pci::msix::enable | pci::msix::mask_all));
  }
  for (const auto& vector : vectors_) vector->disable();
  if (!vectors_.empty()) topology_->give_vectors(static_cast<unsigned>(vectors_.size()));
  vectors_.clear();
  if (uses_line_) {
    uses_line_ = false;
    update_line();
    line_->use(false);
  }
}

void Port::reset() {
  const std::lock_guard lock(mutex_);
  if (no_reset_) {
    throw Error(ENOTSUP, fmt::format("{}: {}: cannot be reset", topology_->options().name,
                                     to_string(address_)));
  }
  reset_locked(true);
}

// A function-level reset clears BARs and command too; who asks the host for it gets them back.
void Port::reset_locked(bool keep_addresses) noexcept {
  intx_ = false;
  disable_locked();
  const Space before = bytes_;
  bytes_ = power_on_;
  if (keep_addresses) {
    std::copy_n(before.begin(), pci::header_end, bytes_.begin());
    poke(pci::command, 2, peek(pci::command, 2) & ~pci::command_bit::master);
    poke(pci::status, 2, peek(pci::status, 2) & ~pci::status_bit::intx);
  }
  for (auto& entry : entries_) entry = {};
  epoch_++;
  model_.reset();
}

void Port::remove() noexcept {
  const std::lock_guard lock(mutex_);
  vanish();
}

void Port::vanish() noexcept {
  intx_ = false;
  update_line();
  for (const auto& vector : vectors_) vector->disable();
  removed_ = true;
}

bool Port::dma(std::uint64_t bus_address, void* to, const void* from, std::size_t size) {
  ArenaDma& dma = topology_->dma();
  void* memory = dma.from_bus(bus_address, size);
  const bool master = (peek(pci::command, 2) & pci::command_bit::master) != 0;
  if (size != 0 &&
      (!master || gone() || memory == nullptr || !dma.arena().allocated(memory, size))) {
    topology_->add_fault({address_, bus_address, size, from != nullptr});
    if (to != nullptr) std::memset(to, 0xff, size);
    return false;
  }
  if (size != 0) std::memcpy(to != nullptr ? to : memory, to != nullptr ? memory : from, size);
  return true;
}

void Port::assert_intx(bool on) noexcept {
  intx_ = on;
  const std::uint32_t status = peek(pci::status, 2) & ~pci::status_bit::intx;
  poke(pci::status, 2, status | (on ? pci::status_bit::intx : 0));
  update_line();
}

void Port::update_line() noexcept {
  if (line_ == nullptr) return;
  const bool enabled = (peek(pci::command, 2) & pci::command_bit::intx_disable) == 0;
  const bool on = intx_ && uses_line_ && enabled && !gone();
  if (on == on_line_) return;
  on_line_ = on;
  line_->assert_level(on);
}

void Port::update_function_mask() noexcept {
  if (vectors_type_ != InterruptType::msix) return;
  const bool masked = (peek(msix_ + pci::msix::control, 2) & pci::msix::mask_all) != 0;
  for (const auto& vector : vectors_) vector->mask_function(masked);
}

bool Port::messages_enabled() const noexcept {
  return (msi_ != 0 && (peek(msi_ + pci::msi::control, 2) & pci::msi::enable) != 0) ||
         (msix_ != 0 && (peek(msix_ + pci::msix::control, 2) & pci::msix::enable) != 0);
}

void Port::signal(unsigned vector) noexcept {
  // A message is a memory write, so it needs bus mastering.
  const bool master = (peek(pci::command, 2) & pci::command_bit::master) != 0;
  if (gone() || !master || !messages_enabled() || vector >= vectors_.size()) return;
  vectors_[vector]->send();
}

void Port::after(std::chrono::nanoseconds delay, std::function<void()> event) {
  topology_->clock().after(delay, [this, epoch = epoch_, event = std::move(event)] {
    const std::lock_guard lock(mutex_);
    if (epoch == epoch_ && !gone()) event();
  });
}

void Port::die(const std::string& reason) {
  topology_->fail(
      fmt::format("{}: {}: {}", topology_->options().name, to_string(address_), reason));
}

bool Port::in_table(unsigned bar, std::uint64_t offset) const noexcept {
  return table_.vectors != 0 && bar == table_.table_bar && offset >= table_.table_offset &&
         offset - table_.table_offset < std::uint64_t{table_.vectors} * pci::msix::entry_size;
}

bool Port::in_pending(unsigned bar, std::uint64_t offset) const noexcept {
  return table_.vectors != 0 && bar == table_.pending_bar && offset >= table_.pending_offset &&
         offset - table_.pending_offset < (std::uint64_t{table_.vectors} + 63) / 64 * 8;
}

std::uint64_t Port::table_read(std::uint64_t offset, unsigned width) const noexcept {
  const auto index = static_cast<std::size_t>(offset / pci::msix::entry_size);
  const auto at = static_cast<std::size_t>(offset % pci::msix::entry_size);
  std::array<std::uint32_t, 4> entry{entries_[index][0], entries_[index][1], entries_[index][2],
                                     pci::msix::entry_masked};
  if (vectors_type_ == InterruptType::msix && index < vectors_.size()) {
    entry[3] = vectors_[index]->masked() ? pci::msix::entry_masked : 0;
  }
  std::uint64_t value = 0;
  if (at + width > sizeof entry) return all_ones(width);
  std::memcpy(&value, reinterpret_cast<const char*>(entry.data()) + at, width);
  return value;
}

void Port::table_write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept {
  const auto index = static_cast<std::size_t>(offset / pci::msix::entry_size);
  const auto at = static_cast<std::size_t>(offset % pci::msix::entry_size);
  if (width < 4 || at % width != 0) return;  // the table takes whole fields only
  for (std::size_t field = at / 4; field < (at + width) / 4; field++, value >>= 32) {
    if (field < 3) {
      entries_[index].at(field) = static_cast<std::uint32_t>(value);
    } else if (vectors_type_ == InterruptType::msix && index < vectors_.size()) {
      if ((value & pci::msix::entry_masked) != 0) {
        vectors_[index]->mask();
      } else {
        vectors_[index]->unmask();
      }
    }
  }
}

std::uint64_t Port::pending_read(std::uint64_t offset, unsigned width) const noexcept {
  std::uint64_t bits = 0;
  if (vectors_type_ != InterruptType::msix) return 0;
  for (unsigned bit = 0; bit < 8 * width; bit++) {
    const std::uint64_t index = offset * 8 + bit;
    if (index < vectors_.size() && vectors_[index]->pending()) bits |= std::uint64_t{1} << bit;
  }
  return bits;
}

}  // namespace pupci::sim
