// SPDX-License-Identifier: BSD-2-Clause
#include "os/process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "pupci/error.h"

namespace pupci::os {
namespace {

class SpawnOptions {
 public:
  explicit SpawnOptions(const char* terminal) {
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    // The first terminal that a session's leader opens is the session's.
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, terminal, O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO);
  }
  ~SpawnOptions() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnOptions(const SpawnOptions&) = delete;
  SpawnOptions& operator=(const SpawnOptions&) = delete;

  posix_spawnattr_t attributes{};
  posix_spawn_file_actions_t actions{};
};

}  // namespace

std::filesystem::path executable() {
  std::error_code error;
  auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    throw Error(error.value(),
                fmt::format("/proc/self/exe: {}; is proc mounted on /proc?", error.message()));
  }
  return path;
}

bool is_traced() noexcept {
  static constexpr std::string_view tracer = "TracerPid:\t";
  FILE* status = std::fopen("/proc/self/status", "re");
  if (status == nullptr) return false;
  std::array<char, 256> line{};
  bool traced = false;
  while (std::fgets(line.data(), line.size(), status) != nullptr) {
    const std::string_view text(line.data());
    if (text.starts_with(tracer)) traced = text.substr(tracer.size()) != "0\n";
  }
  std::fclose(status);
  return traced;
}

void name_this_thread(const char* name) noexcept {
  std::array<char, 16> kept{};
  std::strncpy(kept.data(), name, kept.size() - 1);
  pthread_setname_np(pthread_self(), kept.data());
}

Fd memory_file(const char* name) noexcept {
  return Fd(::memfd_create(name, MFD_CLOEXEC));
}

const char* remedy(const char* on_linux, const char* /*on_netbsd*/) noexcept {
  return on_linux;
}

int start_session(pid_t* pid, const char* terminal, char* const* argv,
                  char* const* environment) noexcept {
  const SpawnOptions options(terminal);
  return ::posix_spawn(pid, argv[0], &options.actions, &options.attributes, argv, environment);
}

}  // namespace pupci::os
