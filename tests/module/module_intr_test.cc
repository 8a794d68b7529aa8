// SPDX-License-Identifier: BSD-2-Clause
// pupci(4), the kernel module: interrupts and their descriptors.
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "module/module.h"
#include "netbsd/sys/event.h"
#include "netbsd/sys/filio.h"
#include "netbsd/sys/poll.h"

using namespace pupci;
using namespace pupci::test;

namespace {

// Registers of the sim host's "msix".
constexpr std::uint64_t send = 0x04;
constexpr std::uint64_t level = 0x10;

class ModuleInterrupts : public ::testing::Test {
 protected:
  ModuleInterrupts() { EXPECT_EQ(node_.config_write(4, 2, 6), 0); }

  int set_nonblocking(int fd) {
    const auto file = node_.files().find(fd);
    int on = 1;
    vmspace user;
    const auto* bytes = reinterpret_cast<const std::byte*>(&on);
    user.add(0x1000, std::vector<std::byte>(bytes, bytes + sizeof on));
    return file->ioctl(FIONBIO, user, 0x1000);
  }
  // What kevent(2) tells, as soon as it does; -1: nothing at once.
  std::int64_t event(int fd, std::chrono::milliseconds patience) {
    std::optional<struct kevent> event;
    EXPECT_EQ(node_.files().find(fd)->wait(EVFILT_READ, patience, event), 0);
    return event ? event->data : -1;
  }
  int poll(int fd, std::chrono::milliseconds patience) {
    int found = 0;
    EXPECT_EQ(node_.files().find(fd)->poll(POLLIN, patience, found), 0);
    return found;
  }
  static constexpr std::chrono::milliseconds at_once{0};
  static constexpr std::chrono::milliseconds long_enough{60000};
  ModuleMachine machine_{"msix"};
  ModuleNode node_;
};

TEST_F(ModuleInterrupts, EveryMessageIsCounted) {
  for (const std::uint32_t type : {PUPCI_INTR_MSI, PUPCI_INTR_MSIX}) {
    ASSERT_EQ(node_.allocate(type, 4), 0);
    int fds[4];
    for (unsigned i = 0; i < 4; i++) ASSERT_GE(fds[i] = node_.establish(i), 0);
    for (unsigned i = 0; i < 400; i++) {
      ASSERT_EQ(node_.write(0, send, 4, i % 4), 0);
      EXPECT_EQ(node_.take(fds[i % 4]), 1);
    }
    for (const int fd : fds) EXPECT_EQ(event(fd, at_once), -1);
    ASSERT_EQ(node_.ioctl(PUPCI_IOC_INTR_RELEASE), 0);
    for (const int fd : fds) {
      EXPECT_EQ(node_.take(fd), -ENXIO);
      EXPECT_EQ(node_.files().close(fd), 0);
    }
  }
}

TEST_F(ModuleInterrupts, EventsTellHowMany) {
  ASSERT_EQ(node_.allocate(PUPCI_INTR_MSIX, 1), 0);
  const int fd = node_.establish(0);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(poll(fd, at_once), 0);
  EXPECT_EQ(event(fd, at_once), -1);
  // Messages that come faster than the handler may be one interrupt, so one after the other.
  for (std::int64_t sent = 1; sent <= 3; sent++) {
    ASSERT_EQ(node_.write(0, send, 4, 0), 0);
    while (event(fd, long_enough) != sent) {
    }
  }
  EXPECT_EQ(poll(fd, long_enough), POLLIN);
  EXPECT_EQ(node_.take(fd), 3);
  EXPECT_EQ(poll(fd, at_once), 0);
  EXPECT_EQ(event(fd, at_once), -1);
}

TEST_F(ModuleInterrupts, ReadsThatAreNone) {
  ASSERT_EQ(node_.allocate(PUPCI_INTR_MSIX, 1), 0);
  const int fd = node_.establish(0);
  const auto file = node_.files().find(fd);
  std::vector<std::byte> data(3);
  EXPECT_EQ(file->read(data), EINVAL);
  ASSERT_EQ(set_nonblocking(fd), 0);
  EXPECT_EQ(node_.take(fd), -EAGAIN);
  std::size_t written = 0;
  EXPECT_EQ(file->write({std::byte{}}, written), EOPNOTSUPP);
  EXPECT_EQ(node_.ioctl_of(fd, PUPCI_IOC_RESET), ENOTTY);
  std::optional<struct kevent> event;
  EXPECT_EQ(file->wait(EVFILT_WRITE, at_once, event), EINVAL);
}

TEST_F(ModuleInterrupts, AMaskedVectorCountsAndIsQuiet) {
  ASSERT_EQ(node_.allocate(PUPCI_INTR_MSIX, 2), 0);
  const int fd = node_.establish(0);
  const int other = node_.establish(1);
  ASSERT_EQ(set_nonblocking(fd), 0);
  ASSERT_EQ(node_.ioctl_of(fd, PUPCI_IOC_INTR_MASK), 0);
  ASSERT_EQ(node_.write(0, send, 4, 0), 0);
  ASSERT_EQ(node_.write(0, send, 4, 1), 0);
  EXPECT_EQ(node_.take(other), 1);
  EXPECT_EQ(node_.take(fd), -EAGAIN);
  EXPECT_EQ(poll(fd, at_once), 0);
  ASSERT_EQ(node_.ioctl_of(fd, PUPCI_IOC_INTR_UNMASK), 0);
  EXPECT_EQ(poll(fd, long_enough), POLLIN);
  EXPECT_EQ(node_.take(fd), 1);
}

TEST_F(ModuleInterrupts, ALineIsQuietUntilItIsAcknowledged) {
  ASSERT_EQ(node_.allocate(PUPCI_INTR_INTX, 1), 0);
  const int fd = node_.establish(0);
  ASSERT_GE(fd, 0);
  const auto function = machine_.function(0);
  EXPECT_EQ(function->config_read(4, 2) & 0x400, 0U);
  ASSERT_EQ(node_.write(0, level, 4, 1), 0);
  EXPECT_EQ(node_.take(fd), 1);
  EXPECT_EQ(function->config_read(4, 2) & 0x400, 0x400U);
  EXPECT_EQ(node_.config(4, 2) & 0x400, 0U);  // not the process's wish
  EXPECT_EQ(poll(fd, at_once), 0);
  // Still asserted: it comes again.
  ASSERT_EQ(node_.ioctl_of(fd, PUPCI_IOC_INTR_ACKNOWLEDGE), 0);
  EXPECT_EQ(node_.take(fd), 1);
  ASSERT_EQ(node_.write(0, level, 4, 0), 0);
  ASSERT_EQ(node_.ioctl_of(fd, PUPCI_IOC_INTR_ACKNOWLEDGE), 0);
  EXPECT_EQ(function->config_read(4, 2) & 0x400, 0U);
  EXPECT_EQ(poll(fd, at_once), 0);
  // Masked in service: acknowledging does not unmask.
  ASSERT_EQ(node_.write(0, level, 4, 1), 0);
  EXPECT_EQ(node_.take(fd), 1);
  ASSERT_EQ(node_.ioctl_of(fd, PUPCI_IOC_INTR_MASK), 0);
  ASSERT_EQ(node_.ioctl_of(fd, PUPCI_IOC_INTR_ACKNOWLEDGE), 0);
  EXPECT_EQ(function->config_read(4, 2) & 0x400, 0x400U);
  ASSERT_EQ(node_.ioctl_of(fd, PUPCI_IOC_INTR_UNMASK), 0);
  EXPECT_EQ(node_.take(fd), 1);
}

TEST_F(ModuleInterrupts, ProcessesWishStays) {
  ASSERT_EQ(node_.allocate(PUPCI_INTR_INTX, 1), 0);
  ASSERT_GE(node_.establish(0), 0);
  const auto function = machine_.function(0);
  ASSERT_EQ(node_.config_write(4, 2, 0x406), 0);
  EXPECT_EQ(node_.config(4, 2) & 0x406, 0x406U);
  EXPECT_EQ(function->config_read(4, 2) & 0x400, 0x400U);
  ASSERT_EQ(node_.config_write(4, 2, 6), 0);
  EXPECT_EQ(function->config_read(4, 2) & 0x400, 0U);
}

// Nobody would quiet it for those who share the wire.
TEST_F(ModuleInterrupts, ALineWithoutAHandlerIsQuiet) {
  const auto function = machine_.function(0);
  const auto quiet = [&] { return (function->config_read(4, 2) & 0x400) != 0; };
  EXPECT_TRUE(quiet());
  EXPECT_EQ(node_.config(4, 2) & 0x400, 0U);
  ASSERT_EQ(node_.allocate(PUPCI_INTR_INTX, 1), 0);
  EXPECT_TRUE(quiet());
  ASSERT_GE(node_.establish(0), 0);
  EXPECT_FALSE(quiet());
  ASSERT_EQ(node_.write(0, level, 4, 1), 0);
  ASSERT_EQ(node_.ioctl(PUPCI_IOC_INTR_RELEASE), 0);
  EXPECT_TRUE(quiet());
  // Messages are not its concern.
  ASSERT_EQ(node_.allocate(PUPCI_INTR_MSI, 1), 0);
  ASSERT_GE(node_.establish(0), 0);
  EXPECT_FALSE(quiet());
  node_.close();
  EXPECT_TRUE(quiet());
  // Whose driver comes next finds it as it was.
  EXPECT_EQ(machine_.detach(), std::vector<std::string>{});
  EXPECT_FALSE(quiet());
}

TEST_F(ModuleInterrupts, RequestsThatAreNone) {
  EXPECT_EQ(node_.allocate(3, 1), EINVAL);
  EXPECT_EQ(node_.allocate(PUPCI_INTR_MSIX, 0), EINVAL);
  EXPECT_EQ(node_.allocate(PUPCI_INTR_MSIX, 33), EINVAL);
  EXPECT_EQ(node_.allocate(PUPCI_INTR_INTX, 2), EINVAL);
  EXPECT_EQ(node_.ioctl(PUPCI_IOC_INTR_RELEASE), ENOENT);
  EXPECT_EQ(node_.establish(0), -EINVAL);
  ASSERT_EQ(node_.allocate(PUPCI_INTR_MSIX, 2), 0);
  EXPECT_EQ(node_.allocate(PUPCI_INTR_MSI, 1), EBUSY);
  EXPECT_EQ(node_.ioctl(PUPCI_IOC_RESET), EBUSY);
  EXPECT_EQ(node_.establish(2), -EINVAL);
  const int fd = node_.establish(0);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(node_.establish(0), -EEXIST);
  EXPECT_EQ(node_.ioctl(PUPCI_IOC_INTR_ACKNOWLEDGE), ENOTTY);
  // Closed: its place is free.
  EXPECT_EQ(node_.files().close(fd), 0);
  const int again = node_.establish(0);
  ASSERT_GE(again, 0);
  ASSERT_EQ(node_.write(0, send, 4, 0), 0);
  EXPECT_EQ(node_.take(again), 1);
}

TEST_F(ModuleInterrupts, DescriptorsOutliveTheirVectors) {
  ASSERT_EQ(node_.allocate(PUPCI_INTR_MSIX, 1), 0);
  const int fd = node_.establish(0);
  std::atomic<long> taken{0};
  std::thread sleeper([&] { taken = node_.take(fd); });
  ASSERT_EQ(node_.close(), 0);
  sleeper.join();
  EXPECT_EQ(taken, -ENXIO);
  EXPECT_EQ(poll(fd, at_once), POLLHUP);
  EXPECT_EQ(node_.ioctl_of(fd, PUPCI_IOC_INTR_UNMASK), ENXIO);
  EXPECT_EQ(node_.files().close(fd), 0);
  EXPECT_EQ(machine_.detach(), std::vector<std::string>{});
}

TEST_F(ModuleInterrupts, DetachWakesWhoSleeps) {
  ASSERT_EQ(node_.allocate(PUPCI_INTR_MSIX, 1), 0);
  const int fd = node_.establish(0);
  long taken = 0;
  std::thread sleeper([&] { taken = node_.take(fd); });
  int found = 0;
  std::thread watcher([&] { found = poll(node_.fd(), long_enough); });
  (void)machine_.detach();  // what belongs to the descriptor is still there
  sleeper.join();
  watcher.join();
  EXPECT_EQ(taken, -ENXIO);
  EXPECT_EQ(found & POLLHUP, POLLHUP);
}

// A line that is quieted by a program of steps: registers of the sim host's "edu".
class ModulePrograms : public ::testing::Test {
 protected:
  static constexpr std::uint32_t status = 0x24;
  static constexpr std::uint32_t raise = 0x60;
  static constexpr std::uint32_t clear = 0x64;

