// SPDX-License-Identifier: BSD-2-Clause
// The drivers that every kernel has: mainbus, pci, ppb.
#pragma once

#include "kern/ioconf.h"

namespace pupci::kern {

const pupci_ioconf* root_ioconf() noexcept;

}  // namespace pupci::kern
