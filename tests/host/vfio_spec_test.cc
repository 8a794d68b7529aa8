// SPDX-License-Identifier: BSD-2-Clause
// What --host vfio: takes, and what it says of functions that cannot be had.
#include "host/vfio/spec.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <functional>

#include "host/vfio/obstacle.h"
#include "pupci/error.h"
#include "support/sysfs_tree.h"

namespace pupci::vfio {
namespace {

using test::SysfsTree;
using testing::HasSubstr;

class VfioSpec : public testing::Test {
 protected:
  VfioSpec() {
    tree.function("0000:00:1c.0", {.class_code = 0x060400, .header_type = 1, .driver = "pcieport"});
    tree.function("0000:03:00.0", {.driver = "vfio-pci", .group = 14});
    tree.function("0000:03:00.1", {.driver = "snd_hda_intel", .group = 14});
    tree.function("0000:04:00.0", {.driver = "vfio-pci", .group = 15});
    tree.function("0000:05:00.0", {.driver = "e1000e", .group = 16});
    tree.function("0000:06:00.0", {.group = 17});
    tree.function("0000:07:00.0", {.driver = "vfio-pci"});
  }

  static Error refusal_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error;
    }
    return {0, ""};
  }
  // The errno value and the message.
  std::pair<int, std::string> refusal(const std::string& text) {
    const Error error = refusal_of([&] { parse_spec(text, Sysfs(tree.root())); });
    return {error.errnum(), error.what()};
  }

  SysfsTree tree;
};

TEST_F(VfioSpec, FunctionsInOrderAndOnce) {
  const Sysfs sysfs(tree.root());
  const Spec spec = parse_spec("04:00.0,0000:03:00.0,4:0.0", sysfs);
  ASSERT_EQ(spec.functions.size(), 2U);
  EXPECT_EQ(spec.functions[0].address, (Address{0, 3, 0, 0}));
  EXPECT_EQ(spec.functions[1].address, (Address{0, 4, 0, 0}));
  EXPECT_EQ(spec.name, "vfio:04:00.0,0000:03:00.0,4:0.0");
  EXPECT_EQ(spec.api, Spec::Api::best);
  EXPECT_FALSE(spec.unsafe);
}

TEST_F(VfioSpec, Interfaces) {
  const Sysfs sysfs(tree.root());
  EXPECT_EQ(parse_spec("4:0.0,iommu=group", sysfs).api, Spec::Api::group);
  EXPECT_EQ(parse_spec("iommu=iommufd,4:0.0", sysfs).api, Spec::Api::iommufd);
}

TEST_F(VfioSpec, WaysToUnmask) {
  const Sysfs sysfs(tree.root());
  EXPECT_FALSE(parse_spec("4:0.0", sysfs).lines_by_eventfd);
  EXPECT_FALSE(parse_spec("4:0.0,intx=call", sysfs).lines_by_eventfd);
  EXPECT_TRUE(parse_spec("intx=eventfd,4:0.0", sysfs).lines_by_eventfd);
}

TEST_F(VfioSpec, AllOfAGroup) {
  const Spec spec = parse_spec("group=15", Sysfs(tree.root()));
  ASSERT_EQ(spec.functions.size(), 1U);
  EXPECT_EQ(spec.functions[0].address, (Address{0, 4, 0, 0}));
  EXPECT_THAT(refusal("group=14").second, HasSubstr("0000:03:00.1"));
  EXPECT_EQ(refusal("group=99").first, ENODEV);
  EXPECT_THAT(refusal("group=99").second, HasSubstr("no IOMMU group 99"));
  EXPECT_EQ(refusal("group=x").first, EINVAL);
}

TEST_F(VfioSpec, WordsThatAreNone) {
  for (const char* text : {"", ",", "03:00", "e1000e", "3:0.9", "iommu=maybe", "intx=", "group="}) {
    const auto [error, message] = refusal(text);
    EXPECT_EQ(error, EINVAL) << text;
    EXPECT_THAT(message, HasSubstr("vfio:ADDRESS[,ADDRESS...]")) << text;
  }
}

TEST_F(VfioSpec, NoSuchFunction) {
  const auto [error, message] = refusal("0000:09:00.0");
  EXPECT_EQ(error, ENODEV);
  EXPECT_EQ(message,
            "vfio: 0000:09:00.0: there is no such function; lspci -D lists those there are");
}

TEST_F(VfioSpec, ABridge) {
  const auto [error, message] = refusal("00:1c.0");
  EXPECT_EQ(error, EINVAL);
  EXPECT_THAT(message, HasSubstr("is a bridge"));
}

