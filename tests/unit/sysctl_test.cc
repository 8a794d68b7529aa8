// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/sysctl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/sysctl.h"
#include "kern/track.h"

namespace pupci::kern {
namespace {

std::string value(const char* name) {
  SysctlEntry entry;
  const int error = sysctl_get(name, entry);
  return error == 0 ? entry.value : std::string("error: ") + std::strerror(error);
}

// hw.edu0, as a driver makes it.
class SysctlTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(sysctl_createv(&log_, 0, nullptr, &node_, CTLFLAG_READWRITE, CTLTYPE_NODE, "edu0",
                             "edu controls", nullptr, 0, nullptr, 0, CTL_HW, CTL_CREATE, CTL_EOL),
              0);
  }
  void TearDown() override { sysctl_teardown(&log_); }

  template <typename T>
  int add(const char* name, int type, T* data, sysctlfn function = nullptr,
          int flags = CTLFLAG_READWRITE, size_t size = 0) {
    return sysctl_createv(&log_, 0, &node_, nullptr, flags, type, name, nullptr, function, 0, data,
                          size, CTL_CREATE, CTL_EOL);
  }

  sysctllog* log_ = nullptr;
  const sysctlnode* node_ = nullptr;
};

TEST_F(SysctlTest, ReadsAndWritesVariables) {
  int number = 42;
  int64_t quad = -5;
  bool flag = true;
  char text[16] = "hello";
  EXPECT_EQ(add("int", CTLTYPE_INT, &number), 0);
  EXPECT_EQ(add("quad", CTLTYPE_QUAD, &quad), 0);
  EXPECT_EQ(add("bool", CTLTYPE_BOOL, &flag), 0);
  EXPECT_EQ(add("text", CTLTYPE_STRING, text, nullptr, CTLFLAG_READWRITE, sizeof(text)), 0);
  EXPECT_EQ(value("hw.edu0.int"), "42");
  EXPECT_EQ(value("hw.edu0.quad"), "-5");
  EXPECT_EQ(value("hw.edu0.bool"), "1");
  EXPECT_EQ(value("hw.edu0.text"), "hello");
  EXPECT_EQ(sysctl_set("hw.edu0.int", "-7"), 0);
  EXPECT_EQ(number, -7);
  EXPECT_EQ(sysctl_set("hw.edu0.quad", "0x123456789a"), 0);
  EXPECT_EQ(quad, 0x123456789a);
  EXPECT_EQ(sysctl_set("hw.edu0.bool", "0"), 0);
  EXPECT_FALSE(flag);
  EXPECT_EQ(sysctl_set("hw.edu0.text", "good day"), 0);
  EXPECT_STREQ(text, "good day");
}

TEST_F(SysctlTest, RefusesWhatIsNoValue) {
  int number = 42;
  bool flag = true;
  char text[8] = "";
  add("int", CTLTYPE_INT, &number);
  add("bool", CTLTYPE_BOOL, &flag);
  add("text", CTLTYPE_STRING, text, nullptr, CTLFLAG_READWRITE, sizeof(text));
  for (const char* bad : {"", "x", "4294967296", "-2147483649", "1 2"}) {
    EXPECT_EQ(sysctl_set("hw.edu0.int", bad), EINVAL) << bad;
  }
  EXPECT_EQ(sysctl_set("hw.edu0.bool", "2"), EINVAL);
  EXPECT_EQ(sysctl_set("hw.edu0.text", "12345678"), EINVAL);
  EXPECT_EQ(sysctl_set("hw.edu0.text", "1234567"), 0);
  EXPECT_EQ(sysctl_set("hw.edu0.none", "1"), ENOENT);
  EXPECT_EQ(sysctl_set("hw.edu0", "1"), EISDIR);
  EXPECT_EQ(number, 42);
}

TEST_F(SysctlTest, ReadonlyIsReadonly) {
  int number = 42;
  add("int", CTLTYPE_INT, &number, nullptr, CTLFLAG_READONLY);
  EXPECT_EQ(sysctl_set("hw.edu0.int", "1"), EPERM);
  EXPECT_EQ(number, 42);
}

TEST_F(SysctlTest, ShowsHexAndUnsigned) {
  int number = -1;
  add("hex", CTLTYPE_INT, &number, nullptr, CTLFLAG_READWRITE | CTLFLAG_HEX);
  add("unsigned", CTLTYPE_INT, &number, nullptr, CTLFLAG_READWRITE | CTLFLAG_UNSIGNED);
  EXPECT_EQ(value("hw.edu0.hex"), "0xffffffff");
  EXPECT_EQ(value("hw.edu0.unsigned"), "4294967295");
}

