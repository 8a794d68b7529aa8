// SPDX-License-Identifier: BSD-2-Clause
// Random bytes for cprng(9): ChaCha20 generators, one a thread, keyed from the operating system and
// from what drivers add through rnd(9).
#pragma once

#include <cstddef>
#include <cstdint>

#include "kern/api.h"

namespace pupci::kern {

// Mixes bytes in; every generator takes up a new key before its next output.
PUPCI_API void entropy_add(const void* data, std::size_t size) noexcept;
PUPCI_API void random_bytes(void* to, std::size_t size) noexcept;

// One block of ChaCha20 (RFC 8439, section 2.3), for the tests.
PUPCI_API void chacha20_block(const std::uint32_t key[8], std::uint32_t counter,
                              const std::uint32_t nonce[3], std::uint32_t out[16]) noexcept;

}  // namespace pupci::kern
