// SPDX-License-Identifier: BSD-2-Clause
// Letters and the marks on them. A console's cell holds one character, so what a program writes as
// a letter and marks is shown as the one character that Unicode has for both.
#pragma once

#include <cstdint>

namespace pupci::wscons {

// A character and the marks that follow it, up to a zero. Marks for which there is no such
// character are left out; marks on different sides of the letter may come in any order.
char32_t compose(const std::uint32_t* characters) noexcept;

// A letter with a mark, without its last one: 0 if it has none that is known here.
char32_t without_mark(char32_t character) noexcept;

}  // namespace pupci::wscons
