// SPDX-License-Identifier: BSD-2-Clause
// Changing the driver of a PCI function by driver_override, and back. Linux only; as root.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/vfio/sysfs.h"

namespace pupci::vfio {

/// What a function had before pupci changed it.
struct Original {
  std::string driver;           ///< empty: it had none
  std::string driver_override;  ///< empty: it had none
};

/// What is kept of it until the next boot, in /run/pupci/bind.
std::optional<Original> remembered(const Sysfs& sysfs, const Address& address);

/// Gives the functions to `driver`, and remembers what they had. Throws pupci::Error when the
/// kernel refuses one; each then has what it had before, and the message says so of those that the
/// kernel had taken.
void bind_all(const Sysfs& sysfs, const std::vector<SysfsFunction>& functions,
              const std::string& driver);

/// Gives the function what is remembered; when nothing is, what the kernel has for it. The name of
/// its driver then, or empty when it had none before. Throws pupci::Error when the kernel refuses,
/// or the driver is not loaded.
std::string bind_back(const Sysfs& sysfs, const SysfsFunction& function);

}  // namespace pupci::vfio
