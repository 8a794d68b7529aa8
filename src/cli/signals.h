// SPDX-License-Identifier: BSD-2-Clause
// The signals that end a run: the first one asks for it, a second one ends the process at once.
// SIGUSR1 asks for what can be saved.
#pragma once

#include <atomic>
#include <csignal>
#include <thread>

namespace pupci::cli {

class StopSignals {
 public:
  // Blocks SIGINT, SIGTERM and SIGHUP in the calling thread and all that it makes from now on, and
  // waits for them in a thread of its own; with `save` SIGUSR1 too. Construct it before any other
  // thread. Throws pupci::Error.
  explicit StopSignals(bool save);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Readable once a signal has come.
  [[nodiscard]] int fd() const noexcept { return event_; }
  // Readable once SIGUSR1 has come, until take_save().
  [[nodiscard]] int save_fd() const noexcept { return save_; }
  void take_save() const noexcept;
  // The first signal, or 0.
  [[nodiscard]] int received() const noexcept { return received_; }
  // What is said when a signal comes: before attach has ended, it has to wait for that.
  void set_attaching(bool attaching) noexcept { attaching_ = attaching; }

  // For children: the signals as they were.
  static void unblock() noexcept;

 private:
  void watch(sigset_t set) noexcept;

  int event_ = -1;
  int save_ = -1;
  std::atomic<int> received_{0};
  std::atomic<bool> attaching_{false};
  std::atomic<bool> quitting_{false};
  std::thread thread_;
};

}  // namespace pupci::cli
