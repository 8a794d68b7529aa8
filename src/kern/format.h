// SPDX-License-Identifier: BSD-2-Clause
// printf(9)'s conversions, without locale, floating point or memory allocation, so that a panic
// can use them.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <string>

#include "kern/api.h"

namespace pupci::kern {

// As vsnprintf(3): the length of the whole text; what fits is stored, with a final 0.
PUPCI_API int format_into(char* to, std::size_t size, const char* format,
                          va_list arguments) noexcept;
PUPCI_API std::string format_string(const char* format, va_list arguments);

}  // namespace pupci::kern
