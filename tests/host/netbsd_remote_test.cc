// SPDX-License-Identifier: BSD-2-Clause
// The client of a kernel in another process, against one of a few lines.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/ioccom.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "host/fd.h"
#include "host/netbsd/kernel_socket.h"
#include "host/netbsd/system.h"
#include "pupci/error.h"

namespace pupci::netbsd {
namespace {

using testing::HasSubstr;

constexpr int echo = 5;  // the descriptor of /dev/echo
constexpr std::size_t page = 4096;
constexpr unsigned long invert = _IOWR('x', 1, std::uint64_t);  // turns the bits of its argument
constexpr unsigned long fill = _IO('x', 2);                     // writes 64 KiB at its argument
constexpr unsigned long fail = _IO('x', 3);                     // answers ENOSPC

// /dev/echo counts what is raised; read(2) takes the count.
class Kernel {
 public:
  Kernel() : memory_(::memfd_create("kernel-test", MFD_CLOEXEC)) {
    EXPECT_EQ(::ftruncate(memory_.get(), 4 * page), 0);
    std::string name = "/tmp/pupci-kernel-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    path = name + "/socket";
    listener_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 64), 0);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~Kernel() {
    end();
    std::filesystem::remove_all(directory_);
  }

  void raise(std::uint32_t count) {
    const std::scoped_lock lock(mutex_);
    count_ += count;
    changed_.notify_all();
  }
  void revoke(const Revocation& what) {
    const std::scoped_lock lock(mutex_);
    revocation_ = what;
    revoke_ = true;
    changed_.notify_all();
  }
  // The client has called again, so what was revoked is gone.
  void wait_until_revoked() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return complied_; });
  }
  void end() {
    if (!acceptor_.joinable()) return;
    {
      const std::scoped_lock lock(mutex_);
      ended_ = true;
      changed_.notify_all();
    }
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    for (const int fd : connections_) ::shutdown(fd, SHUT_RDWR);
    for (std::thread& each : servers_) each.join();
    for (const int fd : connections_) ::close(fd);
    connections_.clear();
  }

  std::string path;
  std::atomic<int> joins{0};
  std::atomic<int> closes{0};
  [[nodiscard]] int memory() const { return memory_.get(); }

 private:
  void accept() {
    for (;;) {
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      connections_.push_back(fd);
      servers_.emplace_back([this, fd] { serve(fd); });
    }
  }

  static bool send(int fd, const Message& message, const void* bytes = nullptr,
                   std::size_t size = 0, int rights = -1) {
    iovec parts[] = {{const_cast<Message*>(&message), sizeof message},
                     {const_cast<void*>(bytes), size}};
    msghdr header{};
    header.msg_iov = parts;
    header.msg_iovlen = 2;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (rights >= 0) {
      header.msg_control = control;
      header.msg_controllen = sizeof control;
      cmsghdr* first = CMSG_FIRSTHDR(&header);
      first->cmsg_level = SOL_SOCKET;
      first->cmsg_type = SCM_RIGHTS;
      first->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(first), &rights, sizeof rights);
    }
    return ::sendmsg(fd, &header, MSG_NOSIGNAL) >= 0;
  }
  static ssize_t receive(int fd, Message& message, void* bytes, std::size_t size) {
    iovec parts[] = {{&message, sizeof message}, {bytes, size}};
    msghdr header{};
    header.msg_iov = parts;
    header.msg_iovlen = 2;
    return ::recvmsg(fd, &header, 0) - ssize_t{sizeof message};
  }
  static Message reply(std::int64_t value, int error = 0) {
    return {Call::reply, error, value, {}};
  }

  void serve(int fd) {
    std::vector<char> bytes(message_limit);
    Message message{};
    for (;;) {
      const ssize_t size = receive(fd, message, bytes.data(), bytes.size());
      if (size < 0) return;
      if (!answer(fd, message, std::string(bytes.data(), static_cast<std::size_t>(size)))) return;
    }
  }

  bool answer(int fd, const Message& message, const std::string& bytes) {
    const std::uint64_t(&a)[4] = message.a;
    switch (message.call) {
      case Call::join:
        joins++;
        return send(fd, a[0] == 0 || a[0] == 77 ? reply(77) : reply(0, ESRCH));
      case Call::open:
        return send(fd, bytes == "/dev/echo" && a[0] == 2 ? reply(echo) : reply(0, ENOENT));
      case Call::close:
        closes++;
        return send(fd, reply(0));
      case Call::ioctl:
        return ioctl(fd, a[1], a[2]);
      case Call::read:
        return read(fd);
      case Call::mmap:
        return a[3] == 0x1000 ? send(fd, reply(page), nullptr, 0, memory_.get())
                              : send(fd, reply(0, ENODEV));
      case Call::kqueue:
        return send(fd, reply(100));
      case Call::kevent_wait:
        return wait(fd, static_cast<std::int64_t>(a[1]) < 0);
      case Call::revoked:
        return wait_for_revocation(fd);
      default:
        return send(fd, reply(0));
    }
  }

  static bool ioctl(int fd, std::uint64_t command, std::uint64_t argument) {
    Message message{};
    if (command == invert) {
      std::uint64_t value = 0;
      if (!send(fd, {Call::copy_in, 0, 0, {argument, sizeof value}})) return false;
      if (receive(fd, message, &value, sizeof value) < 0) return false;
      if (message.error != 0) return send(fd, reply(0, message.error));
      value = ~value;
      if (!send(fd, {Call::copy_out, 0, 0, {argument, sizeof value}}, &value, sizeof value)) {
        return false;
      }
      if (receive(fd, message, nullptr, 0) < 0) return false;
      return send(fd, reply(0, message.error));
    }
    if (command == fill) {
      const std::string all(message_limit, 'x');
      if (!send(fd, {Call::copy_out, 0, 0, {argument, all.size()}}, all.data(), all.size())) {
        return false;
      }
      if (receive(fd, message, nullptr, 0) < 0) return false;
      return send(fd, reply(0, message.error));
    }
    return send(fd, reply(0, ENOSPC));
  }

  bool read(int fd) {
    std::uint32_t count = 0;
    {
      const std::scoped_lock lock(mutex_);
      std::swap(count, count_);
    }
    if (count == 0) return send(fd, reply(0, EAGAIN));
    return send(fd, reply(sizeof count), &count, sizeof count);
  }

  bool wait(int fd, bool for_ever) {
    Occurrence what{echo, 0, 0};
    {
      std::unique_lock lock(mutex_);
      while (for_ever && count_ == 0 && !ended_) {
        changed_.wait_for(lock, std::chrono::milliseconds(5));
        char byte = 0;
        if (::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) return false;
      }
      if (ended_) return false;
      what.data = count_;
    }
    return what.data == 0 ? send(fd, reply(0)) : send(fd, reply(1), &what, sizeof what);
  }

  bool wait_for_revocation(int fd) {
    std::unique_lock lock(mutex_);
    complied_ = revoked_;
    changed_.notify_all();
    while (!revoke_ && !ended_) {
      changed_.wait_for(lock, std::chrono::milliseconds(5));
      char byte = 0;
      if (::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) return false;
    }
    if (ended_) return false;
    revoke_ = false;
    revoked_ = true;
    return send(fd, reply(1), &revocation_, sizeof revocation_);
  }

  Fd memory_;
  Fd listener_;
  std::filesystem::path directory_;
  std::thread acceptor_;
  std::vector<int> connections_;  // the acceptor's, until it has ended
  std::vector<std::thread> servers_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t count_ = 0;
  bool ended_ = false;
  bool revoke_ = false;
  bool revoked_ = false;
  bool complied_ = false;
  Revocation revocation_{};
};

