// SPDX-License-Identifier: BSD-2-Clause
// What happens when a driver crashes: a message, the backtrace with its functions, exit status 3.
#pragma once

#include <string>

namespace pupci::cli {

// Catches SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT in every thread from now on. The host's own
// processes end with this one.
void install_crash_handler();

// Reads the debug information of the loaded object at this path now, so that a crash need not.
void prepare_crash_report(const std::string& path);

}  // namespace pupci::cli
