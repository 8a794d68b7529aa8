// SPDX-License-Identifier: BSD-2-Clause
// Which names a driver may leave to the kernel.
#pragma once

#include <string>

#include "kern/api.h"

namespace pupci::kern {

// Whether this process offers `name` to drivers: the kernel API that libpupci-kern exports, the
// pure string functions of libc that have the kernel's semantics, and what compilers call on their
// own (sanitizers, stack protector, coverage).
PUPCI_API bool is_kernel_name(const std::string& name);

}  // namespace pupci::kern
