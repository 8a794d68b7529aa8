// SPDX-License-Identifier: BSD-2-Clause
// Until check.cc is there: weak, so that it wins.
#include <cstdlib>
#include <string>

#include "kern/check.h"
#include "kern/console.h"

namespace pupci::kern {
namespace {
PanicHandler panic_handler;
}
__attribute__((weak)) void panic(std::string_view message) noexcept {
  if (panic_handler != nullptr) panic_handler(std::string(message));
  console_write(Message::error, "panic: " + std::string(message) + "\n");
  console_flush();
  std::_Exit(3);
}
__attribute__((weak)) void violation(std::string_view message, const void*) noexcept {
  panic(message);
}
__attribute__((weak)) void check_sleepable(const char*, const void*) noexcept {}
__attribute__((weak)) void set_panic_handler(PanicHandler handler) noexcept {
  panic_handler = handler;
}
}  // namespace pupci::kern
