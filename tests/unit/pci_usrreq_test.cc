// SPDX-License-Identifier: BSD-2-Clause
// /dev/pciN, pci(4).
#include <gtest/gtest.h>

#include <cstring>

#include "kern/devsw.h"
#include "kern/kernel.h"
#include "kern/open_device.h"
#include "kern/user_memory.h"
#include "netbsd/dev/pci/pciio.h"
#include "netbsd/sys/conf.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/uvm/uvm_extern.h"
#include "pupci/sim.h"

using namespace pupci;
using namespace pupci::kern;

namespace {

class PciNode : public ::testing::Test {
 protected:
  PciNode() { kernel_.attach_all(); }

  template <typename T>
  int ask(const std::string& node, int flags, unsigned long command, T& argument) {
    const auto device = OpenDevice::create(device_by_name(node), flags);
    if (const int error = device->open()) return error;
    constexpr std::uintptr_t address = 0x1000;
    vmspace user;
    const auto* bytes = reinterpret_cast<const std::byte*>(&argument);
    user.add(address, std::vector<std::byte>(bytes, bytes + sizeof argument));
    const int error = device->ioctl(command, user, address);
    user.copy_in(address, &argument, sizeof argument);
    return error;
  }

  std::shared_ptr<sim::Bus> bus_ = sim::open("regs,bridge/edu");
  Kernel kernel_{bus_, KernelOptions{}};
};

TEST_F(PciNode, TellsItsBus) {
  pciio_businfo info{};
  ASSERT_EQ(ask("pci0", FREAD, PCI_IOC_BUSINFO, info), 0);
  EXPECT_EQ(info.busno, 0U);
  EXPECT_EQ(info.maxdevs, 32U);
  ASSERT_EQ(ask("pci1", FREAD, PCI_IOC_BUSINFO, info), 0);
  EXPECT_EQ(info.busno, 1U);
  EXPECT_EQ(ask("pci2", FREAD, PCI_IOC_BUSINFO, info), ENXIO);
}

TEST_F(PciNode, ReadsAndWritesConfigurationOfAnyBus) {
  for (const Address& at : bus_->functions()) {
    pciio_bdf_cfgreg request{at.bus, at.device, at.function, {0, 0}};
    ASSERT_EQ(ask("pci0", FREAD, PCI_IOC_BDF_CFGREAD, request), 0);
    EXPECT_EQ(request.cfgreg.val, bus_->function(at)->config_read(0, 4));
  }
  const Address at = bus_->functions().front();
  pciio_bdf_cfgreg request{at.bus, at.device, at.function, {4, 2}};
  EXPECT_EQ(ask("pci0", FREAD, PCI_IOC_BDF_CFGWRITE, request), EBADF);
  ASSERT_EQ(ask("pci0", FREAD | FWRITE, PCI_IOC_BDF_CFGWRITE, request), 0);
  EXPECT_EQ(bus_->function(at)->config_read(4, 2), 2U);
}

TEST_F(PciNode, RefusesWhatIsNoRegister) {
  for (const pciio_bdf_cfgreg& bad :
       {pciio_bdf_cfgreg{256, 0, 0, {0, 0}}, pciio_bdf_cfgreg{0, 32, 0, {0, 0}},
        pciio_bdf_cfgreg{0, 0, 8, {0, 0}}, pciio_bdf_cfgreg{0, 0, 0, {2, 0}},
        pciio_bdf_cfgreg{0, 0, 0, {4096, 0}}}) {
    pciio_bdf_cfgreg request = bad;
    EXPECT_EQ(ask("pci0", FREAD | FWRITE, PCI_IOC_BDF_CFGREAD, request), EINVAL);
    EXPECT_EQ(ask("pci0", FREAD | FWRITE, PCI_IOC_BDF_CFGWRITE, request), EINVAL);
  }
  pciio_businfo info{};
  EXPECT_EQ(ask("pci0", FREAD, _IOR('P', 99, pciio_businfo), info), ENOTTY);
}

TEST_F(PciNode, NamesDrivers) {
  // The bridge has ppb; the others have none here.
  const Address at = bus_->functions()[1];
  pciio_drvnameonbus request{at.bus, at.device, at.function, {}};
  ASSERT_EQ(ask("pci0", FREAD, PCI_IOC_DRVNAMEONBUS, request), 0);
  EXPECT_STREQ(request.name, "ppb0");
  pciio_drvname on_bus{at.device, at.function, {}};
  ASSERT_EQ(ask("pci0", FREAD, PCI_IOC_DRVNAME, on_bus), 0);
  EXPECT_STREQ(on_bus.name, "ppb0");
  request = {0, bus_->functions()[0].device, 0, {}};
  EXPECT_EQ(ask("pci0", FREAD, PCI_IOC_DRVNAMEONBUS, request), ENXIO);
  request = {0, 32, 0, {}};
  EXPECT_EQ(ask("pci0", FREAD, PCI_IOC_DRVNAMEONBUS, request), EINVAL);
}

TEST_F(PciNode, MapsByBusAddress) {
  const dev_t dev = device_by_name("pci0");
  for (const Bar& bar : bus_->function(bus_->functions().front())->bars()) {
    if (bar.space() != Space::memory) continue;
    EXPECT_EQ(cdev_mmap(dev, static_cast<off_t>(bar.address), VM_PROT_READ), atop(bar.address));
  }
  EXPECT_EQ(cdev_mmap(dev, 0x1000, VM_PROT_READ), static_cast<paddr_t>(-1));
  EXPECT_EQ(cdev_mmap(dev, -4096, VM_PROT_READ), static_cast<paddr_t>(-1));
}

}  // namespace
