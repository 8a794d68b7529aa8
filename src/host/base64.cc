// SPDX-License-Identifier: BSD-2-Clause
#include "host/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace pupci {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); i++) {
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}
constexpr std::array<std::uint8_t, 256> digits = make_digits();

std::uint32_t group_of(std::span<const std::byte> bytes) noexcept {
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < 3; i++) {
    group = group << 8 | (i < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i]) : 0);
  }
  return group;
}

}  // namespace

void append_base64(std::string& text, std::span<const std::byte> bytes) {
  const std::size_t start = text.size();
  text.resize(start + (bytes.size() + 2) / 3 * 4, '=');
  char* out = text.data() + start;
  for (std::size_t done = 0; done < bytes.size(); done += 3, out += 4) {
    const std::span<const std::byte> rest = bytes.subspan(done);
    const std::uint32_t group = group_of(rest);
    out[0] = alphabet[group >> 18];
    out[1] = alphabet[group >> 12 & 63];
    if (rest.size() > 1) out[2] = alphabet[group >> 6 & 63];
    if (rest.size() > 2) out[3] = alphabet[group & 63];
  }
}

bool decode_base64(std::string_view text, std::span<std::byte> to) noexcept {
  if (text.size() != (to.size() + 2) / 3 * 4) return false;
  bool well = true;
  for (std::size_t done = 0; done < to.size(); done += 3, text.remove_prefix(4)) {
    const std::size_t count = std::min<std::size_t>(3, to.size() - done);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; i++) {
      const std::uint8_t digit = i <= count ? digits[static_cast<unsigned char>(text[i])] : 0;
      well = well && digit != no_digit;
      group = group << 6 | (digit & 63U);
    }
    for (std::size_t i = 0; i < count; i++) {
      to[done + i] = static_cast<std::byte>(group >> (16 - 8 * i));
    }
  }
  return well;
}

}  // namespace pupci
