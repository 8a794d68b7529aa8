// SPDX-License-Identifier: BSD-2-Clause
#include "build/installation.h"

#include <fmt/core.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "os/process.h"
#include "pupci/error.h"

namespace pupci::build {
Installation find_installation() {
  const auto executable = os::executable();
  Installation installation;
  installation.share = (executable.parent_path().parent_path() / "share/pupci").string();
  std::error_code error;
  if (!std::filesystem::exists(installation.headers() + "/sys/cdefs.h", error))
    throw Error(ENOENT, fmt::format("{}: the kernel headers should be there and are not; "
                                    "install pupci again, or run it from its build tree",
                                    installation.headers()));
  return installation;
}

}  // namespace pupci::build
