// SPDX-License-Identifier: BSD-2-Clause
// wsdisplay(4): screens, keys, programs, messages, requests, as a driver and an output see them.
#include "wscons/wsdisplay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <cerrno>
#include <cstring>

#include "kern/console.h"
#include "kern/devsw.h"
#include "kern/lwp.h"
#include "kern/user_memory.h"
#include "netbsd/dev/wscons/wsconsio.h"
#include "netbsd/sys/conf.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/uio.h"
#include "pupci/error.h"
#include "text_device.h"
#include "wscons/display.h"
#include "wscons/keysym.h"

namespace pupci::wscons {
namespace {

using test::eventually;
using test::TextDriver;
using testing::HasSubstr;

void type(Display& display, std::uint32_t keysym) {
  display.key(keysym, true);
  display.key(keysym, false);
}

void type(Display& display, const std::string& text) {
  for (const char c : text)
    type(display, c == '\n' ? keysym_return : static_cast<unsigned char>(c));
}

void go_to_screen(Display& display, unsigned index) {
  display.key(keysym_control_l, true);
  display.key(keysym_alt_l, true);
  type(display, keysym_f1 + index);
  display.key(keysym_alt_l, false);
  display.key(keysym_control_l, false);
}

bool ends(const ConsoleProgram& program) {
  pollfd waiting{program.fd(), POLLIN, 0};
  return ::poll(&waiting, 1, 60000) == 1;
}

int ioctl(dev_t dev, unsigned long command, void* data) {
  return cdev_ioctl(dev, command, data, 0, kern::current());
}

// Makes an object of the test's a client's, at its own address.
template <typename T>
void give(vmspace& user, const T* object, std::size_t count = 1) {
  std::vector<std::byte> bytes(sizeof(T) * count);
  std::memcpy(bytes.data(), object, bytes.size());
  user.add(reinterpret_cast<std::uintptr_t>(object), std::move(bytes));
}

dev_t config_of(const char* name) {
  return makedev(major(kern::device_by_name(name)), 255);
}

class WsDisplayTest : public testing::Test {
 protected:
  void TearDown() override {
    for (int i = 0; i < driver.devices(); i++) EXPECT_EQ(driver.device(i).wrong(), "");
  }
  [[nodiscard]] std::shared_ptr<Display> display() const { return displays().at(0); }
  bool shows(int device, const std::string& text) {
    return eventually([&] { return driver.device(device).all().find(text) != std::string::npos; });
  }
  TextDriver driver{TextDriver::Options{}};
};

TEST_F(WsDisplayTest, IsThereForOutputs) {
  ASSERT_EQ(displays().size(), 1U);
  EXPECT_EQ(display()->name(), "wsdisplay0");
  EXPECT_EQ(display()->size().width, 320U);
  EXPECT_EQ(display()->size().height, 160U);
  driver.detach();
  EXPECT_TRUE(displays().empty());
}

TEST_F(WsDisplayTest, OutlivesItsDeviceInAnOutput) {
  const auto kept = display();
  driver.detach();
  std::uint32_t pixel = 0;
  EXPECT_FALSE(kept->read({0, 0, 1, 1}, &pixel, 1));
  type(*kept, "x");
  kept->pointer(1, 1, 1);
  EXPECT_EQ(kept->name(), "wsdisplay0");
}

TEST_F(WsDisplayTest, RunsAProgram) {
  const ConsoleProgram program("echo it runs on a $TERM of $(stty size); exit 7", {"HELLO=world"});
  ASSERT_TRUE(ends(program));
  EXPECT_EQ(program.status(), 7);
  // Already: the end is told after what was written is on the screen.
  EXPECT_EQ(driver.device(0).text(0), "it runs on a xterm-256color of 10 40");
}

TEST_F(WsDisplayTest, GivesAProgramItsEnvironment) {
  const ConsoleProgram program("echo $HELLO; tty -s && echo terminal", {"HELLO=world"});
  ASSERT_TRUE(ends(program));
  EXPECT_EQ(driver.device(0).all(), "world\nterminal");
}

TEST_F(WsDisplayTest, TellsOfASignal) {
  const ConsoleProgram program("kill -KILL $$", {});
  ASSERT_TRUE(ends(program));
  EXPECT_EQ(program.status(), 128 + 9);
}

TEST_F(WsDisplayTest, ShowsAllOfALongOutput) {
  const ConsoleProgram program("seq 200000", {});
  ASSERT_TRUE(ends(program));
  EXPECT_THAT(driver.device(0).all(), HasSubstr("199999\n200000"));
}

TEST_F(WsDisplayTest, TakesKeys) {
  const ConsoleProgram program("read line; echo \"<$line>\"; read line", {});
  type(*display(), "typed\n");
  EXPECT_TRUE(shows(0, "<typed>"));
}

TEST_F(WsDisplayTest, InterruptsAProgram) {
  const ConsoleProgram program(
      "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 1; done", {});
  ASSERT_TRUE(shows(0, "ready"));
  display()->key(keysym_control_l, true);
  type(*display(), "c");
  display()->key(keysym_control_l, false);
  ASSERT_TRUE(ends(program));
  EXPECT_EQ(program.status(), 3);
  EXPECT_THAT(driver.device(0).all(), HasSubstr("caught"));
}

TEST_F(WsDisplayTest, HangsUpOnAProgramThatStays) {
  {
    const ConsoleProgram program("trap '' HUP; echo ready; while :; do sleep 1; done", {});
    ASSERT_TRUE(shows(0, "ready"));
  }
  SUCCEED();
}

TEST_F(WsDisplayTest, SwitchesScreens) {
  const ConsoleProgram program("echo screen of $$; exec cat", {});
  ASSERT_TRUE(shows(0, "screen of"));
  EXPECT_EQ(driver.shown(), 0);
  EXPECT_EQ(driver.device(1).all(), "");
  go_to_screen(*display(), 1);
  ASSERT_TRUE(shows(1, "screen of"));  // the program starts when one goes there
  EXPECT_EQ(driver.shown(), 1);
  type(*display(), "second\n");
  EXPECT_TRUE(shows(1, "second\nsecond"));
  go_to_screen(*display(), 0);
  EXPECT_TRUE(eventually([&] { return driver.shown() == 0; }));
  type(*display(), "first\n");
  EXPECT_TRUE(shows(0, "first\nfirst"));
  EXPECT_THAT(driver.device(1).all(), testing::Not(HasSubstr("first")));
  go_to_screen(*display(), 11);  // there is none
  type(*display(), "still\n");
  EXPECT_TRUE(shows(0, "still\nstill"));
}

TEST_F(WsDisplayTest, StartsAProgramAgain) {
  const ConsoleProgram program("echo number; read line; exit 4", {});
  go_to_screen(*display(), 2);
  ASSERT_TRUE(shows(2, "number"));
  type(*display(), "\n");
  ASSERT_TRUE(shows(2, "It ended with status 4"));
  type(*display(), "\n");
  EXPECT_TRUE(shows(2, "]\nnumber"));
}

TEST_F(WsDisplayTest, LooksBack) {
  const ConsoleProgram program("seq 100; exec cat", {});
  ASSERT_TRUE(shows(0, "100"));
  display()->key(keysym_shift_l, true);
  type(*display(), keysym_page_up);
  EXPECT_TRUE(shows(0, "\n95"));
  EXPECT_TRUE(eventually([&] { return driver.device(0).text(0) == "87"; }));
  type(*display(), keysym_page_down);
  display()->key(keysym_shift_l, false);
  EXPECT_TRUE(shows(0, "100"));
  display()->pointer(10, 10, 8);  // the wheel
  EXPECT_TRUE(eventually([&] { return driver.device(0).text(0) == "89"; }));
}

TEST_F(WsDisplayTest, ReportsTheMouse) {
  const ConsoleProgram program(
      "stty raw -echo; printf '\\033[?1000h\\033[?1006hready'; exec head -c 9 | cat -v", {});
  ASSERT_TRUE(shows(0, "ready"));
  display()->pointer(17, 33, 1);  // cells are 8 x 16
  EXPECT_TRUE(shows(0, "^[[<0;3;3M"));
}

TEST_F(WsDisplayTest, TellsItsListener) {
  {
    const ConsoleProgram program("printf ' \\r'", {});
    ASSERT_TRUE(ends(program));
  }
  std::mutex mutex;
  std::vector<Rectangle> heard;
  display()->set_listener([&](Rectangle rectangle) {
    const std::scoped_lock lock(mutex);
    heard.push_back(rectangle);
  });
  {
    const ConsoleProgram program("printf hello", {});
    ASSERT_TRUE(ends(program));
  }
  display()->set_listener({});
  const std::scoped_lock lock(mutex);
  ASSERT_FALSE(heard.empty());
  unsigned right = 0;
  for (const Rectangle& rectangle : heard) {
    EXPECT_EQ(rectangle.y, 0U);
    EXPECT_EQ(rectangle.height, 16U);
    right = std::max(right, rectangle.x + rectangle.width);
  }
  EXPECT_EQ(right, 48U);  // with the cursor
}

TEST_F(WsDisplayTest, AnswersRequests) {
  const dev_t screen = kern::device_by_name("ttyE0");
  ASSERT_NE(screen, NODEV);
  u_int mode = 99;
  EXPECT_EQ(ioctl(screen, WSDISPLAYIO_GMODE, &mode), 0);
  EXPECT_EQ(mode, static_cast<u_int>(WSDISPLAYIO_MODE_EMUL));
  EXPECT_EQ(cdev_mmap(screen, 4096, 0), static_cast<paddr_t>(-1));
  mode = WSDISPLAYIO_MODE_MAPPED;
  EXPECT_EQ(ioctl(screen, WSDISPLAYIO_SMODE, &mode), 0);
  mode = 99;
  EXPECT_EQ(ioctl(screen, WSDISPLAYIO_SMODE, &mode), EINVAL);
  EXPECT_EQ(ioctl(screen, WSDISPLAYIO_GMODE, &mode), 0);
  EXPECT_EQ(mode, static_cast<u_int>(WSDISPLAYIO_MODE_MAPPED));
  EXPECT_EQ(cdev_mmap(screen, 4096, 0), static_cast<paddr_t>(4096));
  wsdisplay_fbinfo info{};
  EXPECT_EQ(ioctl(screen, WSDISPLAYIO_GINFO, &info), 0);
  EXPECT_EQ(info.width, 320U);
  EXPECT_EQ(ioctl(screen, WSDISPLAYIO_GETCMAP, &info), EPASSTHROUGH);
  const dev_t state = makedev(major(screen), 254);
  int active = -1;
  EXPECT_EQ(ioctl(state, WSDISPLAYIO_GETACTIVESCREEN, &active), 0);
  EXPECT_EQ(active, 0);
  EXPECT_EQ(cdev_open(makedev(major(screen), 6), 0, 0, kern::current()), ENXIO);
  EXPECT_EQ(cdev_open(makedev(major(screen), 256), 0, 0, kern::current()), ENXIO);
  EXPECT_EQ(cdev_open(screen, 0, 0, kern::current()), 0);
}

TEST_F(WsDisplayTest, ShowsWhatIsWrittenToItsDevice) {
  const dev_t screen = kern::device_by_name("ttyE0");
  std::string text = "one\ntwo " + std::string(5000, '.') + "\nthree\n";
  iovec vector{text.data(), text.size()};
  ::uio from{};
  from.uio_iov = &vector;
  from.uio_iovcnt = 1;
  from.uio_resid = text.size();
  from.uio_rw = UIO_WRITE;
  uio_setup_sysspace(&from);
  EXPECT_EQ(cdev_write(screen, &from, 0), 0);
  EXPECT_EQ(from.uio_resid, 0U);
  EXPECT_TRUE(shows(0, "..\nthree"));
}

TEST_F(WsDisplayTest, DrawsNoTextWhileAProgramDoes) {
  const dev_t screen = kern::device_by_name("ttyE0");
  u_int mode = WSDISPLAYIO_MODE_DUMBFB;
  ASSERT_EQ(ioctl(screen, WSDISPLAYIO_SMODE, &mode), 0);
  const ConsoleProgram program("echo hidden; exec cat", {});
  go_to_screen(*display(), 1);  // not while it draws
  type(*display(), "typed\n");
  u_int video = WSDISPLAYIO_VIDEO_ON;
  ASSERT_EQ(ioctl(screen, WSDISPLAYIO_SVIDEO, &video), 0);  // comes after the keys
  mode = WSDISPLAYIO_MODE_EMUL;
  EXPECT_EQ(driver.device(0).all(), "");
  ASSERT_EQ(ioctl(screen, WSDISPLAYIO_SMODE, &mode), 0);
  // Echoed, and written by the program, whichever of the two came first.
  EXPECT_TRUE(eventually([&] {
    const std::string text = driver.device(0).all();
    return text.find("typed") != text.rfind("typed");
  }));
  EXPECT_EQ(driver.shown(), 0);
}

TEST_F(WsDisplayTest, AddsAndDeletesScreens) {
  const dev_t config = config_of("ttyE0");
  char name[] = "textfb";
  char no_name[] = "other";
  vmspace user;
  give(user, name, sizeof name);
  give(user, no_name, sizeof no_name);
  const kern::UserScope scope(&user);
  wsdisplay_addscreendata add{5, nullptr, nullptr};
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_ADDSCREEN, &add), 0);
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_ADDSCREEN, &add), EBUSY);
  add.idx = 8;
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_ADDSCREEN, &add), EINVAL);
  add = {6, no_name, nullptr};
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_ADDSCREEN, &add), ENXIO);
  add = {6, name, no_name};
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_ADDSCREEN, &add), ENXIO);
  add = {6, name, nullptr};
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_ADDSCREEN, &add), 0);
  wsdisplay_delscreendata remove{7, 0};
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_DELSCREEN, &remove), ENXIO);
  remove.idx = 6;
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_DELSCREEN, &remove), 0);
  const ConsoleProgram program("exec cat", {});
  remove.idx = 0;
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_DELSCREEN, &remove), EBUSY);
  remove.flags = WSDISPLAY_DELSCR_FORCE;
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_DELSCREEN, &remove), 0);
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_GETACTIVESCREEN, &remove), EPASSTHROUGH);
}

