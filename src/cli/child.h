// SPDX-License-Identifier: BSD-2-Clause
// The command of `pupci run --exec`.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <string>
#include <thread>

namespace pupci::cli {

class Child {
 public:
  // Starts `command` in a shell, with the descriptors of this process and `variable`
  // ("NAME=VALUE") in its environment; signals as by default. Throws pupci::Error.
  Child(const std::string& command, const std::string& variable);
  ~Child();  // ends it (SIGTERM) and waits
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Readable once it has ended.
  [[nodiscard]] int fd() const noexcept { return event_; }
  // Waits for it; its exit status, 128 + signal when a signal ended it.
  int wait() noexcept;
  void terminate() noexcept;

 private:
  pid_t pid_ = -1;
  int event_ = -1;
  std::atomic<bool> ended_{false};
  int status_ = 0;
  std::thread waiter_;
};

}  // namespace pupci::cli
