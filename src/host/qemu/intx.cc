// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/intx.h"

#include <sys/eventfd.h>

#include <utility>

#include "host/qemu/sys.h"

namespace pupci::qemu {

Line::Line(std::shared_ptr<Qtest> transport, unsigned number)
    : Interrupt(InterruptType::intx, number),
      transport_(std::move(transport)),
      event_(event_fd()) {}

std::uint64_t Line::take() noexcept {
  const std::scoped_lock lock(mutex_);
  if (state_ != State::signalled) return 0;
  eventfd_t count = 0;
  ::eventfd_read(event_.get(), &count);
  state_ = State::taken;
  return 1;
}

void Line::acknowledge() noexcept {
  // The handler's write that lowers the line may not have been answered yet.
  transport_->flush();
  const std::scoped_lock lock(mutex_);
  if (state_ != State::taken) return;
  state_ = State::idle;
  deliver_if_due();
}

void Line::mask() noexcept {
  const std::scoped_lock lock(mutex_);
  masked_ = true;
  retract();
}

void Line::unmask() noexcept {
  const std::scoped_lock lock(mutex_);
  masked_ = false;
  deliver_if_due();
}

void Line::set_level(bool level) noexcept {
  const std::scoped_lock lock(mutex_);
  level_ = level;
  if (level) {
    deliver_if_due();
  } else {
    retract();
  }
}

void Line::deliver_if_due() noexcept {
  if (!level_ || masked_ || state_ != State::idle) return;
  state_ = State::signalled;
  ::eventfd_write(event_.get(), 1);
}

// A level that is gone before anybody looked is no interrupt.
void Line::retract() noexcept {
  if (state_ != State::signalled) return;
  eventfd_t count = 0;
  ::eventfd_read(event_.get(), &count);
  state_ = State::idle;
}

void Lines::create(const std::shared_ptr<Qtest>& transport) {
  for (unsigned i = 0; i < count; i++) lines_[i] = std::make_shared<Line>(transport, i);
}

void Lines::set_level(unsigned number, bool level) noexcept {
  if (number < count && lines_[number] != nullptr) lines_[number]->set_level(level);
}

unsigned q35_line(unsigned slot, unsigned pin) noexcept {
  constexpr unsigned pirq_a = 16;
  constexpr unsigned pirq_e = 20;
  constexpr unsigned first_with_register = 25;  // slots whose routing the chipset can change
  constexpr unsigned legacy_bridge = 30;
  if (slot < first_with_register) return pirq_e + (slot + pin - 1) % 4;
  return (slot == legacy_bridge ? pirq_e : pirq_a) + (pin - 1) % 4;
}

}  // namespace pupci::qemu
