// SPDX-License-Identifier: BSD-2-Clause
#include "os/poller.h"

#include <sys/event.h>
#include <sys/time.h>

#include <fcntl.h>
#include <algorithm>
#include <array>
#include <cerrno>

namespace pupci::os {
namespace {

struct kevent change_of(int fd, unsigned flags) noexcept {
  struct kevent change{};
  EV_SET(&change, static_cast<uintptr_t>(fd), EVFILT_READ, flags, 0, 0, nullptr);
  return change;
}

}  // namespace

Poller::Poller() noexcept : queue_(::kqueue1(O_CLOEXEC)) {}

int Poller::add(int fd) noexcept {
  const struct kevent change = change_of(fd, EV_ADD);
  return ::kevent(queue_.get(), &change, 1, nullptr, 0, nullptr) == 0 ? 0 : errno;
}

void Poller::remove(int fd) noexcept {
  const struct kevent change = change_of(fd, EV_DELETE);
  ::kevent(queue_.get(), &change, 1, nullptr, 0, nullptr);
}

int Poller::wait(std::span<int> ready) noexcept {
  std::array<struct kevent, 32> events;
  const std::size_t most = std::min(ready.size(), events.size());
  const int count = ::kevent(queue_.get(), nullptr, 0, events.data(), most, nullptr);
  for (int i = 0; i < count; i++) {
    ready[static_cast<std::size_t>(i)] =
        static_cast<int>(events[static_cast<std::size_t>(i)].ident);
  }
  return count;
}

}  // namespace pupci::os
