// SPDX-License-Identifier: BSD-2-Clause
// What cmake --install puts somewhere works there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "run_support.h"

namespace pupci::test {
namespace {

using ::testing::HasSubstr;

class Installed : public ::testing::Test {
 protected:
  void SetUp() override {
    const Outcome outcome =
        Command({"--install", PUPCI_BUILD_DIR, "--prefix", root()}, {}, "cmake").wait();
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
  }
  [[nodiscard]] std::string root() const { return place.folder().file("root"); }
  [[nodiscard]] Outcome pupci(const std::vector<std::string>& arguments) const {
    return Command(arguments, place.environment(), root() + "/bin/pupci").wait();
  }
  // A file somewhere under the root; its path, or empty.
  [[nodiscard]] std::string find(const std::string& name) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root())) {
      if (entry.path().filename() == name) return entry.path().string();
    }
    return {};
  }

  Place place;
};

TEST_F(Installed, BuildsAndRunsADriverFromAMovedTree) {
  const std::string moved = place.folder().file("moved");
  std::filesystem::rename(root(), moved);
  const std::string program = moved + "/bin/pupci";
  const std::string source = place.folder().write("bad.c", bad_driver(""));
  const std::string object = place.folder().file("bad.so");
  const Outcome built =
      Command({"build", source, "-o", object}, place.environment(), program).wait();
  ASSERT_EQ(built.status, 0) << built.errors;
  EXPECT_EQ(built.errors, "");
  const Outcome ran =
      Command({"run", object, "--for", "0", "--", "-device", "edu"}, place.environment(), program)
          .wait();
  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_THAT(ran.output, HasSubstr("bad0 at pci0"));
}

TEST_F(Installed, FindsTheDriversThatCameWithIt) {
  const Outcome outcome = pupci({"run", "edu", "--for", "0", "--", "-device", "edu"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("edu0 at pci0"));
}

TEST_F(Installed, HasPagesHeadersAndCompletion) {
  for (const char* name : {"pupci.1", "pupci-run.1", "edu.4", "pupci.pc", "bus.h", "ioconf.h",
                           "pcivar.h", "_pupci", "edu.so"})
    EXPECT_NE(find(name), "") << name;
  const Outcome help = pupci({"help", "run"});
  EXPECT_EQ(help.status, 0) << help.errors;
  EXPECT_THAT(help.output, HasSubstr("--attach-timeout"));
  EXPECT_THAT(help.output, testing::Not(HasSubstr("\b")))
      << "nothing is struck over where no terminal is";
}

TEST_F(Installed, CompletesInBash) {
  const std::string completion = root() + "/share/bash-completion/completions/pupci";
  const auto completed = [&](const std::string& words, int at) {
    const std::string script = "source " + completion + "; COMP_WORDS=(" + root() + "/bin/pupci " +
                               words + "); COMP_CWORD=" + std::to_string(at) +
                               "; _pupci; echo \"${COMPREPLY[*]}\"";
    return Command({"-c", script}, place.environment(), "bash").wait().output;
  };
  EXPECT_EQ(completed("li", 1), "list\n");
  EXPECT_EQ(completed("run --att", 2), "--attach-timeout\n");
  EXPECT_EQ(completed("run --leaks e", 3), "error\n");
  EXPECT_EQ(completed("bind --dr", 2), "--driver\n");
  EXPECT_EQ(completed("help unb", 2), "unbind\n");
  EXPECT_EQ(completed("list -- --dev", 3), "\n");
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(Installed, IsFoundByPkgConfig) {
  const std::string source = place.folder().write("user.cc", R"(
#include <pupci/bus.h>
#include <cstdio>
int main() {
  const auto bus = pupci::open_bus("sim:edu");
  for (const auto& address : bus->functions()) std::puts(pupci::to_string(address).c_str());
}
)");
  const std::string pc = std::filesystem::path(find("pupci.pc")).parent_path().string();
  const std::string lib = std::filesystem::path(pc).parent_path().string();
  const std::string program = place.folder().file("user");
  const Outcome compiled =
      Command({"-c", "PKG_CONFIG_PATH=" + pc + " && export PKG_CONFIG_PATH && c++ -std=c++20 -o " +
                         program + " " + source + " $(pkg-config --cflags --libs pupci)"},
              {}, "sh")
          .wait();
  ASSERT_EQ(compiled.status, 0) << compiled.errors;
  const Outcome ran = Command({}, {"LD_LIBRARY_PATH=" + lib}, program).wait();
  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(ran.output, "0000:00:00.0\n");
}
#endif

}  // namespace
}  // namespace pupci::test
