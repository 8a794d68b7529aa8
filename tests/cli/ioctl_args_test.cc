// SPDX-License-Identifier: BSD-2-Clause
// The words of pupci ioctl.
#include "cli/ioctl_args.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pupci/error.h"

namespace pupci::cli {
namespace {

std::string packed(const std::vector<std::string>& words) {
  Argument argument;
  for (const std::string& word : words) argument.add(word);
  return to_hex(argument.bytes());
}

TEST(IoctlArgument, IsLaidOutAsAStructureInC) {
  EXPECT_EQ(packed({"u32:5"}), "05000000");
  EXPECT_EQ(packed({"u8:1", "u32:2"}), "0100000002000000");
  EXPECT_EQ(packed({"u32:1", "u8:2"}), "0100000002000000");  // padded at the end
  EXPECT_EQ(packed({"u16:0x102", "u64:3"}), "02010000000000000300000000000000");
  EXPECT_EQ(packed({"s8:-1", "s16:-2"}), "ff00feff");
  EXPECT_EQ(packed({"u32"}), "00000000");
}

TEST(IoctlArgument, TakesBytesAndStrings) {
  EXPECT_EQ(packed({"hex:0a0b", "u8:1"}), "0a0b01");
  EXPECT_EQ(packed({"str:ab"}), "616200");
  EXPECT_EQ(packed({"str4:ab", "u8:1"}), "6162000001");
  EXPECT_EQ(packed({"pad:3", "u8:1"}), "00000001");
}

TEST(IoctlArgument, RefusesWhatDoesNotFit) {
  for (const char* word : {"u8:256", "s8:128", "s8:-129", "u32:-1", "u32:x", "hex:0", "hex:zz",
                           "str2:abc", "float:1", "", "pad:-1", "str99999:a"}) {
    Argument argument;
    EXPECT_THROW(argument.add(word), Error) << word;
  }
  EXPECT_EQ(packed({"u8:255", "s8:127", "s8:-128"}), "ff7f80");
}

TEST(IoctlArgument, DecodesTheAnswer) {
  Argument argument;
  for (const char* word : {"u8:0", "s32:0", "str4:", "hex:0000"}) argument.add(word);
  const auto values = argument.decode(from_hex("07000000ffffffff616200000a0b0000"));
  ASSERT_EQ(values.size(), 4U);
  EXPECT_EQ(values[0].text, "7");
  EXPECT_EQ(values[1].text, "-1");
  EXPECT_EQ(values[2].text, "ab");
  EXPECT_EQ(values[3].text, "0a0b");
  EXPECT_EQ(argument.decode(from_hex("07")).size(), 1U);
}

TEST(IoctlRequest, IsEncodedAsInTheHeader) {
  EXPECT_EQ(parse_request("_IO('E',0)", 0).command, 0x20004500U);
  EXPECT_EQ(parse_request("_IOR('E',1,4)", 0).command, 0x40044501U);
  EXPECT_EQ(parse_request("_IOW(E, 2, 8)", 0).command, 0x80084502U);
  EXPECT_EQ(parse_request("_IOWR(0x45,3,16)", 0).command, 0xc0104503U);
  EXPECT_EQ(parse_request("_IOWR('E',3)", 12).command, 0xc00c4503U);
  EXPECT_EQ(parse_request("0xc0104503", 0).command, 0xc0104503U);
  EXPECT_EQ(parse_request("0xc0104503", 0).size(), 16U);
  EXPECT_TRUE(parse_request("0xc0104503", 0).reads());
  EXPECT_FALSE(parse_request("_IOW('E',2,8)", 0).reads());
}

TEST(IoctlRequest, RefusesOthers) {
  for (const char* text : {"", "_IO", "_IO('E')", "_IOX('E',1)", "_IO('E',256)", "_IOR('E',1,5000)",
                           "0x1ffffffff", "_IO('E',1", "_IO('E',1,2,3)"}) {
    EXPECT_THROW(parse_request(text, 0), Error) << text;
  }
}

}  // namespace
}  // namespace pupci::cli
