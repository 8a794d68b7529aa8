// SPDX-License-Identifier: BSD-2-Clause
// QEMU as a child process that cannot outlive us.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "host/fd.h"

namespace pupci::qemu {

class Process {
 public:
  /// Starts `program` (looked up in PATH unless it has a slash) with `arguments`; `inherited` stay
  /// open in it under their own numbers. It is in a process group of its own, so that Ctrl-C goes
  /// to us alone, and is killed when the *calling thread* ends, however it ends.
  /// Throws ENOENT with the remedy when there is no such program, or why it could not be started.
  Process(const std::string& program, const std::vector<std::string>& arguments,
          const std::vector<int>& inherited);
  /// Kills it.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  /// Its standard error, non-blocking.
  [[nodiscard]] int output_fd() const noexcept { return output_.get(); }
  /// Reads what has come; false once it will not come any more.
  bool read_output() noexcept;
  /// The last lines of its standard error, without the program's name before each.
  [[nodiscard]] std::string last_output() const;

  /// Waits until it has ended, by force after `patience_ms` milliseconds, and says how: "exited
  /// with status 1", "was killed by signal 9 (Killed)".
  std::string wait(int patience_ms);
  /// Asks it to end.
  void terminate() noexcept;

 private:
  [[nodiscard]] bool ended_within(int ms) noexcept;

  pid_t pid_ = -1;
  bool reaped_ = false;
  int status_ = 0;
  Fd output_;
  std::string tail_;
};

}  // namespace pupci::qemu
