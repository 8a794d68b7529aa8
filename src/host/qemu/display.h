// SPDX-License-Identifier: BSD-2-Clause
// What firmware would have done to the displays that QEMU emulates: set a mode.
#pragma once

#include <optional>
#include <string>

#include "pupci/framebuffer.h"
#include "pupci/function.h"

namespace pupci::qemu {

/// Sets `mode` on the models that this knows (VGA, secondary-vga, bochs-display, ati-vga), whose
/// registers the function must decode; nothing for all others. Throws EINVAL when the model cannot
/// show it, with the remedy.
std::optional<Framebuffer> set_display_mode(Function& function, const VideoMode& mode);

}  // namespace pupci::qemu
