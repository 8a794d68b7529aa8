// SPDX-License-Identifier: BSD-2-Clause
// Until pci_attach.cc is there: weak, so that it wins. A machine without a PCI bus.
#include "kern/pci_attach.h"

#define WEAK __attribute__((weak))

namespace pupci::kern {
WEAK std::vector<int> pci_root_buses() {
  return {};
}
WEAK pcibus_attach_args pci_root_bus_args(int) {
  return {};
}
WEAK bool pci_secondary_bus_args(const pci_attach_args&, pcitag_t*, pcibus_attach_args*) {
  return false;
}
WEAK unsigned pci_attach_functions(device_t, const pcibus_attach_args&, const int*) {
  return 0;
}
WEAK void pci_child_detached(device_t, device_t) {}
}  // namespace pupci::kern

WEAK int pcibusprint(void*, const char*) {
  return UNCONF;
}
WEAK void pci_aprint_devinfo_fancy(const struct pci_attach_args*, const char*, const char*, int) {}
