// SPDX-License-Identifier: BSD-2-Clause
// Interrupts of the sim host: message vectors and INTx lines, over eventfds.
#pragma once

#include <mutex>

#include "pupci/interrupt.h"

namespace pupci::sim {

class EventFd {
 public:
  EventFd();  // throws Error
  ~EventFd();
  EventFd(const EventFd&) = delete;
  EventFd& operator=(const EventFd&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  void post(std::uint64_t count = 1) const noexcept;
  std::uint64_t take() const noexcept;

 private:
  int fd_;
};

/// An MSI or MSI-X vector.
class Vector final : public Interrupt {
 public:
  Vector(InterruptType type, unsigned number) : Interrupt(type, number) {}

  [[nodiscard]] int fd() const noexcept override { return event_.fd(); }
  std::uint64_t take() noexcept override;
  void acknowledge() noexcept override {}
  void mask() noexcept override;
  void unmask() noexcept override;

  /// The function sends its message.
  void send() noexcept;
  /// MSI-X's mask of the whole function.
  void mask_function(bool masked) noexcept;
  /// For good: nothing is delivered any more.
  void disable() noexcept;
  [[nodiscard]] bool masked() const noexcept;
  [[nodiscard]] bool pending() const noexcept;

 private:
  void update() noexcept;

  mutable std::mutex mutex_;
  EventFd event_;
  bool masked_ = true;
  bool function_masked_ = false;
  bool pending_ = false;
  bool disabled_ = false;
};

/// An INTx line, shared by the functions that are wired to it.
class Line final : public Interrupt {
 public:
  explicit Line(unsigned number) : Interrupt(InterruptType::intx, number) {}

  [[nodiscard]] int fd() const noexcept override { return event_.fd(); }
  std::uint64_t take() noexcept override;
  void acknowledge() noexcept override;
  void mask() noexcept override;
  void unmask() noexcept override;

  /// One function begins or ceases to assert the line.
  void assert_level(bool on) noexcept;
  /// One function begins or ceases to use it. With the last one the line is masked.
  void use(bool on) noexcept;

 private:
  void update() noexcept;

  std::mutex mutex_;
  EventFd event_;
  unsigned asserting_ = 0;
  unsigned users_ = 0;
  bool masked_ = true;
  bool in_service_ = false;
};

}  // namespace pupci::sim
