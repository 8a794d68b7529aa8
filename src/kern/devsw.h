// SPDX-License-Identifier: BSD-2-Clause
// Device switches as the outside uses them: by name, with open descriptors. devsw(9) itself is in
// netbsd/sys/conf.h.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "kern/api.h"
#include "netbsd/sys/conf.h"

namespace pupci::kern {

struct DeviceSwitch {
  std::string name;
  devmajor_t major;
};
PUPCI_API std::vector<DeviceSwitch> device_switches();

// "edu0" is minor 0 of the switch edu, unless it is a switch of that very name; also "edu:5", by
// minor number. NODEV when there is no such switch.
PUPCI_API dev_t device_by_name(const std::string& name);

// As sys_ioctl() does it: copies the argument of `call` in and out by the direction and size in
// `command`. `user` is its address in the client's user space (current_user()); without an
// argument, the value itself. ENOTTY, EFAULT, or what `call` returned.
PUPCI_API int ioctl_argument(unsigned long command, std::uintptr_t user,
                             const std::function<int(void*)>& call);
PUPCI_API int device_ioctl(dev_t dev, unsigned long command, std::uintptr_t user, int flag);

}  // namespace pupci::kern
