// SPDX-License-Identifier: BSD-2-Clause
#include "cli/preload.h"

#include <fmt/core.h>
#include <link.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "kern/elf_file.h"
#include "os/process.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

constexpr const char* guard = "PUPCI_PRELOADED";

bool is_runtime(std::string_view name) {
  return name.starts_with("libasan.so") || name.starts_with("libtsan.so");
}

int name_matches(struct dl_phdr_info* info, std::size_t, void* wanted) {
  return std::string_view(info->dlpi_name).find(*static_cast<const std::string*>(wanted)) !=
                 std::string_view::npos
             ? 1
             : 0;
}

std::string wanted_runtime(const std::vector<std::string>& drivers) {
  for (const std::string& driver : drivers) {
    try {
      const kern::ElfFile file(driver);
      for (const std::string& name : file.needed()) {
        std::string wanted = name;
        if (is_runtime(name) && dl_iterate_phdr(name_matches, &wanted) == 0) return name;
      }
    } catch (const Error&) {
      continue;  // the loader says it better
    }
  }
  return {};
}

}  // namespace

void preload_sanitizers(const std::vector<std::string>& drivers, const Context& context) {
  const std::string runtime = wanted_runtime(drivers);
  if (runtime.empty()) return;
  // NOLINTBEGIN(concurrency-mt-unsafe): there are no other threads yet
  if (std::getenv(guard) != nullptr)
    throw Error(ENOENT, fmt::format("{}: the sanitizer's runtime that a driver was built with is "
                                    "not there; install the compiler that built it",
                                    runtime));
  const char* before = std::getenv("LD_PRELOAD");
  const std::string value = before == nullptr ? runtime : fmt::format("{}:{}", runtime, before);
  ::setenv("LD_PRELOAD", value.c_str(), 1);
  ::setenv(guard, "1", 1);
  // A finding is a crash, and ends with the status of one; what the user set stands behind.
  for (const char* variable : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    const char* options = std::getenv(variable);
    ::setenv(
        variable,
        fmt::format("exitcode={}:{}", static_cast<int>(crashed), options ? options : "").c_str(),
        1);
  }
  // NOLINTEND(concurrency-mt-unsafe)
  ::execv(os::executable().c_str(), context.argv);
  throw Error(errno, fmt::format("cannot start anew with {}: {}", runtime,
                                 std::generic_category().message(errno)));
}

}  // namespace pupci::cli
