// SPDX-License-Identifier: BSD-2-Clause
// Where kernel messages go: the console (standard output of `pupci run`) and the message buffer,
// which dmesg-like readers and tests see.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "kern/api.h"

namespace pupci::kern {

// What aprint(9) distinguishes. `verbose` and `debug` are dropped on the console unless asked for.
enum class Message { normal, naive, verbose, debug, error, log };

PUPCI_API void console_write(Message kind, std::string_view text) noexcept;
// The same where the caller knows where it belongs.
PUPCI_API void console_write_to(std::string_view text, bool console, bool buffer) noexcept;
// A thread's text goes out when its line ends. This writes out the unfinished lines of all threads:
// before the process ends, and to show where one hangs.
PUPCI_API void console_flush() noexcept;
// Replaces standard output, for tests and embedders; an empty function restores it. Called under
// a lock, with whole or partial lines.
PUPCI_API void set_console(std::function<void(std::string_view)> sink);
// Hears all that goes to the console, beside it; an empty function ends it, and none is running
// when this returns. Called as the sink is, so it must neither print nor wait.
PUPCI_API void set_console_tap(std::function<void(std::string_view)> tap);
PUPCI_API void set_console_verbosity(bool verbose, bool debug, bool quiet) noexcept;
struct ConsoleVerbosity {
  bool verbose;
  bool debug;
  bool quiet;
};
PUPCI_API ConsoleVerbosity console_verbosity() noexcept;
// The message buffer from the start of the kernel, oldest dropped beyond 256 KiB.
PUPCI_API std::string message_buffer();
PUPCI_API void message_buffer_clear();

}  // namespace pupci::kern
