// SPDX-License-Identifier: BSD-2-Clause
// What a process knows of itself, and how it starts others.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "host/fd.h"

namespace pupci::os {

// Where the program lies that this process runs. Throws pupci::Error.
[[nodiscard]] std::filesystem::path executable();

// Whether a debugger has hold of it.
[[nodiscard]] bool is_traced() noexcept;

// For debuggers and ps(1); as much of it as the system keeps.
void name_this_thread(const char* name) noexcept;

// A file of no folder, empty, that goes with its last descriptor and mapping; `name` is for who
// looks at them. Not good on failure, with errno.
[[nodiscard]] Fd memory_file(const char* name) noexcept;

// Of two commands that mend the same, that for this system.
[[nodiscard]] const char* remedy(const char* on_linux, const char* on_netbsd) noexcept;

// Starts a program as the leader of a new session on `terminal`, which its first three descriptors
// are; no signal blocked, all as by default. An errno. Not by fork(2): the stacks of kernel threads
// are in memory that a child would share.
[[nodiscard]] int start_session(pid_t* pid, const char* terminal, char* const* argv,
                                char* const* environment) noexcept;

}  // namespace pupci::os
