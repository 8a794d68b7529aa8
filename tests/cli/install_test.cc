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
                               "; compopt() { echo \"$*\"; }; _pupci; echo \"${COMPREPLY[*]}\"";
    return Command({"-c", script}, place.environment(), "bash").wait().output;
  };
  EXPECT_EQ(completed("li", 1), "list\n");
  EXPECT_EQ(completed("run --att", 2), "--attach-timeout\n");
  EXPECT_EQ(completed("run --leaks e", 3), "error\n");
  EXPECT_EQ(completed("list --host s", 3), "-o nospace\nsim:\n") << "more follows the colon";
  EXPECT_EQ(completed("list --host q", 3), "qemu\n");
  EXPECT_EQ(completed("bind --dr", 2), "--driver\n");
  EXPECT_EQ(completed("help unb", 2), "unbind\n");
  EXPECT_EQ(completed("list -- --dev", 3), "\n");
}

// As somebody who types sees it, at a terminal of zsh's own making.
TEST_F(Installed, CompletesInZsh) {
  const std::string program = root() + "/bin/pupci ";
  const std::string source = place.folder().write("harbour.c", "");
  const std::string folder = std::filesystem::path(source).parent_path().string();
  std::filesystem::create_directory(folder + "/harbours");
  struct Case {
    std::string typed;
    std::string then;
  };
  std::vector<Case> cases = {
      {"li", "list "},
      {"--v", "--version "},
      {"run --att", "run --attach-timeout "},
      {"run --leaks e", "run --leaks error "},
      {"list --host s", "list --host sim:"},
      {"list --host q", "list --host qemu "},
      {"run --display v", "run --display vnc:"},
      {"bind --dr", "bind --driver "},
      {"help unb", "help unbind "},
      {"build " + folder + "/harbour.", "build " + source + " "},
      {"build --keep " + folder + "/har", "build --keep " + folder + "/harbours/"},
      {"list -- --dev", "list -- --dev"},
      {"b", "b"},
  };
  std::error_code none;
  for (const auto& device : std::filesystem::directory_iterator("/sys/bus/pci/devices", none)) {
    const std::string address = device.path().filename().string();
    cases.push_back({"bind " + address, "bind " + address + " "});
    break;
  }
  std::vector<std::string> arguments = {
      "-f", PUPCI_SOURCE_DIR "/tests/cli/zsh_completed.zsh",
      std::filesystem::path(find("_pupci")).parent_path().string()};
  for (const Case& one : cases) arguments.push_back(program + one.typed);
  const Outcome outcome = Command(arguments, place.environment(), "zsh").wait();
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  for (const Case& one : cases) {
    EXPECT_THAT(outcome.output, HasSubstr("\n[" + program + one.then + "]\n")) << one.typed;
  }
  // Where several begin so, all are listed, and what they are.
  EXPECT_THAT(outcome.output, testing::ContainsRegex("bind +-- Give functions"));
  EXPECT_THAT(outcome.output, testing::ContainsRegex("build +-- Compile driver sources"));
}

#if !defined(PUPCI_UNDER_ASAN) && !defined(PUPCI_UNDER_TSAN)
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
