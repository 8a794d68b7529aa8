// SPDX-License-Identifier: BSD-2-Clause
// Numbers and text of libkern: strtol(3) and its kin, searching, bits.
#include <gtest/gtest.h>

#include <bit>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "netbsd/lib/libkern/libkern.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/systm.h"

namespace {

// What a conversion gives, and what it leaves.
template <typename T>
std::pair<T, std::string> convert(T (*function)(const char*, char**, int), const char* text,
                                  int base) {
  char* end = nullptr;
  const T value = function(text, &end, base);
  return {value, end};
}

template <typename T>
void expect_signed(T (*function)(const char*, char**, int), T lowest, T highest) {
  using Result = std::pair<T, std::string>;
  EXPECT_EQ(convert(function, "  -42rest", 10), Result(-42, "rest"));
  EXPECT_EQ(convert(function, "+0x1Fg", 0), Result(0x1f, "g"));
  EXPECT_EQ(convert(function, "0778", 0), Result(077, "8"));
  EXPECT_EQ(convert(function, "zz", 36), Result(35 * 36 + 35, ""));
  EXPECT_EQ(convert(function, "none", 10), Result(0, "none"));
  EXPECT_EQ(convert(function, "-99999999999999999999", 10), Result(lowest, ""));
  EXPECT_EQ(convert(function, "99999999999999999999", 10), Result(highest, ""));
  EXPECT_EQ(function(std::to_string(lowest).c_str(), nullptr, 10), lowest);
  EXPECT_EQ(function(std::to_string(highest).c_str(), nullptr, 10), highest);
}

template <typename T>
void expect_unsigned(T (*function)(const char*, char**, int), T highest) {
  using Result = std::pair<T, std::string>;
  EXPECT_EQ(convert(function, "0xffff,", 16), Result(0xffff, ","));
  EXPECT_EQ(convert(function, "1012", 2), Result(5, "2"));
  EXPECT_EQ(convert(function, "", 10), Result(0, ""));
  EXPECT_EQ(convert(function, "99999999999999999999999", 10), Result(highest, ""));
  EXPECT_EQ(function(std::to_string(highest).c_str(), nullptr, 10), highest);
}

TEST(LibkernText, NumbersOfEachType) {
  expect_signed<long>(kern_strtol, LONG_MIN, LONG_MAX);
  expect_signed<long long>(kern_strtoll, LLONG_MIN, LLONG_MAX);
  expect_signed<std::intmax_t>(kern_strtoimax, INTMAX_MIN, INTMAX_MAX);
  expect_unsigned<unsigned long>(kern_strtoul, ULONG_MAX);
  expect_unsigned<unsigned long long>(kern_strtoull, ULLONG_MAX);
  expect_unsigned<std::uintmax_t>(kern_strtoumax, UINTMAX_MAX);
}

TEST(LibkernText, Searches) {
  EXPECT_EQ(kern_strspn("aabbc", "ab"), 4U);
  EXPECT_EQ(kern_strspn("xyz", ""), 0U);
  EXPECT_EQ(kern_strcspn("aabbc", "cb"), 2U);
  EXPECT_EQ(kern_strcspn("abc", ""), 3U);
  const char* text = "name=value";
  EXPECT_EQ(kern_strpbrk(text, "=;"), text + 4);
  EXPECT_EQ(kern_strpbrk(text, "!"), nullptr);
  const char bytes[] = {0, 1, 2, 1, 2, 3};
  EXPECT_EQ(kern_memmem(bytes, sizeof bytes, "\1\2\3", 3), bytes + 3);
  EXPECT_EQ(kern_memmem(bytes, sizeof bytes - 1, "\1\2\3", 3), nullptr);
  EXPECT_EQ(kern_memmem(bytes, sizeof bytes, "", 0), bytes);
  EXPECT_EQ(kern_memmem(bytes, 2, "\0\1\2", 3), nullptr);
}

TEST(LibkernText, SplitsAtEachSeparator) {
  char text[] = "a,,b;c";
  char* rest = text;
  std::string joined;
  while (char* part = kern_strsep(&rest, ",;")) joined += std::string("[") + part + "]";
  EXPECT_EQ(joined, "[a][][b][c]");
  EXPECT_EQ(rest, nullptr);
}

TEST(LibkernText, CountsBits) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; i++) {
    const std::uint64_t value = random();
    const auto low = static_cast<std::uint32_t>(value);
    const auto all = static_cast<unsigned>(std::popcount(value));
    EXPECT_EQ(kern_popcount64(value), all);
    EXPECT_EQ(kern_popcountll(value), all);
    EXPECT_EQ(kern_popcountl(value), all);
    EXPECT_EQ(kern_popcount32(low), static_cast<unsigned>(std::popcount(low)));
    EXPECT_EQ(kern_popcount(low), static_cast<unsigned>(std::popcount(low)));
  }
  EXPECT_EQ(kern_popcount64(UINT64_MAX), 64U);
  EXPECT_EQ(kern_popcount32(0), 0U);
}

TEST(LibkernText, DigitsAndMemory) {
  EXPECT_STREQ(hexdigits, "0123456789abcdef");
  EXPECT_STREQ(HEXDIGITS, "0123456789ABCDEF");
  char memory[8] = "1234567";
  EXPECT_EQ(kern_explicit_memset(memory + 1, 'x', 3), memory + 1);
  EXPECT_STREQ(memory, "1xxx567");
  char copy[8] = {};
  EXPECT_EQ(kcopy(memory, copy, sizeof copy), 0);
  EXPECT_STREQ(copy, memory);
}

TEST(SystmEntries, DoNothingAndSayTheirError) {
  EXPECT_EQ(nullop(nullptr), 0);
  voidop();
  EXPECT_EQ(nullret(), nullptr);
  EXPECT_EQ(enodev(), ENODEV);
  EXPECT_EQ(enosys(), ENOSYS);
  EXPECT_EQ(enoioctl(), EPASSTHROUGH);
  EXPECT_EQ(enxio(), ENXIO);
  EXPECT_EQ(eopnotsupp(), EOPNOTSUPP);
}

}  // namespace
