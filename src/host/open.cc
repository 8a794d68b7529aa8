// SPDX-License-Identifier: BSD-2-Clause
// The parser of --host, and the one list of hosts.
#include <fmt/core.h>

#include <cerrno>
#include <span>

#include "host/netbsd/bus.h"
#include "host/qemu/qemu_bus.h"
#ifdef __linux__
#include "host/vfio/bus.h"
#endif
#include "pupci/bus.h"
#include "pupci/sim.h"

namespace pupci {
namespace {

struct Host {
  std::string_view name;
  std::string_view usage;  // as in messages
  // `rest` is what follows "NAME:", or empty.
  std::shared_ptr<Bus> (*open)(std::string_view rest, const BusOptions& options);
};

std::shared_ptr<Bus> open_sim(std::string_view rest, const BusOptions& options) {
  return sim::open(rest, options);
}

std::span<const Host> hosts() {
  static constexpr Host list[] = {
      {"qemu", "qemu", open_qemu},
#ifdef __linux__
      {"vfio", "vfio:ADDRESS[,ADDRESS...]", open_vfio},
#endif
      {"netbsd", "netbsd:NODE[,NODE...]", open_netbsd},
      {"sim", "sim:MODEL[,MODEL...]", open_sim},
  };
  return list;
}

}  // namespace

std::shared_ptr<Bus> open_bus(std::string_view spec, const BusOptions& options) {
  const auto colon = spec.find(':');
  const std::string_view name = spec.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : spec.substr(colon + 1);
  std::string known;
  for (const Host& host : hosts()) {
    if (host.name == name) return host.open(rest, options);
    known += fmt::format("{}{}", known.empty() ? "" : ", ", host.usage);
  }
  throw Error(EINVAL, fmt::format("--host {}: no such host; there are: {}", spec, known));
}

}  // namespace pupci
