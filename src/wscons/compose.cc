// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/compose.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace pupci::wscons {
namespace {

struct Mark {
  char16_t mark;
  unsigned char side;  // Unicode's combining class: marks of another do not stand in the way
  std::u16string_view letters;
  std::u16string_view composed;  // each of the letters with the mark
};

// Unicode's canonical compositions of Latin, Greek and Cyrillic letters, in order of the marks.
constexpr std::array<Mark, 29> marks{{
    {0x0300, 230,
     u"AEIOUaeiouÜüNnЕИеиĒēŌōWwÂâĂăÊêÔôƠơƯưYyἀἁἈἉἐἑἘἙἠἡἨἩἰἱἸἹὀὁὈὉὐὑὙὠὡὨὩαεηιουωΑΕΗ᾿ϊΙ῾ϋΥ¨ΟΩ",
     u"ÀÈÌÒÙàèìòùǛǜǸǹЀЍѐѝḔḕṐṑẀẁẦầẰằỀềỒồỜờỪừỲỳἂἃἊἋἒἓἚἛἢἣἪἫἲἳἺἻὂὃὊὋὒὓὛὢὣὪὫὰὲὴὶὸὺὼᾺῈῊ῍ῒῚ῝ῢῪ῭ῸῺ"},
    {0x0301, 230,
     u"AEIOUYaeiouyCcLlNnRrSsZzÜüGgÅåÆæØø¨ΑΕΗΙΟΥΩϊαεηιϋουωϒГКгкÇçĒēÏïKkMmÕõŌōPpŨũWwÂâĂăÊêÔôƠơƯưἀἁἈἉ"
     u"ἐἑἘἙἠἡἨἩἰἱἸἹὀὁὈὉὐὑὙὠὡὨὩ᾿῾",
     u"ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹźǗǘǴǵǺǻǼǽǾǿ΅ΆΈΉΊΌΎΏΐάέήίΰόύώϓЃЌѓќḈḉḖḗḮḯḰḱḾḿṌṍṒṓṔṕṸṹẂẃẤấẮắẾếỐốỚớỨứἄἅἌἍ"
     u"ἔἕἜἝἤἥἬἭἴἵἼἽὄὅὌὍὔὕὝὤὥὬὭ῎῞"},
    {0x0302, 230, u"AEIOUaeiouCcGgHhJjSsWwYyZzẠạẸẹỌọ", u"ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷẐẑẬậỆệỘộ"},
    {0x0303, 230, u"ANOanoIiUuVvÂâĂăEeÊêÔôƠơƯưYy", u"ÃÑÕãñõĨĩŨũṼṽẪẫẴẵẼẽỄễỖỗỠỡỮữỸỹ"},
    {0x0304, 230, u"AaEeIiOoUuÜüÄäȦȧÆæǪǫÖöÕõȮȯYyИиУуGgḶḷṚṛαΑιΙυΥ",
     u"ĀāĒēĪīŌōŪūǕǖǞǟǠǡǢǣǬǭȪȫȬȭȰȱȲȳӢӣӮӯḠḡḸḹṜṝᾱᾹῑῙῡῩ"},
    {0x0306, 230, u"AaEeGgIiOoUuУИиуЖжАаЕеȨȩẠạαΑιΙυΥ", u"ĂăĔĕĞğĬĭŎŏŬŭЎЙйўӁӂӐӑӖӗḜḝẶặᾰᾸῐῘῠῨ"},
    {0x0307, 230, u"CcEeGgIZzAaOoBbDdFfHhMmNnPpRrSsŚśŠšṢṣTtWwXxYyſ",
     u"ĊċĖėĠġİŻżȦȧȮȯḂḃḊḋḞḟḢḣṀṁṄṅṖṗṘṙṠṡṤṥṦṧṨṩṪṫẆẇẊẋẎẏẛ"},
    {0x0308, 230, u"AEIOUaeiouyYΙΥιυϒЕІеіАаӘәЖжЗзИиОоӨөЭэУуЧчЫыHhÕõŪūWwXxt",
     u"ÄËÏÖÜäëïöüÿŸΪΫϊϋϔЁЇёїӒӓӚӛӜӝӞӟӤӥӦӧӪӫӬӭӰӱӴӵӸӹḦḧṎṏṺṻẄẅẌẍẗ"},
    {0x0309, 230, u"AaÂâĂăEeÊêIiOoÔôƠơUuƯưYy", u"ẢảẨẩẲẳẺẻỂểỈỉỎỏỔổỞởỦủỬửỶỷ"},
    {0x030a, 230, u"AaUuwy", u"ÅåŮůẘẙ"},
    {0x030b, 230, u"OoUuУу", u"ŐőŰűӲӳ"},
    {0x030c, 230, u"CcDdEeLlNnRrSsTtZzAaIiOoUuÜüGgKkƷʒjHh",
     u"ČčĎďĚěĽľŇňŘřŠšŤťŽžǍǎǏǐǑǒǓǔǙǚǦǧǨǩǮǯǰȞȟ"},
    {0x030f, 230, u"AaEeIiOoRrUuѴѵ", u"ȀȁȄȅȈȉȌȍȐȑȔȕѶѷ"},
    {0x0311, 230, u"AaEeIiOoRrUu", u"ȂȃȆȇȊȋȎȏȒȓȖȗ"},
    {0x0313, 230, u"αΑεΕηΗιΙοΟυωΩρ", u"ἀἈἐἘἠἨἰἸὀὈὐὠὨῤ"},
    {0x0314, 230, u"αΑεΕηΗιΙοΟυΥωΩρΡ", u"ἁἉἑἙἡἩἱἹὁὉὑὙὡὩῥῬ"},
    {0x031b, 216, u"OoUu", u"ƠơƯư"},
    {0x0323, 220, u"BbDdHhKkLlMmNnRrSsTtVvWwZzAaEeIiOoƠơUuƯưYy",
     u"ḄḅḌḍḤḥḲḳḶḷṂṃṆṇṚṛṢṣṬṭṾṿẈẉẒẓẠạẸẹỊịỌọỢợỤụỰựỴỵ"},
    {0x0324, 220, u"Uu", u"Ṳṳ"},
    {0x0325, 220, u"Aa", u"Ḁḁ"},
    {0x0326, 220, u"SsTt", u"ȘșȚț"},
    {0x0327, 202, u"CcGgKkLlNnRrSsTtEeDdHh", u"ÇçĢģĶķĻļŅņŖŗŞşŢţȨȩḐḑḨḩ"},
    {0x0328, 202, u"AaEeIiUuOo", u"ĄąĘęĮįŲųǪǫ"},
    {0x032d, 220, u"DdEeLlNnTtUu", u"ḒḓḘḙḼḽṊṋṰṱṶṷ"},
    {0x032e, 220, u"Hh", u"Ḫḫ"},
    {0x0330, 220, u"EeIiUu", u"ḚḛḬḭṴṵ"},
    {0x0331, 220, u"BbDdKkLlNnRrTtZzh", u"ḆḇḎḏḴḵḺḻṈṉṞṟṮṯẔẕẖ"},
    {0x0342, 230, u"ἀἁἈἉἠἡἨἩἰἱἸἹὐὑὙὠὡὨὩα¨η᾿ιϊ῾υϋω", u"ἆἇἎἏἦἧἮἯἶἷἾἿὖὗὟὦὧὮὯᾶ῁ῆ῏ῖῗ῟ῦῧῶ"},
    {0x0345, 240, u"ἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὰαάᾶΑὴηήῆΗὼωώῶΩ",
     u"ᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾲᾳᾴᾷᾼῂῃῄῇῌῲῳῴῷῼ"},
}};

static_assert(std::all_of(marks.begin(), marks.end(), [](const Mark& mark) {
  return mark.letters.size() == mark.composed.size();
}));

const Mark* find(std::uint32_t character) noexcept {
  const auto* mark =
      std::lower_bound(marks.begin(), marks.end(), character,
                       [](const Mark& at, std::uint32_t wanted) { return at.mark < wanted; });
  return mark != marks.end() && mark->mark == character ? mark : nullptr;
}

}  // namespace

