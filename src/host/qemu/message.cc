// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/message.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <utility>

#include "host/qemu/sys.h"

namespace pupci::qemu {
namespace {

std::uint64_t take_all(int event) noexcept {
  eventfd_t count = 0;
  return ::eventfd_read(event, &count) == 0 ? count : 0;
}

}  // namespace

Message::Message(InterruptType type, unsigned number, std::shared_ptr<const void> lease, int event,
                 SetMask set_mask)
    : Interrupt(type, number),
      lease_(std::move(lease)),
      event_(event),
      set_mask_(std::move(set_mask)) {
  if (set_mask_) return;
  gate_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!gate_) throw_errno("epoll");
}

std::uint64_t Message::take() noexcept {
  if (!gate_) return take_all(event_);
  const std::scoped_lock lock(mutex_);
  return masked_ || disabled_ ? 0 : take_all(event_);
}

void Message::mask() noexcept {
  const std::scoped_lock lock(mutex_);
  if (masked_ || disabled_) return;
  masked_ = true;
  if (gate_) {
    add_to_gate(false);
    return;
  }
  set_mask_(true);
  held_ += take_all(event_);
}

void Message::unmask() noexcept {
  const std::scoped_lock lock(mutex_);
  if (!masked_ || disabled_) return;
  masked_ = false;
  if (gate_) {
    add_to_gate(true);
    return;
  }
  if (held_ > 0) ::eventfd_write(event_, std::exchange(held_, 0));
  set_mask_(false);
}

void Message::disable() noexcept {
  const std::scoped_lock lock(mutex_);
  if (disabled_) return;
  if (gate_ && !masked_) add_to_gate(false);
  disabled_ = true;
  take_all(event_);
}

void Message::add_to_gate(bool add) noexcept {
  epoll_event event{};
  event.events = EPOLLIN;
  ::epoll_ctl(gate_.get(), add ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, event_, &event);
}

}  // namespace pupci::qemu
