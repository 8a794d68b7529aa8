// SPDX-License-Identifier: BSD-2-Clause
// Fuzzes the parser of PCI addresses: whatever it accepts is in range and survives being written
// and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pupci/address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto address =
      pupci::parse_address(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!address) return 0;
  if (address->device > 31 || address->function > 7) std::abort();
  if (pupci::parse_address(pupci::to_string(*address)) != address) std::abort();
  return 0;
}
