// SPDX-License-Identifier: BSD-2-Clause
// BARs of VFIO functions.
#pragma once

#include <memory>

#include "host/request.h"
#include "host/vfio/device.h"
#include "pupci/region.h"

namespace pupci::vfio {

/// Which part of which BAR.
struct BarPart {
  RegionInfo info;
  Space space = Space::memory;
  std::uint64_t bus_address = 0;  ///< of the part's first byte
  std::uint64_t offset = 0;       ///< in the BAR
  std::uint64_t size = 0;
  /// Of the BAR, that programs do not get to see: the page of the MSI-X table.
  Stretch guarded;
  /// sysfs's file of the BAR for write-combining, that can_combine(); else empty.
  std::string combining;
};

/// Whether a file of sysfs's can be mapped.
bool can_combine(const std::string& file) noexcept;

/// Direct where all of it can be mapped and nothing in it is guarded, else trapped: then what can
/// be mapped is reached by loads and stores, the rest by calls into the kernel, which keeps the
/// MSI-X table to itself. Throws what `request` refuses with when the kernel does not map it.
std::unique_ptr<Region> make_region(std::shared_ptr<Device> device, const BarPart& part,
                                    const BarRequest& request);

}  // namespace pupci::vfio
