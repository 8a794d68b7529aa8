// SPDX-License-Identifier: BSD-2-Clause
// The conformance suite on the machine's own functions. QEMU can be such a machine; those of its
// devices that are not there cannot be tested.
#include "host/conformance.h"
#include "native/machine_under_test.h"

namespace pupci::conformance {
namespace {

Board open_native() {
  Board board;
  board.bus = native::open_machine();
  board.edu = native::find(*board.bus, native::edu_id);
  board.tells_lines_apart = true;
  board.merges_messages = true;
  if (const auto found = native::find(*board.bus, native::testdev_id); !found.empty())
    board.testdev = found[0];
  if (const auto found = native::find(*board.bus, native::scratch_id); !found.empty())
    board.scratch = {found[0], 2, 0x1000, 0x10000};
  if (const auto found = native::find(*board.bus, native::rocker_id); !found.empty())
    board.sender = rocker(found[0]);
  return board;
}

INSTANTIATE_TEST_SUITE_P(Native, Conformance, testing::Values(Host{"native", open_native}),
                         [](const auto& host) { return std::string(host.param.name); });

}  // namespace
}  // namespace pupci::conformance
