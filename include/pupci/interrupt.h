// SPDX-License-Identifier: BSD-2-Clause
// One interrupt source as a waitable descriptor: an MSI or MSI-X vector, or an INTx line.
#pragma once

#include <cstdint>

namespace pupci {

enum class InterruptType : std::uint8_t { intx, msi, msix };
const char* to_string(InterruptType type) noexcept;  ///< "INTx", "MSI", "MSI-X"

/// The contract, whichever host:
///  - fd() polls readable while a signal waits to be taken; take() clears it.
///  - An INTx line is a level. It is masked by the host as it is delivered; acknowledge() ends the
///    service, and if the line is still asserted then, it is delivered again. Functions that are
///    wired to one line share one Interrupt object, unless the host tells apart who asserts it.
///  - An MSI or MSI-X vector is an edge: every message since the last take() is counted, one that
///    arrives while it is in service is kept, and acknowledge() does nothing. On real hardware the
///    machine's interrupt controller makes one of messages that come faster than it takes them.
///  - A masked vector delivers nothing; at least one of the messages that arrive meanwhile is
///    delivered after unmask(). Masking touches this vector alone. New vectors and lines are
///    masked.
/// Thread-safe. None of these throws; a lost bus signals nothing more.
class Interrupt {
 public:
  virtual ~Interrupt() = default;
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] InterruptType type() const noexcept { return type_; }
  /// Vector number within the function; for a line its number on the host's interrupt controller.
  [[nodiscard]] unsigned number() const noexcept { return number_; }

  /// An eventfd-like descriptor, non-blocking, valid as long as this object.
  [[nodiscard]] virtual int fd() const noexcept = 0;
  /// Signals since the last call; 0 when there was none. Never blocks.
  virtual std::uint64_t take() noexcept = 0;
  virtual void acknowledge() noexcept = 0;
  virtual void mask() noexcept = 0;
  virtual void unmask() noexcept = 0;

 protected:
  Interrupt(InterruptType type, unsigned number) noexcept : type_(type), number_(number) {}

 private:
  InterruptType type_;
  unsigned number_;
};

}  // namespace pupci
