// SPDX-License-Identifier: BSD-2-Clause
#include "host/request.h"

#include <fmt/core.h>

#include <bit>
#include <cerrno>

#include "pupci/error.h"

namespace pupci {

const Bar& BarRequest::find(const std::vector<Bar>& bars) const {
  for (const Bar& bar : bars) {
    if (bar.index != index) continue;
    if (size == 0 || offset > bar.size || size > bar.size - offset) {
      refuse(ERANGE, fmt::format("it has {:#x} bytes", bar.size));
    }
    return bar;
  }
  refuse(EINVAL, "there is no such BAR");
}

void BarRequest::refuse(int error, std::string_view why) const {
  throw Error(error, fmt::format("{}: {}: cannot map {:#x} bytes at {:#x} of BAR {}: {}", host,
                                 to_string(function), size, offset, index, why));
}

void InterruptRequest::check(unsigned offered, bool enabled) const {
  if (count == 0 || count > offered) refuse(EINVAL, fmt::format("it offers {}", offered));
  if (type == InterruptType::msi && !std::has_single_bit(count)) {
    refuse(EINVAL, "their number must be a power of two");
  }
  if (enabled) refuse(EBUSY, "others are enabled; disable them first");
}

void InterruptRequest::refuse(int error, std::string_view why) const {
  throw Error(error, fmt::format("{}: {}: cannot enable {} {} interrupts: {}", host,
                                 to_string(function), count, to_string(type), why));
}

}  // namespace pupci
