// SPDX-License-Identifier: BSD-2-Clause
#include "host/hosts.h"

#include <cerrno>

#include "host/netbsd/bus.h"
#include "pupci/error.h"
#include "pupci/sim.h"

namespace pupci {
namespace {

std::shared_ptr<Bus> open_sim(std::string_view rest, const BusOptions& options) {
  return sim::open(rest, options);
}

std::shared_ptr<Bus> no_qemu(std::string_view /*rest*/, const BusOptions& /*options*/) {
  throw Error(ENOTSUP,
              "--host qemu: not on this system: only on Linux does QEMU share the memory and the "
              "interrupts of its models (ivshmem); use sim:MODEL, or netbsd:NODE for real ones");
}

std::shared_ptr<Bus> no_vfio(std::string_view /*rest*/, const BusOptions& /*options*/) {
  throw Error(ENOTSUP,
              "--host vfio: not on this system: vfio is Linux's; use netbsd:/dev/pupciN for real "
              "functions, see pupci-run(1)");
}

}  // namespace

std::span<const Host> hosts() {
  static constexpr Host list[] = {
      {"netbsd", "netbsd:NODE[,NODE...]", open_netbsd},
      {"sim", "sim:MODEL[,MODEL...]", open_sim},
      {"qemu", "", no_qemu},
      {"vfio", "", no_vfio},
  };
  return list;
}

}  // namespace pupci
