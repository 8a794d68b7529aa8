// SPDX-License-Identifier: BSD-2-Clause
// printf(9), aprint(9), log(9), and the console beneath them.
#include <gtest/gtest.h>

#include <cinttypes>
#include <climits>
#include <cstdio>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "expect_violation.h"
#include "kern/console.h"
#include "netbsd/sys/syslog.h"
#include "netbsd/sys/systm.h"

namespace pupci::kern {
namespace {

// What goes to the console while it lives.
class Console {
 public:
  Console() {
    set_console([this](std::string_view text) { text_ += text; });
    message_buffer_clear();
  }
  ~Console() {
    set_console({});
    set_console_verbosity(false, false, false);
  }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  [[nodiscard]] const std::string& text() const {
    console_flush();
    return text_;
  }

 private:
  std::string text_;
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

// libc's printf is the reference.
template <typename... Arguments>
void expect_as_libc(const char* format, Arguments... arguments) {
  char ours[256];
  char theirs[256];
  const int our_length = kern_snprintf(ours, sizeof(ours), format, arguments...);
  const int their_length = std::snprintf(theirs, sizeof(theirs), format, arguments...);
  EXPECT_EQ(our_length, their_length) << format;
  EXPECT_STREQ(ours, theirs) << format;
}

TEST(Printf, IntegersAsLibcPrintsThem) {
  for (const char* flags : {"", "-", "+", " ", "0", "#", "-#", "+0", "#0", "- "}) {
    for (const char* width : {"", "1", "5", "12", ".0", ".3", "8.3", "3.8"}) {
      for (const char conversion : {'d', 'i', 'u', 'x', 'X', 'o'}) {
        const std::string head = std::string("[%") + flags + width;
        for (const int value : {0, 1, -1, 42, INT_MAX, INT_MIN}) {
          expect_as_libc((head + conversion + "]").c_str(), value);
          expect_as_libc((head + "hh" + conversion + "]").c_str(), value);
          expect_as_libc((head + "h" + conversion + "]").c_str(), value);
          expect_as_libc((head + "l" + conversion + "]").c_str(), static_cast<long>(value));
        }
        for (const long long value : {0LL, LLONG_MAX, LLONG_MIN, 0x123456789abLL}) {
          expect_as_libc((head + "ll" + conversion + "]").c_str(), value);
          expect_as_libc((head + "j" + conversion + "]").c_str(),
                         static_cast<std::intmax_t>(value));
        }
      }
    }
  }
}

TEST(Printf, OtherConversionsAsLibcPrintsThem) {
  expect_as_libc("%s|%10s|%-10s|%.2s|%8.3s|", "abc", "abc", "abc", "abc", "abcdef");
  expect_as_libc("%c%5c%-5c|%%", 'a', 'b', 'c');
  expect_as_libc("%*d|%-*d|%.*s", 6, 42, 6, 42, 2, "abc");
  expect_as_libc("%*d", -6, 42);
  expect_as_libc("%zu %zd %td", sizeof(int), static_cast<ssize_t>(-3), std::ptrdiff_t{-4});
  expect_as_libc("%p", reinterpret_cast<void*>(0x1234));
}

#pragma GCC diagnostic pop

TEST(Printf, NullPointersAsTheKernelPrintsThem) {
  char text[32];
  kern_snprintf(text, sizeof(text), "%p", static_cast<void*>(nullptr));
  EXPECT_STREQ(text, "0x0");
  const char* volatile none = nullptr;
  kern_snprintf(text, sizeof(text), "%s", none);
  EXPECT_STREQ(text, "(null)");
}

TEST(Printf, CutsWhatDoesNotFit) {
  char text[5] = {'x', 'x', 'x', 'x', 'x'};
  EXPECT_EQ(kern_snprintf(text, 4, "%s", "abcdef"), 6);
  EXPECT_STREQ(text, "abc");
  EXPECT_EQ(text[4], 'x');
  EXPECT_EQ(kern_snprintf(nullptr, 0, "%d", 12345), 5);
}

TEST(Printf, LongMessagesAreWhole) {
  const Console console;
  const std::string longer(3000, 'a');
  kern_printf("<%s>\n", longer.c_str());
  EXPECT_EQ(console.text(), "<" + longer + ">\n");
}

TEST(Printf, AssemblesLinesPerThread) {
  const Console console;
  kern_printf("edu0: ");
  std::thread([] { kern_printf("from another thread\n"); }).join();
  kern_printf("attached\n");
  EXPECT_EQ(console.text(), "from another thread\nedu0: attached\n");
}

TEST(Printf, LinesOfThreadsStayWhole) {
  const Console console;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 200; ++i) {
        for (int part = 0; part < 10; ++part) kern_printf("%d", t);
        kern_printf("\n");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::string line;
  unsigned lines = 0;
  for (const char c : console.text()) {
    if (c != '\n') {
      line += c;
      continue;
    }
    EXPECT_EQ(line, std::string(10, line[0]));
    line.clear();
    ++lines;
  }
  EXPECT_EQ(lines, 800U);
}

TEST(Printf, TologAndNologGoWhereTheySay) {
  const Console console;
  printf_tolog("to log\n");
  printf_nolog("no log\n");
  kern_log(LOG_ERR, "edu%d: ", 0);
  addlog("trouble\n");
  EXPECT_EQ(console.text(), "no log\nedu0: trouble\n");
  EXPECT_EQ(message_buffer(), "to log\nedu0: trouble\n");
}

TEST(Printf, MessageBufferDropsTheOldest) {
  const Console console;
  for (int i = 0; i < 40000; ++i) kern_printf("line %d\n", i);
  const std::string buffer = message_buffer();
  EXPECT_EQ(buffer.size(), std::size_t{256} << 10);
  EXPECT_TRUE(buffer.ends_with("line 39999\n"));
}

void print_all_kinds() {
  aprint_normal("normal\n");
  aprint_naive("naive\n");
  aprint_verbose("verbose\n");
  aprint_debug("debug\n");
  aprint_error("error\n");
}

TEST(Aprint, UsuallyNormalAndErrors) {
  const Console console;
  print_all_kinds();
  EXPECT_EQ(console.text(), "normal\nerror\n");
  EXPECT_EQ(message_buffer(), "normal\nverbose\nerror\n");
}

TEST(Aprint, VerboseAndDebug) {
  const Console console;
  set_console_verbosity(true, true, false);
  print_all_kinds();
  EXPECT_EQ(console.text(), "normal\nverbose\ndebug\nerror\n");
}

TEST(Aprint, Quiet) {
  const Console console;
  set_console_verbosity(true, true, true);
  print_all_kinds();
  EXPECT_EQ(console.text(), "naive\nerror\n");
}

TEST(Aprint, CountsErrors) {
  const Console console;
  (void)aprint_get_error_count();
  aprint_error("one\n");
  aprint_error("two\n");
  EXPECT_EQ(aprint_get_error_count(), 2);
  EXPECT_EQ(aprint_get_error_count(), 0);
}

TEST(Panic, FormatsAndRemembersItsMessage) {
  EXPECT_VIOLATION(::panic("edu%d: %s", 3, "gone"), "edu3: gone");
}

TEST(Panic, PrintsABacktraceAndEndsWithStatus3) {
  EXPECT_EXIT(
      {
        set_console(
            [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); });
        ::panic("too bad");
      },
      testing::ExitedWithCode(3), "panic: too bad\n#0 .*PrintsABacktrace");
}

TEST(Panic, Assertions) {
  EXPECT_VIOLATION(kern_assert(__KASSERT_FORMAT "%d", "diagnostic ", "a == b", "x.c", 7, 42),
                   "kernel diagnostic assertion \"a == b\" failed: file \"x.c\", line 7 42");
}

}  // namespace
}  // namespace pupci::kern
