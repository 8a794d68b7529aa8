// SPDX-License-Identifier: BSD-2-Clause
// Characters that a font may lack, and what in ASCII comes near them.
#include <algorithm>
#include <array>

#include "wscons/painter.h"

namespace pupci::wscons {
namespace {

struct Range {
  char32_t first;
  char32_t last;
  char32_t shown;
};

// In order.
constexpr std::array<Range, 46> ranges{{
    {0x00a0, 0x00a0, U' '}, {0x00ab, 0x00ab, U'<'}, {0x00ad, 0x00ad, U'-'},  {0x00b7, 0x00b7, U'.'},
    {0x00bb, 0x00bb, U'>'}, {0x00c0, 0x00c6, U'A'}, {0x00c7, 0x00c7, U'C'},  {0x00c8, 0x00cb, U'E'},
    {0x00cc, 0x00cf, U'I'}, {0x00d1, 0x00d1, U'N'}, {0x00d2, 0x00d6, U'O'},  {0x00d7, 0x00d7, U'x'},
    {0x00d8, 0x00d8, U'O'}, {0x00d9, 0x00dc, U'U'}, {0x00dd, 0x00dd, U'Y'},  {0x00e0, 0x00e6, U'a'},
    {0x00e7, 0x00e7, U'c'}, {0x00e8, 0x00eb, U'e'}, {0x00ec, 0x00ef, U'i'},  {0x00f1, 0x00f1, U'n'},
    {0x00f2, 0x00f6, U'o'}, {0x00f8, 0x00f8, U'o'}, {0x00f9, 0x00fc, U'u'},  {0x00fd, 0x00ff, U'y'},
    {0x2000, 0x200a, U' '}, {0x2010, 0x2015, U'-'}, {0x2018, 0x201b, U'\''}, {0x201c, 0x201f, U'"'},
    {0x2022, 0x2022, U'*'}, {0x2026, 0x2026, U'.'}, {0x2039, 0x2039, U'<'},  {0x203a, 0x203a, U'>'},
    {0x2190, 0x2190, U'<'}, {0x2191, 0x2191, U'^'}, {0x2192, 0x2192, U'>'},  {0x2193, 0x2193, U'v'},
    {0x2212, 0x2212, U'-'}, {0x2500, 0x2501, U'-'}, {0x2502, 0x2503, U'|'},  {0x2504, 0x250b, U'-'},
    {0x250c, 0x254f, U'+'}, {0x2550, 0x2550, U'='}, {0x2551, 0x2551, U'|'},  {0x2552, 0x257f, U'+'},
    {0x2580, 0x259f, U'#'}, {0x25a0, 0x25ff, U'*'},
}};

}  // namespace

char32_t look_alike(char32_t character) noexcept {
  const auto* range =
      std::lower_bound(ranges.begin(), ranges.end(), character,
                       [](const Range& r, char32_t wanted) { return r.last < wanted; });
  return range != ranges.end() && range->first <= character ? range->shown : U'?';
}

}  // namespace pupci::wscons
