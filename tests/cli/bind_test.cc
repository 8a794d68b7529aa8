// SPDX-License-Identifier: BSD-2-Clause
// What pupci bind and unbind refuse, in a sysfs of our own making. That they bind is tested in the
// guest (tests/guest/bind_test.sh).
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "command.h"
#include "host/fd.h"
#include "support/sysfs_tree.h"

namespace pupci::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class Bind : public testing::Test {
 protected:
  Bind() { tree.driver("vfio-pci"); }

  [[nodiscard]] Outcome bind(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"bind", "--root", tree.root().string()});
    return pupci(arguments);
  }
  void refused(const std::string& address, const std::string& why) const {
    const Outcome outcome = bind({address});
    EXPECT_EQ(outcome.status, 1) << outcome.output;
    EXPECT_THAT(outcome.errors, HasSubstr(why));
  }

  void link(const fs::path& target, const fs::path& at) const {
    fs::create_directories((tree.root() / at).parent_path());
    fs::create_symlink(tree.root() / target, tree.root() / at);
  }
  // A block device below `parent`, a path below the root; its path.
  [[nodiscard]] fs::path block(const fs::path& parent, const std::string& name,
                               const std::string& number) const {
    const fs::path path = parent / name;
    tree.file(path / "dev", number + "\n");
    link(path, fs::path("sys/class/block") / name);
    return path;
  }
  // A disk controller with a disk.
  [[nodiscard]] fs::path disk() const {
    tree.function("0000:00:1f.2", {.driver = "ahci", .group = 13});
    return block("sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/block", "sda", "8:0");
  }
  [[nodiscard]] fs::path partition() const {
    const fs::path path = block(disk(), "sda1", "8:1");
    tree.file(path / "partition", "1\n");
    return path;
  }
  // "dm-0", made of `part`.
  [[nodiscard]] fs::path mapped(const fs::path& part) const {
    const fs::path path = block("sys/devices/virtual/block", "dm-0", "254:0");
    tree.file(path / "dm/name", "vg-root\n");
    link(path, part / "holders/dm-0");
    return path;
  }

  SysfsTree tree;
};

