// SPDX-License-Identifier: BSD-2-Clause
#include "cli/child.h"

#include <fmt/core.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

#include "pupci/error.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to us

namespace pupci::cli {
namespace {

std::vector<char*> environment_with(const std::string& variable) {
  std::vector<char*> result;
  const std::string name = variable.substr(0, variable.find('=') + 1);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::string_view(*entry).substr(0, name.size()) != name) result.push_back(*entry);
  }
  if (!variable.empty()) result.push_back(const_cast<char*>(variable.c_str()));
  result.push_back(nullptr);
  return result;
}

struct Attributes {
  posix_spawnattr_t value{};
  Attributes() {
    posix_spawnattr_init(&value);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&value, &none);
    posix_spawnattr_setsigdefault(&value, &all);
    posix_spawnattr_setflags(&value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Attributes() { posix_spawnattr_destroy(&value); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
};

}  // namespace

Child::Child(const std::string& command, const std::string& variable) {
  event_ = ::eventfd(0, EFD_CLOEXEC);
  if (event_ < 0)
    throw Error(errno, fmt::format("eventfd: {}", std::generic_category().message(errno)));
  const Attributes attributes;
  std::array<const char*, 4> argv{"/bin/sh", "-c", command.c_str(), nullptr};
  const int error =
      ::posix_spawn(&pid_, argv[0], nullptr, &attributes.value,
                    const_cast<char* const*>(argv.data()), environment_with(variable).data());
  if (error != 0) {
    ::close(event_);
    throw Error(error, fmt::format("--exec: /bin/sh: {}", std::generic_category().message(error)));
  }
  waiter_ = std::thread([this] {
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) continue;
    ended_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(event_, &one, sizeof(one));
  });
}

Child::~Child() {
  terminate();
  wait();
  ::close(event_);
}

int Child::wait() noexcept {
  if (waiter_.joinable()) waiter_.join();
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

void Child::terminate() noexcept {
  if (!ended_) ::kill(pid_, SIGTERM);
}

}  // namespace pupci::cli
