// SPDX-License-Identifier: BSD-2-Clause
// A display's keyboard: which modifiers are down, and what a key means then.
#pragma once

#include <cstdint>

#include "wscons/terminal.h"

namespace pupci::wscons {

class PUPCI_API Keyboard {
 public:
  enum class Meaning {
    nothing,
    character,  // `value` is it
    key,        // `value` is the keysym of a key that types none
    screen,     // go to the screen `value`, counted from 0
    page_back,
    page_forward,
  };
  struct Stroke {
    Meaning meaning = Meaning::nothing;
    std::uint32_t value = 0;
    Terminal::Modifiers modifiers;
  };
  Stroke key(std::uint32_t keysym, bool down);
  [[nodiscard]] Terminal::Modifiers modifiers() const noexcept;

 private:
  bool set_modifier(std::uint32_t keysym, bool down);

  unsigned down_ = 0;  // a bit each: left and right shift, control, alt, meta
};

// What a keysym types, or 0.
PUPCI_API char32_t character_of(std::uint32_t keysym) noexcept;

}  // namespace pupci::wscons
