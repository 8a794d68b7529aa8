// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/kcpuset.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "expect_violation.h"
#include "netbsd/sys/interrupt.h"
#include "netbsd/sys/paravirt_membar.h"

namespace {

class KcpusetTest : public testing::Test {
 protected:
  KcpusetTest() {
    kcpuset_create(&one_, true);
    kcpuset_create(&other_, false);
  }
  ~KcpusetTest() override {
    kcpuset_destroy(one_);
    kcpuset_destroy(other_);
  }
  kcpuset_t* one_ = nullptr;
  kcpuset_t* other_ = nullptr;
};

TEST_F(KcpusetTest, IsEmptyWhenMade) {
  EXPECT_TRUE(kcpuset_iszero(one_));
  EXPECT_TRUE(kcpuset_iszero(other_));
  EXPECT_EQ(kcpuset_ffs(one_), 0U);
  EXPECT_EQ(kcpuset_countset(one_), 0);
}

TEST_F(KcpusetTest, HoldsWhatWasSetAndNotCleared) {
  kcpuset_set(one_, 3);
  kcpuset_atomic_set(one_, 63);
  EXPECT_TRUE(kcpuset_isset(one_, 3));
  EXPECT_TRUE(kcpuset_isset(one_, 63));
  EXPECT_FALSE(kcpuset_isset(one_, 0));
  EXPECT_EQ(kcpuset_ffs(one_), 4U);
  EXPECT_EQ(kcpuset_countset(one_), 2);
  EXPECT_TRUE(kcpuset_isotherset(one_, 3));
  kcpuset_clear(one_, 3);
  EXPECT_FALSE(kcpuset_isotherset(one_, 63));
  kcpuset_atomic_clear(one_, 63);
  EXPECT_TRUE(kcpuset_iszero(one_));
}

TEST_F(KcpusetTest, NoSetHasNoCpu) {
  EXPECT_FALSE(kcpuset_isset(nullptr, 0));
}

TEST_F(KcpusetTest, Combines) {
  kcpuset_set(one_, 1);
  kcpuset_set(one_, 2);
  kcpuset_set(other_, 2);
  kcpuset_set(other_, 5);
  EXPECT_TRUE(kcpuset_intersecting_p(one_, other_));
  EXPECT_EQ(kcpuset_ffs_intersecting(one_, other_), 3U);
  kcpuset_t* both = nullptr;
  kcpuset_clone(&both, one_);
  EXPECT_TRUE(kcpuset_match(both, one_));
  kcpuset_merge(both, other_);
  EXPECT_EQ(kcpuset_countset(both), 3);
  kcpuset_remove(both, one_);
  EXPECT_EQ(kcpuset_ffs(both), 6U);
  EXPECT_EQ(kcpuset_countset(both), 1);
  kcpuset_copy(both, one_);
  kcpuset_intersect(both, other_);
  EXPECT_EQ(kcpuset_countset(both), 1);
  EXPECT_TRUE(kcpuset_isset(both, 2));
  kcpuset_fill(both);
  EXPECT_EQ(kcpuset_countset(both), 64);
  kcpuset_zero(both);
  EXPECT_FALSE(kcpuset_intersecting_p(one_, both));
  kcpuset_destroy(both);
}

TEST_F(KcpusetTest, InterruptsAreOnTheOnlyCpu) {
  int cookie = 0;
  EXPECT_EQ(interrupt_distribute(&cookie, one_, other_), EINVAL);  // empty
  kcpuset_set(one_, 1);
  EXPECT_EQ(interrupt_distribute(&cookie, one_, nullptr), EINVAL);  // there is no CPU 1
  kcpuset_set(one_, 0);
  kcpuset_set(other_, 7);
  EXPECT_EQ(interrupt_distribute(&cookie, one_, other_), 0);
  EXPECT_EQ(kcpuset_countset(other_), 1);
  EXPECT_TRUE(kcpuset_isset(other_, 0));
  EXPECT_EQ(interrupt_distribute(&cookie, one_, nullptr), 0);
}

TEST_F(KcpusetTest, HoldsNoCpuBeyondTheLast) {
  EXPECT_VIOLATION(kcpuset_set(one_, 64), "kcpuset_set: a set holds CPUs 0 to 63, not 64");
}

TEST_F(KcpusetTest, IsDestroyedOnce) {
  kcpuset_t* set = nullptr;
  kcpuset_create(&set, true);
  kcpuset_destroy(set);
  EXPECT_VIOLATION(kcpuset_destroy(set), "kcpuset_destroy: there is no such set");
}

TEST_F(KcpusetTest, AnInterruptIsNeededToMoveIt) {
  EXPECT_VIOLATION(interrupt_distribute(nullptr, one_, nullptr),
                   "interrupt_distribute: no interrupt");
}

// What it orders between processors, the architecture gives and no test of ours can deny.
TEST(ParavirtMembar, MayBeCalledAnywhere) {
  paravirt_membar_sync();
}

}  // namespace