char32_t compose(const std::uint32_t* characters) noexcept {
  char32_t letter = characters[0] == 0 ? U' ' : characters[0];
  if (characters[0] == 0 || characters[1] == 0) return letter;
  constexpr std::size_t most = 8;
  std::array<const Mark*, most> found{};
  std::size_t count = 0;
  // In the order in which compositions are made, those below before those above; else as they came.
  for (const std::uint32_t* next = characters + 1; *next != 0 && count < most; next++) {
    const Mark* mark = find(*next);
    if (mark == nullptr) continue;
    std::size_t place = count++;
    for (; place > 0 && found[place - 1]->side > mark->side; place--)
      found[place] = found[place - 1];
    found[place] = mark;
  }
  for (std::size_t i = 0; i < count; i++) {
    const auto at = letter > 0xffff ? std::u16string_view::npos
                                    : found[i]->letters.find(static_cast<char16_t>(letter));
    if (at != std::u16string_view::npos) letter = found[i]->composed[at];
  }
  return letter;
}

char32_t without_mark(char32_t character) noexcept {
  if (character > 0xffff) return 0;
  for (const Mark& mark : marks) {
    const auto at = mark.composed.find(static_cast<char16_t>(character));
    if (at != std::u16string_view::npos) return mark.letters[at];
  }
  return 0;
}

}  // namespace pupci::wscons
