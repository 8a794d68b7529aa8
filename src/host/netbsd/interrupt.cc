// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/interrupt.h"

#include <sys/filio.h>

#include <fmt/core.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "dev/pci/pupciio.h"
#include "host/netbsd/obstacle.h"
#include "pupci/error.h"

namespace pupci::netbsd {

Source::Source(std::shared_ptr<System> system, int descriptor, InterruptType type, unsigned number)
    : Interrupt(type, number), system_(std::move(system)), descriptor_(descriptor) {
  int yes = 1;
  if (system_->ioctl(descriptor_, FIONBIO, &yes) == 0) pollable_ = system_->pollable(descriptor_);
  if (pollable_ >= 0) return;
  const int error = errno;
  system_->close(descriptor_);
  throw Error(error,
              fmt::format("netbsd: no descriptor to wait for an interrupt by: {}{}", reason(error),
                          error == EMFILE ? "; raise the limit with ulimit -n" : ""));
}

Source::~Source() {
  system_->close(descriptor_);
}

std::uint64_t Source::drain() noexcept {
  std::uint32_t count = 0;
  const std::ptrdiff_t got = system_->read(descriptor_, &count, sizeof count);
  if (got == sizeof count) return count;
  // The function has gone, which would be readable for ever.
  if (got >= 0 || (errno != EAGAIN && errno != EINTR)) disable_locked();
  return 0;
}

std::uint64_t Source::take() noexcept {
  const std::scoped_lock lock(mutex_);
  if (masked_ || disabled_) return 0;
  const std::uint64_t count = drain();
  return type() == InterruptType::intx && count != 0 ? 1 : count;
}

// Not with the mutex: it is the one call that a line costs, and disturbs nothing.
void Source::acknowledge() noexcept {
  if (type() == InterruptType::intx) {
    system_->ioctl(descriptor_, PUPCI_IOC_INTR_ACKNOWLEDGE, nullptr);
  }
}

void Source::mask() noexcept {
  const std::scoped_lock lock(mutex_);
  if (disabled_ || std::exchange(masked_, true)) return;
  system_->ioctl(descriptor_, PUPCI_IOC_INTR_MASK, nullptr);
  system_->settle(descriptor_);
}

void Source::unmask() noexcept {
  const std::scoped_lock lock(mutex_);
  if (disabled_ || !std::exchange(masked_, false)) return;
  system_->ioctl(descriptor_, PUPCI_IOC_INTR_UNMASK, nullptr);
  // What a line was counted for and nobody took may be over since: ended here, it comes again if it
  // is not.
  if (type() == InterruptType::intx && drain() != 0) acknowledge();
}

void Source::disable() noexcept {
  const std::scoped_lock lock(mutex_);
  disable_locked();
}

void Source::disable_locked() noexcept {
  if (std::exchange(disabled_, true)) return;
  system_->retire(descriptor_);
}

}  // namespace pupci::netbsd
