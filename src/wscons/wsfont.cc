// SPDX-License-Identifier: BSD-2-Clause
// wsfont(9): the table of fonts. A cookie is a font's number and the orders of bits and bytes in
// which its user wants the glyphs; other orders than the font's own are copies, made when locked.
#include "netbsd/dev/wsfont/wsfont.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "kern/check.h"
#include "wscons/wsfont_table.h"

namespace pupci::wscons {
namespace {

constexpr int order_bits = 4;
constexpr int order_mask = (1 << order_bits) - 1;
constexpr int number_shift = 2 * order_bits;

struct Cookie {
  int number;  // of the font, from 1
  int bits;
  int bytes;

  static Cookie parse(int cookie) {
    return {cookie >> number_shift, (cookie >> order_bits) & order_mask, cookie & order_mask};
  }
  [[nodiscard]] int value() const { return number << number_shift | bits << order_bits | bytes; }
};

// The font's data in other orders than its own.
struct Copy {
  int bits;
  int bytes;
  wsdisplay_font font;
  std::vector<std::uint8_t> data;
  int locks = 0;
};

struct Entry {
  int number = 0;
  bool builtin = false;
  wsdisplay_font* font = nullptr;
  int locks = 0;
  std::vector<std::unique_ptr<Copy>> copies;
  // Of a font that is ours:
  wsdisplay_font own{};
  std::string name;
  std::vector<std::uint8_t> data;

  [[nodiscard]] Cookie cookie() const { return {number, font->bitorder, font->byteorder}; }
};

struct Table {
  std::mutex mutex;
  int last = 0;
  std::vector<std::unique_ptr<Entry>> entries;
};

Entry& append(Table& table) {
  table.entries.push_back(std::make_unique<Entry>());
  table.entries.back()->number = ++table.last;
  return *table.entries.back();
}

void add_builtin(Table& table) {
  for (std::size_t i = 0; i < builtin_font_count; i++) {
    const BuiltinFont& from = builtin_fonts[i];
    Entry& entry = append(table);
    entry.builtin = true;
    entry.own.name = from.name;
    entry.own.firstchar = 0;
    entry.own.numchars = static_cast<int>(256 + from.code_count);
    entry.own.encoding = builtin_encoding + static_cast<int>(i);
    entry.own.fontwidth = from.width;
    entry.own.fontheight = from.height;
    entry.own.stride = from.stride;
    entry.own.bitorder = WSDISPLAY_FONTORDER_L2R;
    entry.own.byteorder = WSDISPLAY_FONTORDER_L2R;
    entry.own.data = const_cast<std::uint8_t*>(from.data);
    entry.font = &entry.own;
  }
}

// Drivers may outlive static destructors.
Table& table() {
  static Table& table = *[] {
    auto* made = new Table;
    add_builtin(*made);
    return made;
  }();
  return table;
}

Entry* find(Table& table, int number) {
  for (const auto& entry : table.entries) {
    if (entry->number == number) return entry.get();
  }
  return nullptr;
}

bool is_own_order(const Entry& entry, const Cookie& cookie) {
  const auto same = [](int wanted, int own) {
    return wanted == WSDISPLAY_FONTORDER_KNOWN || wanted == own;
  };
  return same(cookie.bits, entry.font->bitorder) && same(cookie.bytes, entry.font->byteorder);
}

std::uint8_t reversed(unsigned byte) {
  unsigned result = 0;
  for (int bit = 0; bit < 8; bit++, byte >>= 1) result = result << 1 | (byte & 1);
  return static_cast<std::uint8_t>(result);
}

std::unique_ptr<Copy> make_copy(const wsdisplay_font& from, const Cookie& cookie) {
  auto copy = std::make_unique<Copy>(Copy{cookie.bits, cookie.bytes, from, {}});
  const auto* bytes = static_cast<const std::uint8_t*>(from.data);
  copy->data.assign(bytes, bytes + font_bytes(from));
  copy->font.data = copy->data.data();
  if (FONT_IS_ALPHA(&from)) return copy;  // a byte a pixel has no order
  if (cookie.bits != WSDISPLAY_FONTORDER_KNOWN && cookie.bits != from.bitorder) {
    for (std::uint8_t& byte : copy->data) byte = reversed(byte);
    copy->font.bitorder = cookie.bits;
  }
  if (cookie.bytes != WSDISPLAY_FONTORDER_KNOWN && cookie.bytes != from.byteorder) {
    for (auto row = copy->data.begin(); row != copy->data.end(); row += from.stride) {
      std::reverse(row, row + from.stride);
    }
    copy->font.byteorder = cookie.bytes;
  }
  return copy;
}

auto find_copy(Entry& entry, const Cookie& cookie) {
  return std::find_if(entry.copies.begin(), entry.copies.end(), [&](const auto& copy) {
    return copy->bits == cookie.bits && copy->bytes == cookie.bytes;
  });
}

bool is_sound(const wsdisplay_font& font) {
  return font.name != nullptr && font.data != nullptr && font.firstchar >= 0 && font.numchars > 0 &&
         font.fontwidth > 0 && font.fontheight > 0 && font.stride > 0 &&
         font.stride * 8 >= font.fontwidth && font.fontwidth <= 1024 && font.fontheight <= 1024 &&
         font.stride <= 1024 && font.numchars <= 0x110000;
}

int best(Table& table, const char* name, int width, int height, int stride, int flags) {
  const Entry* found = nullptr;
  int score = 0;
  for (const auto& entry : table.entries) {
    const int its = wsfont_matches(entry->font, name, width, height, stride, flags);
    if (its <= score) continue;
    score = its;
    found = entry.get();
  }
  return found == nullptr ? -1 : found->cookie().value();
}

std::vector<std::pair<wsdisplay_font*, int>> all_fonts() {
  const std::scoped_lock lock(table().mutex);
  std::vector<std::pair<wsdisplay_font*, int>> fonts;
  for (const auto& entry : table().entries) {
    fonts.emplace_back(entry->font, entry->cookie().value());
  }
  return fonts;
}

}  // namespace
}  // namespace pupci::wscons

