// SPDX-License-Identifier: BSD-2-Clause
#include "build/link.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iostream>
#include <map>
#include <set>
#include <string_view>

#include "build/driver_flags.h"
#include "build/elf_file.h"
#include "build/process.h"
#include "pupci/error.h"

namespace pupci::build {
namespace {

// Pure functions that are libc's own, see kern/loader.cc; what the compiler itself calls; and what
// the linker defines.
constexpr std::array<std::string_view, 22> elsewhere = {"memcpy",
                                                        "memmove",
                                                        "memset",
                                                        "memcmp",
                                                        "memchr",
                                                        "strlen",
                                                        "strnlen",
                                                        "strcmp",
                                                        "strncmp",
                                                        "strcpy",
                                                        "strncpy",
                                                        "strcat",
                                                        "strncat",
                                                        "strchr",
                                                        "strrchr",
                                                        "strstr",
                                                        "strcasecmp",
                                                        "strncasecmp",
                                                        "_GLOBAL_OFFSET_TABLE_",
                                                        "__tls_get_addr",
                                                        "__stack_chk_fail",
                                                        "__start_link_set_modules"};

bool provided_elsewhere(std::string_view name) {
  if (std::find(elsewhere.begin(), elsewhere.end(), name) != elsewhere.end()) return true;
  for (const std::string_view prefix :
       {"__asan_", "__tsan_", "__ubsan_", "__sanitizer_", "__lsan_", "__start_link_set_",
        "__stop_link_set_", "__gcov_", "__cxa_", "_Unwind_"}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

// libgcc's: arithmetic that the machine has no instruction for. It is linked into the driver.
bool is_compiler_support(std::string_view name) {
  return name.starts_with("__") &&
         (name.ends_with("di2") || name.ends_with("si2") || name.ends_with("ti2") ||
          name.ends_with("di3") || name.ends_with("ti3") || name.ends_with("ti4"));
}

std::string without_prefix(const std::string& name) {
  static constexpr std::string_view prefix = "kern_";
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

// The runtime must be in the process before the driver is, unless pupci has it built in.
std::vector<std::string> sanitizer_libraries([[maybe_unused]] const std::string& sanitize) {
  std::vector<std::string> libraries;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  if (sanitize.find("address") != std::string::npos) libraries.emplace_back("-lasan");
  if (sanitize.find("thread") != std::string::npos) libraries.emplace_back("-ltsan");
  if (sanitize.find("undefined") != std::string::npos) libraries.emplace_back("-lubsan");
#endif
  return libraries;
}

}  // namespace

void link(const Options& options, const Installation& installation, const Compiler& compiler,
          const std::vector<std::string>& objects) {
  std::vector<std::string> command = {compiler.cc, "-shared", "-o", options.output};
  command.insert(command.end(), objects.begin(), objects.end());
  command.insert(command.end(), std::begin(driver_link_flags), std::end(driver_link_flags));
  command.push_back("-Wl,--version-script=" + installation.share + "/driver.map");
  for (std::string& library : sanitizer_libraries(options.sanitize))
    command.push_back(std::move(library));
  command.emplace_back("-lgcc");
  if (options.verbose) std::cerr << shell_quoted(command) << '\n';
  const Result result = run(command);
  std::cerr << result.errors;
  if (!result.ok()) throw Error(EINVAL, fmt::format("{}: cannot be linked", options.output));
}

std::vector<UnknownName> unknown_names(const Installation& installation,
                                       const std::vector<std::string>& objects) {
  const std::vector<std::string> exports = kernel_exports(installation);
  std::set<std::string> defined;
  std::map<std::string, std::vector<std::string>> used;
  for (const std::string& path : objects) {
    const ElfFile file(path);
    for (const ElfSymbol& symbol : file.symbols()) {
      if (!symbol.global) continue;
      if (symbol.defined) {
        defined.insert(symbol.name);
      } else if (!symbol.weak) {
        used[symbol.name].push_back(path);
      }
    }
  }
  std::vector<UnknownName> unknown;
  for (auto& [name, users] : used) {
    if (defined.contains(name) || provided_elsewhere(name) || is_compiler_support(name) ||
        std::binary_search(exports.begin(), exports.end(), name))
      continue;
    unknown.push_back({without_prefix(name), users});
  }
  return unknown;
}

}  // namespace pupci::build
