// SPDX-License-Identifier: BSD-2-Clause
// Messages to a Unix socket, with a descriptor.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>

namespace pupci {

/// sendmsg(2) of the bytes of `count` parts; the other side gets a descriptor of its own of what
/// `fd` is, unless that is negative. Goes on after a signal, and makes none (SIGPIPE). Bytes sent;
/// or -1 with errno set.
ssize_t send_parts(int socket, iovec* parts, std::size_t count, int fd = -1) noexcept;

}  // namespace pupci
