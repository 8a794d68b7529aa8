// SPDX-License-Identifier: BSD-2-Clause
// Bridges above the functions of a VFIO bus.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "host/direct_access.h"
#include "host/vfio/function.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci::vfio {

BridgeFunction::BridgeFunction(const SysfsFunction& place)
    : Function(place.address),
      file_(::open((place.directory / "config").c_str(), O_RDONLY | O_CLOEXEC)) {
  struct stat info{};
  if (file_ && ::fstat(file_.get(), &info) == 0 && info.st_size >= pci::extended_end) {
    config_size_ = pci::extended_end;
  }
  std::uint32_t beyond = 0;
  header_only_ = ::pread(file_.get(), &beyond, 4, pci::header_end) != 4;
}

std::uint32_t BridgeFunction::config_read(unsigned offset, unsigned width) noexcept {
  const auto nothing = static_cast<std::uint32_t>(all_ones(width));
  const bool good = (width == 1 || width == 2 || width == 4) && offset % width == 0;
  if (!good || offset >= config_size_) return nothing;
  std::uint32_t value = 0;
  if (::pread(file_.get(), &value, width, offset) != static_cast<ssize_t>(width)) return nothing;
  // A list of capabilities that cannot be read must not be announced.
  constexpr std::uint32_t bit = pci::status_bit::capabilities;
  const bool has_status = offset <= pci::status && pci::status < offset + width;
  if (header_only_ && has_status) value &= ~(bit << 8 * (pci::status - offset));
  return value;
}

void BridgeFunction::config_write(unsigned /*offset*/, unsigned /*width*/,
                                  std::uint32_t /*value*/) noexcept {}

std::unique_ptr<Region> BridgeFunction::map(unsigned index, std::uint64_t /*offset*/,
                                            std::uint64_t /*size*/, MapMode /*mode*/) {
  throw Error(EINVAL, fmt::format("vfio: {}: cannot map BAR {}: the bridge is the kernel's",
                                  to_string(address()), index));
}

std::vector<std::shared_ptr<Interrupt>> BridgeFunction::enable_interrupts(InterruptType type,
                                                                          unsigned count) {
  throw Error(EINVAL, fmt::format("vfio: {}: {} {} interrupts: the bridge is the kernel's",
                                  to_string(address()), count, to_string(type)));
}

void BridgeFunction::reset() {
  throw Error(ENOTSUP, fmt::format("vfio: {}: cannot be reset: the bridge is the kernel's",
                                   to_string(address())));
}

}  // namespace pupci::vfio
