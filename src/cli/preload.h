// SPDX-License-Identifier: BSD-2-Clause
// A driver built with a sanitizer needs its runtime in the process before anything else.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace pupci::cli {

// Starts this program anew with the runtime preloaded, when a driver wants one that is not there;
// returns when nothing is to be done. Throws pupci::Error when it cannot be done. Files that cannot
// be read are left to the loader.
void preload_sanitizers(const std::vector<std::string>& drivers, const Context& context);

}  // namespace pupci::cli