TEST_F(SysctlTest, ImmediateValuesLiveInTheNode) {
  EXPECT_EQ(
      sysctl_createv(&log_, 0, &node_, nullptr, CTLFLAG_IMMEDIATE | CTLFLAG_READWRITE, CTLTYPE_INT,
                     "now", nullptr, nullptr, 17, nullptr, 0, CTL_CREATE, CTL_EOL),
      0);
  EXPECT_EQ(value("hw.edu0.now"), "17");
  EXPECT_EQ(sysctl_set("hw.edu0.now", "18"), 0);
  EXPECT_EQ(value("hw.edu0.now"), "18");
}

struct Softc {
  int speed = 10;
  int calls = 0;
};

// The usual helper: a copy of the node with the value on the stack, checked before it is taken.
int speed_helper(SYSCTLFN_ARGS) {
  sysctlnode node = *rnode;
  auto* sc = static_cast<Softc*>(node.sysctl_data);
  int speed = sc->speed;
  sc->calls++;
  node.sysctl_data = &speed;
  const int error = sysctl_lookup(SYSCTLFN_CALL(&node));
  if (error != 0 || newp == nullptr) return error;
  if (speed != 10 && speed != 100) return EINVAL;
  sc->speed = speed;
  return 0;
}

TEST_F(SysctlTest, HelpersDecide) {
  Softc sc;
  EXPECT_EQ(add("speed", CTLTYPE_INT, &sc, speed_helper), 0);
  EXPECT_EQ(value("hw.edu0.speed"), "10");
  EXPECT_EQ(sysctl_set("hw.edu0.speed", "50"), EINVAL);
  EXPECT_EQ(sc.speed, 10);
  EXPECT_EQ(sysctl_set("hw.edu0.speed", "100"), 0);
  EXPECT_EQ(sc.speed, 100);
  EXPECT_EQ(sc.calls, 3);
}

int locked_helper(SYSCTLFN_ARGS) {
  *static_cast<bool*>(oldp) = current()->kernel_locks != 0;
  *oldlenp = sizeof(bool);
  (void)name, (void)namelen, (void)newp, (void)newlen, (void)oname, (void)l, (void)rnode;
  return 0;
}

TEST_F(SysctlTest, HelpersRunUnderTheKernelLock) {
  EXPECT_EQ(add<void>("locked", CTLTYPE_BOOL, nullptr, locked_helper, CTLFLAG_READONLY), 0);
  EXPECT_EQ(value("hw.edu0.locked"), "1");
}

TEST_F(SysctlTest, SameNodeTwiceIsFineAnotherIsNot) {
  int number = 0;
  const sysctlnode* again = nullptr;
  EXPECT_EQ(sysctl_createv(nullptr, 0, nullptr, &again, 0, CTLTYPE_NODE, "edu0", nullptr, nullptr,
                           0, nullptr, 0, CTL_HW, CTL_CREATE, CTL_EOL),
            0);
  EXPECT_EQ(again, node_);
  EXPECT_EQ(add("x", CTLTYPE_INT, &number), 0);
  EXPECT_EQ(add("x", CTLTYPE_INT, &number, speed_helper), EEXIST);
}

TEST_F(SysctlTest, RefusesBadNodes) {
  int number = 0;
  EXPECT_EQ(add("a-name-of-more-than-thirty-one-characters", CTLTYPE_INT, &number), ENAMETOOLONG);
  EXPECT_EQ(add<int>("nodata", CTLTYPE_INT, nullptr), EINVAL);
  EXPECT_EQ(sysctl_createv(&log_, 0, nullptr, nullptr, 0, CTLTYPE_INT, "lost", nullptr, nullptr, 0,
                           &number, 0, CTL_HW, 77777, CTL_CREATE, CTL_EOL),
            ENOENT);
  EXPECT_EQ(sysctl_createv(&log_, 1, nullptr, nullptr, 0, CTLTYPE_INT, "flags", nullptr, nullptr, 0,
                           &number, 0, CTL_HW, CTL_CREATE, CTL_EOL),
            EINVAL);
}

TEST_F(SysctlTest, ListsLeavesInOrder) {
  int number = 1;
  add("b", CTLTYPE_INT, &number);
  add("a", CTLTYPE_INT, &number);
  add("hidden", CTLTYPE_INT, &number, nullptr, CTLFLAG_HIDDEN);
  std::vector<std::string> names;
  for (const auto& entry : sysctl_list("hw.edu0")) names.push_back(entry.name);
  EXPECT_THAT(names, testing::ElementsAre("hw.edu0.b", "hw.edu0.a"));
  EXPECT_TRUE(sysctl_list("no.such").empty());
  EXPECT_FALSE(sysctl_list("").empty());
}

