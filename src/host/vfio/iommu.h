// SPDX-License-Identifier: BSD-2-Clause
// What translates the functions' DMA: VFIO's container with its groups, or an iommufd address
// space. Both give the same: descriptors of functions, and one I/O address space for all of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/fd.h"
#include "host/vfio/sysfs.h"

namespace pupci::vfio {

/// I/O virtual addresses, both inclusive.
struct IovaRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

class Iommu {
 public:
  virtual ~Iommu() = default;
  Iommu(const Iommu&) = delete;
  Iommu& operator=(const Iommu&) = delete;

  /// The descriptor of a function that is bound to a VFIO driver; its DMA goes through this from
  /// now on. Throws Error: EBUSY, EACCES, ENODEV, EINVAL, each saying what to do.
  virtual Fd open_function(const SysfsFunction& function) = 0;

  /// What the functions opened so far can all be given, in order. Throws Error.
  [[nodiscard]] virtual std::vector<IovaRange> ranges() = 0;
  /// Bytes, a power of two.
  [[nodiscard]] virtual std::uint64_t smallest_page() = 0;

  /// Whole pages of this process's memory. 0 or an errno value: ENOMEM beyond the limit of locked
  /// memory, ENOSPC beyond the kernel's limit of mappings.
  virtual int map(std::uint64_t iova, void* memory, std::uint64_t size) noexcept = 0;
  /// All of what one map() mapped, exactly.
  virtual int unmap(std::uint64_t iova, std::uint64_t size) noexcept = 0;

  /// For a reset that concerns a whole bus, which takes a proof that all of it is ours: the groups'
  /// descriptors; none where the iommufd that the functions are bound to is the proof.
  [[nodiscard]] virtual std::vector<int> proof() const = 0;
  /// Addresses are physical ones and nothing is checked.
  [[nodiscard]] virtual bool translates() const noexcept { return true; }

 protected:
  Iommu() = default;
};

/// /dev/vfio/vfio and /dev/vfio/GROUP. `unsafe`: without an IOMMU, /dev/vfio/noiommu-GROUP.
std::unique_ptr<Iommu> open_container(const Sysfs& sysfs, bool unsafe);
/// /dev/iommu and /dev/vfio/devices/NAME.
std::unique_ptr<Iommu> open_iommufd(const Sysfs& sysfs);
/// Whether the kernel has the latter and this user may use it for all of `functions`.
bool can_iommufd(const Sysfs& sysfs, const std::vector<SysfsFunction>& functions);

}  // namespace pupci::vfio
