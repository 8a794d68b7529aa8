// SPDX-License-Identifier: BSD-2-Clause
// snprintb(3), humanize_number(9), format_bytes(9) and hexdump().
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netbsd/sys/systm.h"

namespace {

enum class Base : std::uint8_t { octal, decimal, hexadecimal };

struct Format {
  Base base;
  bool fields;        // the newer format, with fields and 0-origin bits
  const char* items;  // what follows the base
};

std::optional<Format> parse_head(const char* format) {
  const bool fields = *format == '\177';
  if (fields) ++format;
  switch (*format) {
    case 8:
      return Format{Base::octal, fields, format + 1};
    case 10:
      return Format{Base::decimal, fields, format + 1};
    case 16:
      return Format{Base::hexadecimal, fields, format + 1};
    default:
      return std::nullopt;
  }
}

std::string to_text(Base base, std::uint64_t value) {
  switch (base) {
    case Base::octal:
      return fmt::format("0{:o}", value);
    case Base::decimal:
      return fmt::format("{}", value);
    case Base::hexadecimal:
      break;
  }
  return fmt::format("{:#x}", value);
}

std::uint64_t bits_of(std::uint64_t value, unsigned first, unsigned width) {
  if (first >= 64) return 0;
  value >>= first;
  return width >= 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

// "\1ONE\2TWO": a bit, counted from 1, and its name, which ends at the next control character.
std::vector<std::string> old_items(const char* at, std::uint64_t value) {
  std::vector<std::string> items;
  while (*at != '\0') {
    const unsigned bit = static_cast<unsigned char>(*at++) - 1U;
    const char* name = at;
    while (*at > ' ') ++at;
    if (bits_of(value, bit, 1) != 0) items.emplace_back(name, at);
  }
  return items;
}

// Commands of the newer format, each followed by a text that ends in 0: b BIT, f FIRST WIDTH (with
// its value), F FIRST WIDTH (alone), = VALUE and : VALUE name a value of the last field, * is for
// all others.
std::vector<std::string> new_items(const char* at, std::uint64_t value, Base base) {
  std::vector<std::string> items;
  std::uint64_t field = value;
  bool in_item = false;  // the last field has an item that = and : add to
  bool named = false;
  while (*at != '\0') {
    const char command = *at++;
    const auto argument = command == '*' ? 0U : static_cast<unsigned char>(*at++);
    switch (command) {
      case 'b':
        in_item = false;
        if (bits_of(value, argument, 1) != 0) items.emplace_back(at);
        break;
      case 'f':
      case 'F':
        field = bits_of(value, argument, static_cast<unsigned char>(*at++));
        named = false;
        in_item = command == 'f';
        if (in_item) {
          items.push_back(std::string(at) + "=" + to_text(base, field));
          break;
        }
        if (*at == '\0') ++at;  // F has no text; some formats end it all the same
        continue;
      case '=':
      case ':':
        if (field != argument) break;
        named = true;
        if (!in_item) items.emplace_back();
        if (command == '=') items.back() += '=';
        items.back() += at;
        in_item = true;
        break;
      case '*': {
        if (named) break;
        std::array<char, 128> text{};
        // The format is the driver's, of one number.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        kern_snprintf(text.data(), text.size(), at[0] == '=' ? at + 1 : at,
                      static_cast<std::uintmax_t>(field));
#pragma GCC diagnostic pop
        if (!in_item) items.emplace_back();
        if (at[0] == '=') items.back() += '=';
        items.back() += text.data();
        in_item = true;
        break;
      }
      default:
        break;
    }
    at += std::strlen(at) + 1;
  }
  return items;
}

// One string; lines end in 0, and with a limit the last one does too.
std::string assemble(const std::string& number, const std::vector<std::string>& items,
                     std::size_t limit) {
  std::string whole;
  std::string line = number;
  bool open = false;
  for (const std::string& item : items) {
    if (open && limit != 0 && line.size() + 1 + item.size() + 1 > limit) {
      whole += line + '>' + '\0';
      line = number;
      open = false;
    }
    line += (open ? "," : "<") + item;
    open = true;
  }
  whole += line;
  if (open) whole += '>';
  if (limit != 0) whole += '\0';
  return whole;
}

int store(char* to, std::size_t size, std::string_view text) {
  if (size != 0) {
    const std::size_t copied = std::min(text.size(), size - 1);
    std::memcpy(to, text.data(), copied);
    std::memset(to + copied, 0, size - copied);
  }
  return static_cast<int>(text.size());
}

}  // namespace

int kern_snprintb_m(char* to, size_t size, const char* format, uint64_t value, size_t limit) {
  try {
    const auto head = parse_head(format);
    if (!head) return -1;
    const auto items =
        head->fields ? new_items(head->items, value, head->base) : old_items(head->items, value);
    return store(to, size, assemble(to_text(head->base, value), items, limit));
  } catch (...) {
    return -1;
  }
}

int kern_snprintb(char* to, size_t size, const char* format, uint64_t value) {
  return kern_snprintb_m(to, size, format, value, 0);
}

int kern_humanize_number(char* to, size_t size, uint64_t number, const char* suffix, int divisor) {
  const char* prefixes = divisor == 1000 ? " kMGTPE" : " KMGTPE";
  const size_t rest = std::strlen(suffix) + 3;  // a space, a prefix, the final 0
  if (size < rest + 1) {
    if (size != 0) to[0] = '\0';
    return -1;
  }
  uint64_t limit = 1;
  for (size_t i = 0; i < size - rest && limit < UINT64_MAX / 10; ++i) limit *= 10;
  unsigned step = 0;
  for (; number >= limit && prefixes[step + 1] != '\0'; ++step) {
    number /= static_cast<uint64_t>(divisor);
  }
  return kern_snprintf(to, size, "%" PRIu64 "%s%c%s", number, step == 0 ? "" : " ", prefixes[step],
                       suffix);
}

int format_bytes(char* to, size_t size, uint64_t bytes) {
  const int length = kern_humanize_number(to, size, bytes, "B", 1024);
  if (length < 2 || std::strcmp(to + length - 2, " B") != 0) return length;
  to[length - 2] = '\0';  // plain bytes go without their unit
  return length - 2;
}

void hexdump(void (*print)(const char*, ...), const char* title, const void* data, size_t size) {
  constexpr size_t width = 16;
  if (print == nullptr) print = kern_printf;
  if (title != nullptr) print("%s:\n", title);
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (size_t start = 0; start < size; start += width) {
    std::array<char, width * 3 + 2> hex{};
    std::array<char, width + 1> text{};
    char* out = hex.data();
    for (size_t i = 0; i < width; ++i) {
      const bool there = start + i < size;
      const unsigned char byte = there ? bytes[start + i] : 0;
      if (i == width / 2) *out++ = ' ';
      *out++ = there ? hexdigits[byte >> 4] : ' ';
      *out++ = there ? hexdigits[byte & 0xf] : ' ';
      *out++ = ' ';
      if (there) text[i] = byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
    }
    print("%08zx  %.*s |%s|\n", start, static_cast<int>(out - hex.data()), hex.data(), text.data());
  }
}
