// SPDX-License-Identifier: BSD-2-Clause
// pupci-fonts: makes the source of the built-in fonts (src/wscons/wsfont_builtin.h) from the
// system's font files.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "fonts/pcf.h"

namespace {

using pupci::fonts::Cell;
using pupci::fonts::Font;

constexpr std::uint32_t first_extra = 256;  // what follows Latin-1
constexpr unsigned opaque = 255;

// A font as it will lie in memory.
struct Output {
  std::string name;
  unsigned width = 0;
  unsigned height = 0;
  bool alpha = false;
  Font font;  // of an anti-aliased one, cells hold 0..255
};

// Where a part of the smaller cell overlaps one pixel of the larger, in units in which all edges
// are whole numbers.
struct Overlap {
  unsigned pixel;
  unsigned length;
};

// One axis: which of `from` pixels the one at `at` of `to` covers, in units of 1/to of a pixel.
std::vector<Overlap> overlaps(unsigned at, unsigned to, unsigned from) {
  const unsigned begin = at * from;
  const unsigned end = begin + from;
  std::vector<Overlap> result;
  for (unsigned pixel = begin / to; pixel * to < end; pixel++) {
    result.push_back({pixel, std::min(end, (pixel + 1) * to) - std::max(begin, pixel * to)});
  }
  return result;
}

std::vector<std::vector<Overlap>> all_overlaps(unsigned to, unsigned from) {
  std::vector<std::vector<Overlap>> result;
  for (unsigned at = 0; at < to; at++) result.push_back(overlaps(at, to, from));
  return result;
}

// Makes cells of the size by the mean of the pixels that each of the smaller cell's pixels covers.
class Shrinker {
 public:
  Shrinker(const Font& from, unsigned width, unsigned height)
      : stride_(from.width),
        whole_(from.width * from.height),
        columns_(all_overlaps(width, from.width)),
        rows_(all_overlaps(height, from.height)) {}

  Cell operator()(const Cell& cell) const {
    Cell small;
    small.reserve(rows_.size() * columns_.size());
    for (const auto& row : rows_) {
      for (const auto& column : columns_) {
        unsigned sum = 0;
        for (const Overlap& y : row) {
          for (const Overlap& x : column) {
            sum += cell[std::size_t{y.pixel} * stride_ + x.pixel] * x.length * y.length;
          }
        }
        small.push_back(static_cast<std::uint8_t>((sum * opaque + whole_ / 2) / whole_));
      }
    }
    return small;
  }

 private:
  unsigned stride_;
  unsigned whole_;
  std::vector<std::vector<Overlap>> columns_;
  std::vector<std::vector<Overlap>> rows_;
};

bool is_braille(std::uint32_t code) {
  return code >= 0x2800 && code < 0x2900;
}

Font make_alpha(const Font& from, unsigned width, unsigned height) {
  Font font{width, height, {}};
  const Shrinker shrink(from, width, height);
  for (const auto& [code, cell] : from.glyphs) {
    if (!is_braille(code)) font.glyphs[code] = shrink(cell);
  }
  return font;
}

class Writer {
 public:
  explicit Writer(std::FILE* to) : to_(to) {
    fmt::print(to_,
               "// Written by pupci-fonts from the system's font files.\n"
               "#include \"wscons/wsfont_builtin.h\"\n\nnamespace pupci::wscons {{\n");
  }

  void font(const Output& output) {
    const unsigned stride = output.alpha ? output.width : (output.width + 7) / 8;
    begin(fmt::format("const std::uint8_t data_{}[]", count_));
    const Cell blank(std::size_t{output.width} * output.height);
    for (std::uint32_t code = 0; code < first_extra; code++) {
      const auto found = output.font.glyphs.find(code);
      glyph(output, found == output.font.glyphs.end() ? blank : found->second);
    }
    const auto extra = output.font.glyphs.lower_bound(first_extra);
    for (auto i = extra; i != output.font.glyphs.end(); ++i) glyph(output, i->second);
    end();
    begin(fmt::format("const std::uint16_t codes_{}[]", count_));
    std::size_t codes = 0;
    for (auto i = extra; i != output.font.glyphs.end(); ++i, codes++) number(i->first);
    end();
    table_ += fmt::format("  {{\"{}\", {}, {}, {}, codes_{}, {}, data_{}}},\n", output.name,
                          output.width, output.height, stride, count_, codes, count_);
    count_++;
  }

  void finish() {
    fmt::print(to_,
               "const BuiltinFont builtin_fonts[] = {{\n{}}};\n"
               "const std::size_t builtin_font_count = {};\n}}  // namespace pupci::wscons\n",
               table_, count_);
  }

