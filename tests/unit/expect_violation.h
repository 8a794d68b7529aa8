// SPDX-License-Identifier: BSD-2-Clause
// That a statement ends in a panic, in a process of its own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "kern/check.h"

namespace pupci::kern {

inline void die_with_message(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::fflush(stderr);
  _exit(3);
}

}  // namespace pupci::kern

#define EXPECT_VIOLATION(statement, pattern)                           \
  EXPECT_EXIT(                                                         \
      {                                                                \
        pupci::kern::set_panic_handler(pupci::kern::die_with_message); \
        statement;                                                     \
        _exit(0);                                                      \
      },                                                               \
      testing::ExitedWithCode(3), pattern)