bool readable(int fd, int milliseconds = 20000) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, milliseconds) == 1;
}

class NetbsdRemote : public testing::Test {
 protected:
  std::uint32_t take(int fd) {
    std::uint32_t count = 0;
    return system->read(fd, &count, sizeof count) == sizeof count ? count : 0;
  }

  Kernel kernel;
  std::shared_ptr<System> system = remote_system(kernel.path);
};

TEST_F(NetbsdRemote, NoKernelThere) {
  try {
    remote_system("/nonexistent/socket");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errnum(), ENOENT);
    EXPECT_THAT(error.what(), HasSubstr("a kernel must be listening there"));
  }
  EXPECT_THROW(remote_system(std::string(200, 'x')), Error);
}

TEST_F(NetbsdRemote, CallsAnswerAsSystemCallsDo) {
  EXPECT_EQ(system->open("/dev/echo", O_RDWR | O_CLOEXEC), echo);
  EXPECT_EQ(system->open("/dev/none", O_RDWR), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(system->ioctl(echo, fail, nullptr), -1);
  EXPECT_EQ(errno, ENOSPC);
  EXPECT_EQ(system->close(echo), 0);
  EXPECT_EQ(kernel.closes, 1);
}

TEST_F(NetbsdRemote, TheKernelReachesTheMemoryOfACall) {
  std::uint64_t value = 0x1234;
  EXPECT_EQ(system->ioctl(echo, invert, &value), 0);
  EXPECT_EQ(value, ~std::uint64_t{0x1234});
  std::vector<char> bytes(message_limit);
  EXPECT_EQ(system->ioctl(echo, fill, bytes.data()), 0);
  EXPECT_EQ(bytes, std::vector<char>(message_limit, 'x'));
}

TEST_F(NetbsdRemote, MemoryThatIsNotThere) {
  EXPECT_EQ(system->ioctl(echo, invert, reinterpret_cast<void*>(16)), -1);
  EXPECT_EQ(errno, EFAULT);
  void* constant = ::mmap(nullptr, message_limit, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EXPECT_EQ(system->ioctl(echo, fill, constant), -1);
  EXPECT_EQ(errno, EFAULT);
  ::munmap(constant, message_limit);
}

TEST_F(NetbsdRemote, ThreadsDoNotWaitForEachOther) {
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; t++) {
    threads.emplace_back([this, t] {
      for (std::uint64_t i = 0; i < 200; i++) {
        std::uint64_t value = i + t * 1000;
        EXPECT_EQ(system->ioctl(echo, invert, &value), 0);
        EXPECT_EQ(value, ~(i + t * 1000));
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_LE(kernel.joins, 5) << "connections are used again";
}

TEST_F(NetbsdRemote, TheDescriptorAgreesWithWhatThereIsToRead) {
  const int fd = system->pollable(echo);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(system->pollable(echo), fd);
  EXPECT_FALSE(readable(fd, 0));
  for (std::uint32_t i = 1; i <= 50; i++) {
    kernel.raise(i);
    ASSERT_TRUE(readable(fd));
    EXPECT_EQ(take(echo), i);
    EXPECT_FALSE(readable(fd, 0)) << i;
    EXPECT_EQ(take(echo), 0U);
  }
}

// Who reads without waiting leaves no stale answer behind.
TEST_F(NetbsdRemote, NothingIsReadableThatWasTakenBefore) {
  const int fd = system->pollable(echo);
  for (std::uint32_t i = 0; i < 100; i++) {
    kernel.raise(1);
    EXPECT_EQ(take(echo), 1U);
    EXPECT_FALSE(readable(fd, 0)) << i;
  }
  EXPECT_FALSE(readable(fd, 20));
  kernel.raise(3);
  EXPECT_TRUE(readable(fd));
  EXPECT_EQ(take(echo), 3U);
}

TEST_F(NetbsdRemote, SettlingForgetsWhatWasAnnounced) {
  const int fd = system->pollable(echo);
  kernel.raise(1);
  ASSERT_TRUE(readable(fd));
  system->settle(echo);
  EXPECT_TRUE(readable(fd)) << "it is still there";
  EXPECT_EQ(take(echo), 1U);
  EXPECT_FALSE(readable(fd, 0));
}

TEST_F(NetbsdRemote, RetiredOnesAreSilent) {
  const int fd = system->pollable(echo);
  kernel.raise(1);
  ASSERT_TRUE(readable(fd));
  system->retire(echo);
  EXPECT_FALSE(readable(fd, 0));
  system->settle(echo);
  kernel.raise(1);
  EXPECT_FALSE(readable(fd, 20));
  EXPECT_EQ(system->close(echo), 0);
}

TEST_F(NetbsdRemote, QueuesTellWhatHappened) {
  const int kq = system->kqueue();
  EXPECT_EQ(system->kevent_add(kq, echo), 0);
  const int fd = system->pollable(kq);
  EXPECT_FALSE(system->kevent_take(kq));
  kernel.raise(7);
  ASSERT_TRUE(readable(fd));
  const auto event = system->kevent_take(kq);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->fd, echo);
  EXPECT_EQ(event->data, 7);
  EXPECT_FALSE(event->eof);
  EXPECT_TRUE(readable(fd)) << "it was not read yet";
  take(echo);
  EXPECT_FALSE(system->kevent_take(kq));
  EXPECT_FALSE(readable(fd, 0));
}

TEST_F(NetbsdRemote, MemoryIsShared) {
  EXPECT_EQ(system->mmap(echo, page, PROT_READ | PROT_WRITE, 0x2000), nullptr);
  EXPECT_EQ(errno, ENODEV);
  auto* got = static_cast<char*>(system->mmap(echo, page, PROT_READ | PROT_WRITE, 0x1000));
  ASSERT_NE(got, nullptr);
  got[1] = 'a';
  char byte = 0;
  EXPECT_EQ(::pread(kernel.memory(), &byte, 1, page + 1), 1);
  EXPECT_EQ(byte, 'a');
  EXPECT_EQ(system->munmap(got, 2 * page), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(system->munmap(got, page), 0);
}

TEST_F(NetbsdRemote, RevokedMemoryReachesNothing) {
  auto* got = static_cast<char*>(system->mmap(echo, 2 * page, PROT_READ | PROT_WRITE, 0x1000));
  ASSERT_NE(got, nullptr);
  std::memset(got, 'a', 2 * page);
  kernel.revoke({2 * page, page});
  kernel.wait_until_revoked();
  got[0] = 'b';
  got[page] = 'b';
  char bytes[2] = {};
  EXPECT_EQ(::pread(kernel.memory(), &bytes[0], 1, page), 1);
  EXPECT_EQ(::pread(kernel.memory(), &bytes[1], 1, 2 * page), 1);
  EXPECT_EQ(bytes[0], 'b');
  EXPECT_EQ(bytes[1], 'a');
  EXPECT_EQ(got[page + 1], 'a') << "what was there stays";
  EXPECT_EQ(system->munmap(got, 2 * page), 0);
}

TEST_F(NetbsdRemote, AKernelThatEnds) {
  const int fd = system->pollable(echo);
  auto* got = system->mmap(echo, page, PROT_READ, 0x1000);
  EXPECT_FALSE(readable(system->failure_fd(), 0));
  kernel.end();
  EXPECT_TRUE(readable(system->failure_fd()));
  EXPECT_TRUE(readable(fd));
  std::uint32_t count = 0;
  EXPECT_EQ(system->read(echo, &count, sizeof count), -1);
  EXPECT_EQ(errno, ENXIO);
  system->retire(echo);
  EXPECT_FALSE(readable(fd, 0));
  EXPECT_EQ(system->open("/dev/echo", O_RDWR), -1);
  EXPECT_EQ(errno, ENXIO);
  EXPECT_EQ(system->munmap(got, page), 0);
}

}  // namespace
}  // namespace pupci::netbsd
