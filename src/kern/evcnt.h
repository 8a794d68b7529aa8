// SPDX-License-Identifier: BSD-2-Clause
// Event counters as the outside sees them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kern/api.h"

struct evcnt;

namespace pupci::kern {

struct EventCounter {
  std::string group;
  std::string name;
  std::string type;  // "misc", "intr" or "trap"
  std::uint64_t count;
};

// In order of attachment. Thread context.
PUPCI_API std::vector<EventCounter> event_counters();

// Drops a counter that was leaked, whose memory may be gone.
PUPCI_API void evcnt_forget(const evcnt* counter);

// The counters of a driver's EVCNT_ATTACH_STATIC: its linker set `evcnts`, when it is loaded and
// before it is unloaded.
PUPCI_API void evcnt_attach_set(evcnt* const* first, evcnt* const* end);
PUPCI_API void evcnt_detach_set(evcnt* const* first, evcnt* const* end);

}  // namespace pupci::kern
