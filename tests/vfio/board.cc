// SPDX-License-Identifier: BSD-2-Clause
// The conformance suite on the vfio host, in a guest whose functions are bound to vfio-pci. Once
// with each of the kernel's interfaces.
#include "host/conformance.h"
#include "vfio/guest.h"

namespace pupci::conformance {
namespace {

using namespace pupci::test;

Board open_vfio(const std::string& interface) {
  Board board;
  board.bus = open_small(all_offered() + ",iommu=" + interface);
  board.edu = offered(edu_id);
  board.tells_lines_apart = true;
  board.merges_messages = true;
  board.testdev = offered(testdev_id).at(0);
  board.scratch = {offered(ivshmem_id).at(0), 2, 0x1000, 0x10000};
  board.sender = rocker(offered(rocker_id).at(0));
  return board;
}

Board open_groups() {
  return open_vfio("group");
}
Board open_iommufd() {
  return open_vfio("iommufd");
}

std::string name(const testing::TestParamInfo<Host>& info) {
  return info.param.name;
}

std::vector<Host> hosts() {
  std::vector<Host> list;
  for (const std::string& interface : interfaces()) {
    list.push_back(interface == "group" ? Host{"group", open_groups}
                                        : Host{"iommufd", open_iommufd});
  }
  return list;
}

INSTANTIATE_TEST_SUITE_P(Vfio, Conformance, testing::ValuesIn(hosts()), name);

}  // namespace
}  // namespace pupci::conformance
