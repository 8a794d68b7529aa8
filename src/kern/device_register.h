// SPDX-License-Identifier: BSD-2-Clause
// What the machine knows of a device beyond its bus: NetBSD ports have it in device_register().
#pragma once

#include "kern/api.h"
#include "netbsd/sys/types.h"

namespace pupci::kern {

// Called before a device attaches, with what its attach function will be given. A display on which
// firmware has set a mode gets the properties that framebuffer drivers ask for: width, height,
// depth, linebytes, address, is_console, EDID. Those of --prop come later and win.
void device_register(device_t dev, void* aux) noexcept;

}  // namespace pupci::kern