TEST_F(VfioSpec, NotBoundToVfio) {
  EXPECT_EQ(refusal("5:0.0").first, EBUSY);
  EXPECT_EQ(refusal("5:0.0").second,
            "vfio: 0000:05:00.0: is in the hands of the kernel's e1000e; bind it to vfio-pci: "
            "sudo pupci bind 0000:05:00.0");
  EXPECT_THAT(refusal("6:0.0").second, HasSubstr("no driver is bound to it"));
}

TEST_F(VfioSpec, NoIommu) {
  const auto [error, message] = refusal("7:0.0");
  EXPECT_EQ(error, ENXIO);
  EXPECT_EQ(message,
            "vfio: 0000:07:00.0: in no IOMMU group, so that nothing keeps its DMA in bounds; other "
            "slots of this machine have one: lspci -Dv; without one there is only --host "
            "vfio:0000:07:00.0,unsafe-noiommu");
  SysfsTree without;
  without.function("0000:03:00.0", {.driver = "vfio-pci"});
  without.file("sys/firmware/acpi/tables/DMAR", "DMAR");
  const Error all = refusal_of([&] { parse_spec("3:0.0", Sysfs(without.root())); });
  EXPECT_THAT(all.what(), HasSubstr("there is an IOMMU, but the kernel does not use it; sudo sed"));
  EXPECT_THAT(all.what(), HasSubstr("intel_iommu=on"));
  EXPECT_THAT(all.what(), HasSubstr("unsafe-noiommu"));
}

TEST_F(VfioSpec, WithoutAnIommuOnlyWhereThereIsNone) {
  EXPECT_THAT(refusal("4:0.0,unsafe-noiommu").second, HasSubstr("an IOMMU translates for it"));
  EXPECT_THAT(refusal("7:0.0,unsafe-noiommu").second, HasSubstr("enable_unsafe_noiommu_mode"));
  SysfsTree without;
  without.function("0000:03:00.0", {.driver = "vfio-pci", .group = 0, .noiommu = true});
  EXPECT_TRUE(parse_spec("3:0.0,unsafe-noiommu", Sysfs(without.root())).unsafe);
}

TEST_F(VfioSpec, AGroupThatIsNotViableNamesWhoIsInTheWay) {
  const Sysfs sysfs(tree.root());
  const Obstacle error = group_not_viable(sysfs, *sysfs.find({0, 3, 0, 0}));
  EXPECT_EQ(error.errnum(), EBUSY);
  EXPECT_STREQ(error.what(),
               "vfio: 0000:03:00.0: its IOMMU group 14 also holds 0000:03:00.1 (driver "
               "snd_hda_intel), and can be given up only as a whole; sudo pupci bind 0000:03:00.1");
}

TEST_F(VfioSpec, WhatTheKernelRefusesOfAnOpenFunction) {
  EXPECT_THAT(why_not_mapped(EBUSY), HasSubstr("/proc/iomem names it"));
  EXPECT_THAT(why_not_mapped(ENOMEM), HasSubstr("ulimit -v unlimited"));
  EXPECT_THAT(why_not_mapped(EINVAL), HasSubstr("dmesg"));
  EXPECT_THAT(why_no_interrupts(InterruptType::msix, ENOSPC), HasSubstr("use fewer"));
  EXPECT_THAT(why_no_interrupts(InterruptType::intx, EBUSY),
              HasSubstr("/proc/interrupts names it: unbind that"));
  EXPECT_THAT(why_no_interrupts(InterruptType::msi, EBUSY), HasSubstr("dmesg"));
}

TEST_F(VfioSpec, NodesThatCannotBeOpened) {
  const Sysfs sysfs(tree.root());
  const SysfsFunction function = *sysfs.find({0, 4, 0, 0});
  const auto text = [&](int error) {
    return std::string(cannot_open_node(sysfs, function, "/dev/vfio/15", error).what());
  };
  EXPECT_THAT(text(EACCES), HasSubstr("sudo pupci bind --user \"$USER\" 0000:04:00.0"));
  EXPECT_THAT(text(EBUSY), HasSubstr("fuser -v /dev/vfio/15"));
  EXPECT_THAT(text(ENOENT), HasSubstr("/dev/vfio/15 is not there; sudo udevadm trigger"));
  EXPECT_THAT(cannot_open_container("/dev/vfio/vfio", ENOENT).what(),
              HasSubstr("modprobe vfio-pci"));
  EXPECT_THAT(no_translation(function, EPERM).what(), HasSubstr("allow_unsafe_interrupts"));
}

}  // namespace
}  // namespace pupci::vfio