 private:
  void begin(const std::string& what) {
    fmt::print(to_, "static {} = {{", what);
    column_ = 0;
  }
  // Of which there are a million.
  void number(unsigned value) {
    if (column_++ % 32 == 0) line_ += '\n';
    const fmt::format_int text(value);
    line_.append(text.data(), text.size()) += ',';
    if (line_.size() > 4096) flush();
  }
  void flush() {
    std::fwrite(line_.data(), 1, line_.size(), to_);
    line_.clear();
  }
  void end() {
    flush();
    fmt::print(to_, "}};\n");
  }

  void glyph(const Output& output, const Cell& cell) {
    if (output.alpha) {
      for (const std::uint8_t byte : cell) number(byte);
      return;
    }
    for (unsigned y = 0; y < output.height; y++) {
      for (unsigned x = 0; x < output.width; x += 8) {
        unsigned byte = 0;
        for (unsigned bit = 0; bit < 8 && x + bit < output.width; bit++) {
          if (cell[std::size_t{y} * output.width + x + bit] != 0) byte |= 0x80U >> bit;
        }
        number(byte);
      }
    }
  }

  std::FILE* to_;
  std::string line_;
  std::string table_;
  unsigned count_ = 0;
  unsigned column_ = 0;
};

// Characters that a font lacks, from another whose cells have its size.
void complete(Output& output, const Font& from) {
  if (from.width != output.width || from.height != output.height) {
    throw std::runtime_error(fmt::format("{}: a font of {}x{} cannot complete it", output.name,
                                         from.width, from.height));
  }
  for (const auto& [code, cell] : from.glyphs) {
    const auto [at, added] = output.font.glyphs.try_emplace(code, cell);
    if (!added || !output.alpha) continue;
    for (std::uint8_t& pixel : at->second) pixel = static_cast<std::uint8_t>(pixel * opaque);
  }
}

Output make_plain(std::string_view name, Font font) {
  return {fmt::format("{} {}x{}", name, font.width, font.height), font.width, font.height, false,
          std::move(font)};
}

// "8x16"; false if it is none.
bool parse_size(const std::string& text, unsigned& width, unsigned& height) {
  const char* end = text.data() + text.size();
  const auto [x, error] = std::from_chars(text.data(), end, width);
  if (error != std::errc() || x == end || *x != 'x') return false;
  const auto [rest, second_error] = std::from_chars(x + 1, end, height);
  return second_error == std::errc() && rest == end && width > 0 && height > 0;
}

Output make_smooth(std::string_view name, const std::string& size, const Font& font) {
  unsigned width = 0;
  unsigned height = 0;
  if (!parse_size(size, width, height) || width > font.width || height > font.height) {
    throw std::runtime_error(fmt::format("{}: {} is no smaller size", name, size));
  }
  return {fmt::format("{} {}x{}", name, width, height), width, height, true,
          make_alpha(font, width, height)};
}

// NAME[:WxH]=FILE[+FILE]. With a size, an anti-aliased font of it from a larger bitmap one; the
// second file has the characters that the first has not.
Output make(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos) {
    throw std::runtime_error(fmt::format("{}: not NAME[:WxH]=FILE[+FILE]", argument));
  }
  const std::string name = argument.substr(0, equals);
  const std::string files = argument.substr(equals + 1);
  const std::size_t colon = name.find(':');
  const std::size_t plus = files.find('+');
  Font font = pupci::fonts::read_pcf(files.substr(0, plus));
  Output output = colon == std::string::npos
                      ? make_plain(name, std::move(font))
                      : make_smooth(name.substr(0, colon), name.substr(colon + 1), font);
  if (plus != std::string::npos) complete(output, pupci::fonts::read_pcf(files.substr(plus + 1)));
  return output;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: pupci-fonts OUTPUT NAME[:WxH]=FILE[+FILE] ...\n");
    return 2;
  }
  std::FILE* to = std::fopen(argv[1], "w");
  if (to == nullptr) {
    std::perror(argv[1]);
    return 1;
  }
  int status = 0;
  try {
    Writer writer(to);
    for (int i = 2; i < argc; i++) writer.font(make(argv[i]));
    writer.finish();
  } catch (const std::exception& error) {
    fmt::print(stderr, "pupci-fonts: {}\n", error.what());
    status = 1;
  }
  if (std::fclose(to) != 0) {
    std::perror(argv[1]);
    status = 1;
  }
  return status;
}
