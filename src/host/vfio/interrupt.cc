// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/interrupt.h"

#include <fmt/core.h>
#include <linux/vfio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "pupci/error.h"

namespace pupci::vfio {
namespace {

Fd check(int fd, const char* what) {
  const int error = errno;
  if (fd < 0) {
    throw Error(error, fmt::format("vfio: cannot make {}: {}{}", what,
                                   std::generic_category().message(error),
                                   error == EMFILE ? "; raise the limit with ulimit -n" : ""));
  }
  return Fd(fd);
}

}  // namespace

Source::Source(InterruptType type, unsigned number)
    : Interrupt(type, number),
      event_(check(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "an eventfd")) {}

std::uint64_t Source::drain() noexcept {
  std::uint64_t count = 0;
  // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): it is non-blocking
  return ::read(event_.get(), &count, sizeof count) == sizeof count ? count : 0;
}

void AddedVectors::add(unsigned number, int eventfd) noexcept {
  const std::scoped_lock lock(mutex_);
  if (!device_) return;
  const int error = device_->set_irq(VFIO_PCI_MSIX_IRQ_INDEX, number, eventfd);
  if (error == 0) return;
  std::fprintf(stderr,
               "pupci: %s: its MSI-X vector %u cannot be had, so that nothing comes from it: %s\n",
               device_->name().c_str(), number,
               error == ENOSPC ? "the machine has no vectors left; have the driver use fewer"
                               : std::generic_category().message(error).c_str());
}

void AddedVectors::take_away(unsigned number) noexcept {
  const std::scoped_lock lock(mutex_);
  if (device_) device_->set_irq(VFIO_PCI_MSIX_IRQ_INDEX, number, -1);
}

void AddedVectors::end() noexcept {
  const std::scoped_lock lock(mutex_);
  device_.reset();
}

Vector::Vector(InterruptType type, unsigned number, std::shared_ptr<AddedVectors> added)
    : Source(type, number),
      watch_(check(::epoll_create1(EPOLL_CLOEXEC), "an epoll descriptor")),
      added_(std::move(added)) {
  epoll_event none{};
  if (::epoll_ctl(watch_.get(), EPOLL_CTL_ADD, eventfd(), &none) != 0) {
    const int error = errno;
    throw Error(error, fmt::format("vfio: epoll_ctl: {}", std::generic_category().message(error)));
  }
}

Vector::~Vector() {
  if (here_) added_->take_away(number());
}

void Vector::watch(bool on) noexcept {
  epoll_event event{};
  event.events = on ? EPOLLIN : 0U;
  ::epoll_ctl(watch_.get(), EPOLL_CTL_MOD, eventfd(), &event);
}

std::uint64_t Vector::take() noexcept {
  const std::scoped_lock lock(mutex_);
  return masked_ || disabled_ ? 0 : drain();
}

void Vector::mask() noexcept {
  const std::scoped_lock lock(mutex_);
  if (std::exchange(masked_, true)) return;
  watch(false);
}

void Vector::unmask() noexcept {
  const std::scoped_lock lock(mutex_);
  if (disabled_ || !std::exchange(masked_, false)) return;
  if (added_ && !std::exchange(here_, true)) added_->add(number(), eventfd());
  watch(true);
}

void Vector::disable() noexcept {
  const std::scoped_lock lock(mutex_);
  disabled_ = true;
  watch(false);
}

Line::Line(std::shared_ptr<Device> device, unsigned number, bool by_eventfd)
    : Source(InterruptType::intx, number), device_(std::move(device)) {
  if (by_eventfd) unmask_ = check(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "an eventfd");
}

std::uint64_t Line::take() noexcept {
  const std::scoped_lock lock(mutex_);
  if (drain() == 0) return 0;
  under_way_ = false;
  // The kernel may signal what it masked just before mask() did.
  if (masked_ || disabled_) return 0;
  in_service_ = true;
  return 1;
}

bool Line::unmask_by_write() noexcept {
  if (!unmask_) return false;
  if (!connected_) connected_ = device_->unmask_intx_by(unmask_.get());
  const std::uint64_t once = 1;
  under_way_ = connected_ && ::write(unmask_.get(), &once, sizeof once) == sizeof once;
  return under_way_;
}

// A level that was still asserted as it was acknowledged is signalled later, when it may be masked
// or gone. Disconnecting waits for that; masking is rare, and so is that it finds one under way.
void Line::await_signal() noexcept {
  if (!std::exchange(under_way_, false)) return;
  device_->unmask_intx_by(-1);
  connected_ = false;
}

void Line::acknowledge() noexcept {
  const std::scoped_lock lock(mutex_);
  in_service_ = false;
  if (masked_ || disabled_) return;
  if (!unmask_by_write()) device_->mask_intx(false);  // which signals at once what is asserted
}

void Line::mask() noexcept {
  const std::scoped_lock lock(mutex_);
  masked_ = true;
  if (disabled_) return;
  await_signal();
  device_->mask_intx(true);
  // What was delivered but not taken was not delivered: it is a level.
  if (drain() != 0) in_service_ = false;
}

void Line::unmask() noexcept {
  const std::scoped_lock lock(mutex_);
  if (disabled_ || !std::exchange(masked_, false)) return;
  drain();
  if (!in_service_) device_->mask_intx(false);
}

void Line::disable() noexcept {
  const std::scoped_lock lock(mutex_);
  disabled_ = true;
  drain();
  device_.reset();
}

}  // namespace pupci::vfio
