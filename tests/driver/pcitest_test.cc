// SPDX-License-Identifier: BSD-2-Clause
// The pcitest driver on QEMU's pci-testdev.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "../../drivers/pcitest/pcitestio.h"
#include "driver/machine.h"

namespace pupci::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Pcitest : public testing::Test {
 protected:
  Machine machine{"qemu", {"-device", "pci-testdev,membar=64M"}, {"pcitest"}};
};

TEST_F(Pcitest, FindsEveryWidthOfMemoryAndPorts) {
  EXPECT_EQ(machine.attached(), 1U);
  const std::string console = machine.console();
  EXPECT_THAT(console,
              HasSubstr("pcitest0: memory: \"mmio-no-eventfd\", writes of 1 2 4 8 bytes arrive\n"));
  EXPECT_THAT(
      console,
      HasSubstr("pcitest0: I/O ports: \"portio-no-eventfd\", writes of 1 2 4 bytes arrive\n"));
  EXPECT_THAT(console, HasSubstr("pcitest0: memory: 67108864 bytes with nothing behind\n"));
  EXPECT_THAT(console, Not(HasSubstr("disagree")));
  EXPECT_THAT(machine.detach(), IsEmpty());
}

TEST_F(Pcitest, CountsEveryPostedWrite) {
  Node node("pcitest0");
  for (std::uint32_t bar = 0; bar < 2; bar++) {
    for (std::uint32_t width : {1U, 2U, 4U}) {
      pcitest_run run{bar, width, 2000, 0};
      EXPECT_EQ(node.ioctl(PCITESTIOC_RUN, &run), 0);
      EXPECT_EQ(run.pt_count, 2000U) << "BAR " << bar << ", width " << width;
    }
  }
}

TEST_F(Pcitest, RefusesOtherBarsAndWidths) {
  Node node("pcitest0");
  for (pcitest_run run : {pcitest_run{2, 1, 1, 0}, pcitest_run{0, 3, 1, 0}, pcitest_run{0, 0, 1, 0},
                          pcitest_run{0, 16, 1, 0}, pcitest_run{1, 8, 1, 0}}) {
    EXPECT_EQ(node.ioctl(PCITESTIOC_RUN, &run), EINVAL) << run.pt_bar << " " << run.pt_width;
  }
}

}  // namespace
}  // namespace pupci::test
