// SPDX-License-Identifier: BSD-2-Clause
// The interrupts of an emulated function.
#include <fmt/core.h>

#include <cerrno>
#include <utility>

#include "host/qemu/board.h"
#include "host/qemu/function.h"
#include "host/request.h"
#include "pupci/capability.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci::qemu {
namespace {

// The mask bits of a function's MSI vectors share a register.
struct MaskRegister {
  std::mutex mutex;
  std::uint32_t bits = 0;
};

}  // namespace

unsigned QemuFunction::interrupt_count(InterruptType type) {
  switch (type) {
    case InterruptType::intx: {
      const unsigned pin = config_read(pci::interrupt_pin, 1);
      return pin >= 1 && pin <= 4 ? 1 : 0;
    }
    case InterruptType::msi: {
      FunctionConfig config(*this);
      const auto msi = msi_capability(config);
      return msi ? msi->vectors : 0;
    }
    case InterruptType::msix: {
      FunctionConfig config(*this);
      const auto msix = msix_capability(config);
      return msix ? msix->vectors : 0;
    }
  }
  return 0;
}

std::vector<std::shared_ptr<Interrupt>> QemuFunction::enable_interrupts(InterruptType type,
                                                                        unsigned count) {
  const std::scoped_lock lock(mutex_);
  InterruptRequest{"qemu", address(), type, count}.check(interrupt_count(type),
                                                         enabled_.has_value());
  if (type == InterruptType::intx) {
    set_command(0, pci::command_bit::intx_disable);
    enabled_ = type;
    const unsigned pin = config_read(pci::interrupt_pin, 1);
    return {machine_->lines().line(interrupt_line(place_.self, pin))};
  }
  messages_ = type == InterruptType::msi ? enable_msi(count) : enable_msix(count);
  enabled_ = type;
  set_command(pci::command_bit::intx_disable, 0);
  return {messages_.begin(), messages_.end()};
}

std::shared_ptr<const void> QemuFunction::lease(unsigned first, unsigned count) const {
  const auto& doorbell = machine_->doorbell();
  return {doorbell.get(),
          [doorbell, first, count](const void*) { doorbell->release(first, count); }};
}

QemuFunction::Messages QemuFunction::enable_msi(unsigned count) {
  const auto& doorbell = machine_->doorbell();
  const unsigned first = doorbell->allocate(count);
  const auto held = lease(first, count);
  unsigned control = config_read(msi_ + pci::msi::control, 2);
  const bool wide = (control & pci::msi::address64) != 0;
  const unsigned data = msi_ + (wide ? pci::msi::data64 : pci::msi::data32);
  const unsigned mask = msi_ + (wide ? pci::msi::mask64 : pci::msi::mask32);
  auto masks = std::make_shared<MaskRegister>();
  masks->bits = ~std::uint32_t{0};
  Messages messages;
  for (unsigned i = 0; i < count; i++) {
    Message::SetMask set_mask;
    if ((control & pci::msi::maskable) != 0) {
      set_mask = [transport = transport_, masks, i, at = config_ + mask](bool masked) {
        const std::scoped_lock lock(masks->mutex);
        const std::uint32_t bit = std::uint32_t{1} << i;
        masks->bits = masked ? masks->bits | bit : masks->bits & ~bit;
        transport->write(Space::memory, at, 4, masks->bits);
        transport->flush();
      };
    }
    messages.push_back(std::make_shared<Message>(InterruptType::msi, i, held,
                                                 doorbell->fd(first + i), std::move(set_mask)));
  }
  config_write(msi_ + pci::msi::address, 4,
               static_cast<std::uint32_t>(doorbell->message_address()));
  if (wide)
    config_write(msi_ + pci::msi::address_upper, 4,
                 static_cast<std::uint32_t>(doorbell->message_address() >> 32));
  config_write(data, 2, first);
  if ((control & pci::msi::maskable) != 0) config_write(mask, 4, masks->bits);
  control = (control & ~(7U << pci::msi::enabled_shift)) |
            static_cast<unsigned>(std::countr_zero(count)) << pci::msi::enabled_shift;
  config_write(msi_ + pci::msi::control, 2, control | pci::msi::enable);
  return messages;
}

// Where the MSI-X table is on the bus.
std::uint64_t QemuFunction::msix_table() {
  FunctionConfig config(*this);
  const auto msix = msix_capability(config);
  for (const Bar& bar : place_.self.bars) {
    if (!msix || bar.index != msix->table_bar) continue;
    const std::uint64_t base = bar_address(bar);
    const std::uint64_t size = std::uint64_t{msix->vectors} * pci::msix::entry_size;
    const std::uint64_t offset = msix->table_offset;
    if (base != 0 && offset <= bar.size && size <= bar.size - offset) return base + offset;
  }
  throw Error(EINVAL,
              fmt::format("qemu: {}: its MSI-X table is not within a BAR that has an address",
                          to_string(address())));
}

QemuFunction::Messages QemuFunction::enable_msix(unsigned count) {
  const std::uint64_t table = msix_table();
  const auto& doorbell = machine_->doorbell();
  const unsigned first = doorbell->allocate(count);
  const auto held = lease(first, count);
  const std::uint64_t target = doorbell->message_address();
  set_command(pci::command_bit::memory, 0);
  const unsigned control =
      config_read(msix_ + pci::msix::control, 2) & ~(pci::msix::enable | pci::msix::mask_all);
  config_write(msix_ + pci::msix::control, 2, control | pci::msix::enable | pci::msix::mask_all);
  Messages messages;
  for (unsigned i = 0; i < count; i++) {
    const std::uint64_t entry = table + std::uint64_t{i} * pci::msix::entry_size;
    const std::uint64_t vector_control = entry + pci::msix::entry_control;
    transport_->write(Space::memory, vector_control, 4, pci::msix::entry_masked);
    transport_->write(Space::memory, entry + pci::msix::entry_address, 4, target & 0xffffffff);
    transport_->write(Space::memory, entry + pci::msix::entry_address_upper, 4, target >> 32);
    transport_->write(Space::memory, entry + pci::msix::entry_data, 4, first + i);
    const auto set_mask = [transport = transport_, vector_control](bool masked) {
      transport->write(Space::memory, vector_control, 4, masked ? pci::msix::entry_masked : 0);
      transport->flush();
    };
    messages.push_back(
        std::make_shared<Message>(InterruptType::msix, i, held, doorbell->fd(first + i), set_mask));
  }
  config_write(msix_ + pci::msix::control, 2, control | pci::msix::enable);
  return messages;
}

void QemuFunction::disable_interrupts() noexcept {
  const std::scoped_lock lock(mutex_);
  disable_locked();
}

void QemuFunction::disable_locked() noexcept {
  if (!enabled_) return;
  // Masked first, so that none of them falls back to the line.
  set_command(pci::command_bit::intx_disable, 0);
  if (enabled_ == InterruptType::msi) {
    config_write(msi_ + pci::msi::control, 2,
                 config_read(msi_ + pci::msi::control, 2) & ~pci::msi::enable);
  } else if (enabled_ == InterruptType::msix) {
    for (const auto& message : messages_) message->mask();
    config_write(msix_ + pci::msix::control, 2,
                 config_read(msix_ + pci::msix::control, 2) & ~pci::msix::enable);
  }
  for (const auto& message : messages_) message->disable();
  messages_.clear();
  enabled_.reset();
}

}  // namespace pupci::qemu
