// SPDX-License-Identifier: BSD-2-Clause
#include "build/link.h"

#include <fmt/core.h>

#include <cerrno>
#include <iostream>
#include <map>
#include <string_view>

#include "build/driver_flags.h"
#include "build/process.h"
#include "kern/elf_file.h"
#include "kern/loader.h"
#include "os/sanitizers.h"
#include "pupci/error.h"

namespace pupci::build {
namespace {

bool is_sanitizers(std::string_view name) {
  for (const std::string_view prefix : {"__asan_", "__tsan_", "__ubsan_", "__sanitizer_"}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

std::string without_prefix(const std::string& name) {
  static constexpr std::string_view prefix = "kern_";
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

// The runtime must be in the process before the driver is, unless pupci has it built in.
std::vector<std::string> sanitizer_libraries([[maybe_unused]] const std::string& sanitize) {
  std::vector<std::string> libraries;
#if !defined(PUPCI_ASAN) && !defined(PUPCI_TSAN)
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

std::vector<UnknownName> unknown_names(const Options& options,
                                       const std::vector<std::string>& objects) {
  std::map<std::string, std::vector<std::string>> users;
  for (const std::string& path : objects) {
    const kern::ElfFile file(path, kern::ElfKind::object);
    for (const kern::ElfSymbol& symbol : file.symbols()) {
      if (!symbol.defined) users[symbol.name].push_back(path);
    }
  }
  std::vector<UnknownName> unknown;
  for (const std::string& name : kern::missing_names(options.output)) {
    if (!options.sanitize.empty() && is_sanitizers(name)) continue;
    auto found = users.find(name);
    if (found == users.end()) found = users.find("kern_" + name);
    unknown.push_back(
        {without_prefix(name), found == users.end() ? std::vector<std::string>{} : found->second});
  }
  return unknown;
}

}  // namespace pupci::build
