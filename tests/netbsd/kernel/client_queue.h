// SPDX-License-Identifier: BSD-2-Clause
// A queue of events behind a descriptor, as kqueue(2) makes one.
#pragma once

#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>

#include "kern/open_file.h"

namespace pupci::netbsd {

class ClientQueue : public kern::OpenFile {
 public:
  ClientQueue() : OpenFile(0) {}
  ~ClientQueue() override { close(); }
  ClientQueue(const ClientQueue&) = delete;
  ClientQueue& operator=(const ClientQueue&) = delete;

  int add(kern::OpenFile& file, std::uintptr_t ident) {
    return file.watch(queue_, ident, EVFILT_READ);
  }

  // Nothing when the time was over; EINTR, or EBADF once it is closed.
  int next(std::optional<std::chrono::milliseconds> timeout, std::optional<struct kevent>& event) {
    const kern::FileCall call(*this);
    if (call.error() != 0) return call.error();
    kern::Waiter waiter;
    const auto events = queue_->wait(1, timeout, waiter);
    if (!events.empty()) event = events.front();
    return events.empty() && waiter.cancelled() ? EINTR : 0;
  }

  int poll_events(int /*events*/) override { return 0; }
  int attach_filter(knote* /*kn*/) override { return EINVAL; }

 private:
  int do_transfer(::uio& /*uio*/, int /*flags*/) override { return ENXIO; }
  int do_ioctl(unsigned long /*command*/, void* /*data*/, int /*flags*/) override { return ENOTTY; }
  int do_map_page(std::int64_t /*offset*/, int /*protection*/, paddr_t& /*page*/) override {
    return ENODEV;
  }
  int do_close(int /*flags*/) override { return 0; }
  void restart() override { queue_->end(); }

  std::shared_ptr<kern::EventQueue> queue_ = std::make_shared<kern::EventQueue>();
};

}  // namespace pupci::netbsd
