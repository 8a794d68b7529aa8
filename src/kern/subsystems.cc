// SPDX-License-Identifier: BSD-2-Clause
#include "kern/subsystems.h"

#include <vector>

namespace pupci::kern {
namespace {

struct Subsystem {
  const char* name;
  void (*start)(Kernel& kernel);
  void (*stop)() noexcept;
};

// In order of start: memory, synchronisation, time, threads; then what drivers see of the machine;
// then what the outside sees of drivers.
const std::vector<Subsystem>& table() {
  static const std::vector<Subsystem> all{
      {"kthread", kthread_start, kthread_stop},
      {"softclock", softclock_start, softclock_stop},
      {"softint", softint_start, softint_stop},
  };
  return all;
}

std::size_t started = 0;

}  // namespace

void subsystems_start(Kernel& kernel) {
  try {
    for (; started < table().size(); started++) table()[started].start(kernel);
  } catch (...) {
    subsystems_stop();
    throw;
  }
}

void subsystems_stop() noexcept {
  while (started > 0) table()[--started].stop();
}

}  // namespace pupci::kern
