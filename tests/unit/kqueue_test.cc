// SPDX-License-Identifier: BSD-2-Clause
// selrecord(9), knote(9), and their other sides.
#include <gtest/gtest.h>

#include <thread>

#include "expect_violation.h"
#include "kern/open_device.h"
#include "kern/poll.h"
#include "kern_support.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/poll.h"
#include "netbsd/sys/select.h"
#include "pipe_device.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds now{0};

class KqueueTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(device->open(), 0); }

  void write(const std::string& text) {
    const auto* p = reinterpret_cast<const std::byte*>(text.data());
    std::size_t written = 0;
    EXPECT_EQ(device->write({p, p + text.size()}, written), 0);
  }
  void drain() {
    std::vector<std::byte> data(1000);
    EXPECT_EQ(device->read(data), 0);
  }

  PipeDevice pipe;
  std::shared_ptr<OpenDevice> device = OpenDevice::create(pipe.dev(), FREAD | FWRITE);
  Waiter waiter;
};

TEST_F(KqueueTest, PollAnswersWhatIsReadyAtOnce) {
  EXPECT_EQ(poll_source(*device, POLLIN | POLLOUT, {}, waiter), POLLOUT);
  write("x");
  EXPECT_EQ(poll_source(*device, POLLIN | POLLOUT, {}, waiter), POLLIN | POLLOUT);
  EXPECT_EQ(poll_source(*device, POLLIN, now, waiter), POLLIN);
  drain();
  EXPECT_EQ(poll_source(*device, POLLIN, now, waiter), 0);
}

TEST_F(KqueueTest, PollSleepsUntilSelnotify) {
  std::thread poller([&] { EXPECT_EQ(poll_source(*device, POLLIN, {}, waiter), POLLIN); });
  write("x");
  poller.join();
}

TEST_F(KqueueTest, PollOfWhatIsNotThereIsAnError) {
  EXPECT_EQ(poll_source(*OpenDevice::create(makedev(4000, 0), FREAD), POLLIN, {}, waiter), POLLERR);
}

TEST_F(KqueueTest, CancelEndsAPoll) {
  std::thread poller([&] { EXPECT_EQ(poll_source(*device, POLLIN, {}, waiter), 0); });
  waiter.cancel();
  poller.join();
  EXPECT_EQ(poll_source(*device, POLLIN, {}, waiter), 0);
}

TEST_F(KqueueTest, EventIsALevelUnlessCleared) {
  EventQueue queue;
  ASSERT_EQ(queue.add(*device, pipe.dev(), EVFILT_READ, 0, 0, 0, this), 0);
  EXPECT_TRUE(queue.wait(1, now, waiter).empty());
  write("abc");
  for (int i = 0; i < 2; i++) {
    const auto events = queue.wait(4, {}, waiter);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].data, 3);
    EXPECT_EQ(events[0].ident, pipe.dev());
    EXPECT_EQ(events[0].filter, EVFILT_READ);
    EXPECT_EQ(events[0].udata, this);
  }
  drain();
  EXPECT_TRUE(queue.wait(1, now, waiter).empty());
}

TEST_F(KqueueTest, ClearReportsAChangeOnce) {
  EventQueue queue;
  ASSERT_EQ(queue.add(*device, pipe.dev(), EVFILT_READ, EV_CLEAR, 0, 0, nullptr), 0);
  write("a");
  EXPECT_EQ(queue.wait(1, {}, waiter).size(), 1u);
  EXPECT_TRUE(queue.wait(1, now, waiter).empty());
  write("b");
  const auto events = queue.wait(1, {}, waiter);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].data, 2);
}

TEST_F(KqueueTest, OneshotGoesAfterItsEvent) {
  EventQueue queue;
  write("a");
  ASSERT_EQ(queue.add(*device, pipe.dev(), EVFILT_READ, EV_ONESHOT, 0, 0, nullptr), 0);
  EXPECT_EQ(queue.wait(1, {}, waiter).size(), 1u);
  EXPECT_TRUE(queue.wait(1, now, waiter).empty());
  EXPECT_EQ(queue.remove(*device, EVFILT_READ), ENOENT);
}

TEST_F(KqueueTest, WaitIsWokenByKnote) {
  EventQueue queue;
  ASSERT_EQ(queue.add(*device, pipe.dev(), EVFILT_READ, 0, 0, 0, nullptr), 0);
  std::thread watcher([&] { EXPECT_EQ(queue.wait(1, {}, waiter).size(), 1u); });
  write("x");
  watcher.join();
}

TEST_F(KqueueTest, EofIsReported) {
  std::optional<struct kevent> event;
  pipe.end();
  EXPECT_EQ(device->wait(EVFILT_READ, {}, event), 0);
  ASSERT_TRUE(event.has_value());
  EXPECT_NE(event->flags & EV_EOF, 0u);
  EXPECT_EQ(event->data, 0);
}

TEST_F(KqueueTest, FiltersThatTheDriverDoesNotKnowAreRefused) {
  EventQueue queue;
  EXPECT_EQ(queue.add(*device, pipe.dev(), EVFILT_VNODE, 0, 0, 0, nullptr), EINVAL);
  EXPECT_EQ(
      queue.add(*OpenDevice::create(makedev(4000, 0), FREAD), 0, EVFILT_READ, 0, 0, 0, nullptr),
      ENXIO);
  EXPECT_EQ(queue.add(*device, pipe.dev(), EVFILT_READ, 0, 0, 0, nullptr), 0);
  EXPECT_EQ(queue.add(*device, pipe.dev(), EVFILT_READ, 0, 0, 0, nullptr), EEXIST);
  EXPECT_EQ(queue.remove(*device, EVFILT_READ), 0);
  EXPECT_EQ(queue.remove(*device, EVFILT_READ), ENOENT);
}

TEST_F(KqueueTest, ManyPollersAreAllWoken) {
  std::vector<std::thread> pollers;
  for (int i = 0; i < 8; i++) {
    pollers.emplace_back([&] {
      Waiter own;
      EXPECT_EQ(poll_source(*device, POLLIN, {}, own), POLLIN);
    });
  }
  write("x");
  for (auto& poller : pollers) poller.join();
}

TEST(Select, MistakesAreFound) {
  selinfo sel{};
  EXPECT_VIOLATION(seldestroy(&sel), "seldestroy: not initialised");
  selinit(&sel);
  knote kn{};
  selrecord_knote(&sel, &kn);
  EXPECT_VIOLATION(seldestroy(&sel), "seldestroy: a knote is still on its list");
  EXPECT_TRUE(selremove_knote(&sel, &kn));
  EXPECT_VIOLATION(selremove_knote(&sel, &kn), "klist_remove: the knote is not on the list");
  seldestroy(&sel);
}

TEST(Select, SeltrueFilterIsAlwaysReady) {
  knote kn{};
  kn.kn_filter = EVFILT_WRITE;
  EXPECT_EQ(seltrue_kqfilter(0, &kn), 0);
  EXPECT_EQ(kn.kn_fop->f_event(&kn, 0), 1);
  kn.kn_filter = EVFILT_TIMER;
  EXPECT_EQ(seltrue_kqfilter(0, &kn), EINVAL);
}

}  // namespace
