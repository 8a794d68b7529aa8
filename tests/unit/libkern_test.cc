// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/lib/libkern/libkern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "netbsd/sys/systm.h"
#include "netbsd/sys/timevar.h"

namespace {

TEST(Libkern, StrlcpyAndStrlcat) {
  char text[8];
  EXPECT_EQ(kern_strlcpy(text, "abc", sizeof(text)), 3U);
  EXPECT_STREQ(text, "abc");
  EXPECT_EQ(kern_strlcat(text, "defgh", sizeof(text)), 8U);
  EXPECT_STREQ(text, "abcdefg");
  EXPECT_EQ(kern_strlcpy(text, "0123456789", sizeof(text)), 10U);
  EXPECT_STREQ(text, "0123456");
  EXPECT_EQ(kern_strlcpy(text, "abc", 0), 3U);
  char full[2] = {'a', 'b'};
  EXPECT_EQ(kern_strlcat(full, "cd", sizeof(full)), 4U);
}

TEST(Libkern, StrtoiReportsWhatIsWrong) {
  int status = -1;
  char* end = nullptr;
  EXPECT_EQ(kern_strtoi("42", &end, 0, 0, 100, &status), 42);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(kern_strtoi("142", nullptr, 0, 0, 100, &status), 100);
  EXPECT_EQ(status, ERANGE);
  EXPECT_EQ(kern_strtoi("42x", &end, 0, 0, 100, &status), 42);
  EXPECT_EQ(status, ENOTSUP);
  EXPECT_STREQ(end, "x");
  EXPECT_EQ(kern_strtoi("x", nullptr, 0, 5, 100, &status), 5);
  EXPECT_EQ(status, ECANCELED);
  EXPECT_EQ(kern_strtou("0xffffffffffffffff", nullptr, 0, 0, UINT64_MAX, &status), UINT64_MAX);
  EXPECT_EQ(status, 0);
}

TEST(Libkern, Crc32OfTheStandardTest) {
  const auto* digits = reinterpret_cast<const uint8_t*>("123456789");
  EXPECT_EQ(kern_crc32(0, digits, 9), 0xcbf43926U);
  EXPECT_EQ(kern_crc32(kern_crc32(0, digits, 4), digits + 4, 5), 0xcbf43926U);
}

int compare_ints(const void* a, const void* b) {
  const int x = *static_cast<const int*>(a);
  const int y = *static_cast<const int*>(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

TEST(Libkern, KheapsortSorts) {
  std::mt19937 random(1);
  for (std::size_t count = 0; count < 200; ++count) {
    std::vector<int> values(count);
    for (int& value : values) value = static_cast<int>(random() % 50);
    std::vector<int> expected = values;
    std::sort(expected.begin(), expected.end());
    int scratch = 0;
    EXPECT_EQ(kheapsort(values.data(), count, sizeof(int), compare_ints, &scratch), 0);
    EXPECT_EQ(values, expected);
  }
  EXPECT_EQ(kheapsort(nullptr, 0, 0, compare_ints, nullptr), -1);
}

TEST(Libkern, RandomHas31BitsAndRepeatsAfterSrandom) {
  kern_srandom(7);
  std::vector<long> first(100);
  for (long& value : first) {
    value = kern_random();
    EXPECT_GE(value, 0);
    EXPECT_LE(value, 0x7fffffff);
  }
  EXPECT_GT(std::set<long>(first.begin(), first.end()).size(), 95U);
  kern_srandom(7);
  for (const long value : first) EXPECT_EQ(kern_random(), value);
}

TEST(Libkern, ConsttimeMemequal) {
  EXPECT_NE(kern_consttime_memequal("abcd", "abcd", 4), 0);
  EXPECT_EQ(kern_consttime_memequal("abcd", "abce", 4), 0);
  EXPECT_NE(kern_consttime_memequal("a", "b", 0), 0);
}

std::string bits(const char* format, uint64_t value) {
  char text[200];
  const int length = kern_snprintb(text, sizeof(text), format, value);
  EXPECT_EQ(length, static_cast<int>(std::string(text).size()));
  return text;
}

TEST(Snprintb, OldFormat) {
  EXPECT_EQ(bits("\20\1ONE\2TWO\11NINE", 0x101), "0x101<ONE,NINE>");
  EXPECT_EQ(bits("\20\1ONE\2TWO\11NINE", 0), "0x0");
  EXPECT_EQ(bits("\10\2BITTWO\1BITONE", 3), "03<BITTWO,BITONE>");
  EXPECT_EQ(bits("\12\1A", 5), "5<A>");
  EXPECT_EQ(bits("\20\40TOP", 0x80000000), "0x80000000<TOP>");
}

TEST(Snprintb, NewFormat) {
  EXPECT_EQ(bits("\177\20b\0LSB\0b\4BITFOUR\0b\77MSB\0", 0x8000000000000011),
            "0x8000000000000011<LSB,BITFOUR,MSB>");
  EXPECT_EQ(bits("\177\20f\0\4SPEED\0=\1SLOW\0=\2FAST\0b\7ON\0", 0x82), "0x82<SPEED=0x2=FAST,ON>");
  EXPECT_EQ(bits("\177\20F\0\4:\1SLOW\0:\2FAST\0b\7ON\0", 0x81), "0x81<SLOW,ON>");
  EXPECT_EQ(bits("\177\20F\0\4:\1SLOW\0*UNKNOWN(%ju)\0b\7ON\0", 0x85), "0x85<UNKNOWN(5),ON>");
}

TEST(Snprintb, ExamplesOfTheManual) {
  EXPECT_EQ(bits("\10\2BITTWO\1BITONE", 3), "03<BITTWO,BITONE>");
  EXPECT_EQ(bits("\20\x10NOTBOOT\x0f"
                 "FPP\x0eSDVMA\x0cVIDEO\x0bLORES\x0a"
                 "FPA\x09"
                 "DIAG\x07"
                 "CACHE\x06IOCACHE\x05LOOPBACK\x04"
                 "DBGCACHE",
                 0xe860),
            "0xe860<NOTBOOT,FPP,SDVMA,VIDEO,CACHE,IOCACHE>");
  EXPECT_EQ(bits("\177\020b\0LSB\0b\1_BITONE\0f\4\4NIBBLE2\0f\x10\4BURST\0=\4FOUR\0=\xfSIXTEEN\0"
                 "b\x1fMSB\0\0",
                 0x800f0701),
            "0x800f0701<LSB,NIBBLE2=0x0,BURST=0xf=SIXTEEN,MSB>");
}

TEST(Snprintb, FieldsWithoutTextMayEndOrNot) {
  EXPECT_EQ(bits("\177\20F\3\2:\0HIGH\0:\1LOW\0", 0x8), "0x8<LOW>");
  EXPECT_EQ(bits("\177\20F\3\2\0:\0HIGH\0:\1LOW\0", 0x0), "0x0<HIGH>");
}

TEST(Snprintb, WrongFormatsAndSmallBuffers) {
  char text[8] = "xxxxxxx";
  EXPECT_EQ(kern_snprintb(text, sizeof(text), "\3\1ONE", 1), -1);
  EXPECT_EQ(kern_snprintb(text, sizeof(text), "\20\1ONE\2TWO", 3), 12);
  EXPECT_STREQ(text, "0x3<ONE");
  EXPECT_EQ(kern_snprintb(nullptr, 0, "\20\1ONE", 1), 8);
}

TEST(SnprintbM, SplitsLinesBetweenNames) {
  char text[200];
  const int length = kern_snprintb_m(text, sizeof(text), "\20\1FIRST\2SECOND\3THIRD", 7, 18);
  const std::string whole(text, static_cast<std::size_t>(length));
  char manual[200];
  const int manual_length = kern_snprintb_m(
      manual, sizeof(manual),
      "\177\020b\0LSB\0b\1_BITONE\0f\4\4NIBBLE2\0f\x10\4BURST\0=\4FOUR\0=\xfSIXTEEN\0"
      "b\x1fMSB\0\0",
      0x800f0701, 34);
  EXPECT_EQ(std::string(manual, static_cast<std::size_t>(manual_length)),
            std::string("0x800f0701<LSB,NIBBLE2=0x0>\0"
                        "0x800f0701<BURST=0xf=SIXTEEN,MSB>\0",
                        62));
  EXPECT_EQ(whole, std::string("0x7<FIRST,SECOND>\0000x7<THIRD>\0", 29));
}

TEST(HumanizeNumber, KeepsAsManyDigitsAsFit) {
  char text[9];
  EXPECT_EQ(kern_humanize_number(text, sizeof(text), 2047ULL << 20, "B", 1024), 7);
  EXPECT_STREQ(text, "2047 MB");
  EXPECT_EQ(format_bytes(text, sizeof(text), 512), 3);
  EXPECT_STREQ(text, "512");
  EXPECT_EQ(format_bytes(text, sizeof(text), 123456789), 8 - 2);
  EXPECT_EQ(kern_humanize_number(text, 3, 1, "B", 1000), -1);
}

std::string& dumped() {
  static std::string text;
  return text;
}
void dump(const char* format, ...) {
  char line[200];
  va_list arguments;
  va_start(arguments, format);
  kern_vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  dumped() += line;
}

TEST(Hexdump, PrintsBytesAndCharacters) {
  hexdump(dump, "buffer", "ABCDEFGHIJKLMNOP\1q", 18);
  EXPECT_EQ(dumped(),
            "buffer:\n"
            "00000000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  |ABCDEFGHIJKLMNOP|\n"
            "00000010  01 71                                             |.q|\n");
}

TEST(Ratecheck, OncePerInterval) {
  timeval last{};
  const timeval hour{3600, 0};
  const timeval none{0, 0};
  EXPECT_NE(ratecheck(&last, &hour), 0);
  EXPECT_EQ(ratecheck(&last, &hour), 0);
  EXPECT_NE(ratecheck(&last, &none), 0);
}

TEST(Ratecheck, SoManyASecond) {
  timeval last{};
  int count = 0;
  int allowed = 0;
  microuptime(&last);  // the second begins now
  for (int i = 0; i < 10; ++i) allowed += ppsratecheck(&last, &count, 3);
  EXPECT_EQ(allowed, 3);
  last.tv_sec -= 2;  // it is over
  EXPECT_EQ(ppsratecheck(&last, &count, 3), 1);
  EXPECT_EQ(ppsratecheck(&last, &count, 0), 0);
  EXPECT_EQ(ppsratecheck(&last, &count, -1), 1);
}

}  // namespace
