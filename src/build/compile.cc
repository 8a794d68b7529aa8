// SPDX-License-Identifier: BSD-2-Clause
#include "build/compile.h"

#include <fmt/core.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <thread>

#include "build/driver_flags.h"
#include "build/process.h"
#include "os/process.h"
#include "pupci/error.h"

namespace pupci::build {
namespace {

std::string cxx_beside(const std::string& cc) {
  const auto slash = cc.rfind('/');
  const std::size_t start = slash == std::string::npos ? 0 : slash + 1;
  std::string base = cc.substr(start);
  if (const auto at = base.find("gcc"); at != std::string::npos) {
    base.replace(at, 3, "g++");
  } else if (const auto clang = base.find("clang"); clang != std::string::npos) {
    base.replace(clang, 5, "clang++");
  } else {
    base = "c++";
  }
  return cc.substr(0, start) + base;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

Result run_shown(const Options& options, const std::vector<std::string>& command) {
  if (options.verbose) std::cerr << shell_quoted(command) << '\n';
  return run(command);
}

}  // namespace

bool is_cxx(const std::string& source) {
  const std::string extension = std::filesystem::path(source).extension().string();
  return extension == ".cc" || extension == ".cpp" || extension == ".cxx" || extension == ".C";
}

Compiler find_compiler(const Options& options) {
  Compiler compiler;
  const char* environment = std::getenv("CC");  // NOLINT(concurrency-mt-unsafe): before any thread
  compiler.cc = !options.cc.empty()                                ? options.cc
                : environment != nullptr && environment[0] != '\0' ? environment
                                                                   : "cc";
  compiler.cxx = !options.cxx.empty() ? options.cxx : cxx_beside(compiler.cc);
  try {
    compiler.own_headers = trimmed(run({compiler.cc, "-print-file-name=include"}).output);
  } catch (const Error& e) {
    throw Error(e.errnum(), fmt::format("{}; name one with --cc, or install one: {}", e.what(),
                                        os::remedy("apt install gcc", "the set comp, by sysinst")));
  }
  // So says GCC when it does not know: NetBSD's has its own with those of the system.
  if (compiler.own_headers == "include") compiler.own_headers.clear();
  if (!compiler.own_headers.empty() && !std::filesystem::is_directory(compiler.own_headers))
    throw Error(ENOENT, fmt::format("{}: does not say where its own headers are "
                                    "(-print-file-name=include); use gcc or clang with --cc",
                                    compiler.cc));
  return compiler;
}

std::vector<std::string> Compiler::command(const Options& options, const Installation& installation,
                                           const std::string& generated,
                                           const std::string& source) const {
  std::vector<std::string> words = {is_cxx(source) ? cxx : cc, "-nostdinc"};
  if (!own_headers.empty()) words.insert(words.end(), {"-isystem", own_headers});
  words.insert(words.end(), std::begin(driver_common_flags), std::end(driver_common_flags));
  if (is_cxx(source)) {
    words.emplace_back("-nostdinc++");
    words.insert(words.end(), std::begin(driver_cxx_flags), std::end(driver_cxx_flags));
  }
  if (options.debug)
    words.insert(words.end(), std::begin(driver_debug_flags), std::end(driver_debug_flags));
  words.insert(words.end(), {"-O2", "-Wall"});
  if (!options.sanitize.empty()) words.push_back("-fsanitize=" + options.sanitize);
  for (const std::string& definition : options.definitions) words.push_back("-D" + definition);
  words.insert(words.end(), options.compiler_flags.begin(), options.compiler_flags.end());
  // Ours come first: a tree's header of the same name must not be read instead.
  words.push_back("-I" + installation.headers());
  words.push_back("-I" + generated);
  for (const std::string& directory : options.include_dirs) words.push_back("-I" + directory);
  for (const std::string& directory : options.late_include_dirs)
    words.insert(words.end(), {"-idirafter", directory});
  return words;
}

std::string compile_one(const Options& options, const Installation& installation,
                        const Compiler& compiler, const std::string& directory,
                        const std::string& source, const std::string& object) {
  auto command = compiler.command(options, installation, directory, source);
  command.push_back("-I" + installation.share);
  command.insert(command.end(), {"-c", source, "-o", object});
  const Result result = run_shown(options, command);
  std::cerr << result.errors;
  if (!result.ok()) throw Error(EINVAL, fmt::format("{}: does not compile", source));
  return object;
}

std::vector<std::string> compile(const Options& options, const Installation& installation,
                                 const Compiler& compiler, const std::string& directory,
                                 const std::vector<std::string>& sources) {
  std::vector<std::string> objects;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto stem = std::filesystem::path(sources[i]).stem().string();
    objects.push_back(fmt::format("{}/{}-{}.o", directory, i, stem));
  }
  std::atomic<std::size_t> next{0};
  std::mutex mutex;  // guards failed and standard error
  std::string failed;
  const auto work = [&] {
    for (std::size_t i = next++; i < sources.size(); i = next++) {
      auto command = compiler.command(options, installation, directory, sources[i]);
      command.insert(command.end(), {"-c", sources[i], "-o", objects[i]});
      std::string errors;
      bool ok = false;
      try {
        const Result result = run_shown(options, command);
        errors = result.errors;
        ok = result.ok();
      } catch (const Error& e) {
        errors = fmt::format("pupci: {}\n", e.what());
      }
      const std::lock_guard lock(mutex);
      std::cerr << errors;
      if (!ok) failed += fmt::format("{}{}", failed.empty() ? "" : ", ", sources[i]);
    }
  };
  std::vector<std::thread> threads;
  const std::size_t count =
      std::min<std::size_t>(std::thread::hardware_concurrency(), sources.size());
  for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (!failed.empty())
    throw Error(EINVAL, fmt::format("{}: does not compile; see the messages above", failed));
  return objects;
}

}  // namespace pupci::build
