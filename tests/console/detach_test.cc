// SPDX-License-Identifier: BSD-2-Clause
// A framebuffer console goes, with screens in use and somebody looking, and leaves nothing behind.
#include <gmock/gmock.h>

#include "console/session.h"

namespace pupci::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Detach : public ::testing::TestWithParam<Setup> {
 protected:
  std::string driver() const { return GetParam().driver + "0"; }
  // A program on two screens, and text on both.
  void use(Session& session) {
    session.hear("start");
    const Picture first = session.expect_same("on the first screen");
    session.switch_screen(2);
    session.expect_same_but_not(first, "on the second screen");
  }
  static std::string program() { return "seq 200; echo $(tty); say start; pause"; }
};

TEST_P(Detach, AtTheEnd) {
  Session session(GetParam(), program());
  use(session);
  const Outcome outcome = session.end();
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("wsdisplay0: detached"), HasSubstr(driver() + ": detached")));
  EXPECT_THAT(outcome.output + outcome.errors, Not(HasSubstr("leaked")));
}

TEST_P(Detach, WhileAPersonLooks) {
  Session session(GetParam(), program());
  use(session);
  const Outcome kept = session.control({"detach", driver()});
  EXPECT_NE(kept.status, 0) << "a program runs on the console";
  EXPECT_THAT(kept.errors, HasSubstr("Device or resource busy"));
  session.expect_same("after a refusal");

  const Outcome gone = session.control({"detach", "--force", driver()});
  EXPECT_EQ(gone.status, 0) << gone.errors;
  session.type("nobody reads this");
  const Outcome outcome = session.end();
  EXPECT_THAT(outcome.output, HasSubstr(driver() + ": detached"));
  // The picture that was asked for is of nothing.
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("wsdisplay0 is gone or its memory cannot be read"));
  EXPECT_THAT(outcome.output + outcome.errors, Not(HasSubstr("leaked")));
}

INSTANTIATE_TEST_SUITE_P(Every, Detach,
                         ::testing::Values(Setup{"bochsfb", "VGA", {}},
                                           Setup{"bochsfb", "VGA,mmio=off", {}},
                                           Setup{"bochsfb", "bochs-display", {"depth=16"}},
                                           Setup{"ragefb", "ati-vga", {}},
                                           Setup{"ragefb", "ati-vga", {"engine=false"}}),
                         [](const auto& all) { return name_of(all.param); });

}  // namespace
}  // namespace pupci::test
