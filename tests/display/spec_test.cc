// SPDX-License-Identifier: BSD-2-Clause
// What may stand after --display, and what is said of what may not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pupci/error.h"
#include "wscons/output/spec.h"

namespace pupci::wscons {
namespace {

using ::testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    parse_output(text);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(OutputSpec, TakesAnAddressAndAPort) {
  const OutputSpec spec = parse_output("vnc:192.0.2.1:5901");
  EXPECT_EQ(spec.kind, OutputSpec::Kind::vnc);
  EXPECT_EQ(spec.address, "192.0.2.1");
  EXPECT_EQ(spec.port, 5901);
  EXPECT_EQ(spec.password, "");
}

TEST(OutputSpec, IsLoopbackUnlessToldOtherwise) {
  EXPECT_EQ(parse_output("vnc:5900").address, "127.0.0.1");
  EXPECT_EQ(parse_output("vnc::5900").address, "127.0.0.1");
  EXPECT_EQ(parse_output("vnc:0").port, 0);
}

TEST(OutputSpec, TakesBracketsOffAnAddress) {
  EXPECT_EQ(parse_output("vnc:[::1]:5900").address, "::1");
  EXPECT_EQ(parse_output("vnc:localhost:5900").address, "localhost");
}

TEST(OutputSpec, TakesOptions) {
  const OutputSpec spec = parse_output("vnc:127.0.0.1:5900,password=/a,,b,display=wsdisplay1");
  EXPECT_EQ(spec.password, "/a,b");
  EXPECT_EQ(spec.display, "wsdisplay1");
}

TEST(OutputSpec, TakesAFile) {
  const OutputSpec spec = parse_output("png:a:b,,c.png,display=wsdisplay2");
  EXPECT_EQ(spec.kind, OutputSpec::Kind::png);
  EXPECT_EQ(spec.file, "a:b,c.png");
  EXPECT_EQ(spec.display, "wsdisplay2");
}

TEST(OutputSpec, NamesWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "there is no \"\"; there are vnc:ADDRESS:PORT and png:FILE"},
      {"sdl", "there is no \"sdl\""},
      {"vnc", "the port is missing; as in vnc:127.0.0.1:5900"},
      {"vnc:", "the port is missing"},
      {"vnc:localhost", "the port is missing"},
      {"vnc:localhost:", "\"\" is not a port (0 to 65535)"},
      {"vnc:127.0.0.1:65536", "\"65536\" is not a port"},
      {"vnc:127.0.0.1:-1", "\"-1\" is not a port"},
      {"vnc:127.0.0.1:59x", "\"59x\" is not a port"},
      {"vnc:99999999999", "is not a port"},
      {"vnc:::1:5900", "an IPv6 address stands in brackets"},
      {"vnc:[::1]", "an IPv6 address stands in brackets"},
      {"vnc:5900,secret",
       "there is no option \"secret\"; there are password=FILE and display=NAME"},
      {"vnc:5900,password", "password needs a value; as in password=FILE"},
      {"vnc:5900,password=", "password needs a value"},
      {"vnc:5900,display=", "display needs a value; as in display=wsdisplay0"},
      {"vnc:5900,", "there is no option \"\""},
      {"png", "the file is missing; as in png:screen.png"},
      {"png:", "the file is missing"},
      {"png:a,password=b", "there is no option \"password\"; there is display=NAME"},
  };
  for (const auto& [text, why] : cases) {
    EXPECT_THAT(refusal(text), HasSubstr(why));
    EXPECT_THAT(refusal(text), HasSubstr(std::string("--display ") + text + ": "));
  }
}

}  // namespace
}  // namespace pupci::wscons
