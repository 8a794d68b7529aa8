// SPDX-License-Identifier: BSD-2-Clause
// Interrupt lines: the inputs of the emulated I/O APIC, as QEMU announces their levels.
#pragma once

#include <array>
#include <memory>
#include <mutex>

#include "host/fd.h"
#include "host/qemu/qtest.h"
#include "pupci/address.h"
#include "pupci/interrupt.h"

namespace pupci::qemu {

/// One line, shared by the functions that are wired to it; keeps the contract of interrupt.h.
class Line : public Interrupt {
 public:
  Line(std::shared_ptr<Qtest> transport, unsigned number);

  [[nodiscard]] int fd() const noexcept override { return event_.get(); }
  std::uint64_t take() noexcept override;
  void acknowledge() noexcept override;
  void mask() noexcept override;
  void unmask() noexcept override;

  /// The level changed.
  void set_level(bool level) noexcept;

 private:
  enum class State : unsigned char {
    idle,
    signalled,  // fd() is readable
    taken,      // in service: masked until acknowledge()
  };
  void deliver_if_due() noexcept;
  void retract() noexcept;

  std::shared_ptr<Qtest> transport_;
  Fd event_;
  std::mutex mutex_;
  bool level_ = false;
  bool masked_ = true;
  State state_ = State::idle;
};

/// The 24 lines of the board's I/O APIC.
class Lines {
 public:
  static constexpr unsigned count = 24;

  void create(const std::shared_ptr<Qtest>& transport);
  /// For Qtest's LineSink. Lines that do not exist are ignored.
  void set_level(unsigned number, bool level) noexcept;
  [[nodiscard]] std::shared_ptr<Line> line(unsigned number) const { return lines_.at(number); }

 private:
  std::array<std::shared_ptr<Line>, count> lines_;
};

/// The line to which pin `pin` (1 is A) of slot `slot` on bus 0 of the q35 board is wired while no
/// firmware has routed it otherwise.
unsigned q35_line(unsigned slot, unsigned pin) noexcept;

}  // namespace pupci::qemu
