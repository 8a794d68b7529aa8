// SPDX-License-Identifier: BSD-2-Clause
// What is read from sysfs, in a tree of our own making.
#include "host/vfio/sysfs.h"

#include <gtest/gtest.h>

#include "support/sysfs_tree.h"

namespace pupci::vfio {
namespace {

using test::SysfsTree;

TEST(VfioSysfs, FunctionsInOrderWithWhatTheyAre) {
  SysfsTree tree;
  tree.function("0000:03:00.1", {.vendor = 0x8086, .device = 0x1533, .class_code = 0x020000});
  tree.function("0000:00:1c.0", {.class_code = 0x060400, .header_type = 0x81});
  const auto functions = Sysfs(tree.root()).functions();
  ASSERT_EQ(functions.size(), 2U);
  EXPECT_EQ(functions[0].address, (Address{0, 0, 0x1c, 0}));
  EXPECT_TRUE(functions[0].bridge);
  EXPECT_EQ(functions[1].address, (Address{0, 3, 0, 1}));
  EXPECT_EQ(functions[1].vendor, 0x8086);
  EXPECT_EQ(functions[1].device, 0x1533);
  EXPECT_EQ(functions[1].class_code, 0x020000U);
  EXPECT_FALSE(functions[1].bridge);
  EXPECT_FALSE(functions[1].iommu_group);
  EXPECT_EQ(functions[1].driver, "");
}

TEST(VfioSysfs, BridgesAreKnownByTheirHeaderEvenWithoutOneByTheirClass) {
  SysfsTree tree;
  tree.function("0000:00:01.0", {.class_code = 0x060000});  // a host bridge: an endpoint's header
  tree.function("0000:00:02.0", {.class_code = 0x060400, .header_type = -1});
  const Sysfs sysfs(tree.root());
  EXPECT_FALSE(sysfs.find({0, 0, 1, 0})->bridge);
  EXPECT_TRUE(sysfs.find({0, 0, 2, 0})->bridge);
}

TEST(VfioSysfs, GroupAndItsMembers) {
  SysfsTree tree;
  tree.function("0000:03:00.0", {.driver = "vfio-pci", .group = 14, .cdev = "vfio2"});
  tree.function("0000:03:00.1", {.driver = "snd_hda_intel", .group = 14});
  tree.function("0000:04:00.0", {.group = 15});
  const Sysfs sysfs(tree.root());
  EXPECT_TRUE(sysfs.has_iommu());
  const auto members = sysfs.members(14);
  ASSERT_EQ(members.size(), 2U);
  EXPECT_TRUE(members[0].on_vfio());
  EXPECT_FALSE(members[0].holds_group());
  EXPECT_EQ(Sysfs::group_node(members[0]), "/dev/vfio/14");
  EXPECT_EQ(Sysfs::cdev_node(members[0]), "/dev/vfio/devices/vfio2");
  EXPECT_EQ(members[1].driver, "snd_hda_intel");
  EXPECT_TRUE(members[1].holds_group());
  EXPECT_EQ(Sysfs::cdev_node(members[1]), "");
  EXPECT_TRUE(sysfs.members(99).empty());
}

TEST(VfioSysfs, GroupWithoutIommuIsToldApart) {
  SysfsTree tree;
  tree.function("0000:03:00.0", {.driver = "vfio-pci", .group = 0, .noiommu = true});
  const Sysfs sysfs(tree.root());
  EXPECT_FALSE(sysfs.has_iommu());
  EXPECT_EQ(Sysfs::group_node(*sysfs.find({0, 3, 0, 0})), "/dev/vfio/noiommu-0");
}

TEST(VfioSysfs, WhoHoldsAGroup) {
  SysfsFunction function;
  EXPECT_FALSE(function.holds_group());
  for (const char* harmless : {"vfio-pci", "mlx5_vfio_pci", "pci-stub", "pcieport"}) {
    function.driver = harmless;
    EXPECT_FALSE(function.holds_group()) << harmless;
  }
  function.driver = "e1000";
  EXPECT_TRUE(function.holds_group());
}

TEST(VfioSysfs, KernelWithoutCharacterDevicesHasNoNode) {
  SysfsTree tree;
  const auto directory = tree.function("0000:03:00.0", {.driver = "vfio-pci", .group = 14});
  std::filesystem::create_directories(directory / "vfio-dev/vfio0");
  EXPECT_EQ(Sysfs(tree.root()).find({0, 3, 0, 0})->cdev, "");
}

TEST(VfioSysfs, NothingIsNotAnError) {
  SysfsTree tree;
  const Sysfs sysfs(tree.root());
  EXPECT_TRUE(sysfs.functions().empty());
  EXPECT_FALSE(sysfs.find({0, 3, 0, 0}));
  EXPECT_FALSE(sysfs.has_iommu());
  EXPECT_FALSE(sysfs.has_driver("vfio-pci"));
}

TEST(VfioSysfs, DriverOverride) {
  SysfsTree tree;
  tree.function("0000:03:00.0", {.driver_override = "vfio-pci"});
  tree.function("0000:04:00.0", {});  // the kernel then says (null)
  const Sysfs sysfs(tree.root());
  EXPECT_EQ(sysfs.find({0, 3, 0, 0})->driver_override, "vfio-pci");
  EXPECT_EQ(sysfs.find({0, 4, 0, 0})->driver_override, "");
}

}  // namespace
}  // namespace pupci::vfio
