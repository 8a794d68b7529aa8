// SPDX-License-Identifier: BSD-2-Clause
// System calls of processes into a kernel of our own.
#include "netbsd/kernel/kernel_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <thread>

#include "cli/command.h"
#include "host/arena.h"
#include "netbsd/raw_client.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/poll.h"
#include "netbsd/sys/vnode.h"
#include "unit/kern_support.h"
#include "unit/maker_device.h"

namespace pupci::netbsd::test {
namespace {

using kern::test::eventually;
using kern::test::maker_increment;
using kern::test::maker_make;
using kern::test::MakerDevice;

constexpr auto forever = static_cast<std::uint64_t>(-1);

class KernelServerTest : public testing::TestWithParam<bool> {
 protected:
  std::int64_t open(RawClient& client, const std::string& node = "/dev/maker0") {
    const RawAnswer answer = client.open(node);
    EXPECT_EQ(answer.error, 0);
    return answer.value;
  }
  std::int64_t make(RawClient& client, std::int64_t device) {
    std::int32_t fd = -1;
    EXPECT_EQ(client.ioctl(device, maker_make, &fd), 0);
    return fd;
  }
  static std::uint32_t count_in(const RawAnswer& answer) {
    std::uint32_t count = 0;
    EXPECT_EQ(answer.bytes.size(), sizeof count);
    if (answer.bytes.size() == sizeof count) std::memcpy(&count, answer.bytes.data(), sizeof count);
    return count;
  }
  static Occurrence occurrence_in(const RawAnswer& answer) {
    Occurrence occurrence{};
    EXPECT_EQ(answer.bytes.size(), sizeof occurrence);
    if (answer.bytes.size() == sizeof occurrence) {
      std::memcpy(&occurrence, answer.bytes.data(), sizeof occurrence);
    }
    return occurrence;
  }

