// SPDX-License-Identifier: BSD-2-Clause
// Files that a driver makes, filedesc(9), and the descriptors of a client.
#include <gtest/gtest.h>

#include <cstring>
#include <mutex>
#include <thread>

#include "expect_violation.h"
#include "kern/file_table.h"
#include "kern/lwp.h"
#include "kern_support.h"
#include "maker_device.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/filedesc.h"
#include "netbsd/sys/filio.h"
#include "netbsd/sys/poll.h"
#include "netbsd/sys/vnode.h"

using namespace pupci::kern;
using namespace pupci::kern::test;

namespace {

constexpr std::chrono::milliseconds now{0};
constexpr std::uintptr_t user_address = 0x1000;

class FiledescTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(files.open(maker.dev(), FREAD | FWRITE, device), 0); }

  // Its argument, and what became of it.
  template <typename T>
  int ioctl(int fd, unsigned long command, T& value) {
    // A process has one memory; here each call brings its own, so one at a time.
    const std::scoped_lock lock(one_call);
    const ClientScope scope(files);
    vmspace user;
    const auto* p = reinterpret_cast<const std::byte*>(&value);
    user.add(user_address, {p, p + sizeof value});
    const int error = files.find(fd)->ioctl(command, user, user_address);
    EXPECT_TRUE(user.copy_in(user_address, &value, sizeof value));
    return error;
  }

  int make() {
    std::int32_t fd = -1;
    EXPECT_EQ(ioctl(device, maker_make, fd), 0);
    return fd;
  }

  int read(int fd, std::uint32_t& count) {
    std::vector<std::byte> data(sizeof count);
    const int error = files.find(fd)->read(data);
    if (error == 0) std::memcpy(&count, data.data(), sizeof count);
    return error;
  }

  std::mutex one_call;
  MakerDevice maker;
  FileTable files{4711, "client"};
  int device = -1;
};

TEST_F(FiledescTest, AFileIsMadeWithTheLowestDescriptor) {
  EXPECT_EQ(device, 0);
  const int first = make();
  const int second = make();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
  EXPECT_EQ(maker.last_process, 4711);
  EXPECT_EQ(maker.files, 2);
  EXPECT_EQ(files.close(first), 0);
  EXPECT_EQ(files.close(first), EBADF);
  EXPECT_EQ(maker.files, 1);
  EXPECT_EQ(make(), first);
}

TEST_F(FiledescTest, CallsReachTheDriver) {
  const int fd = make();
  MakerDevice::count(3);
  std::uint32_t count = 0;
  EXPECT_EQ(read(fd, count), 0);
  EXPECT_EQ(count, 3u);
  count = 6;
  EXPECT_EQ(ioctl(fd, maker_increment, count), 0);
  EXPECT_EQ(count, 7u);
  EXPECT_EQ(ioctl(fd, maker_hold, count), ENOTTY);
  std::size_t written = 0;
  EXPECT_EQ(files.find(fd)->write({std::byte{1}}, written), EBADF);  // made with FREAD alone
  int events = 0;
  EXPECT_EQ(files.find(fd)->poll(POLLIN, now, events), 0);
  EXPECT_EQ(events, 0);
  paddr_t page = 0;
  EXPECT_EQ(files.find(fd)->map_page(0, 1, page), ENODEV);
}

TEST_F(FiledescTest, NonblockingIsTheFilesOwn) {
  const int fd = make();
  std::uint32_t on = 1;
  std::uint32_t count = 0;
  EXPECT_EQ(ioctl(fd, FIONBIO, on), 0);
  EXPECT_EQ(read(fd, count), EWOULDBLOCK);
  EXPECT_EQ(maker.sleepers, 0);
}

