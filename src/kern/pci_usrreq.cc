// SPDX-License-Identifier: BSD-2-Clause
// /dev/pciN, pci(4): configuration space of a bus and of those below it, who drives what, and
// mappings by bus address.
#include <cerrno>
#include <cstring>

#include "kern/pci_chipset.h"
#include "kern/root.h"
#include "kern/subsystems.h"
#include "netbsd/dev/pci/pciio.h"
#include "netbsd/sys/conf.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/kauth.h"
#include "netbsd/sys/lwp.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

constexpr unsigned max_bus = 0xff;
constexpr unsigned max_device = 31;
constexpr unsigned max_function = 7;

device_t bus_of(dev_t dev) {
  return device_lookup(&pci_cd, static_cast<int>(minor(dev)));
}

int open_bus_node(dev_t dev, int /*flags*/, int /*mode*/, lwp* /*l*/) {
  return bus_of(dev) == nullptr ? ENXIO : 0;
}

int access_config(const pciio_bdf_cfgreg& at, pciio_cfgreg* request, bool write, int flag) {
  if (at.bus > max_bus || at.device > max_device || at.function > max_function ||
      (request->reg & 3) != 0 || request->reg >= PCI_EXTCONF_SIZE) {
    return EINVAL;
  }
  if (write && (flag & FWRITE) == 0) return EBADF;
  pci_chipset_tag_t chipset = running_chipset();
  const pcitag_t tag = pci_make_tag(chipset, static_cast<int>(at.bus), static_cast<int>(at.device),
                                    static_cast<int>(at.function));
  const int reg = static_cast<int>(request->reg);
  if (write) {
    pci_conf_write(chipset, tag, reg, request->val);
  } else {
    request->val = pci_conf_read(chipset, tag, reg);
  }
  return 0;
}

int name_driver(unsigned bus, unsigned device, unsigned function, char* name) {
  if (bus > max_bus || device > max_device || function > max_function) return EINVAL;
  const auto& children = running_chipset()->children;
  const auto found =
      children.find(make_tag({0, static_cast<std::uint8_t>(bus), static_cast<std::uint8_t>(device),
                              static_cast<std::uint8_t>(function)}));
  if (found == children.end() || found->second == nullptr) return ENXIO;
  std::strncpy(name, device_xname(found->second), PCI_IO_DRVNAME_LEN - 1);
  name[PCI_IO_DRVNAME_LEN - 1] = '\0';
  return 0;
}

int control(dev_t dev, unsigned long command, void* data, int flag, lwp* /*l*/) {
  const device_t self = bus_of(dev);
  if (self == nullptr) return ENXIO;
  const auto bus = static_cast<unsigned>(pci_bus_args(self).pba_bus);
  switch (command) {
    case PCI_IOC_BDF_CFGREAD:
    case PCI_IOC_BDF_CFGWRITE: {
      auto* const request = static_cast<pciio_bdf_cfgreg*>(data);
      return access_config(*request, &request->cfgreg, command == PCI_IOC_BDF_CFGWRITE, flag);
    }
    case PCI_IOC_BUSINFO: {
      auto* const info = static_cast<pciio_businfo*>(data);
      info->busno = bus;
      info->maxdevs =
          static_cast<unsigned>(pci_bus_maxdevs(running_chipset(), static_cast<int>(bus)));
      return 0;
    }
    case PCI_IOC_DRVNAME: {
      auto* const request = static_cast<pciio_drvname*>(data);
      return name_driver(bus, request->device, request->function, request->name);
    }
    case PCI_IOC_DRVNAMEONBUS: {
      auto* const request = static_cast<pciio_drvnameonbus*>(data);
      return name_driver(request->bus, request->device, request->function, request->name);
    }
    default:
      return ENOTTY;
  }
}

// The offset is the address on the bus.
paddr_t map(dev_t dev, off_t offset, int prot) {
  constexpr auto none = static_cast<paddr_t>(-1);
  const device_t self = bus_of(dev);
  if (self == nullptr || offset < 0 ||
      kauth_authorize_machdep(kauth_cred_get(), KAUTH_MACHDEP_UNMANAGEDMEM, nullptr, nullptr,
                              nullptr, nullptr) != 0) {
    return none;
  }
  const auto address = static_cast<bus_addr_t>(offset);
  bool prefetchable = false;
  Bus& bus = *running_bus();
  for (const Address& at : bus.functions()) {
    for (const Bar& bar : bus.function(at)->bars()) {
      if (bar.space() == Space::memory && address - bar.address < bar.size) {
        prefetchable = bar.prefetchable;
      }
    }
  }
  return bus_space_mmap(pci_bus_args(self).pba_memt, address, 0, prot,
                        prefetchable ? BUS_SPACE_MAP_PREFETCHABLE : 0);
}

const cdevsw the_switch = {
    .d_open = open_bus_node,
    .d_cancel = nullptr,
    .d_close = nullclose,
    .d_read = noread,
    .d_write = nowrite,
    .d_ioctl = control,
    .d_stop = nullptr,
    .d_tty = nullptr,
    .d_poll = seltrue,
    .d_mmap = map,
    .d_kqfilter = seltrue_kqfilter,
    .d_discard = nodiscard,
    .d_devtounit = nullptr,
    .d_cfdriver = nullptr,
    .d_flag = D_OTHER,
};

}  // namespace

void pci_node_start() {
  devmajor_t block = NODEVMAJOR;
  devmajor_t character = NODEVMAJOR;
  if (const int error = devsw_attach("pci", nullptr, &block, &the_switch, &character)) {
    throw Error(error, "the device switch pci cannot be attached");
  }
}

void pci_node_stop() noexcept {
  devsw_detach(nullptr, &the_switch);
}

}  // namespace pupci::kern
