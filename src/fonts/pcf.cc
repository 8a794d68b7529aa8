// SPDX-License-Identifier: BSD-2-Clause
#include "fonts/pcf.h"

#include <fmt/format.h>
#include <zlib.h>

#include <memory>
#include <stdexcept>

namespace pupci::fonts {
namespace {

constexpr std::size_t largest_file = std::size_t{16} << 20;
constexpr unsigned largest_cell = 64;  // pixels, either way

enum TableType : std::uint32_t { accelerators = 2, metrics = 4, bitmaps = 8, encodings = 32 };
enum Format : std::uint32_t {
  pad_mask = 3,  // rows are padded to 1 << it bytes
  byte_msb = 4,
  bit_msb = 8,
  compressed = 0x100,  // of metrics: a byte each
};

std::vector<std::uint8_t> read_file(const std::string& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) throw std::runtime_error("cannot be opened");
  std::vector<std::uint8_t> bytes;
  for (;;) {
    const std::size_t had = bytes.size();
    bytes.resize(had + 65536);
    const int got = gzread(file.get(), bytes.data() + had, 65536);
    if (got < 0) throw std::runtime_error("cannot be read or decompressed");
    bytes.resize(had + static_cast<std::size_t>(got));
    if (got == 0) return bytes;
    if (bytes.size() > largest_file) throw std::runtime_error("is too large for a font");
  }
}

// Bytes in one of the two orders, with bounds checked.
class Reader {
 public:
  Reader(const std::vector<std::uint8_t>& bytes, std::size_t at, bool msb)
      : bytes_(bytes), at_(at), msb_(msb) {}

  std::uint32_t number(unsigned size) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; i++) {
      const std::uint32_t byte = bytes_.at(at_ + i);
      value |= byte << (8 * (msb_ ? size - 1 - i : i));
    }
    at_ += size;
    return value;
  }
  int s16() { return static_cast<std::int16_t>(number(2)); }
  void skip(std::size_t size) { at_ += size; }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  const std::vector<std::uint8_t>& bytes_;
  std::size_t at_;
  bool msb_;
};

struct Table {
  std::uint32_t format = 0;
  Reader reader;
};

struct Metrics {
  int left;
  int right;
  int width;
  int ascent;
  int descent;
};

class File {
 public:
  explicit File(const std::string& path) : bytes_(read_file(path)) {
    Reader header(bytes_, 0, false);
    if (header.number(4) != 0x70636601) throw std::runtime_error("is no PCF font");
    const std::uint32_t count = header.number(4);
    for (std::uint32_t i = 0; i < count; i++) {
      const std::uint32_t type = header.number(4);
      header.skip(8);
      offsets_[type] = header.number(4);
    }
  }

  Font font() {
    const std::vector<Metrics> all = glyph_metrics();
    Table table = open(accelerators);
    table.reader.skip(8);
    const int ascent = static_cast<int>(table.reader.number(4));
    const int descent = static_cast<int>(table.reader.number(4));
    if (all.empty()) throw std::runtime_error("has no characters");
    Font font;
    font.width = static_cast<unsigned>(all.front().width);
    font.height = static_cast<unsigned>(ascent + descent);
    if (font.width - 1 >= largest_cell || font.height - 1 >= largest_cell) {
      throw std::runtime_error(fmt::format("has cells of {}x{} pixels", font.width, font.height));
    }
    const std::vector<std::uint32_t> offsets = bitmap_offsets(all.size());
    for (const auto& [code, glyph] : codes()) {
      const Metrics& m = all.at(glyph);
      if (m.width == static_cast<int>(font.width)) {
        font.glyphs[code] = cell(font, m, ascent, offsets.at(glyph));
      }
    }
    return font;
  }

