// SPDX-License-Identifier: BSD-2-Clause
// The names of both libraries are a driver's to use, and no others.
#include <dlfcn.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace pupci
