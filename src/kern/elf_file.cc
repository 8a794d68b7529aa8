// SPDX-License-Identifier: BSD-2-Clause
#include "kern/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "pupci/error.h"

namespace pupci::kern {
namespace {

#if defined(__x86_64__)
constexpr unsigned this_machine = EM_X86_64;
constexpr const char* this_machine_name = "x86-64";
#elif defined(__aarch64__)
constexpr unsigned this_machine = EM_AARCH64;
constexpr const char* this_machine_name = "AArch64";
#else
#error "which ELF machine is this?"
#endif

std::string machine_name(unsigned machine) {
  switch (machine) {
    case EM_386:
      return "i386";
    case EM_X86_64:
      return "x86-64";
    case EM_ARM:
      return "ARM";
    case EM_AARCH64:
      return "AArch64";
    case EM_PPC64:
      return "PowerPC64";
    case EM_SPARCV9:
      return "SPARC V9";
    case EM_RISCV:
      return "RISC-V";
    default:
      return fmt::format("machine {}", machine);
  }
}

[[noreturn]] void fail_errno(const std::string& path) {
  const int error = errno;
  throw Error(error, fmt::format("{}: {}", path, std::generic_category().message(error)));
}

std::vector<char> contents(const std::string& path) {
  constexpr off_t too_large = off_t{1} << 30;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail_errno(path);
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } const closer{fd};
  struct stat status{};
  if (::fstat(fd, &status) != 0) fail_errno(path);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ENOEXEC, fmt::format("{}: not a file; a driver is a shared object", path));
  }
  if (status.st_size > too_large) throw Error(EFBIG, fmt::format("{}: too large", path));
  std::vector<char> bytes(static_cast<std::size_t>(status.st_size));
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::read(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno != EINTR) fail_errno(path);
    if (n == 0) bytes.resize(done);
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  return bytes;
}

// A structure at an offset of the file; false if it is not all there.
template <typename T>
bool get(const std::vector<char>& bytes, std::uint64_t offset, T& to) {
  if (offset > bytes.size() || sizeof(T) > bytes.size() - offset) return false;
  std::memcpy(&to, bytes.data() + offset, sizeof(T));
  return true;
}

// The string at an index of a table; empty if it does not end within the table.
std::string get_string(const std::vector<char>& bytes, const Elf64_Shdr& table,
                       std::uint64_t index) {
  if (table.sh_offset > bytes.size() || table.sh_size > bytes.size() - table.sh_offset ||
      index >= table.sh_size) {
    return {};
  }
  const char* start = bytes.data() + table.sh_offset + index;
  const void* end = std::memchr(start, 0, table.sh_size - index);
  return end == nullptr ? std::string{} : std::string(start, static_cast<const char*>(end));
}

void check_kind(const std::string& path, unsigned type, ElfKind kind) {
  if (type == (kind == ElfKind::object ? ET_REL : ET_DYN)) return;
  if (kind == ElfKind::object) throw Error(ENOEXEC, fmt::format("{}: not an object file", path));
  throw Error(ENOEXEC, fmt::format("{}: {}, not a shared object; link it with -shared, as "
                                   "`pupci build` does",
                                   path, type == ET_REL ? "an object file" : "not linked"));
}

void check_header(const std::string& path, const std::vector<char>& bytes, ElfKind kind) {
  Elf64_Ehdr header{};
  if (bytes.size() < SELFMAG || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0) {
    throw Error(ENOEXEC, fmt::format("{}: not an ELF file; a driver is a shared object as "
                                     "`pupci build` makes it",
                                     path));
  }
  if (!get(bytes, 0, header)) throw Error(ENOEXEC, fmt::format("{}: truncated ELF file", path));
  const bool little = header.e_ident[EI_DATA] == ELFDATA2LSB;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 ||
      little != (std::endian::native == std::endian::little)) {
    throw Error(ENOEXEC, fmt::format("{}: a {}-bit {}-endian ELF file; this pupci needs a driver "
                                     "for {} (64-bit)",
                                     path, header.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32,
                                     little ? "little" : "big", this_machine_name));
  }
  if (header.e_machine != this_machine) {
    throw Error(ENOEXEC, fmt::format("{}: built for {}; this pupci needs a driver for {}", path,
                                     machine_name(header.e_machine), this_machine_name));
  }
  check_kind(path, header.e_type, kind);
}

}  // namespace

