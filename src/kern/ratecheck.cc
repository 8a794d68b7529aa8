// SPDX-License-Identifier: BSD-2-Clause
// ratecheck(9).
#include <sys/time.h>

#include <mutex>

#include "netbsd/sys/timevar.h"

namespace {

// The caller's state is plain memory that several threads may pass at once.
std::mutex& state_mutex() {
  static auto& mutex = *new std::mutex;
  return mutex;
}

timeval since(const timeval& now, const timeval& then) {
  timeval span{};
  timersub(&now, &then, &span);
  return span;
}

bool never(const timeval& t) {
  return t.tv_sec == 0 && t.tv_usec == 0;
}

}  // namespace

int ratecheck(struct timeval* last, const struct timeval* interval) {
  timeval now{};
  microuptime(&now);
  const std::scoped_lock lock(state_mutex());
  const timeval span = since(now, *last);
  if (!never(*last) && timercmp(&span, interval, <)) return 0;
  *last = now;
  return 1;
}

int ppsratecheck(struct timeval* last, int* count, int maximum) {
  timeval now{};
  microuptime(&now);
  const std::scoped_lock lock(state_mutex());
  if (never(*last) || since(now, *last).tv_sec >= 1) {
    *last = now;
    *count = 0;
  }
  const bool go_on = maximum < 0 || *count < maximum;
  if (*count < INT32_MAX) ++*count;
  return go_on ? 1 : 0;
}