TEST_F(FiledescTest, AReadSleepsUntilThereIsSomething) {
  const int fd = make();
  std::uint32_t count = 0;
  std::thread reader([&] { EXPECT_EQ(read(fd, count), 0); });
  eventually([] { return MakerDevice::sleepers == 1; });
  MakerDevice::count(5);
  reader.join();
  EXPECT_EQ(count, 5u);
}

TEST_F(FiledescTest, InterruptEndsWhatSleeps) {
  const int fd = make();
  std::uint32_t count = 0;
  std::thread reader([&] { EXPECT_EQ(read(fd, count), EINTR); });
  std::thread poller([&] {
    int events = 0;
    EXPECT_EQ(files.find(fd)->poll(POLLIN, {}, events), EINTR);
  });
  eventually([] { return MakerDevice::sleepers == 1; });
  files.interrupt();
  reader.join();
  poller.join();
  const int later = make();
  EXPECT_EQ(read(later, count), EINTR);
}

TEST_F(FiledescTest, CloseHasTheDriverEndItsCallsAndWaits) {
  const int fd = make();
  std::uint32_t count = 0;
  std::thread reader([&] { EXPECT_EQ(read(fd, count), EINTR); });
  eventually([] { return MakerDevice::sleepers == 1; });
  EXPECT_EQ(files.close(fd), 0);
  EXPECT_EQ(maker.files, 0);
  reader.join();
}

TEST_F(FiledescTest, AFileThatIsHeldIsNotClosed) {
  std::int32_t fd = make();
  const int copy = fd;
  EXPECT_EQ(ioctl(device, maker_hold, fd), 0);
  std::atomic<bool> closed{false};
  std::thread closer([&] {
    EXPECT_EQ(files.close(copy), 0);
    closed = true;
  });
  eventually([&] { return files.find(copy) == nullptr; });
  EXPECT_EQ(ioctl(device, maker_hold, fd), EBADF);
  EXPECT_FALSE(closed);
  EXPECT_EQ(maker.files, 1);
  EXPECT_EQ(ioctl(device, maker_let_go, fd), 0);
  closer.join();
  EXPECT_EQ(maker.files, 0);
  std::int32_t not_a_file = device;
  EXPECT_EQ(ioctl(device, maker_hold, not_a_file), EBADF);
}

TEST_F(FiledescTest, OneQueueWatchesSeveralFiles) {
  const int first = make();
  const int second = make();
  const auto queue = std::make_shared<EventQueue>();
  Waiter waiter;
  EXPECT_EQ(files.find(first)->watch(queue, 10, EVFILT_READ), 0);
  EXPECT_EQ(files.find(second)->watch(queue, 20, EVFILT_READ), 0);
  EXPECT_EQ(files.find(second)->watch(queue, 20, EVFILT_READ), EEXIST);
  EXPECT_EQ(files.find(second)->watch(queue, 20, EVFILT_WRITE), EINVAL);
  std::thread counter([] { MakerDevice::count(4); });
  ASSERT_FALSE(queue->wait(1, {}, waiter).empty());
  counter.join();
  auto events = queue->wait(8, now, waiter);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].ident, 10u);
  EXPECT_EQ(events[1].ident, 20u);
  EXPECT_EQ(events[1].data, 4);
  EXPECT_EQ(files.close(first), 0);  // takes it out of the queue
  events = queue->wait(8, now, waiter);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].ident, 20u);
}

TEST_F(FiledescTest, AQueueSeesTheEndOfADevice) {
  int other = -1;
  ASSERT_EQ(files.open(maker.dev(2), FREAD, other), 0);
  const auto queue = std::make_shared<EventQueue>();
  ASSERT_EQ(files.find(other)->watch(queue, 7, EVFILT_READ), 0);
  std::thread detacher([&] { vdevgone(maker.major_number(), 2, 2, VCHR); });
  detacher.join();
  Waiter waiter;
  const auto events = queue->wait(8, now, waiter);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].ident, 7u);
  EXPECT_NE(events[0].flags & EV_EOF, 0u);
  EXPECT_EQ(files.close(other), 0);
  EXPECT_TRUE(queue->wait(8, now, waiter).empty());
}

