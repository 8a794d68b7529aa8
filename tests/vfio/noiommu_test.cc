// SPDX-License-Identifier: BSD-2-Clause
// DMA without an IOMMU. Only a kernel with CONFIG_VFIO_NOIOMMU has it, which Debian's has not:
// scripts/guest/build_kernel.sh, then run with --kernel and --no-iommu.
#include <gmock/gmock.h>

#include <cstring>

#include "host/conformance.h"
#include "host/vfio/sysfs.h"
#include "vfio/guest.h"

namespace pupci::test {
namespace {

using conformance::Edu;

TEST(VfioNoIommu, DmaReachesHugePagesByTheirPhysicalAddresses) {
  const auto all = offered(edu_id);
  if (all.empty() || !vfio::Sysfs().find(all[0])->noiommu) {
    GTEST_SKIP() << "an IOMMU is on, or this kernel cannot do without";
  }
  write_file("/proc/sys/vm/nr_hugepages", "16");
  const auto bus = open_small("vfio:" + to_string(all[0]) + ",unsafe-noiommu");
  Dma& dma = bus->dma();
  EXPECT_FALSE(dma.can_map());
  const Edu edu(bus->function(all[0]));
  const DmaConstraints low{.highest = Edu::dma_highest};
  auto* p = static_cast<char*>(dma.allocate(2 * Dma::page_size, low));
  if (p == nullptr) GTEST_SKIP() << "the kernel's huge pages are out of this device's reach";
  std::memcpy(p, "physical", 9);
  edu.to_device(dma.to_bus(p), 0, 9);
  edu.from_device(0, dma.to_bus(p) + Dma::page_size, 9);
  EXPECT_STREQ(p + Dma::page_size, "physical");
  dma.release(p, 2 * Dma::page_size);
}

}  // namespace
}  // namespace pupci::test
