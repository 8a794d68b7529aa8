// SPDX-License-Identifier: BSD-2-Clause
// What --host netbsd: takes.
#include "host/netbsd/spec.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <utility>

#include "pupci/bus.h"

namespace pupci::netbsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::pair<int, std::string> refusal(const std::string& text, bool native = true) {
  try {
    parse_spec(text, native);
  } catch (const Error& error) {
    return {error.errnum(), error.what()};
  }
  return {0, ""};
}

TEST(NetbsdSpec, BusesAndFunctions) {
  const Spec spec = parse_spec("/dev/pci0,/dev/pci12,/dev/pupci3", true);
  EXPECT_EQ(spec.name, "netbsd:/dev/pci0,/dev/pci12,/dev/pupci3");
  EXPECT_THAT(spec.buses, ElementsAre("/dev/pci0", "/dev/pci12"));
  EXPECT_THAT(spec.nodes, ElementsAre("/dev/pupci3"));
  EXPECT_THAT(spec.kernel, IsEmpty());
}

TEST(NetbsdSpec, AKernelElsewhere) {
  EXPECT_EQ(parse_spec("/dev/pci0,kernel=/tmp/k", false).kernel, "/tmp/k");
  const auto [error, text] = refusal("/dev/pci0", false);
  EXPECT_EQ(error, ENOTSUP);
  EXPECT_THAT(text, HasSubstr("this is not NetBSD"));
  EXPECT_THAT(text, HasSubstr("netbsd:/dev/pci0,kernel=SOCKET"));
}

TEST(NetbsdSpec, Misunderstood) {
  for (const char* bad :
       {"", "pci", "/dev/pci", "/dev/pcix", "/dev/pci0x", "/dev/pupci", "0000:03:00.0",
        "/dev/pci0,", "/dev/pci0,kernel=", "/dev/pci0,/dev/pci0", ",", "/dev/audio0"}) {
    const auto [error, text] = refusal(bad);
    if (std::string_view(bad) == "/dev/pci0,") {
      EXPECT_EQ(error, 0) << "as of the other hosts, a comma may end it";
      continue;
    }
    EXPECT_EQ(error, EINVAL) << bad;
    EXPECT_THAT(text, HasSubstr("netbsd:/dev/pci0[,/dev/pci1...]")) << bad;
  }
}

TEST(NetbsdSpec, TheNodeOfAFunctionIsBesideThatOfItsBus) {
  EXPECT_EQ(Spec::node_beside("/dev/pci0", "pupci7"), "/dev/pupci7");
  EXPECT_EQ(Spec::node_beside("pci0", "pupci7"), "pupci7");
}

TEST(NetbsdSpec, TheHostIsKnownEverywhere) {
  try {
    open_bus("netbsd:/dev/pci0,kernel=/nonexistent/socket");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("kernel=/nonexistent/socket: No such file"));
  }
}

}  // namespace
}  // namespace pupci::netbsd
