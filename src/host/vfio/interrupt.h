// SPDX-License-Identifier: BSD-2-Clause
// Interrupts of VFIO functions, over the eventfds that the kernel signals.
#pragma once

#include <memory>
#include <mutex>

#include "host/fd.h"
#include "host/vfio/device.h"
#include "pupci/interrupt.h"

namespace pupci::vfio {

/// Either kind, as Function needs it.
class Source : public Interrupt {
 public:
  /// What the kernel signals.
  [[nodiscard]] int eventfd() const noexcept { return event_.get(); }
  /// For good: nothing is delivered any more.
  virtual void disable() noexcept = 0;

 protected:
  Source(InterruptType type, unsigned number);  // throws Error
  std::uint64_t drain() noexcept;

  std::mutex mutex_;
  bool masked_ = true;
  bool disabled_ = false;

 private:
  Fd event_;
};

/// An MSI or MSI-X vector. The mask bits of the function are the kernel's, which writes them
/// without asking (when it moves an interrupt to another CPU), so the mask is ours: signals wait in
/// the eventfd, and the descriptor that users poll does not watch it meanwhile.
class Vector final : public Source {
 public:
  Vector(InterruptType type, unsigned number);

  [[nodiscard]] int fd() const noexcept override { return watch_.get(); }
  std::uint64_t take() noexcept override;
  void acknowledge() noexcept override {}
  void mask() noexcept override;
  void unmask() noexcept override;
  void disable() noexcept override;

 private:
  void watch(bool on) noexcept;

  Fd watch_;  // epoll
};

/// A function's INTx. The kernel masks it as it signals it, and tells who of those that share the
/// wire asserts it, so every function has a line of its own.
class Line final : public Source {
 public:
  Line(std::shared_ptr<Device> device, unsigned number);

  [[nodiscard]] int fd() const noexcept override { return eventfd(); }
  std::uint64_t take() noexcept override;
  void acknowledge() noexcept override;
  void mask() noexcept override;
  void unmask() noexcept override;
  void disable() noexcept override;

 private:
  std::shared_ptr<Device> device_;
  bool in_service_ = false;
};

}  // namespace pupci::vfio
