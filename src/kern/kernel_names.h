// SPDX-License-Identifier: BSD-2-Clause
// Which names a driver may leave to the kernel.
#pragma once

#include <string>

#include "kern/api.h"

namespace pupci::kern {

// Adds what the shared library that `code` lies in exports with C names: a subsystem's kernel API.
PUPCI_API void add_kernel_library(const void* code);

// Whether this process offers `name` to drivers: the kernel API that libpupci-kern and the
// libraries added to it export, the pure string functions of libc that have the kernel's semantics,
// and what compilers call on their own (sanitizers, stack protector, coverage). Throws pupci::Error
// if a library's file cannot be read.
PUPCI_API bool is_kernel_name(const std::string& name);

}  // namespace pupci::kern
