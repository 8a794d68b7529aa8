// SPDX-License-Identifier: BSD-2-Clause
// microtime(9), time_second(9), tvtohz(9), and the tick.
#include "netbsd/sys/time.h"

#include <cerrno>
#include <climits>
#include <ctime>

#include "netbsd/sys/atomic.h"
#include "netbsd/sys/kernel.h"
#include "os/sanitizers.h"

int hz = 1000;
int tick = 1'000'000 / 1000;
int stathz = 100;
int profhz = 1000;
int cold = 0;

#ifdef PUPCI_TSAN
unsigned int __pupci_membar_word = 0;
#endif

namespace {

constexpr long second = 1'000'000'000;

timespec read(clockid_t clock) noexcept {
  timespec now;
  clock_gettime(clock, &now);
  return now;
}

// NetBSD's uptime starts near 1 s, so that a timestamp of 0 can mean "never".
const timespec started = [] {
  timespec now = read(CLOCK_MONOTONIC);
  now.tv_sec -= 1;
  return now;
}();

timespec since_start(timespec now) noexcept {
  now.tv_sec -= started.tv_sec;
  now.tv_nsec -= started.tv_nsec;
  if (now.tv_nsec < 0) {
    now.tv_nsec += second;
    --now.tv_sec;
  }
  return now;
}

#ifdef CLOCK_REALTIME_COARSE
constexpr clockid_t coarse_realtime = CLOCK_REALTIME_COARSE;
#else
constexpr clockid_t coarse_realtime = CLOCK_REALTIME;
#endif

timeval to_timeval(const timespec& ts) noexcept {
  return {.tv_sec = ts.tv_sec, .tv_usec = static_cast<suseconds_t>(ts.tv_nsec / 1000)};
}

// Rounds up, and one more for the tick that has begun.
int ticks_for(std::int64_t seconds, std::int64_t nanoseconds) noexcept {
  if (seconds < 0 || (seconds == 0 && nanoseconds <= 0)) return 1;
  if (seconds > INT_MAX / hz - 2) return INT_MAX;
  const std::int64_t per_tick = second / hz;
  return static_cast<int>(seconds * hz + (nanoseconds + per_tick - 1) / per_tick + 1);
}

}  // namespace

u_int getticks() {
  const timespec up = since_start(read(CLOCK_MONOTONIC));
  return static_cast<u_int>(up.tv_sec * hz + up.tv_nsec / (second / hz));
}

void nanotime(timespec* ts) {
  *ts = read(CLOCK_REALTIME);
}

void getnanotime(timespec* ts) {
  *ts = read(coarse_realtime);
}

// A coarse monotonic clock may lie behind `started`, and would step back beside the fine one.
void nanouptime(timespec* ts) {
  *ts = since_start(read(CLOCK_MONOTONIC));
}

void getnanouptime(timespec* ts) {
  nanouptime(ts);
}

void kern_bintime(struct bintime* bt) {
  const timespec now = read(CLOCK_REALTIME);
  timespec2bintime(&now, bt);
}

void microtime(timeval* tv) {
  *tv = to_timeval(read(CLOCK_REALTIME));
}

void getbintime(struct bintime* bt) {
  const timespec now = read(coarse_realtime);
  timespec2bintime(&now, bt);
}

void getmicrotime(timeval* tv) {
  *tv = to_timeval(read(coarse_realtime));
}

void binuptime(struct bintime* bt) {
  const timespec now = since_start(read(CLOCK_MONOTONIC));
  timespec2bintime(&now, bt);
}

void getbinuptime(struct bintime* bt) {
  binuptime(bt);
}

void microuptime(timeval* tv) {
  *tv = to_timeval(since_start(read(CLOCK_MONOTONIC)));
}

void getmicrouptime(timeval* tv) {
  microuptime(tv);
}

time_t time__second() {
  return read(coarse_realtime).tv_sec;
}

time_t time__uptime() {
  return since_start(read(CLOCK_MONOTONIC)).tv_sec;
}

int tvtohz(const timeval* tv) {
  return ticks_for(tv->tv_sec, std::int64_t{tv->tv_usec} * 1000);
}

int tstohz(const timespec* ts) {
  return ticks_for(ts->tv_sec, ts->tv_nsec);
}

int tshzto(const timespec* ts) {
  const timespec now = read(CLOCK_REALTIME);
  timespec left;
  timespecsub(ts, &now, &left);
  return left.tv_sec < 0 || (left.tv_sec == 0 && left.tv_nsec == 0) ? 0 : tstohz(&left);
}

int tvhzto(const timeval* tv) {
  timespec ts;
  TIMEVAL_TO_TIMESPEC(tv, &ts);
  return tshzto(&ts);
}

int itimespecfix(timespec* ts) {
  if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= second) return EINVAL;
  const long per_tick = second / hz;
  if (ts->tv_sec == 0 && ts->tv_nsec != 0 && ts->tv_nsec < per_tick) ts->tv_nsec = per_tick;
  return 0;
}

int itimerfix(timeval* tv) {
  timespec ts;
  TIMEVAL_TO_TIMESPEC(tv, &ts);
  const int error = itimespecfix(&ts);
  if (error == 0) *tv = to_timeval(ts);
  return error;
}
