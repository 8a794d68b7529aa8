// SPDX-License-Identifier: BSD-2-Clause
// printf(9), aprint(9), log(9), panic(9) and assertions.
#include <array>
#include <atomic>
#include <cstdio>
#include <string>

#include "kern/check.h"
#include "kern/console.h"
#include "kern/format.h"
#include "netbsd/sys/syslog.h"
#include "netbsd/sys/systm.h"

extern "C" __attribute__((weak)) const char* device_xname(device_t);

const char* panicstr;
int boothowto;
const char hexdigits[] = "0123456789abcdef";
const char HEXDIGITS[] = "0123456789ABCDEF";

namespace {

using pupci::kern::Message;

std::atomic<int> error_count;

// On the stack while that is enough: messages are printed from every context.
template <typename Use>
void with_text(const char* format, va_list arguments, Use use) noexcept {
  std::array<char, 512> buffer{};
  const auto length = static_cast<std::size_t>(
      pupci::kern::format_into(buffer.data(), buffer.size(), format, arguments));
  if (length < buffer.size()) {
    use(std::string_view(buffer.data(), length));
    return;
  }
  try {
    use(std::string_view(pupci::kern::format_string(format, arguments)));
  } catch (...) {
    use(std::string_view(buffer.data(), buffer.size() - 1));
  }
}

void print(Message kind, const char* format, va_list arguments) noexcept {
  if (kind == Message::error) error_count.fetch_add(1, std::memory_order_relaxed);
  with_text(format, arguments,
            [kind](std::string_view text) { pupci::kern::console_write(kind, text); });
}

void print_prefix(Message kind, device_t device) noexcept {
  const char* name =
      device == nullptr || device_xname == nullptr ? "(no device)" : device_xname(device);
  pupci::kern::console_write(kind, name);
  pupci::kern::console_write(kind, ": ");
}

}  // namespace

#define WITH_ARGUMENTS(format, use) \
  do {                              \
    va_list arguments;              \
    va_start(arguments, format);    \
    use;                            \
    va_end(arguments);              \
  } while (0)

void kern_printf(const char* format, ...) {
  WITH_ARGUMENTS(format, print(Message::normal, format, arguments));
}
void kern_vprintf(const char* format, va_list arguments) {
  print(Message::normal, format, arguments);
}
int kern_snprintf(char* to, size_t size, const char* format, ...) {
  int length = 0;
  WITH_ARGUMENTS(format, length = pupci::kern::format_into(to, size, format, arguments));
  return length;
}
int kern_vsnprintf(char* to, size_t size, const char* format, va_list arguments) {
  return pupci::kern::format_into(to, size, format, arguments);
}
void printf_tolog(const char* format, ...) {
  WITH_ARGUMENTS(format, with_text(format, arguments, [](std::string_view text) {
                   pupci::kern::console_write_to(text, false, true);
                 }));
}
void printf_nolog(const char* format, ...) {
  WITH_ARGUMENTS(format, with_text(format, arguments, [](std::string_view text) {
                   pupci::kern::console_write_to(text, true, false);
                 }));
}
// The user's terminal is where the console is.
void uprintf(const char* format, ...) {
  WITH_ARGUMENTS(format, with_text(format, arguments, [](std::string_view text) {
                   pupci::kern::console_write_to(text, true, false);
                 }));
}

#define APRINT(name)                                                   \
  void aprint_##name(const char* format, ...) {                        \
    WITH_ARGUMENTS(format, print(Message::name, format, arguments));   \
  }                                                                    \
  void aprint_##name##_dev(device_t device, const char* format, ...) { \
    print_prefix(Message::name, device);                               \
    WITH_ARGUMENTS(format, print(Message::name, format, arguments));   \
  }
APRINT(normal)
APRINT(naive)
APRINT(verbose)
APRINT(debug)
APRINT(error)
#undef APRINT

void device_printf(device_t device, const char* format, ...) {
  print_prefix(Message::normal, device);
  WITH_ARGUMENTS(format, print(Message::normal, format, arguments));
}

int aprint_get_error_count(void) {
  return error_count.exchange(0, std::memory_order_relaxed);
}

void kern_log(int /*level*/, const char* format, ...) {
  WITH_ARGUMENTS(format, print(Message::log, format, arguments));
}
void kern_vlog(int /*level*/, const char* format, va_list arguments) {
  print(Message::log, format, arguments);
}
void addlog(const char* format, ...) {
  WITH_ARGUMENTS(format, print(Message::log, format, arguments));
}

void vpanic(const char* format, va_list arguments) {
  static std::array<char, 1024> message;  // panicstr lives on, in a core file too
  pupci::kern::format_into(message.data(), message.size(), format, arguments);
  panicstr = message.data();
  pupci::kern::panic(message.data());
}
void panic(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vpanic(format, arguments);
}
void kern_assert(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vpanic(format, arguments);
}
