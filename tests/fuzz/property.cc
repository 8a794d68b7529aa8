// SPDX-License-Identifier: BSD-2-Clause
// Fuzzes the parser of --prop: it accepts, or throws a message for the user.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kern/device_properties.h"
#include "pupci/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find('@') != std::string_view::npos) return 0;  // any file of this machine
  try {
    const auto property = pupci::kern::DeviceProperty::parse(text);
    if (property.value() == nullptr || property.device().empty()) std::abort();
    (void)property.applies_to("edu0");
  } catch (const pupci::Error& error) {
    if (*error.what() == '\0') std::abort();
  }
  return 0;
}
