// SPDX-License-Identifier: BSD-2-Clause
// QEMU's edu through its qtest protocol and nothing else: a line sent, and its answer waited for in
// read(2), as QEMU's own libqtest does.
#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

extern char** environ;

namespace pupci::bench {

class BareQtest {
 public:
  BareQtest() {
    char folder[] = "/tmp/pupci-bench-XXXXXX";
    if (::mkdtemp(folder) == nullptr) fail();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s/qtest", folder);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 1) != 0) {
      fail();
    }
    const std::string socket = std::string("unix:") + address.sun_path;
    const char* words[] = {"qemu-system-x86_64",
                           "-nodefaults",
                           "-display",
                           "none",
                           "-machine",
                           "q35",
                           "-accel",
                           "tcg",
                           "-S",
                           "-device",
                           "edu,addr=3",
                           "-qtest",
                           socket.c_str(),
                           "-qtest-log",
                           "none",
                           nullptr};
    const int error =
        ::posix_spawnp(&pid_, words[0], nullptr, nullptr, const_cast<char**>(words), environ);
    if (error != 0) throw std::system_error(error, std::generic_category(), words[0]);
    fd_ = ::accept(listener, nullptr, nullptr);
    ::close(listener);
    ::unlink(address.sun_path);
    ::rmdir(folder);
    // Function 00:03.0: BAR 0 to `bar`, memory decoding on.
    config(0x10, bar);
    config(0x04, 2);
  }
  ~BareQtest() {
    ::close(fd_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  BareQtest(const BareQtest&) = delete;
  BareQtest& operator=(const BareQtest&) = delete;

  void write(unsigned offset, std::uint32_t value) { ask("writel", bar + offset, value); }

 private:
  static constexpr std::uint32_t bar = 0xe0000000;

  [[noreturn]] static void fail() {
    throw std::system_error(errno, std::generic_category(), "bare qtest");
  }
  void config(unsigned offset, std::uint32_t value) {
    ask("outl", 0xcf8, 0x80000000U | 3U << 11 | offset);
    ask("outl", 0xcfc, value);
  }
  void ask(const char* command, std::uint32_t address, std::uint32_t value) {
    char line[64];
    const int size = std::snprintf(line, sizeof line, "%s 0x%x 0x%x\n", command, address, value);
    if (::write(fd_, line, static_cast<std::size_t>(size)) != size) fail();
    do {
      const ssize_t got = ::read(fd_, line, sizeof line);
      if (got <= 0) fail();
      line[0] = line[got - 1];
    } while (line[0] != '\n');
  }

  int fd_ = -1;
  pid_t pid_ = -1;
};

}  // namespace pupci::bench