TEST_F(Bind, WhatIsNoAddress) {
  const Outcome outcome = bind({"eth0"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("eth0: not the address of a function; write it as"));
}

TEST_F(Bind, WhatIsNotThere) {
  refused("03:00.0", "0000:03:00.0: there is no such function; lspci -D lists those there are");
}

TEST_F(Bind, ABridgeNamesWhatIsBehindIt) {
  tree.function("0000:00:1c.0", {.class_code = 0x060400, .header_type = 1, .driver = "pcieport"});
  refused("0:1c.0", "0000:00:1c.0: is a bridge, which stays with the kernel; nothing is behind it");
  tree.file("sys/devices/pci0000:00/0000:00:1c.0/0000:03:00.0/class", "0x020000\n");
  link("sys/devices/pci0000:00/0000:00:1c.0/0000:03:00.0", "sys/bus/pci/devices/0000:03:00.0");
  refused("0:1c.0", "name what is behind it: 0000:03:00.0");
}

TEST_F(Bind, WithoutAnIommu) {
  tree.function("0000:03:00.0", {});
  refused("03:00.0", "0000:03:00.0: in no IOMMU group");
  tree.file("sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "N\n");
  refused("03:00.0", "in no IOMMU group");
}

TEST_F(Bind, WithoutTheModule) {
  fs::remove_all(tree.root() / "sys/bus/pci/drivers/vfio-pci");
  tree.function("0000:03:00.0", {.group = 14});
  refused("03:00.0", "the kernel's module vfio-pci is not loaded; sudo modprobe vfio-pci");
}

TEST_F(Bind, AMountedDisk) {
  (void)disk();
  tree.file("proc/self/mountinfo",
            "22 1 8:0 / /mnt/two\\040words rw,relatime shared:1 - ext4 /dev/sda rw\n");
  refused("0:1f.2",
          "0000:00:1f.2: in use: sda is mounted at /mnt/two words; end that: umount '/mnt/two "
          "words' (or --force)");
}

TEST_F(Bind, AMountedDiskOfAnother) {
  (void)disk();
  tree.function("0000:03:00.0", {.group = 14});
  tree.file("proc/self/mountinfo", "22 1 8:0 / / rw - ext4 /dev/sda rw\n");
  const Outcome outcome = bind({"03:00.0"});
  EXPECT_THAT(outcome.errors, Not(HasSubstr("in use")));
}

TEST_F(Bind, AMountedPartition) {
  (void)partition();
  tree.file("proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
  refused("0:1f.2", "sda1 is mounted at /;");
}

TEST_F(Bind, AMountWithADeviceNumberOfItsOwn) {
  (void)partition();
  tree.file("dev/sda1", "");
  tree.file("proc/self/mountinfo", "22 1 0:30 /@ / rw - btrfs /dev/sda1 rw\n");
  refused("0:1f.2", "sda1 is mounted at /;");
}

TEST_F(Bind, AMountedVolume) {
  (void)mapped(partition());
  tree.file("proc/self/mountinfo", "22 1 254:0 / / rw - ext4 /dev/mapper/vg-root rw\n");
  refused("0:1f.2", "dm-0 (vg-root) is mounted at /;");
}

TEST_F(Bind, AVolumeThatIsOnlyThere) {
  (void)mapped(partition());
  refused("0:1f.2", "sda1 is held by dm-0 (vg-root); end that: dmsetup remove dm-0");
}

TEST_F(Bind, ARaid) {
  const fs::path part = partition();
  (void)block("sys/devices/virtual/block", "md0", "9:0");
  link("sys/devices/virtual/block/md0", part / "holders/md0");
  refused("0:1f.2", "sda1 is held by md0; end that: mdadm --stop /dev/md0");
}

TEST_F(Bind, SwapSpace) {
  (void)mapped(partition());
  tree.file("dev/dm-0", "");
  link("dev/dm-0", "dev/mapper/vg-root");
  tree.file("proc/swaps",
            "Filename Type Size Used Priority\n/dev/mapper/vg-root partition 1 0 -2\n");
  refused("0:1f.2", "dm-0 (vg-root) is swap space; end that: swapoff /dev/mapper/vg-root");
}

TEST_F(Bind, AnNvmeNamespaceThatIsItsSubsystems) {
  tree.function("0000:04:00.0", {.driver = "nvme", .group = 15});
  const fs::path subsystem = "sys/devices/virtual/nvme-subsystem/nvme-subsys0";
  (void)block(subsystem, "nvme0n1", "259:0");
  tree.file("sys/devices/pci0000:00/0000:04:00.0/nvme/nvme0/state", "live\n");
  link("sys/devices/pci0000:00/0000:04:00.0/nvme/nvme0", subsystem / "nvme0");
  tree.file("proc/self/mountinfo", "22 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n");
  refused("04:00.0", "nvme0n1 is mounted at /;");
}

class BindInterface : public Bind {
 protected:
  void interface(const std::string& flags) const {
    tree.function("0000:03:00.0", {.driver = "igb", .group = 14});
    const fs::path path = "sys/devices/pci0000:00/0000:03:00.0/net/enp3s0";
    tree.file(path / "flags", flags + "\n");
    link(path, "sys/class/net/enp3s0");
  }
};

TEST_F(BindInterface, ThatIsUp) {
  interface("0x1003");
  refused("03:00.0",
          "0000:03:00.0: in use: the network interface enp3s0 is up; end that: ip link set enp3s0 "
          "down (or --force)");
}

TEST_F(BindInterface, ThatIsDownOrForced) {
  interface("0x1002");
  EXPECT_THAT(bind({"03:00.0"}).errors, Not(HasSubstr("in use")));
  tree.file("sys/class/net/enp3s0/flags", "0x1003\n");
  const Outcome forced = bind({"--force", "03:00.0"});
  EXPECT_THAT(forced.errors, HasSubstr("enp3s0 is up; going on, as told"));
}

TEST_F(Bind, NothingChangesWhenOneIsRefused) {
  const fs::path good = tree.function("0000:03:00.0", {.group = 14});
  tree.function("0000:00:1c.0", {.header_type = 1});
  refused("03:00.0", "");  // plain files do not bind; but it was tried
  tree.file("sys/devices/pci0000:00/0000:03:00.0/driver_override", "(null)\n");
  EXPECT_EQ(bind({"03:00.0", "0:1c.0"}).status, 1);
  EXPECT_EQ(read_file((good / "driver_override").string()), "(null)\n");
}

TEST_F(Bind, AKernelThatDoesNotBindLeavesNothingBehind) {
  const fs::path directory = tree.function("0000:03:00.0", {.group = 14});
  tree.file("sys/bus/pci/drivers_probe", "");
  refused("03:00.0", "0000:03:00.0: vfio-pci does not take it; the kernel's log tells why");
  EXPECT_EQ(read_file((directory / "driver_override").string()), "\n");
  EXPECT_FALSE(fs::exists(tree.root() / "run/pupci/bind/0000:03:00.0"));
}

// A kernel whose attributes are FIFOs, at which pupci stops until the kernel comes to read.
class SlowKernel {
 public:
  SlowKernel(const fs::path& root, std::vector<std::string> attributes)
      : bus_(root / "sys/bus/pci"), attributes_(std::move(attributes)) {
    for (const std::string& each : attributes_) ::mkfifo((bus_ / each).c_str(), 0600);
  }
  // What has not come will not come.
  ~SlowKernel() {
    while (!done_) {
      for (const std::string& each : attributes_) {
        const Fd end(::open((bus_ / each).c_str(), O_RDWR | O_NONBLOCK));
        EXPECT_NE(::write(end.get(), "\n", 1), 0);
      }
      std::this_thread::yield();
    }
    thread_.join();
  }
  SlowKernel(const SlowKernel&) = delete;
  SlowKernel& operator=(const SlowKernel&) = delete;

  void act(std::function<void()> script) {
    done_ = false;
    thread_ = std::thread([this, script = std::move(script)] {
      script();
      done_ = true;
    });
  }
  // The next so many lines that are written to an attribute.
  [[nodiscard]] std::string written(const std::string& attribute, int lines = 1) const {
    const Fd end(::open((bus_ / attribute).c_str(), O_RDWR));
    std::string text;
    for (char byte = 0; lines > 0 && ::read(end.get(), &byte, 1) == 1; text += byte) {
      if (byte == '\n') lines--;
    }
    return text;
  }
  void bind(const fs::path& function, const std::string& driver) const {
    fs::remove(function / "driver");
    fs::create_symlink(bus_ / "drivers" / driver, function / "driver");
  }

 private:
  fs::path bus_;
  std::vector<std::string> attributes_;
  std::atomic<bool> done_ = true;
  std::thread thread_;
};

TEST_F(Bind, WhatTheKernelTookIsGivenBackWhenItRefusesTheNext) {
  const fs::path first = tree.function("0000:03:00.0", {.driver = "igb", .group = 14});
  const fs::path second = tree.function("0000:04:00.0", {.group = 15});
  std::string told;
  {
    SlowKernel kernel(tree.root(),
                      {"drivers_probe", "drivers/igb/unbind", "drivers/vfio-pci/unbind"});
    kernel.act([&] {
      told += "igb: " + kernel.written("drivers/igb/unbind");
      kernel.bind(first, "vfio-pci");
      told += "probe: " + kernel.written("drivers_probe", 2);  // nobody takes the second
      told += "vfio: " + kernel.written("drivers/vfio-pci/unbind");
      kernel.bind(first, "igb");
      told += "probe: " + kernel.written("drivers_probe");
    });
    const Outcome outcome = bind({"03:00.0", "04:00.0"});
    EXPECT_EQ(outcome.status, 1) << outcome.output;
    EXPECT_THAT(outcome.errors,
                HasSubstr("0000:04:00.0: vfio-pci does not take it; the kernel's log tells why: "
                          "dmesg | tail; 0000:03:00.0 has igb again"));
    EXPECT_EQ(outcome.output, "") << "nothing has vfio-pci now";
  }
  EXPECT_EQ(told,
            "igb: 0000:03:00.0\nprobe: 0000:03:00.0\n0000:04:00.0\nvfio: 0000:03:00.0\n"
            "probe: 0000:03:00.0\n");
  for (const fs::path& directory : {first, second}) {
    EXPECT_EQ(read_file((directory / "driver_override").string()), "\n");
    EXPECT_FALSE(fs::exists(tree.root() / "run/pupci/bind" / directory.filename()));
  }
}

TEST_F(Bind, UnbindKnowsWhatIsNotItsOwn) {
  tree.function("0000:03:00.0", {.driver = "igb", .group = 14});
  const Outcome outcome = pupci({"unbind", "--root", tree.root().string(), "03:00.0"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("its driver is igb, as the kernel wants it"));
}

TEST_F(Bind, UnbindNamesTheProcessThatHasIt) {
  tree.function("0000:03:00.0", {.driver = "vfio-pci", .group = 14});
  tree.file("proc/77/comm", "pupci\n");
  fs::create_directories(tree.root() / "proc/77/fd");
  fs::create_symlink("/dev/vfio/14", tree.root() / "proc/77/fd/5");
  const Outcome outcome = pupci({"unbind", "--root", tree.root().string(), "03:00.0"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("in use: pupci (77) has it open; end that: kill 77"));
}

}  // namespace
}  // namespace pupci::test
