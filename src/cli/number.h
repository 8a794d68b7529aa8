// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pupci::cli {

// A word that is a number and nothing else: decimal, or hexadecimal after "0x" or "0X", up to 64
// bits, without a sign. Empty otherwise.
std::optional<std::uint64_t> parse_number(std::string_view text) noexcept;

}  // namespace pupci::cli
