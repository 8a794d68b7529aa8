// SPDX-License-Identifier: BSD-2-Clause
// Linux descriptors that the qemu host is made of. Each function throws pupci::Error.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "host/fd.h"

namespace pupci::qemu {

/// Two connected stream sockets, close-on-exec.
std::pair<Fd, Fd> socket_pair();

/// The end of a pipe to read and the one to write, close-on-exec.
std::pair<Fd, Fd> pipe_pair();

/// Non-blocking, close-on-exec.
Fd event_fd();

/// Memory with a descriptor and no name in the file system, sized and filled with `content`.
Fd memory_file(const char* name, std::size_t size, std::string_view content = {});

/// Throws Error(errno, "qemu: WHAT: ...").
[[noreturn]] void throw_errno(std::string_view what);

}  // namespace pupci::qemu
