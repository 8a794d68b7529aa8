// SPDX-License-Identifier: BSD-2-Clause
#include "kern/kernel_names.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "kern/elf_file.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

// libkern(9) functions that libc has with the same meaning.
constexpr std::array<std::string_view, 18> libc_names = {
    "memcpy",  "memmove", "memset",  "memcmp", "memchr",     "strlen",
    "strnlen", "strcmp",  "strncmp", "strcpy", "strncpy",    "strcat",
    "strncat", "strchr",  "strrchr", "strstr", "strcasecmp", "strncasecmp",
};

constexpr std::array<std::string_view, 12> compiler_prefixes = {
    "__asan_",   "__tsan_", "__ubsan_",    "__lsan_",        "__msan_",        "__sanitizer_",
    "__hwasan_", "__gcov_", "__sanitizer", "__cyg_profile_", "__interceptor_", "__llvm_",
};

constexpr std::array<std::string_view, 6> compiler_names = {
    "__stack_chk_fail", "__tls_get_addr", "__cxa_finalize",
    "__cxa_atexit",     "__dso_handle",   "_GLOBAL_OFFSET_TABLE_",
};

// What the kernel's libraries export. Their files are read when a driver's names are first asked
// for, not whenever a process starts.
struct Exports {
  std::mutex mutex;
  std::vector<const void*> unread{reinterpret_cast<const void*>(&is_kernel_name)};
  std::unordered_set<std::string> names;
};

Exports& exports() {
  static auto& all = *new Exports;
  return all;
}

// By the library's own file: dlsym() would answer for libc and others, too.
void add_exports_of(const void* code, std::unordered_set<std::string>& names) {
  Dl_info info{};
  if (dladdr(code, &info) == 0)
    throw Error(ENOENT, "the file of one of the kernel's libraries cannot be found");
  const ElfFile file(info.dli_fname);
  for (const ElfSymbol& symbol : file.symbols()) {
    // The names of C++ are for the command and the tests.
    if (symbol.defined && symbol.name.rfind("_Z", 0) != 0) names.insert(symbol.name);
  }
}

bool is_exported(const std::string& name) {
  Exports& all = exports();
  const std::scoped_lock lock(all.mutex);
  for (; !all.unread.empty(); all.unread.pop_back()) add_exports_of(all.unread.back(), all.names);
  return all.names.count(name) != 0;
}

bool is_compilers(std::string_view name) {
  return std::find(compiler_names.begin(), compiler_names.end(), name) != compiler_names.end() ||
         std::any_of(
             compiler_prefixes.begin(), compiler_prefixes.end(),
             [name](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; });
}

}  // namespace

void add_kernel_library(const void* code) {
  Exports& all = exports();
  const std::scoped_lock lock(all.mutex);
  all.unread.push_back(code);
}

bool is_kernel_name(const std::string& name) {
  if (is_exported(name)) return true;
  if (std::find(libc_names.begin(), libc_names.end(), name) != libc_names.end()) return true;
  // Of these only what this process was itself built with is there.
  return is_compilers(name) && dlsym(RTLD_DEFAULT, name.c_str()) != nullptr;
}

}  // namespace pupci::kern
