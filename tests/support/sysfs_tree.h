// SPDX-License-Identifier: BSD-2-Clause
// A sysfs made of plain files and links, with the PCI functions that a test wants.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace pupci::test {

class SysfsTree {
 public:
  struct Function {
    unsigned vendor = 0x1234;
    unsigned device = 0x11e8;
    unsigned class_code = 0x00ff00;
    int header_type = 0;  ///< -1: configuration space cannot be read
    std::string driver;
    std::string driver_override;
    std::optional<unsigned> group;
    bool noiommu = false;
    std::string cdev;
  };

  SysfsTree();
  ~SysfsTree();
  SysfsTree(const SysfsTree&) = delete;
  SysfsTree& operator=(const SysfsTree&) = delete;

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  /// Adds one; its directory.
  std::filesystem::path function(const std::string& address, const Function& function) const;
  /// Makes a driver known to the PCI bus.
  void driver(const std::string& name) const;
  /// Writes a file below the root, and the folders above it.
  void file(const std::filesystem::path& path, const std::string& text) const;

 private:
  std::filesystem::path root_;
};

}  // namespace pupci::test
