// SPDX-License-Identifier: BSD-2-Clause
// What the kernel's life needs of autoconf(9) beside its public functions.
#pragma once

#include <string>
#include <vector>

#include "kern/api.h"
#include "netbsd/sys/device.h"

namespace pupci::kern {

// Boot: from begin to interrupts config_interrupts() waits; from begin to finish, so do
// config_mountroot() and finalizers. Under the kernel lock. Interrupts are delivered all the time:
// what waits for them waits until the whole tree has attached, as in NetBSD.
PUPCI_API void autoconf_begin();
PUPCI_API void autoconf_enable_interrupts();  // runs what waited for that
// Waits for config_pending_incr(), runs finalizers, then what waited for the root file system.
PUPCI_API void autoconf_finish();

// All devices, newest first: detached with DETACH_FORCE | DETACH_SHUTDOWN; those that cannot be
// have their shutdown hook run. One line for each that refused or whose driver has no detach
// function, and for each leak.
PUPCI_API std::vector<std::string> autoconf_detach_all();
// Whether a device of this attachment was left as it was, because its driver would not or could not
// detach it: what it holds is then no leak.
bool autoconf_abandoned(const cfattach* attachment);

// As drvctl -r: asks a device to look for children again. EOPNOTSUPP if it cannot.
PUPCI_API int autoconf_rescan(device_t dev, const char* ifattr);
// The same for all devices that can.
PUPCI_API void autoconf_rescan_all();

struct DeviceNode {
  std::string name, parent, driver, attribute;
  std::vector<int> locators;
  int unit = 0;
  bool active = false;
};
// The device tree in order of attachment.
PUPCI_API std::vector<DeviceNode> autoconf_tree();

}  // namespace pupci::kern
