// SPDX-License-Identifier: BSD-2-Clause
// The symbols of a driver's shared object, or of an object that it is linked from, read from the
// file: it need not be loadable, nor even well-formed.
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kern/api.h"

namespace pupci::kern {

struct ElfSymbol {
  std::string name;
  std::uint64_t value = 0;  // address within the object
  std::uint64_t size = 0;
  bool defined = false;
  bool weak = false;
  bool object = false;  // data, not code
};

struct ElfSegment {
  std::uint64_t address = 0;
  std::uint64_t offset = 0;  // in the file
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
  bool executable = false;
};

enum class ElfKind : std::uint8_t { shared_object, object };

class PUPCI_API ElfFile {
 public:
  // Throws pupci::Error with the path and the reason: errno of open(2), or ENOEXEC when it is none
  // of this kind for this machine.
  explicit ElfFile(const std::string& path, ElfKind kind = ElfKind::shared_object);

  // The global and weak ones: dynamic ones of a shared object, all of an object.
  [[nodiscard]] const std::vector<ElfSymbol>& symbols() const& { return symbols_; }
  const std::vector<ElfSymbol>& symbols() const&& = delete;  // it would dangle
  [[nodiscard]] const std::vector<ElfSegment>& segments() const { return segments_; }
  // Names of the shared objects that it asks for (DT_NEEDED).
  [[nodiscard]] std::vector<std::string> needed() const;
  // A defined symbol, or null.
  [[nodiscard]] const ElfSymbol* find(const std::string& name) const;
  // Bytes at an address as they stand in the file (not relocated); false if they are not there.
  bool read(std::uint64_t address, void* to, std::size_t size) const;

 private:
  bool find_section(std::uint32_t type, Elf64_Shdr& section, Elf64_Shdr& strings) const;
  void read_segments();
  void read_symbols(std::uint32_t table_type);

  std::string path_;
  std::vector<char> bytes_;
  std::vector<ElfSymbol> symbols_;
  std::vector<ElfSegment> segments_;
};

}  // namespace pupci::kern
