// SPDX-License-Identifier: BSD-2-Clause
#include "kern/prop/base64.h"

#include <cstdint>

namespace pupci::kern {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encode(const void* bytes, std::size_t size) {
  const auto* from = static_cast<const unsigned char*>(bytes);
  std::string text;
  text.reserve((size + 2) / 3 * 4);
  for (std::size_t i = 0; i < size; i += 3) {
    const std::size_t count = std::min<std::size_t>(3, size - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; j++) group = group << 8 | (j < count ? from[i + j] : 0u);
    for (std::size_t j = 0; j < 4; j++) {
      text += j <= count ? alphabet[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return text;
}

std::optional<std::vector<std::byte>> base64_decode(std::string_view text) {
  std::vector<std::byte> bytes;
  std::uint32_t group = 0;
  unsigned digits = 0;
  unsigned padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    if (c == '=') {
      padding++;
      continue;
    }
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos || padding != 0) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(digit);
    if (++digits % 4 == 0) {
      for (const unsigned shift : {16u, 8u, 0u}) bytes.push_back(std::byte(group >> shift & 255));
      group = 0;
    }
  }
  const unsigned rest = digits % 4;
  if (rest == 1 || padding != (4 - rest) % 4) return std::nullopt;
  if (rest >= 2) bytes.push_back(std::byte(group << (24 - 6 * rest) >> 16 & 255));
  if (rest == 3) bytes.push_back(std::byte(group << 6 >> 8 & 255));
  return bytes;
}

}  // namespace pupci::kern
