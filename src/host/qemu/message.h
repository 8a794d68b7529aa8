// SPDX-License-Identifier: BSD-2-Clause
// MSI and MSI-X vectors.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "host/fd.h"
#include "pupci/interrupt.h"

namespace pupci::qemu {

/// One vector; keeps the contract of interrupt.h. The doorbell's eventfd is the descriptor itself,
/// so that a message costs one wake-up.
///
/// A vector with a mask bit is masked in the function, which keeps one message pending as the
/// specification says. For one without, the descriptor is an epoll instance that the eventfd is
/// taken out of while masked.
class Message : public Interrupt {
 public:
  /// Sets the vector's mask bit, and returns when the function has seen it.
  using SetMask = std::function<void(bool masked)>;

  /// `set_mask` is empty for a vector without a mask bit, which is set otherwise. `lease` keeps the
  /// doorbell, whose eventfd is `event`, from being given to another vector.
  Message(InterruptType type, unsigned number, std::shared_ptr<const void> lease, int event,
          SetMask set_mask);

  [[nodiscard]] int fd() const noexcept override { return gate_ ? gate_.get() : event_; }
  std::uint64_t take() noexcept override;
  void acknowledge() noexcept override {}
  void mask() noexcept override;
  void unmask() noexcept override;

  /// The function sends nothing more; whatever is left is thrown away.
  void disable() noexcept;

 private:
  void add_to_gate(bool add) noexcept;

  std::shared_ptr<const void> lease_;
  int event_;
  std::mutex mutex_;
  SetMask set_mask_;
  Fd gate_;
  bool masked_ = true;
  bool disabled_ = false;
  std::uint64_t held_ = 0;  // messages that had arrived and were not taken when it was masked
};

}  // namespace pupci::qemu
