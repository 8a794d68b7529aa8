// SPDX-License-Identifier: BSD-2-Clause
// The IOMMU's faults, from the kernel's log: it tells them nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/fd.h"
#include "pupci/address.h"

namespace pupci::vfio {

/// A function's DMA that the IOMMU refused.
struct DmaFault {
  Address function;
  std::uint64_t bus_address = 0;
  bool write = false;  ///< by the device, to memory
  bool operator==(const DmaFault&) const = default;
};

/// Of a line of the kernel's log, without its prefix: Intel's "DMAR:" and AMD's "AMD-Vi:" forms.
std::optional<DmaFault> parse_dma_fault(std::string_view line);

/// What the kernel logs from now on. Without the right to read it (root, CAP_SYSLOG, or
/// kernel.dmesg_restrict=0) there is no descriptor, and nothing is told.
class FaultLog {
 public:
  explicit FaultLog(const std::string& node = "/dev/kmsg");
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }  ///< polls readable; or -1
  /// The next fault that was logged, if there is one.
  std::optional<DmaFault> next();

 private:
  Fd fd_;
};

}  // namespace pupci::vfio
