// SPDX-License-Identifier: BSD-2-Clause
// The q35 machine that QEMU runs for us: its command line, its map of addresses, and the little
// that firmware would have done to make it usable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/enumerate.h"
#include "host/qemu/qmp.h"
#include "host/qemu/qtest.h"

namespace pupci::qemu {

/// Bus addresses. Memory is [0, low_memory) + arena; below 1 MiB lie the legacy holes, so no device
/// is given any of that.
constexpr std::uint64_t low_memory = 0x100000;
constexpr std::uint64_t config_window = 0xb0000000;  // 256 buses of 1 MiB
constexpr std::uint64_t most_memory = config_window;
constexpr std::uint64_t memory_end = std::uint64_t{1} << 46;  // no device is put above
constexpr Address doorbell_address{0, 0, 0x1f, 7};            // a corner of the chipset's own slot

/// Descriptors that QEMU inherits, by number.
struct Channels {
  int commands;  ///< of qtest, to read
  int answers;   ///< of qtest, to write
  int qmp;
  int doorbell;
  int memory;
  int firmware;
};

/// An image for -bios that keeps the CPU quiet: interrupts off, halt. The machine's clock runs on,
/// so that devices' timers fire, as they would not with a stopped machine (-S).
std::string idle_firmware();

/// The arguments that make the board, to be followed by the user's.
std::vector<std::string> board_arguments(const Channels& channels, std::uint64_t memory);

/// Lets the machine that runs take commands of qtest. Throws Error.
void connect_qtest(Qmp& qmp, const Channels& channels);

/// Switches configuration space by memory access on.
void enable_config_window(Qtest& transport);
[[nodiscard]] std::uint64_t config_address(const Address& address) noexcept;

/// What enumeration may give out on a board with so much memory.
BusResources board_resources(std::uint64_t memory);

/// The I/O APIC input of a function's interrupt pin (1 is A).
unsigned interrupt_line(const EnumeratedFunction& function, unsigned pin) noexcept;

/// ConfigAccess over the window. Writes are posted.
class BoardConfig : public ConfigAccess {
 public:
  explicit BoardConfig(Qtest& transport) : transport_(transport) {}
  std::uint32_t read(const Address& address, unsigned offset, unsigned width) noexcept override;
  void write(const Address& address, unsigned offset, unsigned width,
             std::uint32_t value) noexcept override;

 private:
  Qtest& transport_;
};

}  // namespace pupci::qemu
