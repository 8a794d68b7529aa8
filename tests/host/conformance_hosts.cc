// SPDX-License-Identifier: BSD-2-Clause
// The hosts that the conformance suite runs on, and what each puts up for it.
#include "host/conformance.h"
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

std::string name(const testing::TestParamInfo<Host>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Sim, Conformance, testing::Values(Host{"sim", open_sim}), name);

}  // namespace
}  // namespace pupci::conformance
