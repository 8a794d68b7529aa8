// SPDX-License-Identifier: BSD-2-Clause
// Two pipes, commands to QEMU and its answers back: an answer through a pipe costs QEMU and us a
// third less than one through a socket, where each is a message with a buffer of its own.
#pragma once

#include <sys/types.h>

#include <span>
#include <string_view>

#include "host/fd.h"

namespace pupci::qemu {

/// One thread at a time, but for close().
class Channel {
 public:
  /// `commands_out` is what QEMU opens anew to read `commands`. It stays open here too, so that a
  /// command to a QEMU that has just ended is not a SIGPIPE in the user's program: the end of the
  /// answers tells that it has. Throws Error.
  Channel(Fd commands, Fd commands_out, Fd answers);

  /// Readable when answers have come, or ended.
  [[nodiscard]] int fd() const noexcept { return answers_.get(); }
  /// How much of `data` there was room for; -1 with errno, EAGAIN when there was none.
  ssize_t send(std::string_view data) noexcept;
  /// How much was read; 0 when the answers have ended; -1 with errno, EAGAIN when none have come.
  ssize_t receive(std::span<char> to) noexcept;
  /// Waits until fd() is readable or, with `room`, there is room for a command. False after
  /// close().
  bool wait(bool room) noexcept;
  /// From any thread: nobody waits here any more.
  void close() noexcept;

 private:
  Fd commands_;
  Fd commands_out_;
  Fd answers_;
  Fd closed_;
};

}  // namespace pupci::qemu
