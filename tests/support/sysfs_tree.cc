// SPDX-License-Identifier: BSD-2-Clause
#include "support/sysfs_tree.h"

#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace pupci::test {
namespace fs = std::filesystem;

namespace {

// Links that exist are left: functions share groups and drivers.
void link(const fs::path& target, const fs::path& at) {
  fs::create_directories(at.parent_path());
  if (!fs::is_symlink(at)) fs::create_symlink(target, at);
}

}  // namespace

SysfsTree::SysfsTree() {
  std::string name = (fs::temp_directory_path() / "pupci-sysfs-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  root_ = name;
  fs::create_directories(root_ / "sys/bus/pci/devices");
}

SysfsTree::~SysfsTree() {
  std::error_code error;
  fs::remove_all(root_, error);
}

void SysfsTree::file(const fs::path& path, const std::string& text) const {
  const fs::path at = root_ / path.relative_path();
  fs::create_directories(at.parent_path());
  std::ofstream(at, std::ios::binary) << text;
}

void SysfsTree::driver(const std::string& name) const {
  fs::create_directories(root_ / "sys/bus/pci/drivers" / name);
}

fs::path SysfsTree::function(const std::string& address, const Function& function) const {
  const fs::path relative = fs::path("sys/devices/pci0000:00") / address;
  const fs::path directory = root_ / relative;
  fs::create_directories(directory);
  link(directory, root_ / "sys/bus/pci/devices" / address);
  file(relative / "vendor", fmt::format("0x{:04x}\n", function.vendor));
  file(relative / "device", fmt::format("0x{:04x}\n", function.device));
  file(relative / "class", fmt::format("0x{:06x}\n", function.class_code));
  file(relative / "driver_override",
       (function.driver_override.empty() ? "(null)" : function.driver_override) + "\n");
  if (function.header_type >= 0) {
    std::string config(64, '\0');
    config[0x0e] = static_cast<char>(function.header_type);
    file(relative / "config", config);
  }
  if (!function.driver.empty()) {
    driver(function.driver);
    link(root_ / "sys/bus/pci/drivers" / function.driver, directory / "driver");
  }
  if (function.group) {
    const fs::path group = root_ / "sys/kernel/iommu_groups" / std::to_string(*function.group);
    link(directory, group / "devices" / address);
    if (function.noiommu) file(group.lexically_relative(root_) / "name", "vfio-noiommu\n");
    link(group, directory / "iommu_group");
  }
  if (!function.cdev.empty()) file(relative / "vfio-dev" / function.cdev / "dev", "511:0\n");
  return directory;
}

}  // namespace pupci::test
