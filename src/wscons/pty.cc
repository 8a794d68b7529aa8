// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/pty.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "os/process.h"
#include "pupci/error.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to us

namespace pupci::wscons {
namespace {

constexpr std::size_t write_most = std::size_t{1} << 20;

[[noreturn]] void fail(const char* what) {
  const int error = errno;
  throw Error(error,
              fmt::format("--console: {}: {}", what, std::generic_category().message(error)));
}

winsize to_winsize(PtySize size) {
  winsize window{};
  window.ws_col = static_cast<unsigned short>(size.columns);
  window.ws_row = static_cast<unsigned short>(size.rows);
  window.ws_xpixel = static_cast<unsigned short>(size.width);
  window.ws_ypixel = static_cast<unsigned short>(size.height);
  return window;
}

std::string name_of_variable(std::string_view text) {
  return std::string(text.substr(0, text.find('=') + 1));
}

// This process's, with the `variables` in place of its own.
std::vector<std::string> environment_with(const std::vector<std::string>& variables) {
  std::vector<std::string> result = variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string name = name_of_variable(*entry);
    const bool replaced =
        std::any_of(variables.begin(), variables.end(),
                    [&](const std::string& v) { return name_of_variable(v) == name; });
    if (!replaced) result.emplace_back(*entry);
  }
  return result;
}

}  // namespace

Pty::Pty(PtySize size) : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
  if (master_.get() < 0) fail("no pseudo-terminal can be had");
  if (::grantpt(master_.get()) != 0 || ::unlockpt(master_.get()) != 0) fail("pseudo-terminal");
  std::array<char, 128> name{};
  if (::ptsname_r(master_.get(), name.data(), name.size()) != 0) fail("pseudo-terminal");
  name_ = name.data();
  resize(size);
}

Pty::~Pty() {
  hang_up();
}

void Pty::hang_up() {
  if (pid_ < 0) return;
  {
    std::unique_lock lock(mutex_);
    // Closing the master would do it, were the program not free to ignore SIGHUP.
    for (const int signal : {SIGHUP, SIGCONT, SIGKILL}) {
      if (ended_) break;
      ::kill(-pid_, signal);
      if (signal == SIGCONT)
        condition_.wait_for(lock, std::chrono::milliseconds(500), [this] { return ended_; });
    }
  }
  waiter_.join();
  pid_ = -1;
}

void Pty::start(const std::string& command, const std::vector<std::string>& variables,
                std::function<void(int)> ended) {
  const std::array<const char*, 4> argv{"/bin/sh", "-c", command.c_str(), nullptr};
  const std::vector<std::string> strings = environment_with(variables);
  std::vector<char*> environment;
  for (const std::string& text : strings) environment.push_back(const_cast<char*>(text.c_str()));
  environment.push_back(nullptr);
  errno = os::start_session(&pid_, name_.c_str(), const_cast<char* const*>(argv.data()),
                            environment.data());
  if (errno != 0) {
    pid_ = -1;
    fail(argv[0]);
  }
  waiter_ = std::thread([this, pid = pid_, done = std::move(ended)] {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
      continue;
    int status = 0;
    {
      const std::scoped_lock lock(mutex_);
      while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
      ended_ = true;
      condition_.notify_all();
    }
    done(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  });
}

void Pty::resize(PtySize size) {
  const winsize window = to_winsize(size);
  ::ioctl(master_.get(), TIOCSWINSZ, &window);
}

Pty::Read Pty::read(std::string& into) {
  into.resize(read_most);
  std::size_t count = 0;
  // A terminal hands out little at a time.
  while (count < into.size()) {
    const ssize_t got = ::read(master_.get(), into.data() + count, into.size() - count);
    if (got > 0) {
      count += static_cast<std::size_t>(got);
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    into.resize(count);
    if (count != 0) return Read::some;
    return got < 0 && errno == EAGAIN ? Read::nothing : Read::end;
  }
  return Read::some;
}

void Pty::write(std::string_view bytes) {
  if (unwritten_.size() + bytes.size() > write_most) return;
  unwritten_ += bytes;
  write_more();
}

void Pty::write_more() {
  while (!unwritten_.empty()) {
    const ssize_t written = ::write(master_.get(), unwritten_.data(), unwritten_.size());
    if (written > 0) {
      unwritten_.erase(0, static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      if (errno != EAGAIN) unwritten_.clear();  // nobody there
      return;
    }
  }
}

}  // namespace pupci::wscons
