// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/waiter.h"

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

namespace pupci::netbsd {

Waiter::Waiter(Connect connect, int kq) : connect_(std::move(connect)), kq_(kq) {
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (epoll_ && !start()) {
    const int error = errno;
    epoll_.reset();
    errno = error;
  }
}

bool Waiter::start() noexcept try {
  connection_ = connect_();
  if (!connection_->connected()) return false;
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection_->fd(), &event) != 0) return false;
  constexpr auto for_ever = static_cast<std::uint64_t>(std::int64_t{-1});
  if (connection_->send(Call::kevent_wait, {static_cast<std::uint64_t>(kq_), for_ever, 0, 0})) {
    return true;
  }
  errno = ENXIO;
  return false;
} catch (...) {
  errno = ENOMEM;
  return false;
}

void Waiter::rearm(bool taken) noexcept {
  const std::scoped_lock lock(mutex_);
  if (retired_ || connection_ == nullptr) return;
  Answer answer;
  const auto arrival = connection_->take(answer);
  if (arrival == Connection::Arrival::nothing && !taken) return;
  constexpr auto for_ever = static_cast<std::uint64_t>(std::int64_t{-1});
  // An end stays readable: the next call says what it is.
  if (arrival == Connection::Arrival::end) return;
  if (arrival == Connection::Arrival::answer && answer.error == 0) {
    connection_->send(Call::kevent_wait, {static_cast<std::uint64_t>(kq_), for_ever, 0, 0});
    return;
  }
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection_->fd(), nullptr);
  connection_.reset();
  start();
}

void Waiter::retire() noexcept {
  const std::scoped_lock lock(mutex_);
  retired_ = true;
  if (connection_ == nullptr) return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection_->fd(), nullptr);
  connection_.reset();
}

}  // namespace pupci::netbsd
