// SPDX-License-Identifier: BSD-2-Clause
// The hosts that the conformance suite runs on, and what each puts up for it.
#include <csignal>

#include "host/conformance.h"
#include "pupci/qemu.h"
#include "pupci/sim.h"

namespace pupci::conformance {
namespace {

Board open_sim() {
  const auto bus = std::make_shared<sim::Bus>();
  sim::Segment& root = bus->root();
  root.add(2, 0, sim::make_model("edu"));
  root.add(6, 0, sim::make_model("edu"));
  root.add(3, 0, sim::make_model("testdev"));
  root.add(4, 0, sim::make_model("regs"));
  root.add(5, 0, sim::make_model("msix"));
  root.add_bridge(7).add_bridge(0).add(9, 0, sim::make_model("edu"));

  Sender sender;
  sender.function = {0, 0, 5, 0};
  sender.vectors = 32;
  sender.size = 4096;
  sender.prepare = [](Region&) {};
  sender.send = [](Region& bar, unsigned vector) { bar.write(4, 4, vector); };

  Board board;
  board.edu = {{0, 0, 2, 0}, {0, 0, 6, 0}, {0, 2, 9, 0}};
  board.testdev = {0, 0, 3, 0};
  board.scratch = {{0, 0, 4, 0}, 4, 0x1000, 0x10000};
  board.sender = sender;
  board.lose = [bus = bus.get()] { bus->fail("sim: unplugged by the test"); };
  board.bus = bus;
  return board;
}

Board open_qemu() {
  BusOptions options;
  options.arena_size = std::size_t{64} << 20;
  options.arguments = {
      "-device", "edu,addr=2",
      "-device", "edu,addr=6",
      "-device", "pcie-root-port,id=root,addr=7",
      "-device", "pcie-pci-bridge,id=behind,bus=root",
      "-device", "edu,bus=behind,addr=9",
      "-device", "pci-testdev,addr=3",
      "-object", "memory-backend-ram,id=scratch,size=1M,share=on",
      "-device", "ivshmem-plain,memdev=scratch,addr=4",
      "-device", "rocker,addr=5",
  };
  const auto bus = std::dynamic_pointer_cast<QemuBus>(open_bus("qemu", options));
  Board board;
  for (const Address& address : bus->functions()) {
    const std::uint32_t id = bus->function(address)->config_read(0, 4);
    if (id == 0x11e81234) board.edu.push_back(address);
  }
  board.testdev = {0, 0, 3, 0};
  board.scratch = {{0, 0, 4, 0}, 2, 0x1000, 0x10000};
  board.sender = rocker({0, 0, 5, 0});
  board.lose = [pid = bus->qemu_pid()] { kill(pid, SIGKILL); };
  board.bus = bus;
  return board;
}

std::string name(const testing::TestParamInfo<Host>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Sim, Conformance, testing::Values(Host{"sim", open_sim}), name);
INSTANTIATE_TEST_SUITE_P(Qemu, Conformance, testing::Values(Host{"qemu", open_qemu}), name);

}  // namespace
}  // namespace pupci::conformance
