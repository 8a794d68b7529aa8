// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

extern char** environ;

namespace pupci::test {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> environment_with(const std::vector<std::string>& changes) {
  std::vector<std::string> result;
  const auto name_of = [](const std::string& entry) { return entry.substr(0, entry.find('=')); };
  for (char** entry = environ; *entry != nullptr; ++entry) {
    bool changed = false;
    for (const std::string& change : changes) changed |= name_of(*entry) == name_of(change);
    if (!changed) result.emplace_back(*entry);
  }
  for (const std::string& change : changes) {
    if (change.find('=') != std::string::npos) result.push_back(change);
  }
  return result;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.c_str()));
  result.push_back(nullptr);
  return result;
}

}  // namespace

Command::Command(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment, const std::string& program) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const std::vector<std::string> variables = environment_with(environment);
  const int error = ::posix_spawnp(&pid_, program.c_str(), &actions, &attributes,
                                   pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(out[1]);
  ::close(err[1]);
  output_ = out[0];
  errors_ = err[0];
  if (error != 0) throw std::system_error(error, std::generic_category(), program);
}

Command::~Command() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  if (output_ >= 0) ::close(output_);
  if (errors_ >= 0) ::close(errors_);
}

void Command::signal(int number) const noexcept {
  if (pid_ > 0) ::kill(pid_, number);
}

// Reads what there is; false once both ends are closed.
bool Command::poll_once(int milliseconds) {
  std::array<pollfd, 2> waiting{{{output_, POLLIN, 0}, {errors_, POLLIN, 0}}};
  if (output_ < 0 && errors_ < 0) return false;
  if (::poll(waiting.data(), waiting.size(), milliseconds) <= 0) return true;
  const auto take = [](pollfd& from, int& fd, std::string& to) {
    if (from.revents == 0) return;
    std::array<char, 65536> buffer;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got > 0) {
      to.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      ::close(fd);
      fd = -1;
    }
  };
  take(waiting[0], output_, outcome_.output);
  take(waiting[1], errors_, outcome_.errors);
  return output_ >= 0 || errors_ >= 0;
}

bool Command::wait_for(const std::string& text, std::chrono::seconds limit) {
  const auto end = Clock::now() + limit;
  while (true) {
    if (outcome_.output.find(text) != std::string::npos ||
        outcome_.errors.find(text) != std::string::npos)
      return true;
    if (Clock::now() >= end) return false;
    if (!poll_once(100)) return false;
  }
}

const Outcome& Command::so_far() {
  std::size_t before = 0;
  do {
    before = outcome_.output.size() + outcome_.errors.size();
    poll_once(0);
  } while (outcome_.output.size() + outcome_.errors.size() != before);
  return outcome_;
}

Outcome Command::wait(std::chrono::seconds limit) {
  const auto end = Clock::now() + limit;
  int status = 0;
  while (true) {
    poll_once(20);
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) break;
    if (Clock::now() >= end) {
      ::kill(-pid_, SIGKILL);
      while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
      pid_ = -1;
      outcome_.errors += "\n[killed: it ran on past the limit]\n";
      outcome_.status = -1;
      return outcome_;
    }
    if (output_ < 0 && errors_ < 0) ::usleep(2000);
  }
  pid_ = -1;
  // What is still in the pipes; a grandchild that lives on must not keep us here.
  while (true) {
    std::array<pollfd, 2> waiting{{{output_, POLLIN, 0}, {errors_, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), 0) <= 0 || !poll_once(0)) break;
  }
  outcome_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome_;
}

Outcome pupci(const std::vector<std::string>& arguments,
              const std::vector<std::string>& environment) {
  Command command(arguments, environment);
  return command.wait();
}

Folder::Folder() {
  path_ = (std::filesystem::temp_directory_path() / "pupci-test-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), path_);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, const std::string& text) const {
  const std::string path = file(name);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw std::runtime_error(path + ": cannot be written");
  return path;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool is_alive(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  const auto end = stat.rfind(')');
  return end != std::string::npos && end + 2 < stat.size() && stat[end + 2] != 'Z';
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
    std::istringstream list(read_file(task.path().string() + "/children"));
    for (pid_t child = 0; list >> child;) children.push_back(child);
  }
  return children;
}

}  // namespace pupci::test
