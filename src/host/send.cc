// SPDX-License-Identifier: BSD-2-Clause
#include "host/send.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace pupci {

ssize_t send_parts(int socket, iovec* parts, std::size_t count, int fd) noexcept {
  alignas(cmsghdr) char control[64] = {};  // CMSG_SPACE() is no constant everywhere
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof fd);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

}  // namespace pupci
