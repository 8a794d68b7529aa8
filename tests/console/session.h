// SPDX-License-Identifier: BSD-2-Clause
// A framebuffer console as a user has it: pupci run with a driver, a program on the console, a VNC
// viewer and a PNG; and QEMU's own idea of what its monitor shows, to compare them with.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "display/rfb_client.h"
#include "support/picture.h"

namespace pupci::test {

struct Setup {
  std::string driver;                   // "ragefb"
  std::string device;                   // "ati-vga"
  std::vector<std::string> properties;  // "depth=8"
};

// For a test's name.
std::string name_of(const Setup& setup);

// Runs a script of bash on the console. It can call
//   say WORD   all that was printed until now is on the screen: the test's hear(WORD) returns
//   pause      until the test calls go()
class Session {
 public:
  // Fails the test when the console does not come up.
  Session(const Setup& setup, const std::string& script);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void hear(const std::string& word);
  void go();

  Picture monitor();  // what QEMU shows
  Picture png();      // what --display png: leaves
  Picture vnc();      // what a viewer sees
  RfbClient& viewer() { return *viewer_; }
  void press(std::uint32_t keysym);
  void type(const std::string& text);
  // Control, Alt and a function key.
  void switch_screen(unsigned number);

  // All three are the same picture, and not of one colour; waited for, as drawing goes on while
  // one looks. Returns it.
  Picture expect_same(const std::string& when);
  // And stay the same for some frames, where no word of the program's says that it is done.
  void expect_settled(const std::string& when);
  // And differ from this one.
  Picture expect_same_but_not(const Picture& before, const std::string& when);

  [[nodiscard]] std::string output() { return command_->so_far().output; }
  [[nodiscard]] const Folder& folder() const { return folder_; }
  // A command to the running one: {"detach", "ragefb0"}.
  Outcome control(const std::vector<std::string>& words);
  // Ends it, as control-C does. What a driver leaked is a status of 1.
  Outcome end();

 private:
  std::string monitor_command(const std::string& text);

  Folder folder_;
  std::uint32_t visible_ = 0xffffff;  // bits of a colour that QEMU shows
  std::unique_ptr<Command> command_;
  std::unique_ptr<RfbClient> viewer_;
  Fd qmp_;
  Fd go_;
  Fd said_;
  std::string heard_;
};

}  // namespace pupci::test
