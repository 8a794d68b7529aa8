// SPDX-License-Identifier: BSD-2-Clause
// The drivers that every kernel has: mainbus, pci, ppb.
#pragma once

#include "kern/ioconf.h"
#include "netbsd/dev/pci/pcivar.h"

namespace pupci::kern {

const pupci_ioconf* root_ioconf() noexcept;

// What a pci device was told when it attached.
const pcibus_attach_args& pci_bus_args(device_t pci) noexcept;

}  // namespace pupci::kern
