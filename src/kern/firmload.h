// SPDX-License-Identifier: BSD-2-Clause
// Where firmload(9) looks for images.
#pragma once

#include <array>

#include "kern/api.h"

namespace pupci::kern {

// Directories with ':' between them: PUPCI_FIRMWARE_PATH of the environment, else NetBSD's own.
// hw.firmware.path is this very text.
PUPCI_API std::array<char, 1024>& firmware_path();

}  // namespace pupci::kern
