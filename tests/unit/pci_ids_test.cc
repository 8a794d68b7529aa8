// SPDX-License-Identifier: BSD-2-Clause
#include "pupci/pci_ids.h"

#include <gtest/gtest.h>

namespace {

using namespace pupci;

constexpr const char* sample =
    "# comment\n"
    "1234  A Vendor\n"
    "\t5678  A Product\n"
    "\t\t1234 0001  Not a product\n"
    "\t5679  Another, Inc. (old)\n"
    "1235  No Products\n"
    "junk\n"
    "zzzz  not a number\n"
    "\t5678  of nobody\n"
    "1236  Last\n"
    "\t0001  With no newline\n"
    "C 02  Network controller\n"
    "\t00  Ethernet controller";

TEST(PciIds, FindsVendorsAndProducts) {
  const PciIds ids(sample);
  EXPECT_EQ(ids.vendor(0x1234), "A Vendor");
  EXPECT_EQ(ids.product(0x1234, 0x5678), "A Product");
  EXPECT_EQ(ids.product(0x1234, 0x5679), "Another, Inc. (old)");
  EXPECT_EQ(ids.product(0x1234, 0x1234), std::nullopt);
  EXPECT_EQ(ids.vendor(0x1235), "No Products");
  EXPECT_EQ(ids.product(0x1235, 0x5678), std::nullopt);
  EXPECT_EQ(ids.product(0x1236, 0x0001), "With no newline");
  EXPECT_EQ(ids.product(0x1236, 0x0000), std::nullopt);
  EXPECT_EQ(ids.vendor(0x0002), std::nullopt);
}

TEST(PciIds, NothingMakesItFail) {
  for (const char* text : {"", "\n\n", "\t\n\t1234  x", "12", "1234", "1234 ", "1234  x\n\t"}) {
    const PciIds ids(text);
    EXPECT_EQ(ids.product(0x1234, 0x1234), std::nullopt);
  }
}

TEST(PciIds, FallsBackToNumbersAsNetbsdDoes) {
  EXPECT_EQ(product_name(0xfffe, 0x00ab), "product 00ab");
  EXPECT_EQ(vendor_name(0xfff9), "vendor fff9");
  EXPECT_EQ(device_info(0x00abfff9, 0x02000003, true),
            "vendor fff9 product 00ab (ethernet network, revision 0x03)");
}

TEST(PciClass, IsNamedAsInDmesg) {
  EXPECT_EQ(class_name(0x06040000), "PCI bridge");
  EXPECT_EQ(class_name(0x06000002), "host bridge, revision 0x02");
  EXPECT_EQ(class_name(0x0c033000), "USB serial bus, xHCI");
  EXPECT_EQ(class_name(0x01060100), "SATA mass storage, AHCI 1.0");
  EXPECT_EQ(class_name(0x02004200), "ethernet network, interface 0x42");
  EXPECT_EQ(class_name(0x02420000), "network, subclass 0x42");
  EXPECT_EQ(class_name(0x42010000), "class 0x42, subclass 0x01");
}

}  // namespace
