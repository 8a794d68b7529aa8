// SPDX-License-Identifier: BSD-2-Clause
#include "os/process.h"

#include <sys/param.h>

#include <fcntl.h>
#include <fmt/core.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include "pupci/error.h"

namespace pupci::os {
namespace {

// In the child of vfork(2): no more than system calls.
[[noreturn]] void become_session(const char* terminal, char* const* argv, char* const* environment,
                                 volatile int* error) noexcept {
  struct sigaction by_default{};
  by_default.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; number++) ::sigaction(number, &by_default, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setsid();
  const int fd = ::open(terminal, O_RDWR);
  if (fd >= 0 && ::ioctl(fd, TIOCSCTTY, 0) == 0) {
    for (int to = STDIN_FILENO; to <= STDERR_FILENO; to++) ::dup2(fd, to);
    if (fd > STDERR_FILENO) ::close(fd);
    ::execve(argv[0], argv, environment);
  }
  *error = errno;
  ::_exit(127);
}

}  // namespace

std::filesystem::path executable() {
  const std::array<int, 4> name{CTL_KERN, KERN_PROC_ARGS, -1, KERN_PROC_PATHNAME};
  std::array<char, MAXPATHLEN> path{};
  std::size_t size = path.size();
  if (::sysctl(name.data(), name.size(), path.data(), &size, nullptr, 0) != 0) {
    throw Error(errno, fmt::format("the kernel does not know where this program lies "
                                   "(kern.proc.pathname): {}; start it by its whole path",
                                   std::generic_category().message(errno)));
  }
  return path.data();
}

bool is_traced() noexcept {
  struct kinfo_proc2 self{};
  const std::array<int, 6> name{CTL_KERN, KERN_PROC2, KERN_PROC_PID, ::getpid(), sizeof(self), 1};
  std::size_t size = sizeof self;
  return ::sysctl(name.data(), name.size(), &self, &size, nullptr, 0) == 0 &&
         (self.p_flag & P_TRACED) != 0;
}

void name_this_thread(const char* name) noexcept {
  std::array<char, PTHREAD_MAX_NAMELEN_NP> kept{};
  std::snprintf(kept.data(), kept.size(), "%s", name);
  ::pthread_setname_np(::pthread_self(), "%s", kept.data());
}

// NetBSD 10 has no memfd_create(2). A name that nobody else has, for as long as it takes to open
// it.
Fd memory_file(const char* name) noexcept {
  static std::atomic<unsigned> serial{0};
  for (;;) {
    std::array<char, 64> path{};
    std::snprintf(path.data(), path.size(), "/%s.%d.%u", name, static_cast<int>(::getpid()),
                  serial.fetch_add(1));
    Fd file(::shm_open(path.data(), O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR));
    if (!file && errno == EEXIST) continue;  // of a process that was killed in between
    if (file) ::shm_unlink(path.data());
    return file;
  }
}

const char* remedy(const char* /*on_linux*/, const char* on_netbsd) noexcept {
  return on_netbsd;
}

// Not posix_spawn(3): it makes no session, and a session takes a terminal only when told to.
int start_session(pid_t* pid, const char* terminal, char* const* argv,
                  char* const* environment) noexcept {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // no handler shall run in the child
  volatile int error = 0;
  const pid_t child = ::vfork();
  if (child == 0) become_session(terminal, argv, environment, &error);
  const int failed = child < 0 ? errno : error;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (child > 0 && failed != 0) ::waitpid(child, nullptr, 0);
  *pid = child;
  return failed;
}

}  // namespace pupci::os
