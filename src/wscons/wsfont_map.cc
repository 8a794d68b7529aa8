// SPDX-License-Identifier: BSD-2-Clause
// From Unicode to the characters of a font.
#include <algorithm>
#include <array>
#include <string_view>

#include "wscons/wsfont_table.h"

namespace pupci::wscons {
namespace {

constexpr unsigned latin_end = 0x100;
constexpr unsigned box_begin = 0x2500;
constexpr unsigned box_end = 0x2580;

// U+2500..U+257F as arms, a hexadecimal digit each.
constexpr std::string_view arms =
    "aa55aa55aa556666"
    "cccc333399997777"
    "7777ddddddddeeee"
    "eeeebbbbbbbbffff"
    "ffffffffffffaa55"
    "a5666ccc33399977"
    "7dddeeebbbfff6c9"
    "300081248124a5a5";

constexpr unsigned digit(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

// The upper halves of the encodings that fonts of drivers and users may have: the code points of
// characters 128..255, 0 for none.
using UpperHalf = std::array<char16_t, 128>;

constexpr UpperHalf ibm437 = {
    u'Ç', u'ü', u'é', u'â', u'ä', u'à', u'å', u'ç',     u'ê', u'ë', u'è', u'ï', u'î', u'ì', u'Ä',
    u'Å', u'É', u'æ', u'Æ', u'ô', u'ö', u'ò', u'û',     u'ù', u'ÿ', u'Ö', u'Ü', u'¢', u'£', u'¥',
    u'₧', u'ƒ', u'á', u'í', u'ó', u'ú', u'ñ', u'Ñ',     u'ª', u'º', u'¿', u'⌐', u'¬', u'½', u'¼',
    u'¡', u'«', u'»', u'░', u'▒', u'▓', u'│', u'┤',     u'╡', u'╢', u'╖', u'╕', u'╣', u'║', u'╗',
    u'╝', u'╜', u'╛', u'┐', u'└', u'┴', u'┬', u'├',     u'─', u'┼', u'╞', u'╟', u'╚', u'╔', u'╩',
    u'╦', u'╠', u'═', u'╬', u'╧', u'╨', u'╤', u'╥',     u'╙', u'╘', u'╒', u'╓', u'╫', u'╪', u'┘',
    u'┌', u'█', u'▄', u'▌', u'▐', u'▀', u'α', u'ß',     u'Γ', u'π', u'Σ', u'σ', u'µ', u'τ', u'Φ',
    u'Θ', u'Ω', u'δ', u'∞', u'φ', u'ε', u'∩', u'≡',     u'±', u'≥', u'≤', u'⌠', u'⌡', u'÷', u'≈',
    u'°', u'∙', u'·', u'√', u'ⁿ', u'²', u'■', u'\u00a0'};

constexpr UpperHalf koi8_r = {
    u'─', u'│', u'┌', u'┐', u'└', u'┘', u'├', u'┤', u'┬', u'┴', u'┼', u'▀',      u'▄', u'█', u'▌',
    u'▐', u'░', u'▒', u'▓', u'⌠', u'■', u'∙', u'√', u'≈', u'≤', u'≥', u'\u00a0', u'⌡', u'°', u'²',
    u'·', u'÷', u'═', u'║', u'╒', u'ё', u'╓', u'╔', u'╕', u'╖', u'╗', u'╘',      u'╙', u'╚', u'╛',
    u'╜', u'╝', u'╞', u'╟', u'╠', u'╡', u'Ё', u'╢', u'╣', u'╤', u'╥', u'╦',      u'╧', u'╨', u'╩',
    u'╪', u'╫', u'╬', u'©', u'ю', u'а', u'б', u'ц', u'д', u'е', u'ф', u'г',      u'х', u'и', u'й',
    u'к', u'л', u'м', u'н', u'о', u'п', u'я', u'р', u'с', u'т', u'у', u'ж',      u'в', u'ь', u'ы',
    u'з', u'ш', u'э', u'щ', u'ч', u'ъ', u'Ю', u'А', u'Б', u'Ц', u'Д', u'Е',      u'Ф', u'Г', u'Х',
    u'И', u'Й', u'К', u'Л', u'М', u'Н', u'О', u'П', u'Я', u'Р', u'С', u'Т',      u'У', u'Ж', u'В',
    u'Ь', u'Ы', u'З', u'Ш', u'Э', u'Щ', u'Ч', u'Ъ'};

// ISO 8859 leaves 128..159 to control characters.
constexpr unsigned iso_begin = 0xa0;

constexpr UpperHalf iso_half(std::u16string_view from_a0) {
  UpperHalf half{};
  for (std::size_t i = 0; i < 32; i++) half[i] = static_cast<char16_t>(0x80 + i);
  for (std::size_t i = 0; i < from_a0.size(); i++) half[iso_begin - 0x80 + i] = from_a0[i];
  return half;
}

constexpr UpperHalf iso8859_2 = iso_half(
    u"\u00a0Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u00adŽŻ°ą˛ł´ľśˇ¸šşťź˝žż"
    u"ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙");

// Two places of ISO 8859-7 are empty (0xae, 0xd2), as is its last.
constexpr UpperHalf iso8859_7 = [] {
  UpperHalf half = iso_half(
      u"\u00a0‘’£€₯¦§¨©ͺ«¬\u00ad\u0001―°±²³΄΅Ά·ΈΉΊ»Ό½ΎΏ"
      u"ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ\u0001ΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ");
  for (char16_t& code : half) {
    if (code == u'\u0001') code = 0;
  }
  return half;
}();

const UpperHalf* upper_half(int encoding) {
  switch (encoding) {
    case WSDISPLAY_FONTENC_IBM:
      return &ibm437;
    case WSDISPLAY_FONTENC_ISO7:
      return &iso8859_7;
    case WSDISPLAY_FONTENC_ISO2:
      return &iso8859_2;
    case WSDISPLAY_FONTENC_KOI8_R:
      return &koi8_r;
    default:
      return nullptr;
  }
}

int map_builtin(const BuiltinFont& font, unsigned code) {
  if (code < latin_end) return static_cast<int>(code);
  const std::uint16_t* end = font.codes + font.code_count;
  const std::uint16_t* found = std::lower_bound(font.codes, end, code);
  if (found == end || *found != code) return -1;
  return static_cast<int>(latin_end) + static_cast<int>(found - font.codes);
}

int map_encoding(int encoding, unsigned code) {
  if (encoding == WSDISPLAY_FONTENC_ISO) return code < latin_end ? static_cast<int>(code) : -1;
  const UpperHalf* half = upper_half(encoding);
  if (half == nullptr) return -1;
  if (code < 0x80) return static_cast<int>(code);
  const auto* found = std::find(half->begin(), half->end(), code);
  return found == half->end() ? -1 : 0x80 + static_cast<int>(found - half->begin());
}

}  // namespace

unsigned box_arms(unsigned code) noexcept {
  static_assert(arms.size() >= box_end - box_begin);
  return code >= box_begin && code < box_end ? digit(arms[code - box_begin]) : 0;
}

}  // namespace pupci::wscons

using namespace pupci::wscons;

int wsfont_map_unichar(wsdisplay_font* font, int character) {
  if (character < 0 || character > 0x10ffff) return -1;
  const auto code = static_cast<unsigned>(character);
  const int own = font->encoding - builtin_encoding;
  const bool builtin = own >= 0 && static_cast<std::size_t>(own) < builtin_font_count;
  const int found =
      builtin ? map_builtin(builtin_fonts[own], code) : map_encoding(font->encoding, code);
  if (found >= 0) return found;
  // Fonts of any encoding that we know have the generated line-drawing characters beside them.
  const bool known =
      builtin || font->encoding == WSDISPLAY_FONTENC_ISO || upper_half(font->encoding) != nullptr;
  const unsigned shape = known ? box_arms(code) : 0;
  return shape == 0 ? -1 : static_cast<int>(WSFONT_FLAG_OPT | shape);
}
