// SPDX-License-Identifier: BSD-2-Clause
// One PCI function: configuration space, BARs, interrupts, reset.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pupci/address.h"
#include "pupci/framebuffer.h"
#include "pupci/interrupt.h"
#include "pupci/region.h"

namespace pupci {

struct Bar {
  enum class Kind : std::uint8_t { memory32, memory64, io, rom };
  unsigned index = 0;  ///< 0..5, or rom_index; a 64-bit BAR has the index of its lower half
  Kind kind = Kind::memory32;
  bool prefetchable = false;
  std::uint64_t address = 0;  ///< on the bus; 0 if unassigned
  std::uint64_t size = 0;     ///< a power of two, never 0

  static constexpr unsigned rom_index = 6;
  [[nodiscard]] Space space() const noexcept {
    return kind == Kind::io ? Space::io : Space::memory;
  }
  bool operator==(const Bar&) const = default;
};

/// Set-up functions throw pupci::Error; configuration accesses never do.
/// Thread-safe, but that two threads who read-modify-write one register must agree.
class Function {
 public:
  virtual ~Function() = default;
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  [[nodiscard]] const Address& address() const noexcept { return address_; }

  /// 256 or 4096 (extended configuration space).
  [[nodiscard]] virtual unsigned config_size() const noexcept = 0;
  /// `width` 1, 2 or 4, naturally aligned. All ones when out of range, misaligned, or the function
  /// is gone.
  virtual std::uint32_t config_read(unsigned offset, unsigned width) noexcept = 0;
  virtual void config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept = 0;

  /// The implemented BARs in order of index.
  [[nodiscard]] virtual std::vector<Bar> bars() = 0;

  /// `size` bytes of BAR `index` from `offset` on. Throws EINVAL when the BAR is not there, ERANGE
  /// when the range is not within it, ENOTSUP when the host cannot map it. The region must not
  /// outlive the bus. Whether the function decodes the space (command register) is the caller's
  /// business.
  virtual std::unique_ptr<Region> map(unsigned index, std::uint64_t offset, std::uint64_t size,
                                      MapMode mode = MapMode::uncached) = 0;

  /// The mode that firmware, or the host in its place, has set on this display.
  [[nodiscard]] virtual std::optional<Framebuffer> framebuffer() { return std::nullopt; }

  /// How many vectors of a type the function offers; INTx: 0 or 1.
  [[nodiscard]] virtual unsigned interrupt_count(InterruptType type) = 0;
  /// Enables vectors 0..count-1 of one type (MSI: a power of two), all masked; each of the numbers
  /// then has its own Interrupt. One type at a time: throws EBUSY while another is enabled, EINVAL
  /// when `count` is 0 or more than interrupt_count(), ENOSPC when the host sees none left.
  virtual std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType type,
                                                                    unsigned count) = 0;
  /// Disables whatever is enabled. The Interrupts deliver nothing more.
  virtual void disable_interrupts() noexcept = 0;

  /// Function-level reset by the best way there is. Configuration (BARs, command) is as before
  /// afterwards, but that bus mastering is off and interrupts are disabled. Throws ENOTSUP when the
  /// host and the function offer no way.
  virtual void reset() = 0;

 protected:
  explicit Function(const Address& address) noexcept : address_(address) {}

 private:
  Address address_;
};

}  // namespace pupci
