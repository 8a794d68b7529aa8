// SPDX-License-Identifier: BSD-2-Clause
// The conformance suite on the netbsd host, through the kernel module in a kernel of our own, to
// devices of QEMU's.
#include "host/conformance.h"
#include "netbsd/served_kernel.h"

namespace pupci::conformance {
namespace {

Board open_netbsd() {
  const auto kernel = std::make_shared<netbsd::test::ServedKernel>(
      "qemu", std::vector<std::string>{
                  "-device",
                  "edu,addr=2",
                  "-device",
                  "edu,addr=6",
                  "-device",
                  "pcie-root-port,id=root,addr=7",
                  "-device",
                  "pcie-pci-bridge,id=behind,bus=root",
                  "-device",
                  "edu,bus=behind,addr=9",
                  "-device",
                  "pci-testdev,addr=3",
                  "-object",
                  "memory-backend-ram,id=scratch,size=1M,share=on",
                  "-device",
                  "ivshmem-plain,memdev=scratch,addr=4",
                  "-device",
                  "rocker,addr=5",
              });
  Board board;
  board.bus = open_bus(kernel->spec("/dev/pci0"));
  for (const Address& address : board.bus->functions()) {
    const std::uint32_t id = board.bus->function(address)->config_read(0, 4);
    if (id == 0x11e81234) board.edu.push_back(address);
  }
  board.tells_lines_apart = true;
  board.merges_messages = true;
  board.testdev = {0, 0, 3, 0};
  board.scratch = {{0, 0, 4, 0}, 2, 0x1000, 0x10000};
  board.sender = rocker({0, 0, 5, 0});
  board.lose = [kernel] { kernel->kill(); };
  return board;
}

INSTANTIATE_TEST_SUITE_P(Netbsd, Conformance, testing::Values(Host{"netbsd", open_netbsd}),
                         [](const auto& host) { return std::string(host.param.name); });

}  // namespace
}  // namespace pupci::conformance
