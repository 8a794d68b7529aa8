// SPDX-License-Identifier: BSD-2-Clause
#include "pupci/address.h"

#include <gtest/gtest.h>

namespace pupci {
namespace {

TEST(Address, ReadsLinuxAndNetbsdForms) {
  EXPECT_EQ(parse_address("0000:03:00.0"), (Address{0, 3, 0, 0}));
  EXPECT_EQ(parse_address("00:1f.7"), (Address{0, 0, 31, 7}));
  EXPECT_EQ(parse_address("abcd:ff:1f.1"), (Address{0xabcd, 255, 31, 1}));
  EXPECT_EQ(parse_address("10:3:0"), (Address{0, 10, 3, 0}));
}

TEST(Address, RefusesWhatIsOutOfRangeOrMalformed) {
  for (const char* text : {"", ":", "::", ".", "0:20.0", "0:0.8", "100:0.0", "0:32:0", "0:0:8",
                           "256:0:0", "10000:0:0.0", "0:0.0x", " 0:0.0", "0:0", "0:-1:0"}) {
    EXPECT_EQ(parse_address(text), std::nullopt) << text;
  }
}

TEST(Address, PrintsWhatItReads) {
  EXPECT_EQ(to_string(Address{0, 3, 31, 7}), "0000:03:1f.7");
  EXPECT_EQ(parse_address(to_string(Address{1, 2, 3, 4})), (Address{1, 2, 3, 4}));
}

}  // namespace
}  // namespace pupci
