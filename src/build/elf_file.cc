// SPDX-License-Identifier: BSD-2-Clause
#include "build/elf_file.h"

#include <elf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "pupci/error.h"

namespace pupci::build {
namespace {

class Image {
 public:
  explicit Image(const std::string& path) : path_(path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
      throw Error(errno, fmt::format("{}: {}", path, std::generic_category().message(errno)));
    bytes_.assign(std::istreambuf_iterator<char>(in), {});
  }

  [[noreturn]] void fail(std::string_view reason) const {
    throw Error(ENOEXEC, fmt::format("{}: {}", path_, reason));
  }

  // A structure at an offset, copied, because nothing says that it is aligned.
  template <typename T>
  [[nodiscard]] T at(std::uint64_t offset) const {
    if (offset > bytes_.size() || sizeof(T) > bytes_.size() - offset) fail("the file is cut short");
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }

  [[nodiscard]] std::string string_at(const Elf64_Shdr& table, std::uint64_t index) const {
    if (table.sh_offset > bytes_.size() || table.sh_size > bytes_.size() - table.sh_offset ||
        index >= table.sh_size)
      fail("a name lies outside of its table");
    const char* start = bytes_.data() + table.sh_offset + index;
    return {start, strnlen(start, table.sh_size - index)};
  }

 private:
  std::string path_;
  std::string bytes_;
};

struct Sections {
  std::vector<Elf64_Shdr> all;

  Sections(const Image& image, const Elf64_Ehdr& header) {
    if (header.e_shoff == 0) return;
    if (header.e_shentsize != sizeof(Elf64_Shdr)) image.fail("section headers of unknown size");
    for (unsigned i = 0; i < header.e_shnum; ++i)
      all.push_back(image.at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr)));
  }

  [[nodiscard]] std::optional<Elf64_Shdr> find(std::uint32_t type) const {
    for (const Elf64_Shdr& section : all) {
      if (section.sh_type == type) return section;
    }
    return std::nullopt;
  }
  [[nodiscard]] Elf64_Shdr strings_of(const Image& image, const Elf64_Shdr& section) const {
    if (section.sh_link >= all.size()) image.fail("a table without names");
    return all[section.sh_link];
  }
};

std::vector<ElfSymbol> read_symbols(const Image& image, const Sections& sections,
                                    std::uint32_t type) {
  std::vector<ElfSymbol> symbols;
  const auto table = sections.find(type);
  if (!table) return symbols;
  const Elf64_Shdr strings = sections.strings_of(image, *table);
  for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= table->sh_size; at += sizeof(Elf64_Sym)) {
    const auto symbol = image.at<Elf64_Sym>(table->sh_offset + at);
    if (symbol.st_name == 0) continue;
    const unsigned bind = ELF64_ST_BIND(symbol.st_info);
    symbols.push_back({image.string_at(strings, symbol.st_name), symbol.st_shndx != SHN_UNDEF,
                       bind == STB_GLOBAL || bind == STB_WEAK, bind == STB_WEAK,
                       ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT});
  }
  return symbols;
}

std::vector<std::string> read_needed(const Image& image, const Sections& sections) {
  std::vector<std::string> needed;
  const auto table = sections.find(SHT_DYNAMIC);
  if (!table) return needed;
  const Elf64_Shdr strings = sections.strings_of(image, *table);
  for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= table->sh_size; at += sizeof(Elf64_Dyn)) {
    const auto entry = image.at<Elf64_Dyn>(table->sh_offset + at);
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_NEEDED) needed.push_back(image.string_at(strings, entry.d_un.d_val));
  }
  return needed;
}

}  // namespace

ElfFile::ElfFile(const std::string& path) {
  const Image image(path);
  const auto header = image.at<Elf64_Ehdr>(0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) image.fail("not an ELF file");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
    image.fail("not for this machine");
  const Sections sections(image, header);
  symbols_ = read_symbols(image, sections, header.e_type == ET_REL ? SHT_SYMTAB : SHT_DYNSYM);
  needed_ = read_needed(image, sections);
}

}  // namespace pupci::build
