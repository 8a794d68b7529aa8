// SPDX-License-Identifier: BSD-2-Clause
// X11's names of keys, as far as a terminal has a use for them.
#pragma once

#include <cstdint>

namespace pupci::wscons {

inline constexpr std::uint32_t keysym_left_tab = 0xfe20;
inline constexpr std::uint32_t keysym_backspace = 0xff08;
inline constexpr std::uint32_t keysym_tab = 0xff09;
inline constexpr std::uint32_t keysym_return = 0xff0d;
inline constexpr std::uint32_t keysym_escape = 0xff1b;
inline constexpr std::uint32_t keysym_home = 0xff50;
inline constexpr std::uint32_t keysym_left = 0xff51;
inline constexpr std::uint32_t keysym_up = 0xff52;
inline constexpr std::uint32_t keysym_right = 0xff53;
inline constexpr std::uint32_t keysym_down = 0xff54;
inline constexpr std::uint32_t keysym_page_up = 0xff55;
inline constexpr std::uint32_t keysym_page_down = 0xff56;
inline constexpr std::uint32_t keysym_end = 0xff57;
inline constexpr std::uint32_t keysym_insert = 0xff63;
inline constexpr std::uint32_t keysym_kp_space = 0xff80;
inline constexpr std::uint32_t keysym_kp_tab = 0xff89;
inline constexpr std::uint32_t keysym_kp_enter = 0xff8d;
inline constexpr std::uint32_t keysym_kp_home = 0xff95;
inline constexpr std::uint32_t keysym_kp_left = 0xff96;
inline constexpr std::uint32_t keysym_kp_up = 0xff97;
inline constexpr std::uint32_t keysym_kp_right = 0xff98;
inline constexpr std::uint32_t keysym_kp_down = 0xff99;
inline constexpr std::uint32_t keysym_kp_page_up = 0xff9a;
inline constexpr std::uint32_t keysym_kp_page_down = 0xff9b;
inline constexpr std::uint32_t keysym_kp_end = 0xff9c;
inline constexpr std::uint32_t keysym_kp_insert = 0xff9e;
inline constexpr std::uint32_t keysym_kp_delete = 0xff9f;
inline constexpr std::uint32_t keysym_kp_multiply = 0xffaa;
inline constexpr std::uint32_t keysym_kp_add = 0xffab;
inline constexpr std::uint32_t keysym_kp_subtract = 0xffad;
inline constexpr std::uint32_t keysym_kp_decimal = 0xffae;
inline constexpr std::uint32_t keysym_kp_divide = 0xffaf;
inline constexpr std::uint32_t keysym_kp_0 = 0xffb0;
inline constexpr std::uint32_t keysym_kp_equal = 0xffbd;
inline constexpr std::uint32_t keysym_f1 = 0xffbe;
inline constexpr std::uint32_t keysym_f12 = 0xffc9;
inline constexpr std::uint32_t keysym_shift_l = 0xffe1;
inline constexpr std::uint32_t keysym_shift_r = 0xffe2;
inline constexpr std::uint32_t keysym_control_l = 0xffe3;
inline constexpr std::uint32_t keysym_control_r = 0xffe4;
inline constexpr std::uint32_t keysym_meta_l = 0xffe7;
inline constexpr std::uint32_t keysym_meta_r = 0xffe8;
inline constexpr std::uint32_t keysym_alt_l = 0xffe9;
inline constexpr std::uint32_t keysym_alt_r = 0xffea;
inline constexpr std::uint32_t keysym_delete = 0xffff;
inline constexpr std::uint32_t keysym_unicode = 0x01000000;  // plus the code point

}  // namespace pupci::wscons
