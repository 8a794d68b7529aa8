// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/bus_node.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "dev/pci/pciio.h"
#include "host/netbsd/obstacle.h"
#include "pupci/pci_config.h"

namespace pupci::netbsd {
namespace {

constexpr std::uint32_t nothing = UINT32_MAX;
constexpr std::uint8_t multifunction = 0x80;
constexpr std::uint8_t bridge = 1;

}  // namespace

BusNode::BusNode(std::shared_ptr<System> system, std::string path)
    : system_(std::move(system)), path_(std::move(path)) {
  fd_ = system_->open(path_.c_str(), O_RDWR);
  if (fd_ < 0 && (errno == EACCES || errno == EPERM)) {
    fd_ = system_->open(path_.c_str(), O_RDONLY);
    writable_ = false;
  }
  if (fd_ < 0) throw cannot_open_bus(path_, errno);
  pciio_businfo info{};
  if (system_->ioctl(fd_, PCI_IOC_BUSINFO, &info) < 0) {
    const int error = errno;
    system_->close(fd_);
    throw no_bus(path_, error);
  }
  bus_ = static_cast<std::uint8_t>(info.busno);
  devices_ = std::min(info.maxdevs, 32U);
}

BusNode::~BusNode() {
  system_->close(fd_);
}

std::uint32_t BusNode::read(const Address& address, unsigned reg) const noexcept {
  pciio_bdf_cfgreg access{address.bus, address.device, address.function, {reg, nothing}};
  return system_->ioctl(fd_, PCI_IOC_BDF_CFGREAD, &access) < 0 ? nothing : access.cfgreg.val;
}

void BusNode::write(const Address& address, unsigned reg, std::uint32_t value) const noexcept {
  pciio_bdf_cfgreg access{address.bus, address.device, address.function, {reg, value}};
  system_->ioctl(fd_, PCI_IOC_BDF_CFGWRITE, &access);
}

void BusNode::modify(const Address& address, unsigned reg, std::uint32_t mask,
                     std::uint32_t value) noexcept {
  const std::scoped_lock lock(mutex_);
  const std::uint32_t kept = mask == UINT32_MAX ? 0 : read(address, reg) & ~mask;
  write(address, reg, kept | (value & mask));
}

std::string BusNode::driver(const Address& address) const {
  pciio_drvnameonbus below{address.bus, address.device, address.function, {}};
  if (system_->ioctl(fd_, PCI_IOC_DRVNAMEONBUS, &below) == 0) {
    return {below.name, ::strnlen(below.name, sizeof below.name)};
  }
  // Older kernels know only of the bus itself.
  pciio_drvname here{address.device, address.function, {}};
  if (address.bus != bus_ || system_->ioctl(fd_, PCI_IOC_DRVNAME, &here) < 0) return {};
  return {here.name, ::strnlen(here.name, sizeof here.name)};
}

std::vector<Address> BusNode::discover() const {
  std::vector<Address> found;
  std::vector<bool> seen(256);
  discover(bus_, devices_, seen, found);
  std::sort(found.begin(), found.end());
  return found;
}

// What bridges say may be nonsense: each bus is looked at once.
void BusNode::discover(std::uint8_t bus, unsigned devices, std::vector<bool>& seen,
                       std::vector<Address>& found) const {
  if (seen[bus]) return;
  seen[bus] = true;
  for (unsigned device = 0; device < devices; device++) {
    for (unsigned function = 0; function < 8; function++) {
      const Address address{0, bus, static_cast<std::uint8_t>(device),
                            static_cast<std::uint8_t>(function)};
      const std::uint32_t id = read(address, pci::vendor_id);
      if (id == nothing || id == 0) {
        if (function == 0) break;
        continue;
      }
      found.push_back(address);
      const auto type = static_cast<std::uint8_t>(read(address, 0x0c) >> 16);
      const auto secondary = static_cast<std::uint8_t>(read(address, pci::primary_bus) >> 8);
      const bool leads_on = (type & ~multifunction) == bridge && secondary > bus;
      if (leads_on) discover(secondary, 32, seen, found);
      if (function == 0 && (type & multifunction) == 0) break;
    }
  }
}

}  // namespace pupci::netbsd
