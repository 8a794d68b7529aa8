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

/// The enabled MSI-X vectors of a function whose kernel adds vectors one by one. Thread-safe.
class AddedVectors {
 public:
  explicit AddedVectors(std::shared_ptr<Device> device) : device_(std::move(device)) {}

  /// Says so on standard error if the machine has none left.
  void add(unsigned number, int eventfd) noexcept;
  void take_away(unsigned number) noexcept;
  /// Before they are disabled: the numbers may soon be those of others.
  void end() noexcept;

 private:
  std::mutex mutex_;
  std::shared_ptr<Device> device_;  // null at the end
};

/// An MSI or MSI-X vector. The mask bits of the function are the kernel's, which writes them
/// without asking (when it moves an interrupt to another CPU), so the mask is ours: signals wait in
/// the eventfd, and the descriptor that users poll does not watch it meanwhile. One that is added
/// by itself is the machine's from the first unmask() until nobody has it any more; before that,
/// the function keeps what it has to send, as MSI-X has it do for a vector that is masked.
class Vector final : public Source {
 public:
  /// `added` is null when the vectors are enabled all at once.
  Vector(InterruptType type, unsigned number, std::shared_ptr<AddedVectors> added);
  ~Vector() override;

  [[nodiscard]] int fd() const noexcept override { return watch_.get(); }
  std::uint64_t take() noexcept override;
  void acknowledge() noexcept override {}
  void mask() noexcept override;
  void unmask() noexcept override;
  void disable() noexcept override;

 private:
  void watch(bool on) noexcept;

  Fd watch_;  // epoll
  std::shared_ptr<AddedVectors> added_;
  bool here_ = false;  // it was added
};

/// A function's INTx. The kernel masks it as it signals it, and tells who of those that share the
/// wire asserts it, so every function has a line of its own.
class Line final : public Source {
 public:
  /// `by_eventfd`: acknowledge() is a write to VFIO's eventfd for unmasking and not a call of the
  /// device's. It costs a little less, but where the line is asserted again by then, as it is when
  /// interrupts follow one another, the kernel has a thread signal that, which takes longer.
  Line(std::shared_ptr<Device> device, unsigned number, bool by_eventfd);

  [[nodiscard]] int fd() const noexcept override { return eventfd(); }
  std::uint64_t take() noexcept override;
  void acknowledge() noexcept override;
  void mask() noexcept override;
  void unmask() noexcept override;
  void disable() noexcept override;

 private:
  [[nodiscard]] bool unmask_by_write() noexcept;
  void await_signal() noexcept;

  std::shared_ptr<Device> device_;  // null when disabled
  Fd unmask_;                       // an eventfd, if it is to be used
  bool connected_ = false;          // the kernel listens to it
  bool under_way_ = false;          // a signal may be, since the last acknowledge()
  bool in_service_ = false;
};

}  // namespace pupci::vfio
