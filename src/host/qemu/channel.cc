// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>

#include "host/qemu/sys.h"

namespace pupci::qemu {

Channel::Channel(Fd commands, Fd commands_out, Fd answers)
    : commands_(std::move(commands)),
      commands_out_(std::move(commands_out)),
      answers_(std::move(answers)),
      closed_(event_fd()) {
  // Of our ends only: QEMU opens its own anew.
  for (const Fd* fd : {&commands_, &answers_}) {
    if (::fcntl(fd->get(), F_SETFL, O_NONBLOCK) != 0) throw_errno("O_NONBLOCK on a pipe");
  }
}

ssize_t Channel::send(std::string_view data) noexcept {
  return ::write(commands_.get(), data.data(), data.size());
}

ssize_t Channel::receive(std::span<char> to) noexcept {
  return ::read(answers_.get(), to.data(), to.size());
}

bool Channel::wait(bool room) noexcept {
  std::array<pollfd, 3> fds{{{answers_.get(), POLLIN, 0},
                             {closed_.get(), POLLIN, 0},
                             {room ? commands_.get() : -1, POLLOUT, 0}}};
  ::poll(fds.data(), fds.size(), -1);
  return fds[1].revents == 0;
}

void Channel::close() noexcept {
  ::eventfd_write(closed_.get(), 1);
}

}  // namespace pupci::qemu
