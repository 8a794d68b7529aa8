// SPDX-License-Identifier: BSD-2-Clause
// What pupci doctor says of real hardware, in a sysfs of our own making.
#include "cli/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command.h"
#include "support/sysfs_tree.h"

namespace pupci::cli {
namespace {

using ::testing::HasSubstr;

class DoctorVfio : public testing::Test {
 protected:
  [[nodiscard]] std::vector<Finding> all(const std::string& check) const {
    for (const Findings& findings : check_vfio(tree.root())) {
      if (findings.check == check) return findings.found;
    }
    return {};
  }
  [[nodiscard]] Finding first(const std::string& check) const { return all(check).at(0); }
  void modules() const {
    tree.driver("vfio-pci");
    tree.file("sys/module/vfio_iommu_type1/refcnt", "0\n");
  }
  void node(const std::string& path) const { tree.file(path, ""); }

  test::SysfsTree tree;
};

TEST_F(DoctorVfio, FirmwareWithoutIommu) {
  tree.function("0000:03:00.0", {});
  tree.file("proc/cpuinfo", "processor : 0\nvendor_id\t: GenuineIntel\n");
  const Finding finding = first("iommu");
  EXPECT_EQ(finding.verdict, Verdict::optional_missing);
  EXPECT_THAT(finding.text, HasSubstr("the firmware shows no IOMMU"));
  EXPECT_EQ(finding.remedy, "in the firmware's set-up, turn on VT-d");
}

TEST_F(DoctorVfio, KernelThatDoesNotUseTheIommu) {
  tree.function("0000:03:00.0", {});
  tree.file("sys/firmware/acpi/tables/DMAR", "DMAR");
  tree.file("proc/cmdline", "root=/dev/sda1 quiet\n");
  const Finding finding = first("iommu");
  EXPECT_EQ(finding.verdict, Verdict::optional_missing);
  EXPECT_THAT(finding.text, HasSubstr("the kernel does not use it"));
  EXPECT_THAT(finding.remedy, HasSubstr("intel_iommu=on"));
  EXPECT_THAT(finding.remedy, HasSubstr("update-grub"));
}

TEST_F(DoctorVfio, KernelThatWasToldNotTo) {
  tree.function("0000:03:00.0", {});
  tree.file("sys/firmware/acpi/tables/DMAR", "DMAR");
  tree.file("proc/cmdline", "quiet intel_iommu=off\n");
  const Finding finding = first("iommu");
  EXPECT_THAT(finding.text, HasSubstr("booted with intel_iommu=off"));
  EXPECT_THAT(finding.remedy, HasSubstr("sed -i 's/ *intel_iommu=off//'"));
}

TEST_F(DoctorVfio, CountsGroups) {
  tree.function("0000:03:00.0", {.group = 14});
  tree.function("0000:03:00.1", {.group = 14});
  tree.function("0000:04:00.0", {.group = 15});
  EXPECT_EQ(first("iommu").verdict, Verdict::good);
  EXPECT_EQ(first("iommu").text, "2 IOMMU groups");
}

TEST_F(DoctorVfio, MissingModules) {
  tree.function("0000:03:00.0", {.group = 14});
  EXPECT_EQ(first("vfio").verdict, Verdict::optional_missing);
  EXPECT_EQ(first("vfio").remedy, "sudo modprobe vfio-pci");
  tree.driver("vfio-pci");
  EXPECT_EQ(first("vfio").remedy, "sudo modprobe vfio_iommu_type1");
}

TEST_F(DoctorVfio, NothingBound) {
  modules();
  tree.function("0000:03:00.0", {.driver = "e1000", .group = 14});
  EXPECT_EQ(first("vfio").verdict, Verdict::optional_missing);
  EXPECT_EQ(first("vfio").text, "no function is bound to vfio-pci");
}

TEST_F(DoctorVfio, AFunctionThatCanBeUsed) {
  modules();
  tree.function("0000:03:00.0", {.driver = "vfio-pci", .group = 14});
  node("dev/vfio/14");
  node("dev/vfio/vfio");
  EXPECT_EQ(first("vfio").verdict, Verdict::good);
  EXPECT_EQ(first("vfio").text, "0000:03:00.0: /dev/vfio/14 can be opened");
}

TEST_F(DoctorVfio, AFunctionByItsDeviceAlone) {
  modules();
  tree.function("0000:03:00.0", {.driver = "vfio-pci", .group = 14, .cdev = "vfio0"});
  node("dev/vfio/devices/vfio0");
  node("dev/iommu");
  EXPECT_EQ(first("vfio").text, "0000:03:00.0: /dev/vfio/devices/vfio0 can be opened");
}

TEST_F(DoctorVfio, AFunctionThatNothingKeepsInBounds) {
  modules();
  tree.function("0000:03:00.0", {.driver = "vfio-pci", .group = 0, .noiommu = true});
  node("dev/vfio/noiommu-0");
  node("dev/vfio/vfio");
  EXPECT_EQ(first("vfio").verdict, Verdict::optional_missing);
  EXPECT_THAT(first("vfio").text, HasSubstr("no IOMMU keeps its DMA in bounds"));
}

TEST_F(DoctorVfio, AGroupThatIsNotViable) {
  modules();
  tree.function("0000:03:00.0", {.driver = "vfio-pci", .group = 14});
  tree.function("0000:03:00.1", {.driver = "snd_hda_intel", .group = 14});
  tree.function("0000:03:00.2", {.group = 14});  // without a driver: no obstacle
  tree.function("0000:00:1c.0", {.header_type = 1, .driver = "pcieport", .group = 14});
  node("dev/vfio/14");
  node("dev/vfio/vfio");
  const Finding finding = first("vfio");
  EXPECT_EQ(finding.verdict, Verdict::bad);
  EXPECT_EQ(
      finding.text,
      "0000:03:00.0: its IOMMU group 14 also holds 0000:03:00.1 (driver snd_hda_intel), and can "
      "be given up only as a whole");
  EXPECT_EQ(finding.remedy, "sudo pupci bind 0000:03:00.1");
}

TEST_F(DoctorVfio, ANodeThatIsNotThere) {
  modules();
  tree.function("0000:03:00.0", {.driver = "vfio-pci", .group = 14});
  EXPECT_EQ(first("vfio").verdict, Verdict::bad);
  EXPECT_EQ(first("vfio").text, "0000:03:00.0: /dev/vfio/14 is not there");
}

TEST_F(DoctorVfio, MemoryThatMayBeLocked) {
  tree.file("proc/self/status", "Name:\tpupci\nCapEff:\t0000000000004000\n");
  EXPECT_EQ(first("memlock").verdict, Verdict::good);
  EXPECT_EQ(first("memlock").text, "memory for DMA may be locked without limit");
}

TEST_F(DoctorVfio, IsPartOfTheCommand) {
  tree.function("0000:03:00.0", {.group = 14});
  const test::Outcome outcome = test::pupci({"doctor", "--root", tree.root().string()});
  EXPECT_THAT(outcome.output, HasSubstr("ok        iommu     1 IOMMU groups\n"));
  EXPECT_THAT(outcome.output,
              HasSubstr("optional  vfio      the kernel's module vfio-pci is not loaded"));
}

}  // namespace
}  // namespace pupci::cli
