// SPDX-License-Identifier: BSD-2-Clause
// time(9): every clock in each of its forms tells one time, and spans that are no times.
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <string>

#include "kern_support.h"
#include "netbsd/sys/kernel.h"
#include "netbsd/sys/param.h"
#include "netbsd/sys/time.h"
#include "netbsd/sys/timevar.h"

namespace {

using Nanoseconds = std::int64_t;

Nanoseconds of(const timespec& time) {
  return time.tv_sec * Nanoseconds{1000000000} + time.tv_nsec;
}
Nanoseconds of(const timeval& time) {
  return time.tv_sec * Nanoseconds{1000000000} + time.tv_usec * Nanoseconds{1000};
}
Nanoseconds of(const struct bintime& time) {
  timespec spec{};
  bintime2timespec(&time, &spec);
  return of(spec);
}

template <typename T>
Nanoseconds read(void (*clock)(T*)) {
  T time{};
  clock(&time);
  return of(time);
}

// What counts in microseconds, or in parts of a power of two, may be so much less.
constexpr Nanoseconds rounding = 1000;

struct Clock {
  void (*nano)(timespec*);
  void (*micro)(timeval*);
  void (*bin)(struct bintime*);
  void (*getnano)(timespec*);
  void (*getmicro)(timeval*);
  void (*getbin)(struct bintime*);
};

class ClockKinds : public testing::TestWithParam<Clock> {};

TEST_P(ClockKinds, TellOneTime) {
  const Clock& clock = GetParam();
  for (int i = 0; i < 100; i++) {
    const Nanoseconds before = read(clock.nano);
    const Nanoseconds micro = read(clock.micro);
    const Nanoseconds bin = read(clock.bin);
    const Nanoseconds after = read(clock.nano);
    EXPECT_GE(micro, before - rounding);
    EXPECT_LE(micro, after);
    EXPECT_GE(bin, before - rounding);
    EXPECT_LE(bin, after);
  }
}

// They are as of the last tick, whenever that was: behind, but not for ever.
TEST_P(ClockKinds, CheaperFormsFollow) {
  const Clock& clock = GetParam();
  const Nanoseconds before = read(clock.nano);
  for (const auto& get : {std::function([&] { return read(clock.getnano); }),
                          std::function([&] { return read(clock.getmicro); }),
                          std::function([&] { return read(clock.getbin); })}) {
    const Nanoseconds got = get();
    EXPECT_LE(got, read(clock.nano));
    EXPECT_GE(get(), got);
    pupci::kern::test::eventually([&] { return get() >= before; });
  }
}
INSTANTIATE_TEST_SUITE_P(All, ClockKinds,
                         testing::Values(Clock{nanotime, microtime, kern_bintime, getnanotime,
                                               getmicrotime, getbintime},
                                         Clock{nanouptime, microuptime, binuptime, getnanouptime,
                                               getmicrouptime, getbinuptime}),
                         [](const auto& of) {
                           return of.index == 0 ? std::string("WallClock") : std::string("Uptime");
                         });

TEST(ClockSpans, ToAPointInTime) {
  timeval then{};
  microtime(&then);
  then.tv_sec += 10;
  EXPECT_GT(tvhzto(&then), 0);
  EXPECT_LE(tvhzto(&then), 10 * hz + 1);
  then.tv_sec -= 20;
  EXPECT_EQ(tvhzto(&then), 0);
}

TEST(ClockSpans, AreFixedToATickOrRefused) {
  timespec span{0, 1};
  EXPECT_EQ(itimespecfix(&span), 0);
  EXPECT_EQ(span.tv_nsec, 1000000000 / hz);
  for (const timespec& wrong : {timespec{-1, 0}, timespec{0, -1}, timespec{0, 1000000000}}) {
    span = wrong;
    EXPECT_EQ(itimespecfix(&span), EINVAL) << wrong.tv_sec << '.' << wrong.tv_nsec;
  }
  span = {0, 0};
  EXPECT_EQ(itimespecfix(&span), 0);
  EXPECT_EQ(span.tv_nsec, 0) << "none is none";
}

}  // namespace
