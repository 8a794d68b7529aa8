// SPDX-License-Identifier: BSD-2-Clause
#include "kern/symbolize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pupci::kern {
namespace {

__attribute__((noinline)) const void* where_i_am() {
  return __builtin_return_address(0);
}

__attribute__((noinline)) std::vector<std::string> inner(int depth) {
  if (depth > 0) {
    auto lines = inner(depth - 1);
    lines.emplace_back();  // no tail call
    return lines;
  }
  return backtrace();
}

TEST(Symbolize, NamesStaticFunctionsFileAndLine) {
  const int line = __LINE__ + 1;
  const void* here = where_i_am();
  EXPECT_THAT(symbolize(here),
              testing::MatchesRegex(".*NamesStaticFunctionsFileAndLine.*\\+0x[0-9a-f]+ "
                                    "\\(symbolize_test.cc:" +
                                    std::to_string(line) + "\\)"));
  EXPECT_THAT(function_at(here), testing::HasSubstr("NamesStaticFunctionsFileAndLine"));
  EXPECT_EQ(object_at(here), "unit_tests");
}

TEST(Symbolize, DemanglesAndNamesTheObject) {
  const auto lines = inner(2);
  ASSERT_GE(lines.size(), 4U);
  EXPECT_THAT(lines[0],
              testing::MatchesRegex("#0 pupci::kern::.*inner.*\\+0x.* \\(symbolize_test.cc:[0-9]+"
                                    "\\) in unit_tests"));
  EXPECT_THAT(lines[2], testing::HasSubstr("inner"));
  EXPECT_THAT(lines[3], testing::HasSubstr("DemanglesAndNamesTheObject"));
}

TEST(Symbolize, SaysWhatItDoesNotKnow) {
  EXPECT_EQ(symbolize(reinterpret_cast<const void*>(0x10)), "0x10");
  EXPECT_EQ(function_at(reinterpret_cast<const void*>(0x10)), "");
  EXPECT_EQ(symbolize(nullptr), "0x0");
}

TEST(Symbolize, ExactIsNotTheInstructionBefore) {
  const auto* start = reinterpret_cast<const void*>(&where_i_am);
  EXPECT_THAT(symbolize_exact(start), testing::HasSubstr("where_i_am"));
  EXPECT_THAT(symbolize(start), testing::Not(testing::HasSubstr("where_i_am()+")));
}

}  // namespace
}  // namespace pupci::kern
