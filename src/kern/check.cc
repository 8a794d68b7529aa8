// SPDX-License-Identifier: BSD-2-Clause
#include "kern/check.h"

#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>

#include "kern/console.h"
#include "kern/mutex.h"
#include "kern/self.h"
#include "kern/symbolize.h"
#include "netbsd/sys/lock.h"

namespace pupci::kern {

namespace {

constinit std::atomic<PanicHandler> panic_handler{nullptr};
constinit std::atomic<bool> panicking{false};

void say(std::string_view text) noexcept {
  console_write(Message::error, text);
}

[[noreturn]] void die() noexcept {
  console_flush();
  std::fflush(stdout);
  std::fflush(stderr);
  _exit(3);
}

const char* context_name(Context context) noexcept {
  return context == Context::interrupt ? "an interrupt handler" : "a softint or callout";
}

}  // namespace

void set_panic_handler(PanicHandler handler) noexcept {
  panic_handler = handler;
}

void panic(std::string_view message) noexcept {
  const std::string copy(message);
  if (const PanicHandler handler = panic_handler) handler(copy);
  // Of several threads, or of a panic within the panic, the first one is the news.
  if (panicking.exchange(true)) die();
  say(fmt::format("panic: {}\n", copy));
  for (const std::string& line : backtrace(1)) say(line + "\n");
  die();
}

void violation(std::string_view message, const void* caller) noexcept {
  panic(caller == nullptr ? std::string(message)
                          : fmt::format("{}, in {}", message, symbolize(caller)));
}

void violation_by(std::string_view message, const void* function) noexcept {
  panic(function == nullptr ? std::string(message)
                            : fmt::format("{}, in {}", message, symbolize_exact(function)));
}

void check_sleepable(const char* what, const void* caller, unsigned spin_locks) noexcept {
  const lwp* const l = self();
  if (__builtin_expect(l->context != Context::thread, 0)) {
    violation(fmt::format("{}: may sleep, called in {}", what, context_name(l->context)), caller);
  }
  if (__builtin_expect(l->spin_locks != spin_locks, 0)) {
    violation(fmt::format("{}: may sleep, called with a spin mutex held{}", what, held_mutexes(*l)),
              caller);
  }
}

void check_sleepable(const char* what, const void* caller) noexcept {
  check_sleepable(what, caller, 0);
}

}  // namespace pupci::kern

void assert_sleepable() {
  pupci::kern::check_sleepable("ASSERT_SLEEPABLE", __builtin_return_address(0));
}
