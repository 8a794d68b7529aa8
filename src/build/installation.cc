// SPDX-License-Identifier: BSD-2-Clause
#include "build/installation.h"

#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "build/elf_file.h"
#include "pupci/error.h"

namespace pupci::build {
namespace {

int find_library(struct dl_phdr_info* info, std::size_t, void* result) {
  const std::string_view path = info->dlpi_name;
  if (path.find("libpupci-kern.so") == std::string_view::npos) return 0;
  *static_cast<std::string*>(result) = path;
  return 1;
}

}  // namespace

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
  dl_iterate_phdr(find_library, &installation.kern_library);
  return installation;
}

std::vector<std::string> kernel_exports(const Installation& installation) {
  std::vector<std::string> names;
  if (installation.kern_library.empty()) return names;
  const ElfFile library(installation.kern_library);
  for (const ElfSymbol& symbol : library.symbols()) {
    if (symbol.defined && symbol.global) names.push_back(symbol.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace pupci::build
