// SPDX-License-Identifier: BSD-2-Clause
// What Linux's sysfs tells of PCI functions, their IOMMU groups and who drives them. Linux only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pupci/address.h"

namespace pupci::vfio {

/// The first line of a file; sysfs's attributes have but one. Empty if it cannot be read.
std::string read_line(const std::filesystem::path& path);

/// A PCI function as sysfs shows it. A snapshot: the machine may change meanwhile.
struct SysfsFunction {
  Address address;
  std::filesystem::path directory;  ///< below .../sys/devices, so that its parents are its buses
  std::uint16_t vendor = 0;
  std::uint16_t device = 0;
  std::uint32_t class_code = 0;         ///< 24 bits: class, subclass, interface
  bool bridge = false;                  ///< its header is not an endpoint's
  std::optional<unsigned> iommu_group;  ///< nothing where no IOMMU translates for it
  bool noiommu = false;                 ///< its group is one of vfio's without an IOMMU
  std::string driver;                   ///< that is bound to it, or empty
  std::string driver_override;          ///< the only driver that it may have, or empty
  std::string cdev;                     ///< "vfio0": its name below /dev/vfio/devices, or empty

  /// Whether a driver of the vfio family is bound to it (vfio-pci, mlx5_vfio_pci, ...).
  [[nodiscard]] bool on_vfio() const;
  /// Whether its driver keeps its group from belonging to user space. Kernel: the drivers with
  /// driver_managed_dma (vfio's own, pci-stub, pcieport, shpchp) do not.
  [[nodiscard]] bool holds_group() const;
};

/// Immutable; no call throws but for want of memory: what cannot be read is empty.
class Sysfs {
 public:
  /// `root` is where sys, dev and proc are: "/", but in tests.
  explicit Sysfs(std::filesystem::path root = "/") : root_(std::move(root)) {}

  [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_; }
  /// `path` is absolute, as the user knows it ("/dev/vfio/vfio"); where it is below root().
  [[nodiscard]] std::filesystem::path at(const std::filesystem::path& path) const {
    return root_ / path.relative_path();
  }

  /// All functions in order of address. Those of segments above 0xffff are left out.
  [[nodiscard]] std::vector<SysfsFunction> functions() const;
  [[nodiscard]] std::optional<SysfsFunction> find(const Address& address) const;

  /// The functions of a group in order of address, bridges included.
  [[nodiscard]] std::vector<SysfsFunction> members(unsigned group) const;
  /// Whether any function is in an IOMMU group (vfio's without an IOMMU do not count).
  [[nodiscard]] bool has_iommu() const;
  /// Whether the PCI bus has a driver of that name (/sys/bus/pci/drivers/NAME).
  [[nodiscard]] bool has_driver(const std::string& name) const;

  /// As the user knows them: "/dev/vfio/14", "/dev/vfio/noiommu-0"; empty for a function without a
  /// group.
  [[nodiscard]] static std::string group_node(const SysfsFunction& function);
  /// "/dev/vfio/devices/vfio0"; empty for one without.
  [[nodiscard]] static std::string cdev_node(const SysfsFunction& function);

 private:
  std::filesystem::path root_;
};

}  // namespace pupci::vfio
