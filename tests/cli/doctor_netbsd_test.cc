// SPDX-License-Identifier: BSD-2-Clause
// What pupci doctor says of a NetBSD system, in a /dev of our own making.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "command.h"

namespace pupci::cli {
namespace {

using ::testing::HasSubstr;

class DoctorNetbsd : public testing::Test {
 protected:
  [[nodiscard]] std::vector<Finding> all(const std::string& check,
                                         const std::optional<std::string>& claim) const {
    for (const Findings& findings : check_netbsd(root.path(), claim)) {
      if (findings.check == check) return findings.found;
    }
    return {};
  }
  void node(const std::string& name) const { root.write("dev/" + name, ""); }

  test::Folder root;
};

TEST_F(DoctorNetbsd, NoModule) {
  const auto found = all("pupci", std::nullopt);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].verdict, Verdict::optional_missing);
  EXPECT_EQ(found[0].remedy, "modload pupci");
}

TEST_F(DoctorNetbsd, NothingClaimed) {
  for (const char* nothing : {"", " ", ","}) {
    const auto found = all("pupci", nothing);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(found[0].remedy, HasSubstr("sysctl -w hw.pupci.claim="));
  }
}

TEST_F(DoctorNetbsd, Nodes) {
  auto found = all("pupci", "0:3:0");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].text, "pupci(4) claims 0:3:0");
  EXPECT_EQ(found[1].verdict, Verdict::optional_missing);
  EXPECT_THAT(found[1].remedy, HasSubstr("sh MAKEDEV pupci0"));

  node("pupci0");
  node("pupci1");
  node("pupcix");
  found = all("pupci", "0:3:0");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[1].text, "/dev/pupci0 may be opened");
  EXPECT_EQ(found[2].verdict, Verdict::good);

  if (::geteuid() == 0) return;  // who may open anything
  ::chmod(root.file("dev/pupci1").c_str(), 0);
  found = all("pupci", "0:3:0");
  EXPECT_EQ(found[2].verdict, Verdict::bad);
  EXPECT_EQ(found[2].remedy, "as root, chown USER /dev/pupci1");
}

TEST_F(DoctorNetbsd, Buses) {
  EXPECT_EQ(all("pci", "")[0].verdict, Verdict::optional_missing);
  node("pci0");
  node("pci1");
  node("pciback");
  EXPECT_EQ(all("pci", "")[0].text, "/dev/pci0 and 1 more");
}

TEST_F(DoctorNetbsd, ElsewhereNothingIsSaidOfIt) {
#ifndef __NetBSD__
  EXPECT_EQ(netbsd_claim(), std::nullopt);
  EXPECT_THAT(test::pupci({"doctor"}).output, testing::Not(HasSubstr("pupci(4)")));
#endif
}

}  // namespace
}  // namespace pupci::cli
