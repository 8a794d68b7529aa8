// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

#include "host/qemu/sys.h"
#include "pupci/error.h"

namespace pupci::qemu {
namespace {

constexpr std::size_t kept_output = 8192;
constexpr const char* remedy = "apt install qemu-system-x86";

// Where `program` is, as execvp(3) would find it.
std::string locate(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    std::string candidate = fmt::format("{}/{}", folder.empty() ? "." : folder, program);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  throw Error(ENOENT, fmt::format("qemu: {} is not installed ({})", program, remedy));
}

[[noreturn]] void throw_start(const std::string& path, int error) {
  throw Error(error, fmt::format("qemu: cannot start {}: {}{}", path,
                                 std::generic_category().message(error),
                                 error == ENOENT ? fmt::format(" ({})", remedy) : ""));
}

struct Launch {
  const char* path;
  char* const* argv;
  const std::vector<int>* inherited;
  int null;
  int output;
  int report;  // takes errno when exec fails, closes when it succeeds
  pid_t parent;
};

// The child between fork and exec: system calls only.
[[noreturn]] void become(const Launch& launch) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE, SIGCHLD, SIGUSR1, SIGUSR2}) {
    ::signal(number, SIG_DFL);
  }
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != launch.parent) ::_exit(1);  // it ended before prctl could see that
  ::dup2(launch.null, STDIN_FILENO);
  ::dup2(launch.output, STDERR_FILENO);
  for (const int fd : *launch.inherited) ::fcntl(fd, F_SETFD, 0);
  ::execv(launch.path, launch.argv);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(launch.report, &error, sizeof error);
  ::_exit(127);
}

}  // namespace

Process::Process(const std::string& program, const std::vector<std::string>& arguments,
                 const std::vector<int>& inherited) {
  const std::string path = locate(program);
  std::vector<char*> argv{const_cast<char*>(path.c_str())};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  auto [output, output_child] = pipe_pair();
  auto [report, report_child] = pipe_pair();
  const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null) throw_errno("/dev/null");
  const Launch launch{path.c_str(),       argv.data(),        &inherited, null.get(),
                      output_child.get(), report_child.get(), ::getpid()};
  pid_ = ::fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0) become(launch);
  output_child.reset();
  report_child.reset();
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  output_ = std::move(output);
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(report.get(), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof error)) {
    ::waitpid(pid_, nullptr, 0);
    throw_start(path, error);
  }
}

Process::~Process() {
  if (!reaped_) wait(0);
}

bool Process::read_output() noexcept {
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(output_.get(), buffer, sizeof buffer);
    if (got > 0) {
      tail_.append(buffer, static_cast<std::size_t>(got));
      if (tail_.size() > kept_output) tail_.erase(0, tail_.size() - kept_output);
    } else if (got == 0) {
      return false;
    } else if (errno != EINTR) {
      return errno == EAGAIN;
    }
  }
}

std::string Process::last_output() const {
  constexpr std::size_t most_lines = 8;
  std::vector<std::string_view> lines;
  std::string_view rest = tail_;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    constexpr std::string_view own_name = "qemu-system-x86_64: ";
    if (line.starts_with(own_name)) line.remove_prefix(own_name.size());
    // A model that gives up dumps the CPU after saying why.
    if (line.starts_with("qemu: hardware error: ")) return std::string(line.substr(6));
    if (!line.empty()) lines.push_back(line);
  }
  std::string text;
  for (std::size_t i = lines.size() > most_lines ? lines.size() - most_lines : 0; i < lines.size();
       i++) {
    text += fmt::format("{}{}", text.empty() ? "" : "\n", lines[i]);
  }
  return text;
}

bool Process::ended_within(int ms) noexcept {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(ms);
  const Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (handle) {
      pollfd one{handle.get(), POLLIN, 0};
      ::poll(&one, 1, left > 0 ? static_cast<int>(left) : 0);
    }
    const pid_t result = ::waitpid(pid_, &status_, WNOHANG);
    if (result == pid_ || (result < 0 && errno == ECHILD)) return true;
    if (left <= 0) return false;
    if (!handle) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::string Process::wait(int patience_ms) {
  if (!reaped_ && !ended_within(patience_ms)) {
    ::kill(pid_, SIGKILL);
    while (!ended_within(1000)) {
    }
  }
  reaped_ = true;
  if (WIFSIGNALED(status_)) {
    const int number = WTERMSIG(status_);
    return fmt::format("was killed by signal {} ({})", number, ::strsignal(number));
  }
  return fmt::format("exited with status {}", WEXITSTATUS(status_));
}

void Process::terminate() noexcept {
  if (!reaped_) ::kill(pid_, SIGTERM);
}

}  // namespace pupci::qemu
