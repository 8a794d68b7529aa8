// SPDX-License-Identifier: BSD-2-Clause
// A pseudo-terminal, and the program that runs on it.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "host/fd.h"

namespace pupci::wscons {

struct PtySize {
  int columns = 0;
  int rows = 0;
  int width = 0;  // pixels
  int height = 0;
};

class Pty {
 public:
  explicit Pty(PtySize size);  // throws pupci::Error
  ~Pty();                      // hangs up, and waits for the program
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;

  // Does not block.
  [[nodiscard]] int fd() const noexcept { return master_.get(); }

  // Starts `command` in a shell, as the leader of a session whose terminal this is; `variables`
  // ("NAME=VALUE") go into its environment. Once. `ended` is called, from another thread, with its
  // exit status or 128 + signal. Throws pupci::Error.
  void start(const std::string& command, const std::vector<std::string>& variables,
             std::function<void(int)> ended);
  void resize(PtySize size);

  enum class Read { some, nothing, end };
  Read read(std::string& into);  // at most `read_most` bytes, in place of what was in it
  // What the program does not take yet is kept. Beyond a megabyte it is lost: as with a keyboard.
  void write(std::string_view bytes);
  // Of what was kept.
  void write_more();
  [[nodiscard]] bool has_more() const noexcept { return !unwritten_.empty(); }

 private:
  static constexpr std::size_t read_most = 65536;
  void hang_up();

  Fd master_;
  std::string name_;
  std::string unwritten_;
  pid_t pid_ = -1;
  std::mutex mutex_;
  std::condition_variable condition_;
  bool ended_ = false;  // and its number may be another's
  std::thread waiter_;
};

}  // namespace pupci::wscons
