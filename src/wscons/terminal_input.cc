// SPDX-License-Identifier: BSD-2-Clause
// Keys and the pointer, as the bytes that a program reads.
#include <algorithm>
#include <array>

#include "wscons/keysym.h"
#include "wscons/terminal_impl.h"

namespace pupci::wscons {
namespace {

VTermModifier to_vterm(Terminal::Modifiers modifiers) {
  return static_cast<VTermModifier>((modifiers.shift ? VTERM_MOD_SHIFT : 0) |
                                    (modifiers.alt ? VTERM_MOD_ALT : 0) |
                                    (modifiers.control ? VTERM_MOD_CTRL : 0));
}

// The control character that xterm sends, or -1.
int control_character(char32_t character) {
  if (character == U' ' || character == U'2') return 0;
  if (character >= U'@' && character <= U'~') return static_cast<int>(character & 0x1f);
  if (character >= U'3' && character <= U'7') return static_cast<int>(character - U'3' + 0x1b);
  if (character == U'8' || character == U'?') return 0x7f;
  if (character == U'/') return 0x1f;
  return -1;
}

struct Key {
  std::uint32_t keysym;
  VTermKey key;
};

constexpr std::array<Key, 40> keys{{
    {keysym_return, VTERM_KEY_ENTER},
    {keysym_tab, VTERM_KEY_TAB},
    {keysym_backspace, VTERM_KEY_BACKSPACE},
    {keysym_escape, VTERM_KEY_ESCAPE},
    {keysym_up, VTERM_KEY_UP},
    {keysym_down, VTERM_KEY_DOWN},
    {keysym_left, VTERM_KEY_LEFT},
    {keysym_right, VTERM_KEY_RIGHT},
    {keysym_insert, VTERM_KEY_INS},
    {keysym_delete, VTERM_KEY_DEL},
    {keysym_home, VTERM_KEY_HOME},
    {keysym_end, VTERM_KEY_END},
    {keysym_page_up, VTERM_KEY_PAGEUP},
    {keysym_page_down, VTERM_KEY_PAGEDOWN},
    {keysym_kp_up, VTERM_KEY_UP},
    {keysym_kp_down, VTERM_KEY_DOWN},
    {keysym_kp_left, VTERM_KEY_LEFT},
    {keysym_kp_right, VTERM_KEY_RIGHT},
    {keysym_kp_insert, VTERM_KEY_INS},
    {keysym_kp_delete, VTERM_KEY_DEL},
    {keysym_kp_home, VTERM_KEY_HOME},
    {keysym_kp_end, VTERM_KEY_END},
    {keysym_kp_page_up, VTERM_KEY_PAGEUP},
    {keysym_kp_page_down, VTERM_KEY_PAGEDOWN},
    {keysym_kp_0 + 0, VTERM_KEY_KP_0},
    {keysym_kp_0 + 1, VTERM_KEY_KP_1},
    {keysym_kp_0 + 2, VTERM_KEY_KP_2},
    {keysym_kp_0 + 3, VTERM_KEY_KP_3},
    {keysym_kp_0 + 4, VTERM_KEY_KP_4},
    {keysym_kp_0 + 5, VTERM_KEY_KP_5},
    {keysym_kp_0 + 6, VTERM_KEY_KP_6},
    {keysym_kp_0 + 7, VTERM_KEY_KP_7},
    {keysym_kp_0 + 8, VTERM_KEY_KP_8},
    {keysym_kp_0 + 9, VTERM_KEY_KP_9},
    {keysym_kp_multiply, VTERM_KEY_KP_MULT},
    {keysym_kp_add, VTERM_KEY_KP_PLUS},
    {keysym_kp_subtract, VTERM_KEY_KP_MINUS},
    {keysym_kp_decimal, VTERM_KEY_KP_PERIOD},
    {keysym_kp_divide, VTERM_KEY_KP_DIVIDE},
    {keysym_kp_enter, VTERM_KEY_KP_ENTER},
}};

}  // namespace

void Terminal::type(char32_t character, Modifiers modifiers) {
  modifiers.shift = false;  // the character says it
  const int control = modifiers.control ? control_character(character) : -1;
  if (control >= 0) {
    std::string bytes = modifiers.alt ? "\033" : "";
    bytes += static_cast<char>(control);
    impl_->reply(bytes);
    return;
  }
  modifiers.control = false;
  vterm_keyboard_unichar(impl_->vt.get(), character, to_vterm(modifiers));
}

bool Terminal::press(std::uint32_t keysym, Modifiers modifiers) {
  VTerm* vt = impl_->vt.get();
  if (keysym == keysym_left_tab) {
    modifiers.shift = true;
    keysym = keysym_tab;
  }
  if (keysym >= keysym_f1 && keysym <= keysym_f12) {
    vterm_keyboard_key(vt, static_cast<VTermKey>(VTERM_KEY_FUNCTION(keysym - keysym_f1 + 1)),
                       to_vterm(modifiers));
    return true;
  }
  const auto* key = std::find_if(keys.begin(), keys.end(), [keysym](const Key& candidate) {
    return candidate.keysym == keysym;
  });
  if (key == keys.end()) return false;
  // Enter and its like have one meaning, but for Alt: a program that was not asked knows no other.
  if (key->key <= VTERM_KEY_ESCAPE && !(key->key == VTERM_KEY_TAB && modifiers.shift)) {
    modifiers.shift = modifiers.control = false;
  }
  vterm_keyboard_key(vt, key->key, to_vterm(modifiers));
  return true;
}

bool Terminal::point(int row, int column, unsigned buttons, Modifiers modifiers) {
  const unsigned changed = buttons ^ impl_->buttons;
  impl_->buttons = buttons;
  if (impl_->mouse == VTERM_PROP_MOUSE_NONE) return false;
  VTerm* vt = impl_->vt.get();
  const VTermModifier with = to_vterm(modifiers);
  vterm_mouse_move(vt, std::clamp(row, 0, rows() - 1), std::clamp(column, 0, columns() - 1), with);
  for (int button = 0; button < 5; button++) {
    if ((changed >> button & 1) != 0)
      vterm_mouse_button(vt, button + 1, (buttons >> button & 1) != 0, with);
  }
  return true;
}

}  // namespace pupci::wscons