  pupci::test::Folder folder;
  const std::string path = folder.file("socket");
  MakerDevice maker;
  ArenaDma arena{{.size = std::size_t{1} << 20, .backing = ArenaDma::Backing::memfd}};
  KernelServer server{path, arena, nullptr, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Copies, KernelServerTest, testing::Bool(),
                         [](const auto& p) { return p.param ? "ByConnection" : "Direct"; });

TEST_P(KernelServerTest, AProcessIsJoinedFirst) {
  RawClient stranger(path, -1);
  EXPECT_EQ(stranger.open("/dev/maker0").error, EPERM);
  EXPECT_EQ(stranger.call(Call::join, 4711).error, ESRCH);
  RawClient first(path);
  RawClient second(path);
  EXPECT_NE(first.process(), second.process());
  const std::int64_t fd = open(first);
  std::int32_t made = -1;
  EXPECT_EQ(second.ioctl(fd, maker_make, &made), EBADF);
  RawClient too(path, first.process());
  EXPECT_EQ(too.process(), first.process());
  EXPECT_EQ(too.ioctl(fd, maker_make, &made), 0);
}

TEST_P(KernelServerTest, OpensDevicesByTheirPaths) {
  RawClient client(path);
  EXPECT_EQ(client.open("/dev/maker").error, 0);
  EXPECT_EQ(client.open("/dev/nothing0").error, ENOENT);
  EXPECT_EQ(client.open("maker0").error, ENOENT);
  EXPECT_EQ(client.open("/dev/maker0", 3).error, EINVAL);
  EXPECT_EQ(client.call(Call::close, 99).error, EBADF);
  EXPECT_EQ(client.call(static_cast<Call>(77)).error, ENOSYS);
}

TEST_P(KernelServerTest, ArgumentsAreTheProcesssMemory) {
  RawClient client(path);
  const std::int64_t fd = make(client, open(client));
  std::uint32_t value = 41;
  EXPECT_EQ(client.ioctl(fd, maker_increment, &value), 0);
  EXPECT_EQ(value, 42u);
  EXPECT_EQ(client.copies() > 0, GetParam());
  if (!GetParam()) {
    EXPECT_EQ(client.ioctl(fd, maker_increment, reinterpret_cast<void*>(16)), EFAULT);
  }
  EXPECT_EQ(client.ioctl(fd, maker_make, &value), ENOTTY);
}

TEST_P(KernelServerTest, ReadSleepsForItsConnectionAlone) {
  RawClient client(path);
  const std::int64_t fd = make(client, open(client));
  std::thread reader([&] {
    RawClient own(path, client.process());
    EXPECT_EQ(count_in(own.call(Call::read, static_cast<std::uint64_t>(fd), 4)), 3u);
  });
  eventually([] { return MakerDevice::sleepers == 1; });
  std::uint32_t value = 1;
  EXPECT_EQ(client.ioctl(fd, maker_increment, &value), 0);
  MakerDevice::count(3);
  reader.join();
}

TEST_P(KernelServerTest, OneQueueOfSeveralDescriptors) {
  RawClient client(path);
  const std::int64_t device = open(client);
  const std::int64_t first = make(client, device);
  const std::int64_t second = make(client, device);
  const auto kq = static_cast<std::uint64_t>(client.call(Call::kqueue).value);
  EXPECT_EQ(client.call(Call::kevent_add, kq, static_cast<std::uint64_t>(first)).error, 0);
  EXPECT_EQ(client.call(Call::kevent_add, kq, static_cast<std::uint64_t>(second)).error, 0);
  EXPECT_EQ(client.call(Call::kevent_add, kq, 99).error, EBADF);
  EXPECT_EQ(client.call(Call::kevent_add, static_cast<std::uint64_t>(first), kq).error, EBADF);
  EXPECT_EQ(client.call(Call::kevent_wait, kq, 0).value, 0);
  std::thread waiter([&] {
    RawClient own(path, client.process());
    const Occurrence what = occurrence_in(own.call(Call::kevent_wait, kq, forever));
    EXPECT_EQ(what.fd, first);
    EXPECT_EQ(what.data, 2);
    EXPECT_EQ(what.eof, 0u);
  });
  MakerDevice::count(2);
  waiter.join();
  EXPECT_EQ(client.call(Call::close, static_cast<std::uint64_t>(first)).error, 0);
  EXPECT_EQ(occurrence_in(client.call(Call::kevent_wait, kq, 0)).fd, second);
  EXPECT_EQ(client.call(Call::poll, static_cast<std::uint64_t>(second), POLLIN, 0).value, POLLIN);
}

TEST_P(KernelServerTest, ClosingAQueueEndsItsWaits) {
  RawClient client(path);
  const auto kq = static_cast<std::uint64_t>(client.call(Call::kqueue).value);
  RawClient own(path, client.process());
  std::thread waiter([&] { EXPECT_EQ(own.call(Call::kevent_wait, kq, forever).value, 0); });
  EXPECT_EQ(client.call(Call::close, kq).error, 0);
  waiter.join();
}

TEST_P(KernelServerTest, ALostConnectionEndsItsCallAndNoOther) {
  RawClient client(path);
  const std::int64_t fd = make(client, open(client));
  RawClient reader(path, client.process());
  RawClient poller(path, client.process());
  std::thread reading(
      [&] { EXPECT_EQ(reader.call(Call::read, static_cast<std::uint64_t>(fd), 4).error, -1); });
  std::thread polling([&] {
    EXPECT_EQ(poller.call(Call::poll, static_cast<std::uint64_t>(fd), POLLIN, forever).error, -1);
  });
  eventually([] { return MakerDevice::sleepers == 1; });
  ::shutdown(reader.fd(), SHUT_RDWR);
  ::shutdown(poller.fd(), SHUT_RDWR);
  eventually([] { return MakerDevice::sleepers == 0; });
  reading.join();
  polling.join();
  std::uint32_t value = 1;
  EXPECT_EQ(client.ioctl(fd, maker_increment, &value), 0);
}

TEST_P(KernelServerTest, TheLastConnectionTakesAllWithIt) {
  auto client = std::make_unique<RawClient>(path);
  const std::int64_t device = open(*client);
  const std::int64_t fd = make(*client, device);
  const auto kq = static_cast<std::uint64_t>(client->call(Call::kqueue).value);
  EXPECT_EQ(client->call(Call::kevent_add, kq, static_cast<std::uint64_t>(fd)).error, 0);
  auto reader = std::make_unique<RawClient>(path, client->process());
  std::thread reading(
      [&] { EXPECT_EQ(reader->call(Call::read, static_cast<std::uint64_t>(fd), 4).error, -1); });
  eventually([] { return MakerDevice::sleepers == 1; });
  const std::int64_t process = client->process();
  client.reset();
  EXPECT_EQ(MakerDevice::closes, 0);
  ::shutdown(reader->fd(), SHUT_RDWR);
  reading.join();
  eventually([] { return MakerDevice::files == 0 && MakerDevice::closes == 1; });
  EXPECT_EQ(MakerDevice::closed_before_device, 0);
  RawClient late(path, -1);
  EXPECT_EQ(late.call(Call::join, static_cast<std::uint64_t>(process)).error, ESRCH);
}

TEST_P(KernelServerTest, TheEndOfADeviceIsAnEvent) {
  RawClient client(path);
  const auto device = static_cast<std::uint64_t>(open(client, "/dev/maker2"));
  const auto kq = static_cast<std::uint64_t>(client.call(Call::kqueue).value);
  EXPECT_EQ(client.call(Call::kevent_add, kq, device).error, 0);
  EXPECT_EQ(client.call(Call::kevent_wait, kq, 0).value, 1);  // always readable
  vdevgone(maker.major_number(), 2, 2, VCHR);
  EXPECT_EQ(occurrence_in(client.call(Call::kevent_wait, kq, forever)).eof, 1u);
  std::int32_t made = 0;
  EXPECT_EQ(client.ioctl(static_cast<std::int64_t>(device), maker_make, &made), ENXIO);
  EXPECT_EQ(client.call(Call::close, device).error, 0);
  EXPECT_EQ(client.call(Call::kevent_wait, kq, 0).value, 0);
}

TEST_P(KernelServerTest, GarbageEndsAConnection) {
  RawClient client(path);
  ASSERT_EQ(::send(client.fd(), "x", 1, 0), 1);
  EXPECT_EQ(client.call(Call::kqueue).error, -1);
}

TEST_P(KernelServerTest, ManyProcessesComeAndGo) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; i++) {
        RawClient client(path);
        RawClient other(path, client.process());
        const std::int64_t fd = make(client, open(other));
        MakerDevice::count(1);
        EXPECT_EQ(client.call(Call::poll, static_cast<std::uint64_t>(fd), POLLIN, 0).error, 0);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  eventually([] { return MakerDevice::files == 0; });
}

}  // namespace
}  // namespace pupci::netbsd::test
