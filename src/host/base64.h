// SPDX-License-Identifier: BSD-2-Clause
// Base64 (RFC 4648, section 4), as QEMU's bulk transfers have it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace pupci {

/// Appends the text of `bytes`, padded.
void append_base64(std::string& text, std::span<const std::byte> bytes);

/// False when `text` is not the padded text of exactly to.size() bytes; `to` is undefined then.
bool decode_base64(std::string_view text, std::span<std::byte> to) noexcept;

}  // namespace pupci
