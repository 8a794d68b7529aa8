// SPDX-License-Identifier: BSD-2-Clause
// What keeps a function from being used through VFIO, in the user's terms: the thing and the
// reason, and the command that mends it. Whoever meets one throws it; pupci doctor shows those that
// it sees from afar.
#pragma once

#include <cstdint>
#include <string>

#include "host/vfio/sysfs.h"
#include "pupci/error.h"
#include "pupci/interrupt.h"

namespace pupci::vfio {

/// As an error it reads "vfio: TEXT; REMEDY".
class Obstacle : public Error {
 public:
  Obstacle(int errnum, std::string text, std::string remedy);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// A command or an advice; empty if there is none.
  [[nodiscard]] const std::string& remedy() const noexcept { return remedy_; }

 private:
  std::string text_;
  std::string remedy_;
};

/// The function at an address, ready to be opened; `unsafe`: an IOMMU is not asked for. Throws
/// Obstacle: ENODEV (no such function), EINVAL (a bridge), EBUSY (not bound to a VFIO driver),
/// ENXIO (no IOMMU translates for it).
SysfsFunction find_usable(const Sysfs& sysfs, const Address& address, bool unsafe);

Obstacle no_such_function(const Address& address);
Obstacle is_bridge(const Sysfs& sysfs, const SysfsFunction& bridge);
/// Why no IOMMU translates for any function of this machine.
Obstacle no_iommu(const Sysfs& sysfs);
/// Nor for this one.
Obstacle no_iommu_for(const Sysfs& sysfs, const SysfsFunction& function);
/// A driver or another module of the kernel.
Obstacle not_loaded(const std::string& module);

/// Of open(2) of /dev/vfio/vfio or /dev/iommu.
Obstacle cannot_open_container(const std::string& node, int error);
/// Of open(2) of a function's or group's node.
Obstacle cannot_open_node(const Sysfs& sysfs, const SysfsFunction& function,
                          const std::string& node, int error);
/// Names the members that stand in the way.
Obstacle group_not_viable(const Sysfs& sysfs, const SysfsFunction& function);
/// The kernel refuses to hand out the function itself.
Obstacle cannot_open_function(const SysfsFunction& function, int error);
/// The kernel refuses to let its IOMMU translate.
Obstacle no_translation(const SysfsFunction& function, int error);
/// The kernel refuses to map a BAR, or to enable interrupts of a type: the reason and the remedy.
std::string why_not_mapped(int error);
std::string why_no_interrupts(InterruptType type, int error);
/// Memory for DMA could not be locked: `wanted` bytes beside `locked` ones.
Obstacle cannot_lock(int error, std::uint64_t wanted, std::uint64_t locked);
/// The command that lets this user lock memory.
std::string more_memlock();

}  // namespace pupci::vfio
