// SPDX-License-Identifier: BSD-2-Clause
// Running another program and waiting for it.
#pragma once

#include <string>
#include <vector>

namespace pupci::build {

struct Result {
  int status = 0;      // exit status; 128 + signal when a signal ended it, as a shell counts
  std::string output;  // what it wrote to standard output
  std::string errors;  // and to standard error
  [[nodiscard]] bool ok() const noexcept { return status == 0; }
};

// Looks `command[0]` up in PATH, runs it with an empty standard input, and collects what it says.
// Throws pupci::Error (ENOENT and the like) when it cannot be started.
Result run(const std::vector<std::string>& command);

// As a shell would have to be told, for --verbose.
std::string shell_quoted(const std::vector<std::string>& command);

}  // namespace pupci::build
