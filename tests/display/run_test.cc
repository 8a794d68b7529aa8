// SPDX-License-Identifier: BSD-2-Clause
// pupci run --display, as a user calls it, with a driver on a device of QEMU's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include "cli/command.h"
#include "memory_display.h"
#include "rfb_client.h"
#include "support/picture.h"
#include "wscons/output/output.h"

namespace pupci::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

class RunDisplay : public ::testing::Test {
 protected:
  // With everything that it says in a file.
  void start(const std::string& options) {
    const std::string line = "exec " PUPCI_BINARY " run bochsfb " + options +
                             " -- -device bochs-display > " + log + " 2>&1";
    command =
        std::make_unique<Command>(std::vector<std::string>{"-c", line}, environment(), "/bin/sh");
  }
  std::vector<std::string> environment() const { return {"XDG_RUNTIME_DIR=" + folder.path()}; }
  Outcome run(std::vector<std::string> words) const {
    words.insert(words.begin(), "run");
    words.insert(words.end(), {"--", "-device", "edu", "-device", "bochs-display"});
    return pupci(words, environment());
  }
  std::string said() const { return fs::exists(log) ? read_file(log) : ""; }
  // The port that the server has.
  std::uint16_t port() const {
    static constexpr const char* before = "wsdisplay0: shown at vnc:127.0.0.1:";
    const auto complete = [&] {
      const std::size_t at = said().find(before);
      return at != std::string::npos && said().find('\n', at) != std::string::npos;
    };
    EXPECT_TRUE(eventually(complete)) << said();
    const std::string text = said();
    const std::size_t at = text.find(before);
    if (at == std::string::npos) return 0;
    return port_of(text.substr(at, text.find('\n', at) - at));
  }
  static void type(RfbClient& client, const std::string& text) {
    for (const char c : text) {
      const std::uint32_t keysym = c == '\n' ? 0xff0d : static_cast<std::uint8_t>(c);
      client.key(keysym, true);
      client.key(keysym, false);
    }
  }

  Folder folder;
  std::string log = folder.file("log");
  std::string picture = folder.file("screen.png");
  std::unique_ptr<Command> command;
};

TEST_F(RunDisplay, TakesWhatAViewerTypesToTheProgram) {
  start("--display vnc:0 --display png:" + picture + " --console 'read line; echo \"$line\" > " +
        folder.file("typed") + "; exit 5'");
  RfbClient client(port());
  ASSERT_TRUE(client.handshake());
  type(client, "hello\n");
  EXPECT_EQ(command->wait().status, 5) << said();
  EXPECT_EQ(read_file(folder.file("typed")), "hello\n");
  EXPECT_TRUE(fs::exists(picture));
}

// Two ways to the same picture, while nothing draws.
TEST_F(RunDisplay, ShowsTheSameOverTheNetworkAsInAFile) {
  start("--display vnc:0 --display png:" + picture +
        " --console 'printf \"\\033[?25l\\033[31mred \\033[1;44mblue\\033[0m\"; touch " +
        folder.file("drawn") + "; read line'");
  RfbClient client(port());
  ASSERT_TRUE(client.handshake());
  ASSERT_TRUE(eventually([&] { return fs::exists(folder.file("drawn")); })) << said();
  const auto same = [&] {
    fs::remove(picture);
    command->signal(SIGUSR1);
    if (!eventually([&] { return fs::exists(picture); })) return false;
    const Picture file = read_png(picture);
    client.request(false);
    client.receive();
    const auto& pixels = client.image().pixels;
    return file.pixels == pixels && std::count(pixels.begin(), pixels.end(), 0U) !=
                                        static_cast<std::ptrdiff_t>(pixels.size());
  };
  EXPECT_TRUE(eventually(same)) << said();
  command->signal(SIGTERM);
  EXPECT_EQ(command->wait().status, 0) << said();
}

TEST_F(RunDisplay, LeavesAPictureAtTheEnd) {
  const Outcome outcome =
      run({"bochsfb", "--mode", "640x480x16", "--display", "png:" + picture, "--for", "0.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("wsdisplay0: shown at png:" + picture));
  const Picture shown = read_png(picture);
  EXPECT_EQ(shown.width, 640U);
  EXPECT_EQ(shown.height, 480U);
}

TEST_F(RunDisplay, SaysThatThereIsNoDisplay) {
  const Outcome outcome = run({"edu", "--display", "png:" + picture});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("png:" + picture + ": no driver has attached a display"));
  EXPECT_THAT(outcome.output, HasSubstr("edu0: detached"));
  EXPECT_FALSE(fs::exists(picture));
}

TEST_F(RunDisplay, SaysWhichDisplaysThereAre) {
  const Outcome outcome = run({"bochsfb", "--display", "vnc:0,display=wsdisplay7"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("there is no display wsdisplay7; there is wsdisplay0"));
}

TEST_F(RunDisplay, SaysWhatIsWrongBeforeDriversAttach) {
  const wscons::OpenedOutput taken = wscons::open_output("vnc:0");
  ASSERT_NE(taken.output, nullptr) << taken.error;
  const std::pair<std::string, std::string> cases[] = {
      {taken.output->name(), "Address already in use; choose another port"},
      {"sdl", "there is no \"sdl\"; there are vnc:ADDRESS:PORT and png:FILE"},
      {"png:" + folder.file("no/screen.png"), "screen.png: No such file or directory"},
      {"vnc:0,password=" + folder.file("no"), "No such file or directory"},
  };
  for (const auto& [what, why] : cases) {
    const Outcome outcome = run({"bochsfb", "--display", what});
    EXPECT_EQ(outcome.status, 1) << what;
    EXPECT_THAT(outcome.errors, HasSubstr(why));
    EXPECT_EQ(outcome.output, "") << what;
  }
}

TEST_F(RunDisplay, SaysThatThePictureCannotBeWritten) {
  fs::create_directory(folder.file("sub"));
  const Outcome outcome = run({"bochsfb", "--display", "png:" + folder.file("sub/screen.png"),
                               "--exec", "rmdir " + folder.file("sub")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("sub/screen.png: No such file or directory"));
}

TEST_F(RunDisplay, WarnsOfAnOpenPort) {
  const Outcome outcome = run({"bochsfb", "--display", "vnc:0.0.0.0:0", "--for", "0"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("anyone who reaches this port sees the display and types"));
}

}  // namespace
}  // namespace pupci::test
