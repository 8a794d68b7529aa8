// SPDX-License-Identifier: BSD-2-Clause
#include "cli/signals.h"

#include <fmt/core.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "cli/command.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

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
  signals_ = checked(::signalfd(-1, &set, SFD_CLOEXEC), "signalfd");
  event_ = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");
  save_ = checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  quit_ = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");
  thread_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
  notify(quit_);
  thread_.join();
  for (const int fd : {signals_, event_, save_, quit_}) ::close(fd);
}

void StopSignals::take_save() const noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(save_, &count, sizeof(count));
}

void StopSignals::unblock() noexcept {
  const sigset_t set = signal_set(true);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void StopSignals::watch() noexcept {
  while (true) {
    std::array<pollfd, 2> waiting{{{signals_, POLLIN, 0}, {quit_, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    if (waiting[1].revents != 0) return;
    signalfd_siginfo info{};
    if (waiting[0].revents == 0 || ::read(signals_, &info, sizeof(info)) != sizeof(info)) continue;
    const int number = static_cast<int>(info.ssi_signo);
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
