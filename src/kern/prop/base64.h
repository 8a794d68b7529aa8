// SPDX-License-Identifier: BSD-2-Clause
// Base64 as property lists and the control socket use it (RFC 4648).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kern/api.h"

namespace pupci::kern {

PUPCI_API std::string base64_encode(const void* bytes, std::size_t size);
// White space is skipped; nothing on any other stray character, a wrong length or wrong padding.
PUPCI_API std::optional<std::vector<std::byte>> base64_decode(std::string_view text);

}  // namespace pupci::kern