 private:
  Table open(std::uint32_t type) {
    const auto found = offsets_.find(type);
    if (found == offsets_.end()) throw std::runtime_error(fmt::format("lacks table {}", type));
    const std::uint32_t format = Reader(bytes_, found->second, false).number(4);
    Reader reader(bytes_, found->second, (format & byte_msb) != 0);
    reader.skip(4);
    return {format, reader};
  }

  std::vector<Metrics> glyph_metrics() {
    Table table = open(metrics);
    Reader& in = table.reader;
    const bool small = (table.format & compressed) != 0;
    const std::uint32_t count = in.number(small ? 2 : 4);
    std::vector<Metrics> all;
    for (std::uint32_t i = 0; i < count; i++) {
      const auto next = [&] { return small ? static_cast<int>(in.number(1)) - 0x80 : in.s16(); };
      Metrics m{};
      for (int* field : {&m.left, &m.right, &m.width, &m.ascent, &m.descent}) *field = next();
      if (!small) in.skip(2);
      all.push_back(m);
    }
    return all;
  }

  std::vector<std::uint32_t> bitmap_offsets(std::size_t glyphs) {
    Table table = open(bitmaps);
    if (table.reader.number(4) != glyphs) throw std::runtime_error("lacks bitmaps");
    if ((table.format & (byte_msb | bit_msb)) != (byte_msb | bit_msb)) {
      throw std::runtime_error("has bitmaps in another order than left to right");
    }
    std::vector<std::uint32_t> offsets;
    for (std::size_t i = 0; i < glyphs; i++) offsets.push_back(table.reader.number(4));
    table.reader.skip(16);
    pad_ = 1U << (table.format & pad_mask);
    bits_ = table.reader.at();
    return offsets;
  }

  std::map<std::uint32_t, std::uint32_t> codes() {
    Table table = open(encodings);
    Reader& in = table.reader;
    const std::uint32_t low_first = in.number(2);
    const std::uint32_t low_last = in.number(2);
    const std::uint32_t high_first = in.number(2);
    const std::uint32_t high_last = in.number(2);
    in.skip(2);
    std::map<std::uint32_t, std::uint32_t> found;
    for (std::uint32_t high = high_first; high <= high_last; high++) {
      for (std::uint32_t low = low_first; low <= low_last; low++) {
        const std::uint32_t glyph = in.number(2);
        if (glyph != 0xffff) found[high << 8 | low] = glyph;
      }
    }
    return found;
  }

  Cell cell(const Font& font, const Metrics& m, int ascent, std::uint32_t offset) {
    Cell pixels(std::size_t{font.width} * font.height);
    const int columns = m.right - m.left;
    const std::size_t stride =
        (static_cast<std::size_t>(columns) + 8 * pad_ - 1) / (8 * pad_) * pad_;
    for (int row = 0; row < m.ascent + m.descent; row++) {
      for (int column = 0; column < columns; column++) {
        const int x = m.left + column;
        const int y = ascent - m.ascent + row;
        const std::size_t byte = bits_ + offset + static_cast<std::size_t>(row) * stride +
                                 static_cast<std::size_t>(column / 8);
        const bool on = ((bytes_.at(byte) >> (7 - column % 8)) & 1) != 0;
        if (!on || x < 0 || y < 0 || x >= static_cast<int>(font.width) ||
            y >= static_cast<int>(font.height)) {
          continue;
        }
        pixels[static_cast<std::size_t>(y) * font.width + static_cast<std::size_t>(x)] = 1;
      }
    }
    return pixels;
  }

  std::vector<std::uint8_t> bytes_;
  std::map<std::uint32_t, std::uint32_t> offsets_;  // of tables, by type
  std::size_t pad_ = 1;
  std::size_t bits_ = 0;  // where the bitmaps begin
};

}  // namespace

Font read_pcf(const std::string& path) {
  try {
    return File(path).font();
  } catch (const std::out_of_range&) {
    throw std::runtime_error(path + " is cut off");
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(path + " " + error.what());
  }
}

}  // namespace pupci::fonts
