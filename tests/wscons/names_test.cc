// SPDX-License-Identifier: BSD-2-Clause
// The names of both libraries are a driver's to use, and no others.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "kern/kernel_names.h"

namespace pupci {
namespace {

TEST(KernelNames, AreThoseOfTheKernelLibrary) {
  EXPECT_TRUE(kern::is_kernel_name("config_detach"));
  EXPECT_TRUE(kern::is_kernel_name("memcpy"));
  EXPECT_FALSE(kern::is_kernel_name("fopen"));
}

extern "C" __attribute__((visibility("default"))) int pupci_test_name_of_a_program();
int pupci_test_name_of_a_program() {
  return 1;
}

TEST(KernelNames, CanBeAddedTo) {
  EXPECT_FALSE(kern::is_kernel_name("powf"));
  void* libm = dlopen("libm.so.6", RTLD_NOW);
  ASSERT_NE(libm, nullptr);
  kern::add_kernel_library(dlsym(libm, "powf"));
  EXPECT_TRUE(kern::is_kernel_name("powf"));
  EXPECT_FALSE(kern::is_kernel_name("pupci_test_name_of_a_program"));
}

// Every function that the headers of drivers declare, by the compiler's own account.
std::set<std::string> declared_functions() {
  const std::filesystem::path headers = PUPCI_SOURCE_DIR "/include/netbsd";
  std::string folder = testing::TempDir() + "namesXXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return {};
  std::ofstream source(folder + "/all.c");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(headers)) {
    if (entry.path().extension() != ".h") continue;
    source << "#include <" << entry.path().lexically_relative(headers).string() << ">\n";
  }
  source.close();
  const std::string command =
      "gcc -fsyntax-only -nostdinc -ffreestanding -fno-builtin -D_KERNEL -I" + headers.string() +
      " -aux-info " + folder + "/names " + folder + "/all.c";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT(cert-env33-c)
  std::set<std::string> names;
  std::ifstream found(folder + "/names");
  // "/* FILE:LINE:NC */ extern int (*name (int)) (void);", or 'F' for a definition.
  const std::regex name(R"(:N[A-Z] \*/ extern [^(]*?\(?\*?([A-Za-z_][A-Za-z0-9_]*) \()");
  for (std::string line; std::getline(found, line);) {
    std::smatch match;
    if (std::regex_search(line, match, name)) names.insert(match[1]);
  }
  std::filesystem::remove_all(folder);
  return names;
}

TEST(KernelNames, EveryFunctionThatAHeaderDeclaresIsThere) {
  const std::set<std::string> names = declared_functions();
  EXPECT_GT(names.size(), 900U);
  EXPECT_TRUE(names.contains("config_detach"));
  EXPECT_TRUE(names.contains("printf"));
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    if (kern::is_kernel_name(name) || kern::is_kernel_name("kern_" + name)) continue;
    missing.push_back(name);
  }
  EXPECT_THAT(missing, testing::IsEmpty());
}

}  // namespace
}  // namespace pupci