ElfFile::ElfFile(const std::string& path, ElfKind kind) : path_(path), bytes_(contents(path)) {
  check_header(path_, bytes_, kind);
  read_segments();
  read_symbols(kind == ElfKind::object ? SHT_SYMTAB : SHT_DYNSYM);
}

void ElfFile::read_segments() {
  Elf64_Ehdr header{};
  get(bytes_, 0, header);
  for (unsigned i = 0; i < header.e_phnum; i++) {
    Elf64_Phdr ph{};
    if (header.e_phentsize != sizeof ph || !get(bytes_, header.e_phoff + i * sizeof ph, ph)) {
      throw Error(ENOEXEC, fmt::format("{}: damaged: program headers lie outside the file", path_));
    }
    if (ph.p_type == PT_LOAD) {
      if (ph.p_offset > bytes_.size() || ph.p_filesz > bytes_.size() - ph.p_offset) {
        throw Error(ENOEXEC, fmt::format("{}: damaged: it ends within a segment", path_));
      }
      segments_.push_back(
          {ph.p_vaddr, ph.p_offset, ph.p_filesz, ph.p_memsz, (ph.p_flags & PF_X) != 0});
    }
  }
}

// The first section of a type, and the one with its strings.
bool ElfFile::find_section(std::uint32_t type, Elf64_Shdr& section, Elf64_Shdr& strings) const {
  Elf64_Ehdr header{};
  get(bytes_, 0, header);
  const std::uint64_t headers = std::uint64_t{header.e_shnum} * sizeof section;
  if (header.e_shoff > bytes_.size() || headers > bytes_.size() - header.e_shoff) {
    throw Error(ENOEXEC, fmt::format("{}: damaged: section headers lie outside the file", path_));
  }
  if (header.e_shentsize != sizeof section) return false;
  for (unsigned i = 0; i < header.e_shnum; i++) {
    if (get(bytes_, header.e_shoff + i * sizeof section, section) && section.sh_type == type) {
      return get(bytes_, header.e_shoff + section.sh_link * sizeof strings, strings);
    }
  }
  return false;
}

void ElfFile::read_symbols(std::uint32_t table_type) {
  Elf64_Shdr table{};
  Elf64_Shdr strings{};
  if (!find_section(table_type, table, strings)) {
    throw Error(ENOEXEC, fmt::format("{}: no symbol table (damaged, or stripped of its section "
                                     "headers)",
                                     path_));
  }
  // The first symbol is the null symbol.
  for (std::uint64_t at = sizeof(Elf64_Sym); at + sizeof(Elf64_Sym) <= table.sh_size;
       at += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol{};
    if (!get(bytes_, table.sh_offset + at, symbol)) {
      throw Error(ENOEXEC, fmt::format("{}: damaged: symbols lie outside the file", path_));
    }
    std::string name = get_string(bytes_, strings, symbol.st_name);
    const unsigned binding = ELF64_ST_BIND(symbol.st_info);
    if (name.empty() || binding == STB_LOCAL) continue;
    symbols_.push_back({std::move(name), symbol.st_value, symbol.st_size,
                        symbol.st_shndx != SHN_UNDEF, binding == STB_WEAK,
                        ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT});
  }
}

std::vector<std::string> ElfFile::needed() const {
  std::vector<std::string> names;
  Elf64_Shdr table{};
  Elf64_Shdr strings{};
  if (!find_section(SHT_DYNAMIC, table, strings)) return names;
  Elf64_Dyn entry{};
  for (std::uint64_t at = 0; at + sizeof entry <= table.sh_size; at += sizeof entry) {
    if (!get(bytes_, table.sh_offset + at, entry) || entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_NEEDED) names.push_back(get_string(bytes_, strings, entry.d_un.d_val));
  }
  return names;
}

const ElfSymbol* ElfFile::find(const std::string& name) const {
  for (const ElfSymbol& symbol : symbols_) {
    if (symbol.defined && symbol.name == name) return &symbol;
  }
  return nullptr;
}

bool ElfFile::read(std::uint64_t address, void* to, std::size_t size) const {
  for (const ElfSegment& segment : segments_) {
    const std::uint64_t within = address - segment.address;
    if (within >= segment.file_size || size > segment.file_size - within) continue;
    const std::uint64_t offset = segment.offset + within;
    if (offset > bytes_.size() || size > bytes_.size() - offset) return false;
    std::memcpy(to, bytes_.data() + offset, size);
    return true;
  }
  return false;
}

}  // namespace pupci::kern
