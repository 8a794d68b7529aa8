// SPDX-License-Identifier: BSD-2-Clause
#include "build/installation.h"

#include <fmt/core.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "pupci/error.h"

namespace pupci::build {
Installation find_installation() {
  std::error_code error;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) throw Error(error.value(), fmt::format("/proc/self/exe: {}", error.message()));
  Installation installation;
  installation.share = (executable.parent_path().parent_path() / "share/pupci").string();
  if (!std::filesystem::exists(installation.headers() + "/sys/cdefs.h", error))
    throw Error(ENOENT, fmt::format("{}: the kernel headers should be there and are not; "
                                    "install pupci again, or run it from its build tree",
                                    installation.headers()));
  return installation;
}

}  // namespace pupci::build
