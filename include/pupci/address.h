// SPDX-License-Identifier: BSD-2-Clause
// The address of a PCI function: segment, bus, device, function.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pupci {

struct Address {
  std::uint16_t segment = 0;
  std::uint8_t bus = 0;
  std::uint8_t device = 0;    ///< 0..31
  std::uint8_t function = 0;  ///< 0..7

  auto operator<=>(const Address&) const = default;
};

/// "0000:03:00.0", as Linux and lspci write it.
std::string to_string(const Address& address);

/// Accepts "0000:03:00.0", "03:00.0", "3:0.0" (hexadecimal) and NetBSD's decimal
/// "bus:device:function"
/// ("3:0:0"). Nothing on anything else, or when a part is out of range.
std::optional<Address> parse_address(std::string_view text);

}  // namespace pupci
