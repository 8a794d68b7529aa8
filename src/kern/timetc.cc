// SPDX-License-Identifier: BSD-2-Clause
// timecounter(9).
#include "netbsd/sys/timetc.h"

#include <mutex>

#include "netbsd/sys/systm.h"

namespace {

constinit std::mutex mutex;
timecounter* counters = nullptr;

timecounter** find(const timecounter* tc) noexcept {
  timecounter** at = &counters;
  while (*at != nullptr && *at != tc) at = &(*at)->tc_next;
  return at;
}

}  // namespace

void tc_init(timecounter* tc) {
  {
    const std::scoped_lock lock(mutex);
    if (*find(tc) != nullptr) return;
    tc->tc_next = counters;
    counters = tc;
  }
  aprint_verbose("timecounter: Timecounter \"%s\" frequency %ju Hz quality %d\n", tc->tc_name,
                 static_cast<uintmax_t>(tc->tc_frequency), tc->tc_quality);
}

int tc_detach(timecounter* tc) {
  const std::scoped_lock lock(mutex);
  timecounter** const at = find(tc);
  if (*at == nullptr) return -1;
  *at = tc->tc_next;
  return 0;
}

uint64_t tc_getfrequency() {
  return 1'000'000'000;
}
