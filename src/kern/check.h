// SPDX-License-Identifier: BSD-2-Clause
// What is done about a driver's mistakes: a panic that names the rule, the driver's function and
// the backtrace.
#pragma once

#include <string>
#include <string_view>

#include "kern/api.h"

namespace pupci::kern {

// Prints "panic: MESSAGE" and this thread's backtrace with driver symbols to the console, then ends
// the process with exit status 3 (or calls the handler that a test set, which must not return).
[[noreturn]] PUPCI_API void panic(std::string_view message) noexcept;

// A driver broke a rule of section 9. `caller` is the return address into the driver, or null:
// "panic: mutex_exit: sc_lock at 0x... not held by this thread, in edu_intr+0x12 (edu.c:210)".
[[noreturn]] PUPCI_API void violation(std::string_view message, const void* caller) noexcept;

// The same when what is known is the driver's function itself, not a call in it.
[[noreturn]] PUPCI_API void violation_by(std::string_view message, const void* function) noexcept;

// Panics if the calling thread may not sleep now: in an interrupt handler or softint, or with a
// spin mutex held. `what` is the function that would sleep.
PUPCI_API void check_sleepable(const char* what, const void* caller) noexcept;
// The same for a wait that gives up `spin_locks` spin mutexes meanwhile.
void check_sleepable(const char* what, const void* caller, unsigned spin_locks) noexcept;

// Instead of the end of the process, for tests. The handler must not return, nor throw: it longjmps
// or ends the process itself; null restores.
using PanicHandler = void (*)(const std::string& message);
PUPCI_API void set_panic_handler(PanicHandler handler) noexcept;

}  // namespace pupci::kern
