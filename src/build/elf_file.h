// SPDX-License-Identifier: BSD-2-Clause
// What an object or shared object says about itself: its symbols and what it needs. 64-bit files of
// this machine's byte order only. Every offset in the file is checked: files are untrusted.
#pragma once

#include <string>
#include <vector>

namespace pupci::build {

struct ElfSymbol {
  std::string name;
  bool defined = false;
  bool global = false;  // or weak
  bool weak = false;
  bool object = false;  // data, not code
};

class ElfFile {
 public:
  // Throws pupci::Error: the file is not there, not ELF, or damaged.
  explicit ElfFile(const std::string& path);

  // The static symbol table of an object, the dynamic one of a shared object.
  [[nodiscard]] const std::vector<ElfSymbol>& symbols() const& noexcept { return symbols_; }
  const std::vector<ElfSymbol>& symbols() const&& = delete;  // it would dangle
  // Names of the shared objects that it asks for (DT_NEEDED).
  [[nodiscard]] const std::vector<std::string>& needed() const& noexcept { return needed_; }
  const std::vector<std::string>& needed() const&& = delete;

 private:
  std::vector<ElfSymbol> symbols_;
  std::vector<std::string> needed_;
};

}  // namespace pupci::build