TEST_F(FiledescTest, OpenMayMakeAFileInPlaceOfTheDevice) {
  int fd = -1;
  EXPECT_EQ(files.open(maker.dev(1), FREAD, fd), 0);
  EXPECT_EQ(fd, 1);
  MakerDevice::count(2);
  std::uint32_t count = 0;
  EXPECT_EQ(read(fd, count), 0);
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(files.find(2), nullptr);
  EXPECT_EQ(files.close(fd), 0);
  EXPECT_EQ(maker.files, 0);
  EXPECT_EQ(maker.closes, 0);  // the device was never open
}

TEST_F(FiledescTest, AllAreClosedInOrder) {
  make();
  make();
  files.close_all();
  EXPECT_EQ(maker.files, 0);
  EXPECT_EQ(maker.closes, 1);
  EXPECT_EQ(maker.closed_before_device, 0);  // the device has the lowest number
}

TEST_F(FiledescTest, DescriptorsEndSomewhere) {
  for (int i = 1; i < FileTable::limit; i++) EXPECT_EQ(make(), i);
  std::int32_t fd = -1;
  EXPECT_EQ(ioctl(device, maker_make, fd), EMFILE);
  int none = -1;
  EXPECT_EQ(files.open(maker.dev(), FREAD, none), EMFILE);
  files.close(5);
  EXPECT_EQ(make(), 5);
}

TEST_F(FiledescTest, AnAbortedFileLeavesNothing) {
  std::int32_t unused = 0;
  EXPECT_EQ(ioctl(device, maker_abort, unused), 0);
  EXPECT_EQ(make(), 1);
}

TEST_F(FiledescTest, WithoutAClientThereAreNoDescriptors) {
  vmspace user;
  user.add(user_address, std::vector<std::byte>(4));
  EXPECT_EQ(files.find(device)->ioctl(maker_make, user, user_address), EMFILE);
  EXPECT_EQ(fd_getfile(0), nullptr);
  EXPECT_VIOLATION(fd_putfile(0), "fd_putfile: 0: fd_getfile\\(\\) does not hold it");
  file_t file{};
  EXPECT_VIOLATION(fd_affix(files.process(), &file, 1), "fd_affix: of another process");
}

TEST_F(FiledescTest, ManyThreadsOpenMakeAndClose) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; i++) {
        const int fd = make();
        const auto queue = std::make_shared<EventQueue>();
        EXPECT_EQ(files.find(fd)->watch(queue, 1, EVFILT_READ), 0);
        MakerDevice::count(1);
        Waiter waiter;
        queue->wait(1, now, waiter);
        EXPECT_EQ(files.close(fd), 0);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(maker.files, 0);
}

TEST(FileOperations, DefaultsRefuse) {
  EXPECT_EQ(fbadop_read(nullptr, nullptr, nullptr, nullptr, 0), EOPNOTSUPP);
  EXPECT_EQ(fbadop_write(nullptr, nullptr, nullptr, nullptr, 0), EOPNOTSUPP);
  EXPECT_EQ(fbadop_ioctl(nullptr, 0, nullptr), EOPNOTSUPP);
  EXPECT_EQ(fbadop_close(nullptr), EOPNOTSUPP);
  EXPECT_EQ(fbadop_stat(nullptr, nullptr), EOPNOTSUPP);
  EXPECT_EQ(fnullop_kqfilter(nullptr, nullptr), EOPNOTSUPP);
  EXPECT_EQ(fnullop_poll(nullptr, POLLIN), 0);
  EXPECT_EQ(fnullop_fcntl(nullptr, F_SETFL, nullptr), 0);
  EXPECT_EQ(fnullop_fcntl(nullptr, F_GETFL, nullptr), EOPNOTSUPP);
}

}  // namespace
