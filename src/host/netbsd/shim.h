// SPDX-License-Identifier: BSD-2-Clause
// What little a kernel must know of functions that cannot mask their interrupt line by themselves
// (PCI before 2.3): a program for its handler, and one for the acknowledgement.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "dev/pci/pupciio.h"

namespace pupci::netbsd {

/// As in pupci(4): the handler's program must test whether the interrupt is the function's before
/// it writes anything. What it keeps in v[0] to v[3] the acknowledgement finds there.
struct Shim {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  pupci_step handler[PUPCI_NSTEPS];
  pupci_step acknowledge[PUPCI_NSTEPS];
};

/// Null for a function of which nothing is known.
const Shim* find_shim(std::uint16_t vendor, std::uint16_t product) noexcept;

}  // namespace pupci::netbsd
