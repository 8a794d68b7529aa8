// SPDX-License-Identifier: BSD-2-Clause
// What a driver left behind, in words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kern/api.h"
#include "kern/track.h"

namespace pupci::kern {

// Everything tracked and every live heap object: of a device, or made by code in [low, high), the
// text of a driver.
PUPCI_API std::vector<Tracked> leaks_of(device_t device);
PUPCI_API std::vector<Tracked> leaks_in(const void* low, const void* high);

// What is one device's is another's from now on.
void hand_over(device_t from, device_t to);

// One line for all leaks of a kind from one place, in order of kind:
// "edu0: leaked 256 bytes of memory allocated in edu_attach+0x1c (edu.c:231)",
// "edu0: leaked 3 callouts created in edu_attach+0x40 (edu.c:240)".
PUPCI_API std::vector<std::string> describe_leaks(std::string_view name,
                                                  const std::vector<Tracked>& leaks);

// Takes the leaks off the lists, and counters and nodes from where the outside sees them: what they
// point to may be unloaded. Memory stays allocated.
PUPCI_API void forget_leaks(const std::vector<Tracked>& leaks);

}  // namespace pupci::kern
