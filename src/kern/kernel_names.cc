// SPDX-License-Identifier: BSD-2-Clause
#include "kern/kernel_names.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>

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

// What this library exports, by its own file: dlsym() would answer for libc and others, too.
std::unordered_set<std::string> exported_names() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&is_kernel_name), &info) == 0) {
    throw Error(ENOENT, "the kernel library's own file cannot be found");
  }
  std::unordered_set<std::string> names;
  const ElfFile self(info.dli_fname);
  for (const ElfSymbol& symbol : self.symbols()) {
    // The names of C++ are for the command and the tests.
    if (symbol.defined && symbol.name.rfind("_Z", 0) != 0) names.insert(symbol.name);
  }
  return names;
}

bool is_compilers(std::string_view name) {
  return std::find(compiler_names.begin(), compiler_names.end(), name) != compiler_names.end() ||
         std::any_of(
             compiler_prefixes.begin(), compiler_prefixes.end(),
             [name](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; });
}

}  // namespace

bool is_kernel_name(const std::string& name) {
  static const std::unordered_set<std::string> exported = exported_names();
  if (exported.count(name) != 0) return true;
  if (std::find(libc_names.begin(), libc_names.end(), name) != libc_names.end()) return true;
  // Of these only what this process was itself built with is there.
  return is_compilers(name) && dlsym(RTLD_DEFAULT, name.c_str()) != nullptr;
}

}  // namespace pupci::kern
