// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/evcnt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "expect_violation.h"
#include "kern/evcnt.h"
#include "kern/track.h"

namespace pupci::kern {
namespace {

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const EventCounter& c : event_counters()) {
    all.push_back(c.group + " " + c.name + " " + c.type + " " + std::to_string(c.count));
  }
  return all;
}

TEST(Evcnt, ListsWhatIsAttachedInOrder) {
  evcnt a;
  evcnt b = EVCNT_INITIALIZER(EVCNT_TYPE_MISC, nullptr, "edu0", "dma");
  evcnt_attach_dynamic(&a, EVCNT_TYPE_INTR, nullptr, "edu0", "intr");
  evcnt_attach_static(&b);
  a.ev_count += 3;
  EXPECT_THAT(names(), testing::ElementsAre("edu0 intr intr 3", "edu0 dma misc 0"));
  evcnt_detach(&a);
  EXPECT_THAT(names(), testing::ElementsAre("edu0 dma misc 0"));
  evcnt_detach(&b);
  EXPECT_TRUE(event_counters().empty());
}

TEST(Evcnt, NozeroKeepsTheCount) {
  evcnt a{};
  a.ev_count = 7;
  evcnt_attach_dynamic_nozero(&a, EVCNT_TYPE_TRAP, nullptr, "g", "n");
  EXPECT_THAT(names(), testing::ElementsAre("g n trap 7"));
  evcnt_detach(&a);
}

TEST(Evcnt, StaticSetsComeAndGoTogether) {
  evcnt a = EVCNT_INITIALIZER(EVCNT_TYPE_MISC, nullptr, "edu", "one");
  evcnt b = EVCNT_INITIALIZER(EVCNT_TYPE_MISC, nullptr, "edu", "two");
  evcnt* const set[] = {&a, &b};
  evcnt_attach_set(set, set + 2);
  EXPECT_THAT(names(), testing::ElementsAre("edu one misc 0", "edu two misc 0"));
  evcnt_detach_set(set, set + 2);
  EXPECT_TRUE(event_counters().empty());
}

TEST(Evcnt, IsTrackedAndForgotten) {
  evcnt a;
  evcnt_attach_dynamic(&a, EVCNT_TYPE_INTR, nullptr, "edu0", "intr");
  EXPECT_EQ(tracked_for(nullptr).size(), 1U);
  evcnt_forget(&a);
  EXPECT_TRUE(tracked_for(nullptr).empty());
  EXPECT_TRUE(event_counters().empty());
}

TEST(EvcntViolation, Twice) {
  EXPECT_VIOLATION(
      {
        evcnt a;
        evcnt_attach_dynamic(&a, EVCNT_TYPE_INTR, nullptr, "edu0", "intr");
        evcnt_attach_static(&a);
      },
      "evcnt_attach: edu0 intr is attached already");
  EXPECT_VIOLATION(
      {
        evcnt a{};
        evcnt_detach(&a);
      },
      "evcnt_detach: 0x[0-9a-f]+ is not attached");
}

TEST(EvcntViolation, EmptyOrLongNames) {
  EXPECT_VIOLATION(
      {
        evcnt a;
        const std::string name(256, 'x');
        evcnt_attach_dynamic(&a, EVCNT_TYPE_INTR, nullptr, "edu0", name.c_str());
      },
      "evcnt_attach: name of 256 characters");
}

}  // namespace
}  // namespace pupci::kern