TEST_F(SysctlTest, TeardownTakesAllAndOnlyItsOwn) {
  int number = 1;
  add("a", CTLTYPE_INT, &number);
  sysctllog* other = nullptr;
  const sysctlnode* same = nullptr;
  sysctl_createv(&other, 0, nullptr, &same, CTLFLAG_READWRITE, CTLTYPE_NODE, "edu0", nullptr,
                 nullptr, 0, nullptr, 0, CTL_HW, CTL_CREATE, CTL_EOL);
  sysctl_createv(&other, 0, &same, nullptr, CTLFLAG_READWRITE, CTLTYPE_INT, "theirs", nullptr,
                 nullptr, 0, &number, 0, CTL_CREATE, CTL_EOL);
  sysctl_teardown(&log_);
  EXPECT_EQ(log_, nullptr);
  EXPECT_EQ(value("hw.edu0.theirs"), "1");
  EXPECT_EQ(value("hw.edu0.a"), "error: No such file or directory");
  sysctl_teardown(&other);
  EXPECT_TRUE(sysctl_list("hw.edu0").empty());
  EXPECT_TRUE(tracked_for(nullptr).empty());
  EXPECT_GT(sysctl_list("hw").size(), 0U);
}

TEST_F(SysctlTest, PurgeTakesWhatPointsIntoARange) {
  int numbers[2] = {1, 2};
  int other = 3;
  sysctl_createv(nullptr, 0, &node_, nullptr, CTLFLAG_PERMANENT, CTLTYPE_INT, "in", nullptr,
                 nullptr, 0, &numbers[0], 0, CTL_CREATE, CTL_EOL);
  add("out", CTLTYPE_INT, &other);
  sysctl_purge(&numbers[0], &numbers[2]);
  EXPECT_EQ(value("hw.edu0.in"), "error: No such file or directory");
  EXPECT_EQ(value("hw.edu0.out"), "3");
}

TEST_F(SysctlTest, ByNumberWithTruncationAndQuery) {
  char text[16] = "hello";
  const sysctlnode* made = nullptr;
  sysctl_createv(&log_, 0, &node_, &made, CTLFLAG_READWRITE, CTLTYPE_STRING, "text", nullptr,
                 nullptr, 0, text, sizeof(text), CTL_CREATE, CTL_EOL);
  const int name[] = {CTL_HW, node_->sysctl_num, made->sysctl_num};
  char small[3];
  size_t size = sizeof(small);
  EXPECT_EQ(sysctl_dispatch(name, 3, small, &size, nullptr, 0, name, nullptr, nullptr), 0);
  EXPECT_EQ(size, 6U);
  EXPECT_EQ(std::memcmp(small, "hel", 3), 0);
  const int query[] = {CTL_HW, node_->sysctl_num, CTL_QUERY};
  sysctlnode children[4];
  size = sizeof(children);
  EXPECT_EQ(sysctl_dispatch(query, 3, children, &size, nullptr, 0, query, nullptr, nullptr), 0);
  ASSERT_EQ(size, sizeof(sysctlnode));
  EXPECT_STREQ(children[0].sysctl_name, "text");
}

void setup_function(sysctllog** log) {
  static int number = 5;
  sysctl_createv(log, 0, nullptr, nullptr, CTLFLAG_PERMANENT | CTLFLAG_READWRITE, CTLTYPE_INT,
                 "from_setup", nullptr, nullptr, 0, &number, 0, CTL_DEBUG, CTL_CREATE, CTL_EOL);
}

TEST(Sysctl, SetupFunctionsRunAndTheirNodesGo) {
  const SysctlSetup set[] = {setup_function};
  sysctllog* log = sysctl_run_setup(set, set + 1);
  EXPECT_EQ(value("debug.from_setup"), "5");
  sysctl_teardown(&log);
  EXPECT_EQ(value("debug.from_setup"), "error: No such file or directory");
}

TEST(Sysctl, HasTheWellKnownNodes) {
  EXPECT_EQ(value("kern.ostype"), "NetBSD");
  EXPECT_EQ(value("hw.pagesize"), "4096");
}

// A helper that sleeps gives up the kernel lock; a driver that attaches meanwhile holds that and
// wants the tree. Neither may wait for the other for ever.
TEST_F(SysctlTest, TreeAndKernelLockDoNotDeadlock) {
  Softc sc;
  add("speed", CTLTYPE_INT, &sc, speed_helper);
  std::thread outside([] {
    for (int i = 0; i < 2000; ++i) EXPECT_EQ(value("hw.edu0.speed"), "10");
  });
  for (int i = 0; i < 2000; ++i) {
    const KernelLock kernel;
    int number = 0;
    sysctllog* log = nullptr;
    EXPECT_EQ(sysctl_createv(&log, 0, nullptr, nullptr, 0, CTLTYPE_INT, "passing", nullptr, nullptr,
                             0, &number, 0, CTL_DEBUG, CTL_CREATE, CTL_EOL),
              0);
    sysctl_teardown(&log);
  }
  outside.join();
}

}  // namespace
}  // namespace pupci::kern
