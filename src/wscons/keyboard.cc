// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/keyboard.h"

#include <array>

#include "wscons/keysym.h"

namespace pupci::wscons {
namespace {

constexpr std::array<std::uint32_t, 8> modifier_keys{
    keysym_shift_l, keysym_shift_r, keysym_control_l, keysym_control_r,
    keysym_alt_l,   keysym_alt_r,   keysym_meta_l,    keysym_meta_r};
constexpr unsigned any_shift = 0x03;
constexpr unsigned any_control = 0x0c;
constexpr unsigned any_alt = 0xf0;

// The Cyrillic keysyms, 0x6c0 to 0x6ff, lie as KOI8-R does.
constexpr std::u32string_view cyrillic =
    U"юабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ";
// The Greek letters, 0x7c1 to 0x7f9; a blank is none.
constexpr std::u32string_view greek = U"ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣ ΤΥΦΧΨΩ      αβγδεζηθικλμνξοπρσςτυφχψω";
// Of Latin-2, 0x1a1 to 0x1ff, those that Latin-1 lacks.
constexpr std::u32string_view latin2 =
    U"Ą˘Ł ĽŚ  ŠŞŤŹ ŽŻ ą˛ł ľśˇ šşťź˝žżŔ  Ă ĹĆ Č Ę Ě  ĎĐŃŇ  Ő  ŘŮ Ű  Ţ ŕ  ă ĺć č ę ě  ďđńň  ő  řů ű  "
    U"ţ˙";

char32_t in_table(std::u32string_view table, std::uint32_t first, std::uint32_t keysym) {
  if (keysym < first || keysym - first >= table.size()) return 0;
  const char32_t character = table[keysym - first];
  return character == U' ' ? 0 : character;
}

}  // namespace

char32_t character_of(std::uint32_t keysym) noexcept {
  if ((keysym >= 0x20 && keysym < 0x7f) || (keysym >= 0xa0 && keysym <= 0xff)) return keysym;
  if ((keysym & 0xff000000) == keysym_unicode) {
    const std::uint32_t point = keysym & 0xffffff;
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    return point >= 0x20 && point <= 0x10ffff && !surrogate ? point : 0;
  }
  if (keysym == 0x20ac) return U'€';
  if (keysym == keysym_kp_space) return U' ';
  if (keysym == keysym_kp_equal) return U'=';
  if (keysym >= 0x6c0 && keysym <= 0x6ff) return in_table(cyrillic, 0x6c0, keysym);
  if (keysym >= 0x7c1 && keysym <= 0x7f9) return in_table(greek, 0x7c1, keysym);
  return in_table(latin2, 0x1a1, keysym);
}

bool Keyboard::set_modifier(std::uint32_t keysym, bool down) {
  for (std::size_t i = 0; i < modifier_keys.size(); i++) {
    if (modifier_keys[i] != keysym) continue;
    down_ = down ? down_ | 1U << i : down_ & ~(1U << i);
    return true;
  }
  return false;
}

Terminal::Modifiers Keyboard::modifiers() const noexcept {
  return {(down_ & any_shift) != 0, (down_ & any_alt) != 0, (down_ & any_control) != 0};
}

Keyboard::Stroke Keyboard::key(std::uint32_t keysym, bool down) {
  Stroke stroke;
  if (set_modifier(keysym, down) || !down) return stroke;
  stroke.modifiers = modifiers();
  const Terminal::Modifiers& with = stroke.modifiers;
  stroke.value = keysym;
  if (with.control && with.alt && keysym >= keysym_f1 && keysym <= keysym_f12) {
    stroke.meaning = Meaning::screen;
    stroke.value = keysym - keysym_f1;
  } else if (with.shift && (keysym == keysym_page_up || keysym == keysym_kp_page_up)) {
    stroke.meaning = Meaning::page_back;
  } else if (with.shift && (keysym == keysym_page_down || keysym == keysym_kp_page_down)) {
    stroke.meaning = Meaning::page_forward;
  } else if (const char32_t character = character_of(keysym)) {
    stroke.meaning = Meaning::character;
    stroke.value = character;
  } else {
    stroke.meaning = Meaning::key;
  }
  return stroke;
}

}  // namespace pupci::wscons
