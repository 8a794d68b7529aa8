// SPDX-License-Identifier: BSD-2-Clause
// delay(9).
#include <cerrno>
#include <chrono>
#include <ctime>

#include "netbsd/machine/param.h"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

// A thread that the system puts to sleep wakes this much late; shorter waits spin.
constexpr microseconds wake_up_latency{100};

void pause_cpu() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#else
  __asm__ volatile("" : : : "memory");
#endif
}

void sleep_for(microseconds time) noexcept {
  timespec left = {.tv_sec = time.count() / 1'000'000, .tv_nsec = time.count() % 1'000'000 * 1000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

}  // namespace

// To the kernel API this is busy waiting: no lock is given up and any context may do it. That a
// long wait leaves the processor to the device model is nobody's loss.
void delay(unsigned int us) {
  const Clock::time_point deadline = Clock::now() + microseconds(us);
  if (microseconds(us) > 2 * wake_up_latency) sleep_for(microseconds(us) - wake_up_latency);
  while (Clock::now() < deadline) pause_cpu();
}
