// SPDX-License-Identifier: BSD-2-Clause
// Fuzzes the parser of the sim host's models: it opens a bus or throws pupci::Error, nothing else.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "pupci/sim.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view spec(reinterpret_cast<const char*>(data), size);
  // Models have memory of their own; hundreds of each would only measure that.
  if (std::count(spec.begin(), spec.end(), '*') > 1 || size > 200) return 0;
  try {
    const auto bus = pupci::sim::open(spec, {.arena_size = 4096});
    for (const pupci::Address& address : bus->functions()) {
      static_cast<void>(bus->function(address)->bars());
    }
  } catch (const pupci::Error&) {
    return 0;
  }
  return 0;
}
