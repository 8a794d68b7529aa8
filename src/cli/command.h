// SPDX-License-Identifier: BSD-2-Clause
// One subcommand: it adds itself to the parser and runs. One file each.
#pragma once

#include <CLI/CLI.hpp>

namespace pupci::cli {

// Exit statuses, the same for every subcommand.
enum Status : int {
  ok = 0,
  failed = 1,   // what was asked for did not work
  usage = 2,    // the command line is wrong
  crashed = 3,  // a driver crashed or panicked
};

}  // namespace pupci::cli
