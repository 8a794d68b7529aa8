// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/fault_log.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "host/fd.h"

namespace pupci::vfio {
namespace {

TEST(VfioFaultLog, Intel) {
  const auto fault = parse_dma_fault(
      "DMAR: [DMA Write NO_PASID] Request device [03:00.1] fault addr 0xdead0000 [fault reason "
      "0x05] PTE Write access is not set");
  ASSERT_TRUE(fault);
  EXPECT_EQ(*fault, (DmaFault{{0, 3, 0, 1}, 0xdead0000, true}));
  const auto older = parse_dma_fault(
      "DMAR: [DMA Read] Request device [00:02.0] fault addr 12345000 [fault reason 06] PTE Read "
      "access is not set");
  ASSERT_TRUE(older);
  EXPECT_EQ(*older, (DmaFault{{0, 0, 2, 0}, 0x12345000, false}));
}

TEST(VfioFaultLog, Amd) {
  const auto fault = parse_dma_fault(
      "vfio-pci 0000:03:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000e "
      "address=0xfd000000 flags=0x0020]");
  ASSERT_TRUE(fault);
  EXPECT_EQ(*fault, (DmaFault{{0, 3, 0, 0}, 0xfd000000, true}));
  const auto older = parse_dma_fault(
      "AMD-Vi: Event logged [IO_PAGE_FAULT device=0001:04:00.2 domain=0x000e address=0x1000 "
      "flags=0x0000]");
  ASSERT_TRUE(older);
  EXPECT_EQ(*older, (DmaFault{{1, 4, 0, 2}, 0x1000, false}));
}

TEST(VfioFaultLog, OtherLinesAreNone) {
  for (const char* line :
       {"", "DMAR: IOMMU enabled", "DMAR: [DMA Write] Request device [", "DMAR: device [xx:00.0]",
        "DMAR: DRHD: handling fault status reg 2", "DMAR: device [00:02.0] fault addr zzz",
        "IO_PAGE_FAULT", "vfio-pci 0000:03:00.0: enabling device (0000 -> 0002)",
        "[IO_PAGE_FAULT device=q address=1]"}) {
    EXPECT_FALSE(parse_dma_fault(line)) << line;
  }
}

// A pipe gives what is written to it as the log gives its records: one a read.
TEST(VfioFaultLog, OnlyWhatIsLoggedFromNowOn) {
  std::string path = testing::TempDir() + "kmsgXXXXXX";
  const Fd file(mkstemp(path.data()));
  const std::string_view before =
      "4,1,1,-;DMAR: [DMA Read] Request device [00:02.0] fault addr 1000 [fault reason 06]\n";
  ASSERT_EQ(::write(file.get(), before.data(), before.size()), static_cast<ssize_t>(before.size()));
  FaultLog log(path);
  EXPECT_FALSE(log.next());
  const std::string_view after =
      "3,2,2,-;DMAR: [DMA Write] Request device [00:03.0] fault addr 2000 [fault reason 05]\n"
      " SUBSYSTEM=pci\n";
  ASSERT_EQ(::write(file.get(), after.data(), after.size()), static_cast<ssize_t>(after.size()));
  EXPECT_EQ(log.next(), (DmaFault{{0, 0, 3, 0}, 0x2000, true}));
  EXPECT_FALSE(log.next());
  unlink(path.c_str());
}

TEST(VfioFaultLog, WithoutTheRightToReadThereIsNothing) {
  FaultLog log("/nowhere/kmsg");
  EXPECT_LT(log.fd(), 0);
  EXPECT_FALSE(log.next());
}

}  // namespace
}  // namespace pupci::vfio