TEST_F(WsDisplayTest, TellsAProgramOfAnotherSize) {
  const ConsoleProgram program("trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done",
                               {});
  ASSERT_TRUE(shows(0, "ready"));
  driver.set_size(30, 8);
  wsdisplay_usefontdata font{nullptr};
  EXPECT_EQ(ioctl(kern::device_by_name("ttyE0"), WSDISPLAYIO_SFONT, &font), 0);
  EXPECT_TRUE(shows(0, "8 30"));
  EXPECT_EQ(display()->size().width, 240U);
}

TEST_F(WsDisplayTest, LoadsFonts) {
  const dev_t config = config_of("ttyE0");
  char name[] = "font";
  const std::vector<char> glyphs(256 * 16);
  vmspace user;
  give(user, name, sizeof name);
  give(user, glyphs.data(), glyphs.size());
  const kern::UserScope scope(&user);
  wsdisplay_font font{};
  font.name = name;
  font.numchars = 256;
  font.fontwidth = 8;
  font.fontheight = 16;
  font.stride = 1;
  font.data = const_cast<char*>(glyphs.data());
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_LDFONT, &font), 0);
  font.fontheight = 0x40000000;
  font.stride = 0x40000000;
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_LDFONT, &font), EINVAL);
  font.numchars = -1;
  EXPECT_EQ(ioctl(config, WSDISPLAYIO_LDFONT, &font), EINVAL);
}

