// SPDX-License-Identifier: BSD-2-Clause
#include <fmt/core.h>

#include <cstdio>
#include <string>

#include "cli/command.h"

namespace pupci::cli {

void complain(std::string_view message) {
  const std::string line = fmt::format("pupci: {}\n", message);
  std::fflush(stdout);  // in the order in which it happened
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace pupci::cli
