// SPDX-License-Identifier: BSD-2-Clause
#include "cli/signals.h"

#include <fmt/core.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "cli/command.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

// Ends the wait for signals: sent to its thread alone, so that no other sees it.
constexpr int quit_signal = SIGTERM;

sigset_t signal_set(bool save) noexcept {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  if (save) sigaddset(&set, SIGUSR1);
  return set;
}

int checked(int fd, const char* what) {
  if (fd < 0)
    throw Error(errno, fmt::format("{}: {}", what, std::generic_category().message(errno)));
  return fd;
}

void notify(int fd) noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof(one));
}

}  // namespace

StopSignals::StopSignals(bool save) {
  const sigset_t set = signal_set(save);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  event_ = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");
  save_ = checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  thread_ = std::thread([this, set] { watch(set); });
}

StopSignals::~StopSignals() {
  quitting_ = true;
  pthread_kill(thread_.native_handle(), quit_signal);
  thread_.join();
  for (const int fd : {event_, save_}) ::close(fd);
}

void StopSignals::take_save() const noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(save_, &count, sizeof(count));
}

void StopSignals::unblock() noexcept {
  const sigset_t set = signal_set(true);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void StopSignals::watch(sigset_t set) noexcept {
  while (true) {
    int number = 0;
    const int error = ::sigwait(&set, &number);
    if (quitting_) return;
    if (error != 0) continue;  // EINTR: a signal that was not waited for
    if (number == SIGUSR1) {
      notify(save_);
      continue;
    }
    int none = 0;
    if (!received_.compare_exchange_strong(none, number)) {
      // Whatever hangs must not keep us. QEMU dies with this process.
      complain("ended at once: nothing was detached");
      ::_exit(128 + number);
    }
    if (attaching_) complain("stopping once attach has ended; once more to end at once");
    notify(event_);
  }
}

}  // namespace pupci::cli
