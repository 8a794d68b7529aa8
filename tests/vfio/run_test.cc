// SPDX-License-Identifier: BSD-2-Clause
// Drivers on functions that VFIO gives, run as a user runs them: the same files as on qemu.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <vector>

#include "cli/command.h"
#include "host/vfio/sysfs.h"
#include "support/picture.h"
#include "vfio/guest.h"

namespace pupci::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

constexpr std::uint32_t bochs_id = 0x11111234;
constexpr std::uint32_t rage_id = 0x50461002;

std::string driver(const std::string& name) {
  return std::string(PUPCI_DRIVER_DIR) + "/" + name + ".so";
}

std::string host_of(const std::vector<Address>& addresses) {
  std::string spec;
  for (const Address& address : addresses) {
    spec += (spec.empty() ? "vfio:" : ",") + to_string(address);
  }
  return spec;
}

TEST(VfioRun, EduByMessagesBehindBridgesToo) {
  const auto all = offered(edu_id);
  ASSERT_EQ(all.size(), 5U);
  const Outcome outcome =
      pupci({"run", "--leaks", "error", "--host", host_of(all), driver("edu"), "--for", "0"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("ppb0 at pci0 dev 7 function 0"));
  EXPECT_THAT(outcome.output, ContainsRegex("edu[0-4] at pci2 dev 9 function 0"));
  for (const char* name : {"edu0", "edu1", "edu2", "edu3", "edu4"}) {
    EXPECT_THAT(outcome.output,
                ContainsRegex(std::string(name) + ": revision .*, registers respond"))
        << name;
  }
}

TEST(VfioRun, SeveralFunctionsOfAGroup) {
  const auto first = vfio::Sysfs().find({0, 2, 9, 0});
  const auto second = vfio::Sysfs().find({0, 2, 10, 0});
  ASSERT_TRUE(first && second && first->iommu_group);
  ASSERT_EQ(first->iommu_group, second->iommu_group) << "what the board promises";
  const std::string group = "vfio:group=" + std::to_string(*first->iommu_group);
  const Outcome outcome = pupci({"run", "--host", group, driver("edu"), "--for", "0"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  for (const char* place : {"pci2 dev 9 function 0", "pci2 dev 10 function 0"}) {
    EXPECT_THAT(outcome.output, ContainsRegex(std::string("edu[01] at ") + place));
  }
  for (const char* name : {"edu0", "edu1"}) {
    EXPECT_THAT(outcome.output, HasSubstr(std::string(name) + ": interrupting"));
    EXPECT_THAT(outcome.output, HasSubstr(std::string(name) + ": detached"));
  }
}

TEST(VfioRun, PcitestReachesMemoryAndPorts) {
  const Outcome outcome =
      pupci({"run", "--host", host_of(offered(testdev_id)), driver("pcitest"), "--for", "0"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("writes of 1 2 4 8 bytes arrive"));
  EXPECT_THAT(outcome.output, HasSubstr("writes of 1 2 4 bytes arrive"));
}

// A program's text on a blue ground, drawn by the CPU and by an engine.
TEST(VfioRun, FramebufferDriversShowAConsole) {
  const Folder folder;
  for (const auto& [name, id] : {std::pair{"bochsfb", bochs_id}, {"ragefb", rage_id}}) {
    const std::string file = folder.file(std::string(name) + ".png");
    const Outcome outcome =
        pupci({"run", "--host", host_of(offered(id)), driver(name), "--display", "png:" + file,
               "--console", "printf '\\033[44mon real hardware\\033[0m\\n'"});
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_THAT(outcome.output, HasSubstr("wsdisplay0 at " + std::string(name) + "0"));
    ASSERT_EQ(outcome.status, 0);
    const Picture picture = read_png(file);
    const std::set<std::uint32_t> colours(picture.pixels.begin(), picture.pixels.end());
    EXPECT_GE(colours.size(), 3U) << "black, blue, and what the text is drawn in";
  }
}

TEST(VfioRun, ADriversStrayDmaIsReported) {
  const Address address = offered(edu_id).at(0);
  Command run({"run", "--host", "vfio:" + to_string(address),
               std::string(PUPCI_VFIO_DRIVER_DIR) + "/straydma.so"});
  EXPECT_TRUE(run.wait_for("DMA fault: the IOMMU refused a write to bus address 0xbadf000"));
  run.signal(SIGTERM);
  const Outcome outcome = run.wait();
  EXPECT_EQ(outcome.status, 0) << "the driver goes on: it is its mistake to handle";
  EXPECT_THAT(outcome.errors, HasSubstr("vfio: " + to_string(address) + ": DMA fault"));
}

TEST(VfioRun, AFunctionThatIsTakenBackIsDetachedInGoodOrder) {
  const Address address = offered(edu_id).at(1);
  Command run({"run", "--host", "vfio:" + to_string(address), driver("edu")});
  ASSERT_TRUE(run.wait_for("edu0: interrupting"));
  // Returns once the function is free.
  write_file("/sys/bus/pci/drivers/vfio-pci/unbind", to_string(address));
  const Outcome outcome = run.wait();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("edu0: detached"));
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("the kernel wants the function back"),
                                    HasSubstr("drivers are detached")));
  EXPECT_FALSE(vfio::Sysfs().find(address)->on_vfio());
  write_file("/sys/bus/pci/drivers_probe", to_string(address));
  EXPECT_TRUE(vfio::Sysfs().find(address)->on_vfio());
}

// As by the button of the slot: the kernel waits until drivers have let go.
TEST(VfioRun, AFunctionThatIsUnpluggedIsDetachedInGoodOrder) {
  const Address address{0, 3, 0, 0};  // behind a port with a slot
  const vfio::Sysfs sysfs;
  ASSERT_TRUE(sysfs.find(address));
  std::error_code error;
  if (fs::is_empty("/sys/bus/pci/slots", error) || error)
    GTEST_SKIP() << "this kernel is without hot-plug";
  Command run({"run", "--host", "vfio:" + to_string(address), driver("edu")});
  ASSERT_TRUE(run.wait_for("edu0: interrupting"));
  ASSERT_TRUE(tell_qemu("device_del plugged"));
  const Outcome outcome = run.wait();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("edu0: detached"));
  EXPECT_THAT(outcome.errors, HasSubstr("the kernel wants the function back"));
  EXPECT_TRUE(eventually([&] { return !sysfs.find(address); }));
  const Outcome gone =
      pupci({"run", "--host", "vfio:" + to_string(address), driver("edu"), "--for", "0"});
  EXPECT_THAT(gone.errors, HasSubstr("there is no such function"));
  // And plugged in again, for other tests.
  int tries = 0;  // the slot may not be free at once
  ASSERT_TRUE(eventually([&] {
    if (tries++ % 100 == 0) tell_qemu("device_add edu,bus=root2,id=plugged");
    return sysfs.find(address).has_value();
  }));
  write_file("/sys/bus/pci/devices/" + to_string(address) + "/driver_override", "vfio-pci");
  EXPECT_TRUE(eventually([&] {
    write_file("/sys/bus/pci/drivers_probe", to_string(address));
    return sysfs.find(address)->on_vfio();
  }));
}

