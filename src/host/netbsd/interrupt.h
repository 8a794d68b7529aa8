// SPDX-License-Identifier: BSD-2-Clause
// Interrupts of pupci(4): a descriptor each, whose kernel counts, masks and quiets.
#pragma once

#include <memory>
#include <mutex>

#include "host/netbsd/system.h"
#include "pupci/interrupt.h"

namespace pupci::netbsd {

class Source final : public Interrupt {
 public:
  /// `descriptor` as PUPCI_IOC_INTR_ESTABLISH made it, which this closes. Throws Error.
  Source(std::shared_ptr<System> system, int descriptor, InterruptType type, unsigned number);
  ~Source() override;

  [[nodiscard]] int fd() const noexcept override { return pollable_; }
  std::uint64_t take() noexcept override;
  void acknowledge() noexcept override;
  void mask() noexcept override;
  void unmask() noexcept override;
  /// For good: nothing is delivered any more.
  void disable() noexcept;

 private:
  std::uint64_t drain() noexcept;
  void disable_locked() noexcept;

  std::shared_ptr<System> system_;
  int descriptor_;
  int pollable_ = -1;

  std::mutex mutex_;
  bool masked_ = true;
  bool disabled_ = false;
};

}  // namespace pupci::netbsd
