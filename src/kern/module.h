// SPDX-License-Identifier: BSD-2-Clause
// The modules of loaded drivers: module(9).
#pragma once

#include <string>
#include <vector>

#include "netbsd/sys/module.h"

namespace pupci::kern {

// Initialises the modules of one driver, each after those that it requires; those that were are
// finished again when one fails. Throws pupci::Error.
void modules_start(const std::string& driver, std::vector<const modinfo*> modules);
// Finishes them, newest first. A module that refuses stays as it is, which is said.
void modules_stop(const std::vector<const modinfo*>& modules);

}  // namespace pupci::kern
