// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/sysfs.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "pupci/pci_config.h"

namespace pupci::vfio {
namespace {

namespace fs = std::filesystem;

std::uint32_t read_hex(const fs::path& path) {
  const std::string line = read_line(path);
  const char* first = line.data() + (line.starts_with("0x") ? 2 : 0);
  std::uint32_t value = 0;
  std::from_chars(first, line.data() + line.size(), value, 16);
  return value;
}

std::optional<unsigned> decimal(const std::string& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The last part of what a link names; empty without a link.
std::string link_name(const fs::path& path) {
  std::error_code error;
  const fs::path target = fs::read_symlink(path, error);
  return error ? "" : target.filename().string();
}

// The header's type lies in configuration space, of which anyone may read the first 64 bytes.
bool is_bridge(const fs::path& directory, std::uint32_t class_code) {
  std::ifstream in(directory / "config", std::ios::binary);
  in.seekg(pci::header_type);
  if (const int type = in.get(); in && (type & 0xff) != 0xff)
    return (static_cast<unsigned>(type) & pci::header::type_mask) != pci::header::endpoint;
  constexpr std::uint32_t pci_bridge = 0x0604;
  return class_code >> 8 == pci_bridge;
}

// vfio registers a class device below the function that it drives; where the kernel was built
// without character devices for them (VFIO_DEVICE_CDEV), it has no number, and no node.
std::string cdev_name(const fs::path& directory) {
  std::error_code error;
  fs::directory_iterator entries(directory / "vfio-dev", error);
  if (error || entries == fs::directory_iterator{}) return {};
  const fs::path& device = entries->path();
  return fs::exists(device / "dev", error) ? device.filename().string() : "";
}

SysfsFunction describe(const Address& address, const fs::path& link) {
  SysfsFunction function;
  function.address = address;
  std::error_code error;
  function.directory = fs::canonical(link, error);
  if (error) function.directory = link;
  const fs::path& directory = function.directory;
  function.vendor = static_cast<std::uint16_t>(read_hex(directory / "vendor"));
  function.device = static_cast<std::uint16_t>(read_hex(directory / "device"));
  function.class_code = read_hex(directory / "class");
  function.bridge = is_bridge(directory, function.class_code);
  function.iommu_group = decimal(link_name(directory / "iommu_group"));
  function.noiommu = read_line(directory / "iommu_group" / "name") == "vfio-noiommu";
  function.driver = link_name(directory / "driver");
  function.driver_override = read_line(directory / "driver_override");
  if (function.driver_override == "(null)") function.driver_override.clear();
  function.cdev = cdev_name(directory);
  return function;
}

// The functions that a directory has links to.
std::vector<SysfsFunction> functions_in(const fs::path& directory) {
  std::vector<SysfsFunction> found;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto address = parse_address(entry->path().filename().string());
    if (address) found.push_back(describe(*address, entry->path()));
  }
  std::sort(found.begin(), found.end(),
            [](const SysfsFunction& a, const SysfsFunction& b) { return a.address < b.address; });
  return found;
}

}  // namespace

std::string read_line(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

bool SysfsFunction::on_vfio() const {
  return driver.find("vfio") != std::string::npos;
}

bool SysfsFunction::holds_group() const {
  return !driver.empty() && !on_vfio() && driver != "pci-stub" && driver != "pcieport" &&
         driver != "shpchp";
}

std::vector<SysfsFunction> Sysfs::functions() const {
  return functions_in(at("/sys/bus/pci/devices"));
}

std::optional<SysfsFunction> Sysfs::find(const Address& address) const {
  const fs::path link = at("/sys/bus/pci/devices") / to_string(address);
  std::error_code error;
  if (!fs::is_directory(link, error)) return std::nullopt;
  return describe(address, link);
}

std::vector<SysfsFunction> Sysfs::members(unsigned group) const {
  return functions_in(at("/sys/kernel/iommu_groups") / std::to_string(group) / "devices");
}

bool Sysfs::has_iommu() const {
  const auto all = functions();
  return std::any_of(all.begin(), all.end(), [](const SysfsFunction& function) {
    return function.iommu_group && !function.noiommu;
  });
}

bool Sysfs::has_driver(const std::string& name) const {
  std::error_code error;
  return fs::is_directory(at("/sys/bus/pci/drivers") / name, error);
}

std::string Sysfs::group_node(const SysfsFunction& function) {
  if (!function.iommu_group) return {};
  return fmt::format("/dev/vfio/{}{}", function.noiommu ? "noiommu-" : "", *function.iommu_group);
}

std::string Sysfs::cdev_node(const SysfsFunction& function) {
  return function.cdev.empty() ? "" : "/dev/vfio/devices/" + function.cdev;
}

}  // namespace pupci::vfio
