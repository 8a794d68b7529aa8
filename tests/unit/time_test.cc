// SPDX-License-Identifier: BSD-2-Clause
// time(9), tvtohz(9), bintime(9), delay(9), timecounter(9), atomic_ops(3).
#include "netbsd/sys/time.h"

#include <cerrno>
#include <climits>
#include <thread>
#include <vector>

#include "kern_support.h"
#include "netbsd/sys/atomic.h"
#include "netbsd/sys/kernel.h"
#include "netbsd/sys/param.h"
#include "netbsd/sys/timetc.h"

namespace pupci::kern {
namespace {

TEST(TimeTest, WallClockIsTheHosts) {
  timespec ts;
  timeval tv;
  nanotime(&ts);
  microtime(&tv);
  const time_t now = ::time(nullptr);
  EXPECT_LE(std::abs(ts.tv_sec - now), 1);
  EXPECT_LE(std::abs(tv.tv_sec - now), 1);
  EXPECT_LE(std::abs(time_second - now), 1);
}

TEST(TimeTest, UptimeStartsSmallAndNeverStepsBack) {
  timespec a;
  timespec b;
  nanouptime(&a);
  EXPECT_GE(a.tv_sec, 1);  // 0 may mean "never" to a driver
  EXPECT_LT(a.tv_sec, 100'000);
  for (int i = 0; i < 1000; ++i) {
    getnanouptime(&b);
    EXPECT_FALSE(timespeccmp(&b, &a, <));
    nanouptime(&a);
    EXPECT_FALSE(timespeccmp(&a, &b, <));
  }
  EXPECT_LE(time_uptime, a.tv_sec + 1);
}

TEST(TimeTest, TicksFollowUptime) {
  EXPECT_EQ(hz, 1000);
  EXPECT_EQ(tick, 1000);
  timeval up;
  microuptime(&up);
  const auto ticks = static_cast<std::int64_t>(getticks());
  EXPECT_GE(ticks, up.tv_sec * hz + up.tv_usec / 1000);
}

TEST(TimeTest, SpansToTicksAreNeverTooShort) {
  timeval tv = {0, 1};
  EXPECT_EQ(tvtohz(&tv), 2);  // the tick that has begun does not count
  tv = {0, 0};
  EXPECT_EQ(tvtohz(&tv), 1);
  tv = {1, 500'000};
  EXPECT_EQ(tvtohz(&tv), 1501);
  tv = {LONG_MAX, 0};
  EXPECT_EQ(tvtohz(&tv), INT_MAX);
  tv = {-5, 0};
  EXPECT_EQ(tvtohz(&tv), 1);
  timespec ts = {0, 1'000'001};
  EXPECT_EQ(tstohz(&ts), 3);
  EXPECT_EQ(mstohz(250), 250u);
  EXPECT_EQ(hztoms(250), 250u);
}

TEST(TimeTest, TicksToAPointInTime) {
  timespec ts;
  nanotime(&ts);
  ts.tv_sec += 10;
  EXPECT_GT(tshzto(&ts), 9 * hz);
  EXPECT_LE(tshzto(&ts), 10 * hz + 1);
  ts.tv_sec -= 20;
  EXPECT_EQ(tshzto(&ts), 0);
}

TEST(TimeTest, TimersAreFixedToATick) {
  timeval tv = {0, 1};
  EXPECT_EQ(itimerfix(&tv), 0);
  EXPECT_EQ(tv.tv_usec, tick);
  tv = {0, 1'000'000};
  EXPECT_EQ(itimerfix(&tv), EINVAL);
  tv = {-1, 0};
  EXPECT_EQ(itimerfix(&tv), EINVAL);
}

TEST(BintimeTest, ConvertsBothWays) {
  const timespec ts = {7, 123'456'789};
  struct bintime bt;
  timespec2bintime(&ts, &bt);
  timespec back;
  bintime2timespec(&bt, &back);
  EXPECT_EQ(back.tv_sec, 7);
  EXPECT_NEAR(static_cast<double>(back.tv_nsec), 123'456'789.0, 1.0);
  bt = ms2bintime(1500);
  EXPECT_EQ(bt.sec, 1);
  EXPECT_EQ(bt.frac, std::uint64_t{1} << 63);
  EXPECT_EQ(bintime2ms(&bt), 1500u);
  bt = us2bintime(2'250'000);
  EXPECT_EQ(bintime2us(&bt), 2'250'000u);
  bt = ns2bintime(500'000'000);
  EXPECT_EQ(bintime2ns(&bt), 500'000'000u);
}

TEST(BintimeTest, CarriesAndBorrows) {
  struct bintime a = ms2bintime(750);
  const struct bintime b = ms2bintime(500);
  bintime_add(&a, &b);
  EXPECT_EQ(a.sec, 1);
  EXPECT_EQ(a.frac, std::uint64_t{1} << 62);
  bintime_sub(&a, &b);
  EXPECT_EQ(a.sec, 0);
  EXPECT_TRUE(bintimecmp(&a, &b, >));
  bintimeclear(&a);
  EXPECT_FALSE(bintimeisset(&a));
}

TEST(DelayTest, LastsAtLeastAsLong) {
  for (const unsigned us : {1u, 50u, 1000u}) {
    timespec before;
    timespec after;
    nanouptime(&before);
    DELAY(us);
    nanouptime(&after);
    timespec took;
    timespecsub(&after, &before, &took);
    EXPECT_GE(took.tv_sec * 1'000'000'000 + took.tv_nsec, long{1000} * us);
  }
}

TEST(TimecounterTest, IsRegisteredOnce) {
  timecounter tc = {};
  tc.tc_name = "test";
  tc.tc_frequency = 1'000'000;
  tc.tc_counter_mask = ~0u;
  tc_init(&tc);
  tc_init(&tc);
  EXPECT_EQ(tc_detach(&tc), 0);
  EXPECT_EQ(tc_detach(&tc), -1);
  EXPECT_EQ(tc_getfrequency(), 1'000'000'000u);
}

TEST(AtomicTest, OperationsReturnTheNewValue) {
  unsigned n = 5;
  EXPECT_EQ(atomic_inc_uint_nv(&n), 6u);
  EXPECT_EQ(atomic_dec_uint_nv(&n), 5u);
  EXPECT_EQ(atomic_add_int_nv(&n, -2), 3u);
  atomic_or_uint(&n, 0xf0);
  EXPECT_EQ(n, 0xf3u);
  EXPECT_EQ(atomic_and_uint_nv(&n, 0x3f), 0x33u);
  std::uint64_t big = std::uint64_t{1} << 40;
  EXPECT_EQ(atomic_add_64_nv(&big, -1), (std::uint64_t{1} << 40) - 1);
  unsigned long l = 0;
  atomic_dec_ulong(&l);
  EXPECT_EQ(l, ULONG_MAX);
}

TEST(AtomicTest, CasReturnsWhatItFound) {
  std::uint32_t n = 1;
  EXPECT_EQ(atomic_cas_32(&n, 1, 2), 1u);
  EXPECT_EQ(n, 2u);
  EXPECT_EQ(atomic_cas_32(&n, 1, 3), 2u);
  EXPECT_EQ(n, 2u);
  EXPECT_EQ(atomic_cas_uint_ni(&n, 2, 4), 2u);
  EXPECT_EQ(atomic_swap_32(&n, 9), 4u);
  int a = 0;
  int b = 0;
  int* p = &a;
  EXPECT_EQ(atomic_cas_ptr(&p, &a, &b), &a);
  EXPECT_EQ(p, &b);
  EXPECT_EQ(atomic_swap_ptr(&p, &a), &b);
  EXPECT_EQ(atomic_inc_ptr_nv(&p), reinterpret_cast<char*>(&a) + 1);
}

TEST(AtomicTest, CountsUnderLoad) {
  std::uint32_t n = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 10'000; ++k) atomic_inc_32(&n);
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(atomic_load_relaxed(&n), 40'000u);
}

// Message passing with plain data, which ThreadSanitizer must find in order.
TEST(AtomicTest, ReleasePublishesWhatAcquireSees) {
  int data = 0;
  int fenced = 0;
  unsigned flag = 0;
  unsigned fence_flag = 0;
  std::thread writer([&] {
    data = 42;
    atomic_store_release(&flag, 1u);
    fenced = 43;
    membar_release();
    atomic_store_relaxed(&fence_flag, 1u);
  });
  while (atomic_load_acquire(&flag) == 0) std::this_thread::yield();
  EXPECT_EQ(data, 42);
  while (atomic_load_relaxed(&fence_flag) == 0) std::this_thread::yield();
  membar_acquire();
  EXPECT_EQ(fenced, 43);
  writer.join();
}

}  // namespace
}  // namespace pupci::kern
