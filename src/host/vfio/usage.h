// SPDX-License-Identifier: BSD-2-Clause
// Who would be hurt if a PCI function changed its driver. Linux only.
#pragma once

#include <string>
#include <vector>

#include "host/vfio/sysfs.h"

namespace pupci::vfio {

struct Use {
  std::string what;    ///< "sda1 is mounted at /home"
  std::string remedy;  ///< the command that ends it
  bool operator==(const Use&) const = default;
};

/// What this machine uses the function for; empty if it may go. Looked at: block devices below it,
/// and what is made of them, that are mounted, swapped to, held by device-mapper or md, or open for
/// someone alone; network interfaces that are up; processes that have it open by vfio. Throws only
/// for want of memory.
std::vector<Use> usage(const Sysfs& sysfs, const SysfsFunction& function);

/// The processes that have the function's vfio group or device open, as far as this process may
/// see: "pupci (1234) has it open".
std::vector<Use> vfio_holders(const Sysfs& sysfs, const SysfsFunction& function);

}  // namespace pupci::vfio
