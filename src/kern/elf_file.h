// SPDX-License-Identifier: BSD-2-Clause
// The dynamic symbols of a shared object, read from the file: it need not be loadable, nor even
// well-formed.
#pragma once

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
};

struct ElfSegment {
  std::uint64_t address = 0;
  std::uint64_t offset = 0;  // in the file
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
  bool executable = false;
};

class PUPCI_API ElfFile {
 public:
  // Throws pupci::Error with the path and the reason: errno of open(2), or ENOEXEC when it is no
  // shared object for this machine.
  explicit ElfFile(const std::string& path);

  [[nodiscard]] const std::vector<ElfSymbol>& symbols() const { return symbols_; }
  [[nodiscard]] const std::vector<ElfSegment>& segments() const { return segments_; }
  // A defined symbol, or null.
  [[nodiscard]] const ElfSymbol* find(const std::string& name) const;
  // Bytes at an address as they stand in the file (not relocated); false if they are not there.
  bool read(std::uint64_t address, void* to, std::size_t size) const;

 private:
  void read_segments();
  void read_symbols();

  std::string path_;
  std::vector<char> bytes_;
  std::vector<ElfSymbol> symbols_;
  std::vector<ElfSegment> segments_;
};

}  // namespace pupci::kern
