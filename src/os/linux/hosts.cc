// SPDX-License-Identifier: BSD-2-Clause
#include "host/hosts.h"

#include "host/netbsd/bus.h"
#include "host/qemu/qemu_bus.h"
#include "host/vfio/bus.h"
#include "pupci/sim.h"

namespace pupci {
namespace {

std::shared_ptr<Bus> open_sim(std::string_view rest, const BusOptions& options) {
  return sim::open(rest, options);
}

}  // namespace

std::span<const Host> hosts() {
  static constexpr Host list[] = {
      {"qemu", "qemu", open_qemu},
      {"vfio", "vfio:ADDRESS[,ADDRESS...]", open_vfio},
      {"netbsd", "netbsd:NODE[,NODE...]", open_netbsd},
      {"sim", "sim:MODEL[,MODEL...]", open_sim},
  };
  return list;
}

}  // namespace pupci
