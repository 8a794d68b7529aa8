// SPDX-License-Identifier: BSD-2-Clause
// What the machine says of a signal, by the third argument of its handler. Async-signal-safe.
#pragma once

#include <optional>

namespace pupci::os {

// Where the thread was; null where that is not known.
[[nodiscard]] const void* program_counter(const void* context) noexcept;

// Where a function would return to that was called and has done nothing yet; null if not known.
[[nodiscard]] const void* return_address(const void* context) noexcept;

// Whether a SIGSEGV was for a write; nothing where the machine does not tell.
[[nodiscard]] std::optional<bool> faulted_by_write(const void* context) noexcept;

}  // namespace pupci::os