  int establish(const std::vector<pupci_step>& handler,
                const std::vector<pupci_step>& acknowledge = {}) {
    request_ = pupci_intr_establish{};
    std::copy(handler.begin(), handler.end(), request_.handler);
    std::copy(acknowledge.begin(), acknowledge.end(), request_.acknowledge);
    return node_.ioctl(PUPCI_IOC_INTR_ESTABLISH, request_);
  }

  ModuleMachine machine_{"edu"};
  ModuleNode node_;
  pupci_intr_establish request_{};
};

TEST_F(ModulePrograms, QuietTheFunction) {
  ASSERT_EQ(node_.config_write(4, 2, 6), 0);
  ASSERT_EQ(node_.allocate(PUPCI_INTR_INTX, 1), 0);
  // Reads the causes, clears them, and raises them anew when they are acknowledged.
  ASSERT_EQ(establish({{PUPCI_STEP_READ, 0, 4, 1, status, 0, 0},
                       {PUPCI_STEP_TEST, 0, 0, 1, 0, 0xff, 0},
                       {PUPCI_STEP_WRITE, 0, 4, 1, clear, 0xffffffff, 0}},
                      {{PUPCI_STEP_WRITE, 0, 4, 1, raise, 0xf0, 2}}),
            0);
  ASSERT_EQ(node_.ioctl_of(request_.fd, PUPCI_IOC_INTR_UNMASK), 0);
  EXPECT_EQ(machine_.function(0)->config_read(4, 2) & 0x400, 0U);
  ASSERT_EQ(node_.write(0, raise, 4, 0x31), 0);
  EXPECT_EQ(node_.take(request_.fd), 1);
  EXPECT_EQ(node_.read(0, status, 4), 0U);
  ASSERT_EQ(node_.ioctl_of(request_.fd, PUPCI_IOC_INTR_ACKNOWLEDGE), 0);
  EXPECT_EQ(node_.take(request_.fd), 1);
}

TEST_F(ModulePrograms, AreChecked) {
  const pupci_step read{PUPCI_STEP_READ, 0, 4, 0, status, 0, 0};
  const pupci_step test{PUPCI_STEP_TEST, 0, 0, 0, 0, 1, 0};
  const pupci_step write{PUPCI_STEP_WRITE, 0, 4, 0, clear, 0, 0};
  ASSERT_EQ(node_.allocate(PUPCI_INTR_INTX, 1), 0);
  EXPECT_EQ(establish({read}), EINVAL);               // claims all there is
  EXPECT_EQ(establish({read, write, test}), EINVAL);  // writes before it knows
  EXPECT_EQ(establish({}, {write}), EINVAL);
  EXPECT_EQ(establish({read, test, {9, 0, 4, 0, 0, 0, 0}}), EINVAL);
  EXPECT_EQ(establish({{PUPCI_STEP_READ, 0, 4, 4, status, 0, 0}, test}), EINVAL);
  EXPECT_EQ(establish({{PUPCI_STEP_READ, 0, 8, 0, status, 0, 0}, test}), EINVAL);
  EXPECT_EQ(establish({{PUPCI_STEP_READ, 0, 3, 0, status, 0, 0}, test}), EINVAL);
  EXPECT_EQ(establish({{PUPCI_STEP_READ, 0, 4, 0, 0x25, 0, 0}, test}), EINVAL);
  EXPECT_EQ(establish({{PUPCI_STEP_READ, 1, 4, 0, status, 0, 0}, test}), ENXIO);
  EXPECT_EQ(establish({{PUPCI_STEP_READ, 200, 4, 0, status, 0, 0}, test}), ENXIO);
  EXPECT_EQ(establish({{PUPCI_STEP_READ, 0, 4, 0, 0xfffffffc, 0, 0}, test}), ERANGE);
  ASSERT_EQ(node_.ioctl(PUPCI_IOC_INTR_RELEASE), 0);
  ASSERT_EQ(node_.allocate(PUPCI_INTR_MSI, 1), 0);
  EXPECT_EQ(establish({read, test, write}), EINVAL);
}

}  // namespace