TEST(VfioRun, AnyUserWhoOwnsTheNode) {
  const Address address = offered(edu_id).at(0);
  const vfio::SysfsFunction function = *vfio::Sysfs().find(address);
  ASSERT_EQ(::chown(vfio::Sysfs::group_node(function).c_str(), 1000, 1000), 0);
  ::chmod("/dev/vfio/vfio", 0666);
  const Outcome outcome = [&] {
    const std::string command = std::string(PUPCI_BINARY) +
                                " run --host vfio:" + to_string(address) + " " + driver("edu") +
                                " --for 0";
    Command su({"-s", "/bin/sh", "pupci", "-c", "ulimit -l; " + command}, {}, "/bin/su");
    return su.wait();
  }();
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("edu0: detached"));
}

TEST(VfioRun, BadFunctionsAreRefusedWithARemedy) {
  for (const auto& [spec, said] : {std::pair{"vfio:0000:09:00.0", "there is no such function"},
                                   {"vfio:0000:00:07.0", "is a bridge"},
                                   {"vfio:0000:00:08.1", "pupci bind 0000:00:08.1"},
                                   {"vfio:0000:00:08.0", "also holds 0000:00:08.1 (driver e1000)"},
                                   {"vfio:", "no function is named"}}) {
    const Outcome outcome = pupci({"run", "--host", spec, driver("edu"), "--for", "0"});
    EXPECT_EQ(outcome.status, 1) << spec;
    EXPECT_THAT(outcome.errors, HasSubstr(said)) << spec;
  }
}

}  // namespace
}  // namespace pupci::test
