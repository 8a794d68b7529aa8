// SPDX-License-Identifier: BSD-2-Clause
#include "os/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace pupci::os {

Poller::Poller() noexcept : queue_(::epoll_create1(EPOLL_CLOEXEC)) {}

int Poller::add(int fd) noexcept {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  return ::epoll_ctl(queue_.get(), EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

void Poller::remove(int fd) noexcept {
  ::epoll_ctl(queue_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

int Poller::wait(std::span<int> ready) noexcept {
  std::array<epoll_event, 32> events;
  const std::size_t most = std::min(ready.size(), events.size());
  const int count = ::epoll_wait(queue_.get(), events.data(), static_cast<int>(most), -1);
  for (int i = 0; i < count; i++) {
    ready[static_cast<std::size_t>(i)] = events[static_cast<std::size_t>(i)].data.fd;
  }
  return count;
}

}  // namespace pupci::os
