// SPDX-License-Identifier: BSD-2-Clause
#include "kern/format.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace pupci::kern {
namespace {

// Counts everything, stores what fits.
class Output {
 public:
  Output(char* to, std::size_t size) noexcept : to_(to), size_(size) {}
  void put(char c) noexcept {
    if (length_ + 1 < size_) to_[length_] = c;
    ++length_;
  }
  void fill(char c, std::size_t count) noexcept {
    while (count-- > 0) put(c);
  }
  void put(const char* text, std::size_t size) noexcept {
    for (std::size_t i = 0; i < size; ++i) put(text[i]);
  }
  [[nodiscard]] std::size_t length() const noexcept { return length_; }
  void finish() noexcept {
    if (size_ != 0) to_[length_ < size_ ? length_ : size_ - 1] = '\0';
  }

 private:
  char* to_;
  std::size_t size_;
  std::size_t length_ = 0;
};

enum class Width : std::uint8_t { byte, half, whole, longer, longest, maximum, size, difference };

struct Conversion {
  bool left = false;
  bool plus = false;
  bool space = false;
  bool alternate = false;
  bool zero = false;
  int width = 0;
  int precision = -1;
  Width argument = Width::whole;
};

// A va_list that functions can share by reference on every ABI.
struct Arguments {
  va_list list;
};

int read_number(const char*& at, Arguments& arguments) {
  if (*at == '*') {
    ++at;
    return va_arg(arguments.list, int);
  }
  int value = 0;
  while (*at >= '0' && *at <= '9') {
    if (value < 100000) value = value * 10 + (*at - '0');
    ++at;
  }
  return value;
}

void read_flags(const char*& at, Conversion& c) {
  for (;; ++at) {
    switch (*at) {
      case '-':
        c.left = true;
        break;
      case '+':
        c.plus = true;
        break;
      case ' ':
        c.space = true;
        break;
      case '#':
        c.alternate = true;
        break;
      case '0':
        c.zero = true;
        break;
      default:
        return;
    }
  }
}

Width read_length(const char*& at) {
  switch (*at) {
    case 'h':
      ++at;
      if (*at != 'h') return Width::half;
      ++at;
      return Width::byte;
    case 'l':
      ++at;
      if (*at != 'l') return Width::longer;
      ++at;
      return Width::longest;
    case 'q':
      ++at;
      return Width::longest;
    case 'j':
      ++at;
      return Width::maximum;
    case 'z':
      ++at;
      return Width::size;
    case 't':
      ++at;
      return Width::difference;
    default:
      return Width::whole;
  }
}

std::uintmax_t take_unsigned(Width width, Arguments& arguments) {
  switch (width) {
    case Width::byte:
      return static_cast<unsigned char>(va_arg(arguments.list, unsigned));
    case Width::half:
      return static_cast<unsigned short>(va_arg(arguments.list, unsigned));
    case Width::whole:
      return va_arg(arguments.list, unsigned);
    case Width::longer:
      return va_arg(arguments.list, unsigned long);
    case Width::longest:
      return va_arg(arguments.list, unsigned long long);
    case Width::maximum:
      return va_arg(arguments.list, std::uintmax_t);
    case Width::size:
      return va_arg(arguments.list, std::size_t);
    case Width::difference:
      return static_cast<std::uintmax_t>(va_arg(arguments.list, std::ptrdiff_t));
  }
  return 0;
}

std::intmax_t take_signed(Width width, Arguments& arguments) {
  switch (width) {
    case Width::byte:
      return static_cast<signed char>(va_arg(arguments.list, int));
    case Width::half:
      return static_cast<short>(va_arg(arguments.list, int));
    case Width::whole:
      return va_arg(arguments.list, int);
    case Width::longer:
      return va_arg(arguments.list, long);
    case Width::longest:
      return va_arg(arguments.list, long long);
    case Width::maximum:
      return va_arg(arguments.list, std::intmax_t);
    case Width::size:
    case Width::difference:
      return va_arg(arguments.list, std::ptrdiff_t);
  }
  return 0;
}

void put_padded(Output& out, const Conversion& c, const char* prefix, std::size_t zeros,
                const char* text, std::size_t size) {
  const std::size_t prefix_size = std::strlen(prefix);
  const std::size_t used = prefix_size + zeros + size;
  const std::size_t padding =
      static_cast<std::size_t>(c.width) > used ? static_cast<std::size_t>(c.width) - used : 0;
  if (!c.left) out.fill(' ', padding);
  out.put(prefix, prefix_size);
  out.fill('0', zeros);
  out.put(text, size);
  if (c.left) out.fill(' ', padding);
}

void put_integer(Output& out, const Conversion& c, const char* prefix, std::uintmax_t value,
                 unsigned base, bool capital) {
  const char* digits = capital ? "0123456789ABCDEF" : "0123456789abcdef";
  std::array<char, 24> reversed{};
  std::size_t start = reversed.size();
  for (; value != 0; value /= base) reversed[--start] = digits[value % base];
  const std::size_t size = reversed.size() - start;
  std::size_t least = c.precision >= 0 ? static_cast<std::size_t>(c.precision) : 1;
  if (c.alternate && base == 8 && least <= size) least = size + 1;
  if (c.zero && !c.left && c.precision < 0) {
    const std::size_t prefix_size = std::strlen(prefix);
    if (static_cast<std::size_t>(c.width) > prefix_size + least)
      least = static_cast<std::size_t>(c.width) - prefix_size;
  }
  put_padded(out, c, prefix, least > size ? least - size : 0, reversed.data() + start, size);
}

void put_signed(Output& out, const Conversion& c, std::intmax_t value) {
  const char* sign = c.plus ? "+" : c.space ? " " : "";
  auto magnitude = static_cast<std::uintmax_t>(value);
  if (value < 0) {
    sign = "-";
    magnitude = -magnitude;
  }
  put_integer(out, c, sign, magnitude, 10, false);
}

void put_string(Output& out, const Conversion& c, const char* text) {
  if (text == nullptr) text = "(null)";
  const std::size_t size =
      c.precision >= 0 ? ::strnlen(text, static_cast<std::size_t>(c.precision)) : std::strlen(text);
  put_padded(out, c, "", 0, text, size);
}

void convert(Output& out, const char*& at, Arguments& arguments) {
  Conversion c;
  read_flags(at, c);
  c.width = read_number(at, arguments);
  if (c.width < 0) {
    c.left = true;
    c.width = -c.width;
  }
  if (*at == '.') {
    ++at;
    c.precision = read_number(at, arguments);
  }
  c.argument = read_length(at);
  const char kind = *at;
  if (kind != '\0') ++at;
  switch (kind) {
    case 'd':
    case 'i':
      return put_signed(out, c, take_signed(c.argument, arguments));
    case 'u':
      return put_integer(out, c, "", take_unsigned(c.argument, arguments), 10, false);
    case 'o':
      return put_integer(out, c, "", take_unsigned(c.argument, arguments), 8, false);
    case 'x':
    case 'X': {
      const std::uintmax_t value = take_unsigned(c.argument, arguments);
      const char* prefix = c.alternate && value != 0 ? (kind == 'x' ? "0x" : "0X") : "";
      return put_integer(out, c, prefix, value, 16, kind == 'X');
    }
    case 'p':
      return put_integer(
          out, c, "0x", reinterpret_cast<std::uintptr_t>(va_arg(arguments.list, void*)), 16, false);
    case 'c': {
      const auto character = static_cast<char>(va_arg(arguments.list, int));
      return put_padded(out, c, "", 0, &character, 1);
    }
    case 's':
      return put_string(out, c, va_arg(arguments.list, const char*));
    case '%':
      return out.put('%');
    default:  // as it stands: better seen than lost
      out.put('%');
      if (kind != '\0') out.put(kind);
  }
}

}  // namespace

int format_into(char* to, std::size_t size, const char* format, va_list arguments) noexcept {
  Output out(to, size);
  Arguments own;
  va_copy(own.list, arguments);
  while (*format != '\0') {
    if (*format != '%') {
      out.put(*format++);
    } else {
      ++format;
      convert(out, format, own);
    }
  }
  va_end(own.list);
  out.finish();
  return static_cast<int>(out.length());
}

std::string format_string(const char* format, va_list arguments) {
  std::string text(128, '\0');
  for (;;) {
    const auto length =
        static_cast<std::size_t>(format_into(text.data(), text.size() + 1, format, arguments));
    const bool fits = length <= text.size();
    text.resize(length);
    if (fits) return text;
  }
}

}  // namespace pupci::kern