TEST_F(WsDisplayTest, IsNotTheConsoleUnlessItIs) {
  kern::console_write(kern::Message::error, "a message\n");
  const ConsoleProgram program("echo done", {});
  ASSERT_TRUE(ends(program));
  EXPECT_EQ(driver.device(0).all(), "done");
}

TEST(WsDisplayWithFewScreens, HasThose) {
  TextDriver driver({.screens = 2});
  EXPECT_EQ(driver.devices(), 2);
  ASSERT_EQ(displays().size(), 1U);
  const ConsoleProgram program("echo done", {});
  ASSERT_TRUE(ends(program));
  EXPECT_EQ(driver.device(0).all(), "done");
}

TEST(WsDisplayConsole, ShowsMessages) {
  TextDriver driver({.console = true});
  EXPECT_TRUE(eventually([&] {
    return driver.device(0).all().find("textfb0: before its display") != std::string::npos;
  }));
  kern::console_write(kern::Message::error, "a message\n");
  EXPECT_TRUE(
      eventually([&] { return driver.device(0).all().find("\na message") != std::string::npos; }));
  wsdisplay_cnputc(0, '!');
  EXPECT_TRUE(eventually([&] { return driver.device(0).all().find("\n!") != std::string::npos; }));
  const ConsoleProgram program("echo from a program", {});
  ASSERT_TRUE(ends(program));
  EXPECT_THAT(driver.device(0).all(), HasSubstr("from a program"));
  wsdisplay_delscreendata remove{0, WSDISPLAY_DELSCR_FORCE};
  EXPECT_EQ(ioctl(config_of("ttyE0"), WSDISPLAYIO_DELSCREEN, &remove), EBUSY);
  driver.detach();
  kern::console_write(kern::Message::error, "after it\n");
}

TEST(WsDisplayConsole, CanBeOfADisplayThatNeverAttaches) {
  test::TextDevice device(40, 5);
  const wsscreen_descr type = {"early", 40, 5, &test::TextDevice::ops(), 8, 16, 0, nullptr};
  wsdisplay_cnattach(&type, &device, 0, 1, 0);
  kern::console_write(kern::Message::error, "early\n");
  EXPECT_TRUE(eventually([&] { return device.text(1) == "early"; }));
  wsdisplay_cndetach();
  kern::console_write(kern::Message::error, "late\n");
  EXPECT_EQ(device.all(), "\nearly");
}

TEST(ConsoleProgramTest, NeedsADisplay) {
  try {
    const ConsoleProgram program("true", {});
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("no driver attached a display"));
  }
}

}  // namespace
}  // namespace pupci::wscons
