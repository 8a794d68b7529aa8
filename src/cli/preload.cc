// SPDX-License-Identifier: BSD-2-Clause
#include "cli/preload.h"

#include <fmt/format.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "kern/elf_file.h"
#include "os/process.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

constexpr const char* guard = "PUPCI_PRELOADED";
constexpr const char* sanitizer_options[] = {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"};

bool is_runtime(std::string_view name) {
  return name.starts_with("libasan.so") || name.starts_with("libtsan.so") ||
         name.starts_with("libubsan.so");
}

int name_matches(struct dl_phdr_info* info, std::size_t, void* wanted) {
  return std::string_view(info->dlpi_name).find(*static_cast<const std::string*>(wanted)) !=
                 std::string_view::npos
             ? 1
             : 0;
}

// In the drivers' order, in which the linker put the first that must come first.
std::vector<std::string> wanted_runtimes(const std::vector<std::string>& drivers) {
  std::vector<std::string> all;
  for (const std::string& driver : drivers) {
    try {
      const kern::ElfFile file(driver);
      for (const std::string& name : file.needed()) {
        std::string wanted = name;
        if (is_runtime(name) && dl_iterate_phdr(name_matches, &wanted) == 0 &&
            std::find(all.begin(), all.end(), name) == all.end())
          all.push_back(name);
      }
    } catch (const Error&) {
      continue;  // the loader says it better
    }
  }
  return all;
}

// NOLINTBEGIN(concurrency-mt-unsafe): there are no other threads yet

std::string saved(const char* variable) {
  return std::string("PUPCI_SAVED_") + variable;
}

void change(const char* variable, const std::string& value) {
  if (const char* before = std::getenv(variable)) ::setenv(saved(variable).c_str(), before, 1);
  ::setenv(variable, value.c_str(), 1);
}

// The programs that we start, QEMU the first of them, are not to be watched.
void restore(const char* variable) {
  const std::string name = saved(variable);
  if (const char* before = std::getenv(name.c_str())) {
    ::setenv(variable, before, 1);
    ::unsetenv(name.c_str());
  } else {
    ::unsetenv(variable);
  }
}

}  // namespace

void preload_sanitizers(const std::vector<std::string>& drivers, const Context& context) {
  const bool again = std::getenv(guard) != nullptr;
  if (again) {
    ::unsetenv(guard);
    restore("LD_PRELOAD");
    for (const char* variable : sanitizer_options) restore(variable);
  }
  const std::vector<std::string> runtimes = wanted_runtimes(drivers);
  if (runtimes.empty()) return;
  const std::string all = fmt::format("{}", fmt::join(runtimes, ":"));
  if (again)
    throw Error(ENOENT, fmt::format("{}: the sanitizer's runtime that a driver was built with is "
                                    "not there; install the compiler that built it",
                                    all));
  const char* before = std::getenv("LD_PRELOAD");
  change("LD_PRELOAD", before == nullptr ? all : fmt::format("{}:{}", all, before));
  // A finding is a crash, and ends with the status of one; what the user set stands behind.
  // Of what pupci itself does, which nothing watches, ThreadSanitizer sees the locks only.
  for (const char* variable : sanitizer_options) {
    const char* given = std::getenv(variable);
    change(variable, fmt::format("exitcode={}:{}:{}", static_cast<int>(crashed),
                                 std::string_view(variable) == "TSAN_OPTIONS"
                                     ? "ignore_noninstrumented_modules=1"
                                     : "",
                                 given == nullptr ? "" : given));
  }
  ::setenv(guard, "1", 1);
  ::execv(os::executable().c_str(), context.argv);
  throw Error(errno, fmt::format("cannot start anew with {}: {}", all,
                                 std::generic_category().message(errno)));
}

// NOLINTEND(concurrency-mt-unsafe)

}  // namespace pupci::cli
