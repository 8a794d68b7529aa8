// SPDX-License-Identifier: BSD-2-Clause
// What keeps a function from being used through VFIO, in the user's terms: the thing, the reason,
// and the command that mends it.
#pragma once

#include <string>

#include "host/vfio/sysfs.h"
#include "pupci/error.h"

namespace pupci::vfio {

/// The function at an address, ready to be opened; `unsafe`: an IOMMU is not asked for. Throws
/// Error: ENODEV (no such function), EINVAL (a bridge), EBUSY (not bound to a VFIO driver), ENXIO
/// (no IOMMU translates for it).
SysfsFunction find_usable(const Sysfs& sysfs, const Address& address, bool unsafe);

/// Of open(2) of /dev/vfio/vfio or /dev/iommu.
Error cannot_open_container(const std::string& node, int error);
/// Of open(2) of a function's or group's node.
Error cannot_open_node(const Sysfs& sysfs, const SysfsFunction& function, const std::string& node,
                       int error);
/// Names the members that stand in the way.
Error group_not_viable(const Sysfs& sysfs, const SysfsFunction& function);
/// The kernel refuses to hand out the function itself.
Error cannot_open_function(const SysfsFunction& function, int error);
/// The kernel refuses to let its IOMMU translate.
Error no_translation(const SysfsFunction& function, int error);
/// Memory for DMA could not be locked: `wanted` bytes beside `locked` ones.
std::string cannot_lock(int error, std::uint64_t wanted, std::uint64_t locked);

}  // namespace pupci::vfio
