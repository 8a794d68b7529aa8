// SPDX-License-Identifier: BSD-2-Clause
// NetBSD's own system calls, of this process.
#include <sys/event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

#include "host/fd.h"
#include "host/netbsd/system.h"
#include "pupci/error.h"

namespace pupci::netbsd {
namespace {

class NativeSystem final : public System {
 public:
  NativeSystem() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      const int error = errno;
      throw Error(error, "netbsd: cannot make a pipe: " + std::generic_category().message(error) +
                             (error == EMFILE ? "; raise the limit with ulimit -n" : ""));
    }
    silent_.reset(ends[0]);
    never_written_.reset(ends[1]);
  }

  int open(const char* path, int flags) noexcept override {
    return ::open(path, flags | O_CLOEXEC);
  }
  int close(int fd) noexcept override { return ::close(fd); }
  int ioctl(int fd, unsigned long command, void* argument) noexcept override {
    return ::ioctl(fd, command, argument);
  }
  std::ptrdiff_t read(int fd, void* to, std::size_t size) noexcept override {
    return ::read(fd, to, size);
  }
  void* mmap(int fd, std::size_t size, int prot, std::int64_t offset) noexcept override {
    void* got = ::mmap(nullptr, size, prot, MAP_SHARED, fd, static_cast<off_t>(offset));
    if (got == MAP_FAILED) return nullptr;
    // The pages are the device's: a child has no business with them.
    ::minherit(got, size, MAP_INHERIT_NONE);
    return got;
  }
  int munmap(void* address, std::size_t size) noexcept override { return ::munmap(address, size); }

  int kqueue() noexcept override { return ::kqueue1(O_CLOEXEC); }
  int kevent_add(int kq, int fd) noexcept override {
    struct kevent change;
    EV_SET(&change, static_cast<uintptr_t>(fd), EVFILT_READ, EV_ADD, 0, 0, 0);
    return ::kevent(kq, &change, 1, nullptr, 0, nullptr);
  }
  std::optional<Event> kevent_take(int kq) noexcept override {
    struct kevent event;
    const struct timespec at_once = {};
    if (::kevent(kq, nullptr, 0, &event, 1, &at_once) != 1) return std::nullopt;
    return Event{static_cast<int>(event.ident), static_cast<std::int64_t>(event.data),
                 (event.flags & EV_EOF) != 0};
  }

  int pollable(int fd) noexcept override { return fd; }
  void settle(int /*fd*/) noexcept override {}
  void retire(int fd) noexcept override { ::dup3(silent_.get(), fd, O_CLOEXEC); }

 private:
  Fd silent_;
  Fd never_written_;
};

}  // namespace

std::shared_ptr<System> native_system() {
  return std::make_shared<NativeSystem>();
}

std::shared_ptr<System> remote_system(const std::string& socket) {
  throw Error(EINVAL, "netbsd: kernel=" + socket +
                          ": this is NetBSD, whose own kernel is asked; leave it out");
}

}  // namespace pupci::netbsd
