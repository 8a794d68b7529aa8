// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/obstacle.h"

#include <fmt/core.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "dev/pci/pupciio.h"

namespace pupci::netbsd {

std::string reason(int error) {
  return std::generic_category().message(error);
}

std::string netbsd_address(const Address& address) {
  return fmt::format("{}:{}:{}", address.bus, address.device, address.function);
}

Error cannot_open_node(const std::string& path, int error) {
  const auto slash = path.rfind('/') + 1;
  const std::string_view name = std::string_view(path).substr(slash);
  std::string remedy;
  switch (error) {
    case ENOENT:
      remedy = fmt::format("; make it: cd {} && sh MAKEDEV {}", path.substr(0, slash), name);
      break;
    case ENXIO:
    case ENODEV:
      remedy =
          "; no function is attached there: modload pupci, sysctl -w "
          "hw.pupci.claim=BUS:DEVICE:FUNCTION, drvctl -r pci0";
      break;
    case EBUSY:
      remedy = fmt::format("; another process has it: fstat {}", path);
      break;
    case EACCES:
    case EPERM:
      remedy = fmt::format("; it is not this user's: as root, chown USER {}", path);
      break;
    default:
      break;
  }
  return {error, fmt::format("netbsd: {}: {}{}", path, reason(error), remedy)};
}

Error cannot_open_bus(const std::string& path, int error) {
  std::string remedy;
  switch (error) {
    case ENOENT:
      remedy = "; ls /dev/pci* lists the buses, cd /dev && sh MAKEDEV pci makes their nodes";
      break;
    case ENXIO:
    case ENODEV:
      remedy = "; there is no such bus: drvctl -l lists those that there are";
      break;
    case EACCES:
    case EPERM:
      remedy =
          "; it is root's, and gives the whole machine: name the function's own node instead, "
          "--host netbsd:/dev/pupciN";
      break;
    default:
      break;
  }
  return {error, fmt::format("netbsd: {}: {}{}", path, reason(error), remedy)};
}

Error other_version(const std::string& path, unsigned version) {
  const std::string theirs =
      version == 0 ? "other requests" : fmt::format("version {} of its requests", version);
  return {EPROTO,
          fmt::format("netbsd: {}: the module has {}, this is for version {}; load the one that "
                      "belongs to this pupci: modunload pupci && modload pupci",
                      path, theirs, PUPCI_IO_VERSION)};
}

Error no_bus(const std::string& path, int error) {
  return {ENODEV, fmt::format("netbsd: {}: is no PCI bus: {}; ls /dev/pci* lists those that there "
                              "are",
                              path, reason(error))};
}

std::string how_to_claim(const Address& address, const std::string& holder) {
  const std::string claim =
      fmt::format("modload pupci; sysctl -w hw.pupci.claim={}; ", netbsd_address(address));
  if (holder.empty()) return claim + "drvctl -r pci0";
  return claim + fmt::format("drvctl -d {}; drvctl -r pci0", holder);
}

std::string why_not_mapped(int error) {
  if (error != EPERM && error != EACCES) return reason(error);
  return "this takes the privilege to reach unmanaged memory: run as root with kern.securelevel "
         "below 1, see pupci(4)";
}

}  // namespace pupci::netbsd
