// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "netbsd/dev/videomode/videomode.h"

namespace pupci::wscons {

// Frames a second, rounded; 0 of a mode that has no pixels.
int refresh_rate(const videomode& mode) noexcept;

}  // namespace pupci::wscons
