// SPDX-License-Identifier: BSD-2-Clause
// The contract of pupci/interrupt.h, to the letter.
#include "host/sim/interrupt.h"

#include <fmt/core.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "pupci/error.h"

namespace pupci::sim {

EventFd::EventFd() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) {
    const int error = errno;
    throw Error(error, fmt::format("sim: cannot make an eventfd: {}{}", std::strerror(error),
                                   error == EMFILE ? "; raise the limit with ulimit -n" : ""));
  }
}

EventFd::~EventFd() {
  close(fd_);
}

void EventFd::post(std::uint64_t count) const noexcept {
  // It fails only when the counter is full, and then it is readable anyway.
  [[maybe_unused]] const auto written = write(fd_, &count, sizeof count);
}

std::uint64_t EventFd::take() const noexcept {
  std::uint64_t count = 0;
  // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): it is non-blocking
  return read(fd_, &count, sizeof count) == sizeof count ? count : 0;
}

std::uint64_t Vector::take() noexcept {
  return event_.take();
}

void Vector::mask() noexcept {
  const std::lock_guard lock(mutex_);
  masked_ = true;
  if (event_.take() != 0) pending_ = true;
}

void Vector::unmask() noexcept {
  const std::lock_guard lock(mutex_);
  masked_ = false;
  update();
}

void Vector::send() noexcept {
  const std::lock_guard lock(mutex_);
  if (disabled_) return;
  if (masked_ || function_masked_) {
    pending_ = true;
  } else {
    event_.post();
  }
}

void Vector::mask_function(bool masked) noexcept {
  const std::lock_guard lock(mutex_);
  function_masked_ = masked;
  update();
}

void Vector::disable() noexcept {
  const std::lock_guard lock(mutex_);
  disabled_ = true;
  pending_ = false;
  event_.take();
}

bool Vector::masked() const noexcept {
  const std::lock_guard lock(mutex_);
  return masked_;
}

bool Vector::pending() const noexcept {
  const std::lock_guard lock(mutex_);
  return pending_;
}

// Messages that met the mask collapse into one, as the pending bit of the hardware has it.
void Vector::update() noexcept {
  if (masked_ || function_masked_ || !pending_ || disabled_) return;
  pending_ = false;
  event_.post();
}

std::uint64_t Line::take() noexcept {
  return event_.take();
}

void Line::acknowledge() noexcept {
  const std::lock_guard lock(mutex_);
  in_service_ = false;
  update();
}

void Line::mask() noexcept {
  const std::lock_guard lock(mutex_);
  masked_ = true;
  // What was delivered but not taken was not delivered.
  if (event_.take() != 0) in_service_ = false;
}

void Line::unmask() noexcept {
  const std::lock_guard lock(mutex_);
  if (users_ == 0) return;
  masked_ = false;
  update();
}

void Line::assert_level(bool on) noexcept {
  const std::lock_guard lock(mutex_);
  asserting_ += on ? 1U : -1U;
  update();
}

void Line::use(bool on) noexcept {
  const std::lock_guard lock(mutex_);
  users_ += on ? 1U : -1U;
  if (users_ != 0) return;
  masked_ = true;
  in_service_ = false;
  event_.take();
}

void Line::update() noexcept {
  if (masked_ || in_service_ || asserting_ == 0) return;
  in_service_ = true;
  event_.post();
}

}  // namespace pupci::sim
