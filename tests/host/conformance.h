// SPDX-License-Identifier: BSD-2-Clause
// The conformance suite: what every host must do, tested against the same functions on each. A
// host joins by instantiating it (see conformance_hosts.cc); it is done when it passes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "pupci/bus.h"

namespace pupci::conformance {

/// Memory of a function that reads back what was written, at any width and offset.
struct Scratch {
  Address function;
  unsigned bar = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// A function that can be told to send messages.
struct Sender {
  Address function;
  InterruptType type = InterruptType::msix;
  unsigned vectors = 0;
  unsigned bar = 0;
  std::uint64_t size = 0;
  /// After its vectors were enabled.
  std::function<void(Region&)> prepare;
  /// Sends the message of `vector`, from every one that is asked for.
  std::function<void(Region&, unsigned vector)> send;
};

/// QEMU's rocker at `address`.
Sender rocker(const Address& address);

/// What a host puts up for the suite.
struct Board {
  std::shared_ptr<Bus> bus;
  /// QEMU's edu device, or one that is compatible with it: the first two share an INTx line, the
  /// third is behind a bridge.
  std::vector<Address> edu;
  /// The host tells apart who asserts a shared line: each function has one of its own.
  bool tells_lines_apart = false;
  /// Messages travel through an interrupt controller.
  bool merges_messages = false;
  /// QEMU's pci-testdev, or a compatible one.
  Address testdev;
  /// Of a prefetchable 64-bit memory BAR.
  Scratch scratch;
  std::optional<Sender> sender;
  /// Ends the bus: QEMU is killed, the device dies.
  std::function<void()> lose;
};

struct Host {
  const char* name;
  /// Throws, or fails the test, when the host cannot be had.
  Board (*open)();
};
inline void PrintTo(const Host& host, std::ostream* out) {
  *out << host.name;
}

/// Registers of edu, with what the suite does to it.
class Edu {
 public:
  static constexpr unsigned identification = 0x00;
  static constexpr unsigned liveness = 0x04;
  static constexpr unsigned factorial = 0x08;
  static constexpr unsigned status = 0x20;
  static constexpr unsigned irq_status = 0x24;
  static constexpr unsigned irq_raise = 0x60;
  static constexpr unsigned irq_acknowledge = 0x64;
  static constexpr unsigned dma_source = 0x80;
  static constexpr unsigned dma_destination = 0x88;
  static constexpr unsigned dma_count = 0x90;
  static constexpr unsigned dma_command = 0x98;
  static constexpr std::uint64_t buffer = 0x40000;
  static constexpr std::uint64_t bar_size = 0x100000;
  static constexpr std::uint64_t dma_highest = 0x0fffffff;

  /// Maps it and turns bus mastering on.
  explicit Edu(std::shared_ptr<Function> function);

  std::uint32_t read(unsigned offset) const;
  void write(unsigned offset, std::uint32_t value) const { bar->write(offset, 4, value); }
  /// Raises a cause; what the device does at once has been done when it returns.
  void raise(std::uint32_t cause) const;
  void acknowledge(std::uint32_t cause) const;
  /// Between bus addresses and the buffer; waits for the end.
  void to_device(std::uint64_t from, std::uint64_t offset, std::uint64_t size) const;
  void from_device(std::uint64_t offset, std::uint64_t to, std::uint64_t size) const;
  std::shared_ptr<Interrupt> enable(InterruptType type) const;

  std::shared_ptr<Function> function;
  std::unique_ptr<Region> bar;

 private:
  void transfer(std::uint64_t from, std::uint64_t to, std::uint64_t size, unsigned command) const;
};

class Conformance : public testing::TestWithParam<Host> {
 protected:
  void SetUp() override { board_ = GetParam().open(); }

  std::shared_ptr<Function> function(const Address& address) const {
    return board_.bus->function(address);
  }
  [[nodiscard]] Edu edu(unsigned index = 0) const { return Edu(function(board_.edu.at(index))); }
  [[nodiscard]] std::unique_ptr<Region> scratch() const;

  Board board_;
};

/// Whether the descriptor becomes readable; waits for long, so only a failing test is slow.
bool readable(const Interrupt& interrupt);
/// Whether it becomes readable in the time that a signal may be under way.
bool readable_soon(const Interrupt& interrupt);
/// Whether it is readable now.
bool readable_now(const Interrupt& interrupt);
/// Takes until `count` signals were counted; how many there were, which is less after a long wait.
std::uint64_t take(Interrupt& interrupt, std::uint64_t count);
/// The errno value that `call` throws as pupci::Error, or 0.
int error_of(const std::function<void()>& call);

}  // namespace pupci::conformance
