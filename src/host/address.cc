// SPDX-License-Identifier: BSD-2-Clause
#include "pupci/address.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

namespace pupci {
namespace {

// A number that fills `text` to its end and is at most `highest`.
std::optional<unsigned> number(std::string_view text, int base, unsigned highest) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || value > highest) {
    return std::nullopt;
  }
  return value;
}

// "bus:device:function", decimal, as pcictl(8) and dmesg have it.
std::optional<Address> parse_netbsd(std::string_view text) {
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  const auto bus = number(text.substr(0, first), 10, 255);
  const auto device = number(text.substr(first + 1, second - first - 1), 10, 31);
  const auto function = number(text.substr(second + 1), 10, 7);
  if (!bus || !device || !function) return std::nullopt;
  return Address{0, static_cast<std::uint8_t>(*bus), static_cast<std::uint8_t>(*device),
                 static_cast<std::uint8_t>(*function)};
}

// "[segment:]bus:device.function", hexadecimal.
std::optional<Address> parse_linux(std::string_view text, std::size_t dot) {
  const auto function = number(text.substr(dot + 1), 16, 7);
  text = text.substr(0, dot);
  const auto before_device = text.rfind(':');
  if (!function || before_device == std::string_view::npos) return std::nullopt;
  const auto device = number(text.substr(before_device + 1), 16, 31);
  text = text.substr(0, before_device);
  std::optional<unsigned> segment = 0;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    segment = number(text.substr(0, colon), 16, 0xffff);
    text = text.substr(colon + 1);
  }
  const auto bus = number(text, 16, 255);
  if (!segment || !bus || !device) return std::nullopt;
  return Address{static_cast<std::uint16_t>(*segment), static_cast<std::uint8_t>(*bus),
                 static_cast<std::uint8_t>(*device), static_cast<std::uint8_t>(*function)};
}

}  // namespace

std::string to_string(const Address& address) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", address.segment, address.bus, address.device,
                     address.function);
}

std::optional<Address> parse_address(std::string_view text) {
  if (const auto dot = text.rfind('.'); dot != std::string_view::npos) {
    return parse_linux(text, dot);
  }
  const auto first = text.find(':');
  if (first == std::string_view::npos || text.find(':', first + 1) == std::string_view::npos) {
    return std::nullopt;
  }
  return parse_netbsd(text);
}

}  // namespace pupci
