// SPDX-License-Identifier: BSD-2-Clause
// pupci run, and what it says and does when something is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "run_support.h"

namespace pupci::test {
namespace {

using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class Run : public ::testing::Test {
 protected:
  static std::vector<std::string> arguments(std::vector<std::string> words) {
    words.insert(words.begin(), "run");
    words.insert(words.end(), {"--", "-device", "edu"});
    return words;
  }
  Outcome run(const std::vector<std::string>& words) const {
    return pupci(arguments(words), place.environment());
  }

  Place place;
};

TEST_F(Run, AttachesAndDetaches) {
  const Outcome outcome = run({"edu", "--for", "0.1"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("mainbus0 (root)"));
  EXPECT_THAT(outcome.output, HasSubstr("edu0 at pci0 dev "));
  EXPECT_THAT(outcome.output, HasSubstr("edu0: detached"));
  place.expect_qemu_gone();
}

TEST_F(Run, ExitsAsItsCommandDid) {
  EXPECT_EQ(run({"edu", "--exec", "exit 7"}).status, 7);
  EXPECT_EQ(run({"edu", "--exec", "true"}).status, 0);
  EXPECT_EQ(run({"edu", "--exec", "kill -TERM $$"}).status, 128 + SIGTERM);
}

TEST_F(Run, GivesItsCommandTheControlSocket) {
  const Outcome outcome = run({"edu", "--exec", std::string(PUPCI_BINARY) + " devices"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("edu0 at pci0"));
}

TEST_F(Run, SaysThatNoDriverMatches) {
  const Outcome outcome = run({"pcitest"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("no driver matched"));
  EXPECT_THAT(outcome.errors, HasSubstr("pcitest at pci"));
  EXPECT_THAT(outcome.errors, HasSubstr("product 11e8"));
  place.expect_qemu_gone();
}

TEST_F(Run, SaysThatADriverFileIsMissing) {
  const Outcome outcome = run({"./nosuch.so"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("nosuch.so"));
  EXPECT_THAT(outcome.errors, HasSubstr("No such file or directory"));
}

TEST_F(Run, SaysWhichDriversCameWithIt) {
  const Outcome outcome = run({"nosuch"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors,
              HasSubstr("nosuch: no such file, and no driver that came with pupci; those are: "
                        "bochsfb, edu, pcitest, ragefb; pupci build makes one"));
}

TEST_F(Run, SaysWhatSecondsAre) {
  for (const char* option : {"--for", "--attach-timeout"}) {
    for (const char* bad : {"-1", "soon", "nan", "1e300"}) {
      const Outcome outcome = run({"edu", option, bad});
      EXPECT_EQ(outcome.status, 2);
      EXPECT_THAT(outcome.errors,
                  HasSubstr(std::string(bad) + ": not a number of seconds, which is from 0 to "
                                               "1000000000; see pupci run --help"));
    }
  }
}

TEST_F(Run, SaysThatADriverFileIsNotElf) {
  const Outcome outcome = run({place.folder().write("text.so", "just text\n")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("text.so"));
  EXPECT_THAT(outcome.errors, HasSubstr("ELF"));
}

TEST_F(Run, SaysThatADriverIsOfAnotherVersion) {
  const std::string source = place.folder().write(
      "other.c",
      "struct { unsigned abi, size; void *rest[20]; } pupci_ioconf = { 9999, sizeof(pupci_ioconf), "
      "{ \"other\" } };\n");
  const std::string object = place.folder().file("other.so");
  const Outcome compiled =
      Command({"-shared", "-fPIC", "-nostdlib", source, "-o", object}, {}, "cc").wait();
  ASSERT_EQ(compiled.status, 0) << compiled.errors;
  const Outcome outcome = run({object});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("other.so"));
  EXPECT_THAT(outcome.errors, HasSubstr("9999"));
}

TEST_F(Run, ListsAllNamesThatADriverNeedsAndPupciLacks) {
  const std::string driver = place.build(bad_driver("no_such_one(); no_such_two();", "return 0;",
                                                    "void no_such_one(void), no_such_two(void);"));
  const Outcome outcome = run({driver});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("no_such_one"));
  EXPECT_THAT(outcome.errors, HasSubstr("no_such_two"));
}

TEST_F(Run, SaysThatThereIsNoQemu) {
  const Outcome outcome = pupci(
      arguments({"edu"}),
      {"PATH=" + place.folder().file("run"), "XDG_RUNTIME_DIR=" + place.folder().file("run")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("qemu-system-x86_64 is not installed"));
  EXPECT_THAT(outcome.errors, HasSubstr("apt install qemu-system-x86"));
}

TEST_F(Run, ShowsWhyQemuRefuses) {
  const Outcome outcome = pupci({"run", "edu", "--", "-device", "nosuch"}, place.environment());
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("'nosuch' is not a valid device model name"));
  place.expect_qemu_gone();
}

TEST_F(Run, SaysThatQemuHasDied) {
  Command command(arguments({"edu"}), place.environment());
  ASSERT_TRUE(command.wait_for("edu0 at pci0"));
  ASSERT_EQ(place.qemus().size(), 1U);
  ::kill(place.qemus()[0], SIGKILL);
  const Outcome outcome = command.wait();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, ContainsRegex("pupci: qemu: .*QEMU"));
}

TEST_F(Run, LeavesNoQemuBehindWhenKilled) {
  Command command(arguments({"edu"}), place.environment());
  ASSERT_TRUE(command.wait_for("edu0 at pci0"));
  command.signal(SIGKILL);
  EXPECT_EQ(command.wait().status, 128 + SIGKILL);
  place.expect_qemu_gone();
}

// A driver crash: status 3, the driver's function in the backtrace, no QEMU.
TEST_F(Run, ShowsWhereADriverCrashed) {
  const std::string driver =
      place.build(bad_driver("bad_touch((volatile int *)16);", "return 0;",
                             "static __attribute__((noinline)) void bad_touch(volatile int *p) "
                             "{ *p = 1; __asm volatile(\"\"); }"));
  const Outcome outcome = run({driver});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.errors, HasSubstr("SIGSEGV: access to 0x10"));
  EXPECT_THAT(outcome.errors, HasSubstr("bad_attach"));
  EXPECT_THAT(outcome.errors, HasSubstr("bad.c:"));
  place.expect_qemu_gone();
}

TEST_F(Run, NamesTheCallerOfAWildPointer) {
  const std::string driver =
      place.build(bad_driver("((void (*)(void))volatile_zero)(); (void)volatile_zero;", "return 0;",
                             "static void *volatile volatile_zero;"));
  const Outcome outcome = run({driver});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.errors, HasSubstr("call of a wild pointer"));
  EXPECT_THAT(outcome.errors, HasSubstr("bad_attach"));
  place.expect_qemu_gone();
}

TEST_F(Run, PanicsWithStatusThree) {
  const std::string driver = place.build(bad_driver("panic(\"enough of %d\", 5);"));
  const Outcome outcome = run({driver});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.output + outcome.errors, HasSubstr("panic: enough of 5"));
  EXPECT_THAT(outcome.output + outcome.errors, HasSubstr("bad_attach"));
  place.expect_qemu_gone();
}

TEST_F(Run, NamesWhatHangsInAttach) {
  const std::string driver =
      place.build(bad_driver("for (;;) kpause(\"forever\", false, 10, NULL);"));
  const Outcome outcome = run({driver, "--attach-timeout", "1"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.output + outcome.errors, HasSubstr("bad0: attach"));
  EXPECT_THAT(outcome.output + outcome.errors, HasSubstr("bad_attach"));
  place.expect_qemu_gone();
}

TEST_F(Run, NamesWhatHangsInDetach) {
  const std::string driver =
      place.build(bad_driver("", "for (volatile int i = 0;; i++) continue; return 0;"));
  const Outcome outcome = run({driver, "--attach-timeout", "1", "--for", "0"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.output + outcome.errors, HasSubstr("bad0: detach"));
#ifndef PUPCI_UNDER_TSAN  // it keeps signals from a thread that calls nothing
  EXPECT_THAT(outcome.output + outcome.errors, HasSubstr("bad_detach"));
#endif
  place.expect_qemu_gone();
}

TEST_F(Run, ReportsLeaksAndCanFailForThem) {
  const std::string driver = place.build(
      bad_driver("kept = kmem_alloc(100, KM_SLEEP);", "return 0;", "static void *volatile kept;"));
  const Outcome warned = run({driver, "--for", "0"});
  EXPECT_EQ(warned.status, 0);
  EXPECT_THAT(warned.output + warned.errors, HasSubstr("bad_attach"));
  EXPECT_EQ(run({driver, "--for", "0", "--leaks", "error"}).status, 1);
}

TEST_F(Run, CallsNothingALeakThatADriverDidNotLetGo) {
  const std::string driver = place.build(bad_driver(
      "kept = kmem_alloc(100, KM_SLEEP);", "return EBUSY;", "static void *volatile kept;"));
  const Outcome outcome = run({driver, "--for", "0"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output + outcome.errors,
              HasSubstr("bad0: its driver refused to detach it: Device or resource busy"));
  EXPECT_THAT(outcome.output + outcome.errors, Not(HasSubstr("leaked")));
  place.expect_qemu_gone();
}

TEST_F(Run, DetachesOnASignal) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    Command command(arguments({"edu"}), place.environment());
    ASSERT_TRUE(command.wait_for("edu0 at pci0"));
    command.signal(number);
    const Outcome outcome = command.wait();
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_THAT(outcome.output, HasSubstr("edu0: detached"));
  }
  place.expect_qemu_gone();
}

TEST_F(Run, EndsAtOnceOnASecondSignal) {
  const std::string driver =
      place.build(bad_driver("for (;;) kpause(\"forever\", false, 10, NULL);"));
  Command command(arguments({driver, "--attach-timeout", "0"}), place.environment());
  ASSERT_TRUE(command.wait_for("bad0 at pci0"));
  command.signal(SIGINT);
  ASSERT_TRUE(command.wait_for("once more to end at once"));
  command.signal(SIGINT);
  EXPECT_EQ(command.wait().status, 128 + SIGINT);
  place.expect_qemu_gone();
}

// From before the first line to well after the last: never a crash, a hang, or a QEMU left.
TEST_F(Run, TakesAnInterruptAtAnyMoment) {
  for (const unsigned milliseconds : {0U, 5U, 20U, 50U, 90U, 150U, 250U, 500U}) {
    Command command(arguments({"edu"}), place.environment());
    ::usleep(milliseconds * 1000);
    command.signal(SIGINT);
    const Outcome outcome = command.wait();
    EXPECT_THAT(outcome.status, AnyOf(0, 128 + SIGINT))
        << "after " << milliseconds << " ms: " << outcome.errors;
  }
  for (const pid_t pid : place.qemus()) {
    for (int i = 0; i < 1000 && is_alive(pid); ++i) ::usleep(10000);
    EXPECT_FALSE(is_alive(pid));
  }
}

TEST_F(Run, RunsBesideAnother) {
  Command first(arguments({"edu"}), place.environment());
  Command second(arguments({"edu"}), place.environment());
  ASSERT_TRUE(first.wait_for("edu0 at pci0"));
  ASSERT_TRUE(second.wait_for("edu0 at pci0"));
  const std::string pid = std::to_string(second.pid());
  Outcome one;
  // The socket comes a moment after the last device.
  for (int i = 0; i < 500; ++i) {
    one = pupci({"devices", "--pid", pid}, place.environment());
    if (one.status == 0) break;
    ::usleep(20000);
  }
  EXPECT_EQ(one.status, 0) << one.errors;
  EXPECT_THAT(one.output, HasSubstr("edu0 at pci0"));
  const Outcome which = pupci({"devices"}, place.environment());
  EXPECT_EQ(which.status, 1);
  EXPECT_THAT(which.errors, HasSubstr("choose one with --pid"));
  EXPECT_THAT(which.errors, HasSubstr(pid));
  first.signal(SIGINT);
  second.signal(SIGINT);
  EXPECT_EQ(first.wait().status, 0);
  EXPECT_EQ(second.wait().status, 0);
}

TEST_F(Run, AnswersItsControlCommands) {
  const std::string p = PUPCI_BINARY;
  const Outcome outcome =
      run({"edu", "--exec",
           "set -e; " + p + " evcnt; " + p + " sysctl >/dev/null; " + p +
               " dmesg | grep -c 'edu0 at pci0'; " + p + " ioctl edu0 \"_IOWR('E',1)\" u32:5; " +
               p + " ioctl --json edu0 \"_IOWR('E',2,4)\" u32:5; " + p + " detach edu0; " + p +
               " devices"});
  EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("edu0 "));
  EXPECT_THAT(outcome.output, HasSubstr("u32:4294967290\n"));  // liveness: the complement of 5
  EXPECT_THAT(outcome.output, HasSubstr("\"value\": \"120\""));
  EXPECT_THAT(outcome.output, HasSubstr("edu0: detached"));
}

TEST_F(Run, NamesADeviceThatIsNotThere) {
  const std::string p = PUPCI_BINARY;
  const Outcome outcome = run({"edu", "--exec", p + " ioctl edu7 \"_IO('E',0)\""});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("edu7"));
}

TEST(Control, SaysThatNothingRuns) {
  const Folder folder;
  const Outcome outcome = pupci({"evcnt"}, {"XDG_RUNTIME_DIR=" + folder.path(), "PUPCI_CONTROL"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("no pupci run of yours is running"));
}

TEST(Control, SaysThatAProcessIsNotThere) {
  const Folder folder;
  const Outcome outcome =
      pupci({"evcnt", "--pid", "1"}, {"XDG_RUNTIME_DIR=" + folder.path(), "PUPCI_CONTROL"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("--pid 1: no pupci run of yours"));
}

#if !defined(PUPCI_UNDER_ASAN) && !defined(PUPCI_UNDER_TSAN)
TEST_F(Run, PreloadsTheSanitizerOfADriver) {
  const std::string driver =
      place.build(bad_driver("bad_array[volatile_index] = 1;", "return 0;",
                             "int bad_array[4]; static volatile int volatile_index = 5;"),
                  {"--sanitize", "address"});
  const Outcome outcome = run({driver});
  EXPECT_EQ(outcome.status, 3) << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("AddressSanitizer: global-buffer-overflow"));
  EXPECT_THAT(outcome.errors, HasSubstr("bad_attach"));
}

// With the runtime of each sanitizer, which QEMU and what --exec runs do without.
TEST_F(Run, RunsADriverWithEachSanitizer) {
  for (const char* sanitizers : {"address,undefined", "undefined", "thread"}) {
    const std::string driver = place.build(bad_driver(""), {"--sanitize", sanitizers});
    const Outcome outcome =
        run({driver, "--exec", "! env | grep -E 'LD_PRELOAD|SAN_OPTIONS|PUPCI_(SAVED|PRELOADED)'"});
    EXPECT_EQ(outcome.status, 0) << sanitizers << ": " << outcome.output << outcome.errors;
    EXPECT_THAT(outcome.output, HasSubstr("bad0: detached")) << sanitizers;
  }
}
#endif

}  // namespace
}  // namespace pupci::test
