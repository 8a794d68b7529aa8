// SPDX-License-Identifier: BSD-2-Clause
// The part of a PCI function that is the same for every model: configuration space with its
// capabilities, BARs, interrupts, reset, and the lock that lets one caller at a time into the
// model.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "host/sim/interrupt.h"
#include "pupci/capability.h"
#include "pupci/pci_config.h"
#include "pupci/sim.h"

namespace pupci::sim {

class Port final : public ConfigSpace {
 public:
  Port(Model& model, const Identity& identity);
  ~Port() override;
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  // --- Description (model.cc), before the function is on a bus.
  void add_bar(unsigned index, const BarSpec& spec);
  unsigned add_capability(unsigned id, std::span<const std::uint8_t> body,
                          std::span<const std::uint8_t> writable);
  unsigned add_extended_capability(unsigned id, unsigned version,
                                   std::span<const std::uint8_t> body);
  void add_power_management();
  void add_msi(unsigned vectors, bool maskable);
  void add_msix(unsigned vectors, unsigned bar, std::uint32_t table, std::uint32_t pending);
  void add_express(bool flr, unsigned type);
  void set_config(unsigned offset, unsigned width, std::uint32_t value, std::uint32_t writable);
  void set_no_reset() noexcept { no_reset_ = true; }
  /// Ends the description: what reset brings back is what is there now.
  void seal(Topology& topology, const Address& address, Line* line);
  /// The addresses that firmware gave are in place; sizes the BARs once.
  void power_on();

  // --- From outside. These take the lock.
  [[nodiscard]] const Address& address() const noexcept { return address_; }
  [[nodiscard]] unsigned size() const noexcept override { return config_size_; }
  std::uint32_t read(unsigned offset, unsigned width) noexcept override;
  void write(unsigned offset, unsigned width, std::uint32_t value) noexcept override;
  [[nodiscard]] std::vector<Bar> bars();
  std::uint64_t bar_read(unsigned bar, std::uint64_t offset, unsigned width) noexcept;
  void bar_write(unsigned bar, std::uint64_t offset, unsigned width, std::uint64_t value) noexcept;
  [[nodiscard]] unsigned interrupt_count(InterruptType type);
  std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType type, unsigned count,
                                                            const std::shared_ptr<Line>& line);
  void disable_interrupts() noexcept;
  void reset();
  void remove() noexcept;
  [[nodiscard]] const BarSpec& bar_spec(unsigned bar) const { return specs_.at(bar); }
  /// The memory of a direct BAR, else null.
  [[nodiscard]] std::byte* memory(unsigned bar) const { return memory_.at(bar); }

  // --- For the model, which holds the lock.
  [[nodiscard]] std::uint32_t peek(unsigned offset, unsigned width) const noexcept;
  bool dma(std::uint64_t bus_address, void* to, const void* from, std::size_t size);
  void assert_intx(bool on) noexcept;
  void signal(unsigned vector) noexcept;
  [[nodiscard]] bool messages_enabled() const noexcept;
  [[nodiscard]] std::size_t enabled_vectors() const noexcept { return vectors_.size(); }
  void after(std::chrono::nanoseconds delay, std::function<void()> event);
  void set_register(unsigned offset, unsigned width, std::uint32_t value) noexcept {
    poke(offset, width, value);
  }
  void vanish() noexcept;
  void die(const std::string& reason);

 private:
  void poke(unsigned offset, unsigned width, std::uint32_t value) noexcept;
  [[nodiscard]] bool gone() const noexcept;
  [[nodiscard]] bool decodes(unsigned bar) const noexcept;
  void written(unsigned offset, unsigned width) noexcept;
  void update_line() noexcept;
  void update_function_mask() noexcept;
  void disable_locked() noexcept;
  void reset_locked(bool keep_addresses) noexcept;
  [[nodiscard]] bool in_table(unsigned bar, std::uint64_t offset) const noexcept;
  [[nodiscard]] bool in_pending(unsigned bar, std::uint64_t offset) const noexcept;
  [[nodiscard]] std::uint64_t table_read(std::uint64_t offset, unsigned width) const noexcept;
  void table_write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept;
  [[nodiscard]] std::uint64_t pending_read(std::uint64_t offset, unsigned width) const noexcept;

  using Space = std::array<std::uint8_t, pci::extended_end>;

  std::mutex mutex_;
  Model& model_;
  Topology* topology_ = nullptr;
  Address address_;
  Space bytes_{};
  Space writable_{};
  Space power_on_{};
  unsigned config_size_ = pci::config_end;
  unsigned next_capability_ = pci::header_end;
  unsigned next_pointer_ = pci::capability_pointer;
  unsigned next_extended_ = pci::config_end;
  unsigned last_extended_ = 0;

  std::array<BarSpec, 6> specs_{};
  std::array<std::byte*, 6> memory_{};
  std::vector<Bar> bars_;

  unsigned msi_ = 0;  // offsets of capabilities, or 0
  unsigned msix_ = 0;
  unsigned express_ = 0;
  unsigned power_ = 0;
  MsixCapability table_{};
  std::vector<std::array<std::uint32_t, 3>> entries_;  // address, upper address, data

  Line* line_ = nullptr;
  bool intx_ = false;  // the model asserts
  bool on_line_ = false;
  bool uses_line_ = false;
  std::vector<std::shared_ptr<Vector>> vectors_;
  InterruptType vectors_type_ = InterruptType::msi;

  std::uint64_t epoch_ = 0;  // counts resets, so that events of before are known
  bool no_reset_ = false;
  bool removed_ = false;
};

}  // namespace pupci::sim