using namespace pupci::wscons;

void wsfont_init() {
  table();
}

int wsfont_make_cookie(int cookie, int bits, int bytes) {
  return Cookie{Cookie::parse(cookie).number, bits & order_mask, bytes & order_mask}.value();
}

int wsfont_matches(wsdisplay_font* font, const char* name, int width, int height, int stride,
                   int flags) {
  constexpr int perfect = 20000;
  constexpr int wrong_side = 10000;  // more than any difference of widths
  const bool alpha = FONT_IS_ALPHA(font);
  if ((flags & (alpha ? WSFONT_FIND_ALPHA : WSFONT_FIND_BITMAP)) == 0) return 0;
  if (height != 0 && static_cast<int>(font->fontheight) != height) return 0;
  if (stride != 0 && static_cast<int>(font->stride) != stride) return 0;
  if (name != nullptr && std::strcmp(font->name, name) != 0) return 0;
  int score = perfect;
  const int difference = static_cast<int>(font->fontwidth) - width;
  if (width != 0 && difference != 0) {
    if ((flags & WSFONT_FIND_BESTWIDTH) == 0) return 0;
    const bool wrong = (flags & WSFONT_PREFER_WIDE) != 0 ? difference < 0 : difference > 0;
    // Doubled, so that the kind of font decides between equal widths and not before.
    score -= std::min(2 * std::abs(difference), wrong_side - 2) + (wrong ? wrong_side : 0);
  }
  if (alpha && (flags & WSFONT_PREFER_ALPHA) != 0) score++;
  return score;
}

int wsfont_find(const char* name, int width, int height, int stride, int bits, int bytes,
                int flags) {
  const std::scoped_lock lock(table().mutex);
  const int cookie = best(table(), name, width, height, stride, flags);
  return cookie < 0 ? -1 : wsfont_make_cookie(cookie, bits, bytes);
}

void wsfont_walk(void (*function)(wsdisplay_font*, void*, int), void* argument) {
  for (const auto& [font, cookie] : all_fonts()) function(font, argument, cookie);
}

void wsfont_enum(void (*function)(const char*, int, int, int)) {
  for (const auto& [font, cookie] : all_fonts()) {
    function(font->name, static_cast<int>(font->fontwidth), static_cast<int>(font->fontheight),
             static_cast<int>(font->stride));
  }
}

int wsfont_add(wsdisplay_font* font, int copy) {
  if (!is_sound(*font)) return EINVAL;
  const std::scoped_lock lock(table().mutex);
  if (best(table(), font->name, static_cast<int>(font->fontwidth),
           static_cast<int>(font->fontheight), static_cast<int>(font->stride),
           WSFONT_FIND_ALL) > 0) {
    return EEXIST;
  }
  Entry& entry = append(table());
  entry.font = font;
  if (copy != 0) {
    const auto* bytes = static_cast<const std::uint8_t*>(font->data);
    entry.own = *font;
    entry.name = font->name;
    entry.data.assign(bytes, bytes + font_bytes(*font));
    entry.own.name = entry.name.c_str();
    entry.own.data = entry.data.data();
    entry.font = &entry.own;
  }
  return 0;
}

int wsfont_remove(int cookie) {
  const std::scoped_lock lock(table().mutex);
  const Entry* entry = find(table(), Cookie::parse(cookie).number);
  if (entry == nullptr) return ENOENT;
  if (entry->builtin || entry->locks != 0 || !entry->copies.empty()) return EBUSY;
  std::erase_if(table().entries, [&](const auto& other) { return other.get() == entry; });
  return 0;
}

int wsfont_lock(int cookie, wsdisplay_font** font) {
  const std::scoped_lock lock(table().mutex);
  const Cookie wanted = Cookie::parse(cookie);
  Entry* entry = find(table(), wanted.number);
  if (entry == nullptr) return ENOENT;
  if (is_own_order(*entry, wanted)) {
    entry->locks++;
    *font = entry->font;
    return 0;
  }
  auto copy = find_copy(*entry, wanted);
  if (copy == entry->copies.end()) {
    copy = entry->copies.insert(copy, make_copy(*entry->font, wanted));
  }
  (*copy)->locks++;
  *font = &(*copy)->font;
  return 0;
}

int wsfont_unlock(int cookie) {
  const std::scoped_lock lock(table().mutex);
  const Cookie wanted = Cookie::parse(cookie);
  Entry* entry = find(table(), wanted.number);
  if (entry == nullptr) return ENOENT;
  if (is_own_order(*entry, wanted)) {
    if (entry->locks == 0) {
      pupci::kern::violation("wsfont_unlock: font is not locked", __builtin_return_address(0));
      return 0;
    }
    entry->locks--;
    return 0;
  }
  const auto copy = find_copy(*entry, wanted);
  if (copy == entry->copies.end()) return ENOENT;
  if (--(*copy)->locks == 0) entry->copies.erase(copy);
  return 0;
}
