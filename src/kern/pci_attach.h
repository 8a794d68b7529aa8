// SPDX-License-Identifier: BSD-2-Clause
// What the pci and ppb pseudo drivers (root.cc) need of PCI autoconfiguration: the arguments of
// buses, and the walk over the functions of one.
#pragma once

#include <vector>

#include "kern/api.h"
#include "netbsd/dev/pci/pcivar.h"
#include "pupci/address.h"

namespace pupci::kern {

// Numbers of the buses that no bridge leads to, ascending. A segment other than 0 counts its buses
// from segment * 256.
PUPCI_API std::vector<int> pci_root_buses();

// For config_found(mainbus, &pba, pcibusprint, CFARGS(.iattr = "pcibus")).
PUPCI_API pcibus_attach_args pci_root_bus_args(int bus);

// The bus behind a PCI-PCI bridge; false when it has none (no secondary bus number). `bridgetag`
// is where pba_bridgetag shall point: it must live as long as the bus.
PUPCI_API bool pci_secondary_bus_args(const pci_attach_args& bridge, pcitag_t* bridgetag,
                                      pcibus_attach_args* pba);

// Attaches what matches on this bus, in order of device and function: config_found() for each, with
// locators dev and function. `locators` (may be null) restricts it, as in a rescan; functions whose
// child device is there already are passed over. How many children were attached.
PUPCI_API unsigned pci_attach_functions(device_t self, const pcibus_attach_args& pba,
                                        const int* locators);
// What a driver of the function at `address` is told; false when nothing sane is there.
PUPCI_API bool pci_function_args(const Address& address, pci_attach_args* pa) noexcept;

// For the pci device's childdetached: the function may be attached again.
PUPCI_API void pci_child_detached(device_t self, device_t child);

}  // namespace pupci::kern
