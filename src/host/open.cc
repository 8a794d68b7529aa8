// SPDX-License-Identifier: BSD-2-Clause
// The parser of --host.
#include <fmt/core.h>

#include <cerrno>

#include "host/hosts.h"
#include "pupci/bus.h"

namespace pupci {

std::shared_ptr<Bus> open_bus(std::string_view spec, const BusOptions& options) {
  const auto colon = spec.find(':');
  const std::string_view name = spec.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : spec.substr(colon + 1);
  std::string known;
  for (const Host& host : hosts()) {
    if (host.name == name) return host.open(rest, options);
    if (!host.usage.empty()) known += fmt::format("{}{}", known.empty() ? "" : ", ", host.usage);
  }
  throw Error(EINVAL, fmt::format("--host {}: no such host; there are: {}", spec, known));
}

}  // namespace pupci
