// SPDX-License-Identifier: BSD-2-Clause
// pupci list, peek, poke and doctor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "command.h"

namespace pupci::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

TEST(List, HasTheShapeOfPcictl) {
  const Outcome outcome = pupci({"list", "--", "-device", "edu,addr=5"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, ContainsRegex("(^|\n)000:05:0: .*11e8.*\n"));
}

TEST(List, DecodesConfigurationSpace) {
  const Outcome outcome = pupci({"list", "-v", "--", "-device", "edu,addr=5"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, ContainsRegex("(Command|command) register"));
  EXPECT_THAT(outcome.output, HasSubstr("MSI"));
}

TEST(List, GivesJson) {
  const Outcome outcome = pupci({"list", "--json", "--", "-device", "edu,addr=5"});
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  const auto facts = nlohmann::json::parse(outcome.output);
  bool found = false;
  for (const auto& function : facts) {
    if (function.at("device") != 5) continue;
    found = true;
    EXPECT_EQ(function.at("vendor"), 0x1234);
    EXPECT_EQ(function.at("product"), 0x11e8);
    EXPECT_EQ(function.at("bars").at(0).at("size"), 0x100000);
  }
  EXPECT_TRUE(found);
}

TEST(List, NamesAnUnknownHost) {
  const Outcome outcome = pupci({"list", "--host", "nosuch"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("--host nosuch: no such host"));
  EXPECT_THAT(outcome.errors, HasSubstr("qemu"));
}

TEST(Peek, ReadsABar) {
  const Outcome outcome = pupci({"peek", "00:05.0", "bar0+0x0", "--", "-device", "edu,addr=5"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "bar0+0x0: 010000ed\n");
}

TEST(Peek, ReadsConfigurationSpaceInBytes) {
  const Outcome outcome =
      pupci({"peek", "00:05.0", "cfg", "-w", "1", "-n", "4", "--", "-device", "edu,addr=5"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "cfg+0x0: 34 12 e8 11\n");
}

TEST(Peek, NamesWhatIsNotThere) {
  const auto refused = [](std::vector<std::string> words, const std::string& message) {
    words.insert(words.begin(), "peek");
    words.insert(words.end(), {"--", "-device", "edu,addr=5"});
    const Outcome outcome = pupci(words);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.errors, HasSubstr(message));
  };
  refused({"00:06.0", "bar0"}, "00:06.0");
  refused({"00:05.0", "bar3"}, "BAR 3: there is no such BAR");
  refused({"00:05.0", "bar0+0x100000"}, "BAR 0");
  refused({"00:05.0", "bar9"}, "bar9: no place to access");
  refused({"00:05.0", "cfg+0x1000"}, "configuration space has");
  refused({"00:05.0", "cfg+1"}, "not aligned");
  refused({"nonsense", "bar0"}, "not the address of a function");
  refused({"00:05.0"}, "which place?");
}

TEST(Poke, WritesABar) {
  const Outcome outcome =
      pupci({"poke", "00:05.0", "bar0+4", "0x1234", "--", "-device", "edu,addr=5"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "bar0+0x4: now ffffedcb\n");  // edu's liveness register: the complement
}

TEST(Poke, RefusesAValueThatDoesNotFit) {
  const Outcome outcome = pupci({"poke", "00:05.0", "bar0+4", "-w", "1", "0x100"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("0x100: not a number of 1 bytes"));
}

TEST(Doctor, SaysThatQemuIsMissingAndHowToGetIt) {
  const Folder empty;
  const Outcome outcome = pupci({"doctor"}, {"PATH=" + empty.path()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, ContainsRegex("missing +qemu .*apt install qemu-system-x86"));
  EXPECT_THAT(outcome.output, ContainsRegex("optional +compiler .*apt install gcc"));
}

TEST(Doctor, GivesJson) {
  const Outcome outcome = pupci({"doctor", "--json"});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  const auto facts = nlohmann::json::parse(outcome.output);
  EXPECT_EQ(facts.at(0).at("check"), "qemu");
  EXPECT_EQ(facts.at(0).at("verdict"), "ok");
}

}  // namespace
}  // namespace pupci::test
