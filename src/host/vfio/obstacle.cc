// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/obstacle.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <cerrno>
#include <system_error>

namespace pupci::vfio {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

std::string behind(const Sysfs& sysfs, const SysfsFunction& bridge) {
  std::string list;
  const std::string below = bridge.directory.string() + "/";
  for (const SysfsFunction& function : sysfs.functions()) {
    if (function.bridge || !function.directory.string().starts_with(below)) continue;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", to_string(function.address));
  }
  return list;
}

Error no_iommu(const Sysfs& sysfs, const SysfsFunction& function) {
  return {ENXIO,
          fmt::format("vfio: {}: no IOMMU translates for it{}; turn the IOMMU (VT-d, AMD-Vi) on in "
                      "the firmware's set-up, and boot the kernel with intel_iommu=on where it is "
                      "Intel's; without one there is only --host vfio:{},unsafe-noiommu",
                      to_string(function.address), sysfs.has_iommu() ? "" : ", nor for any other",
                      to_string(function.address))};
}

}  // namespace

SysfsFunction find_usable(const Sysfs& sysfs, const Address& address, bool unsafe) {
  const std::string name = to_string(address);
  const auto function = sysfs.find(address);
  if (!function) {
    throw Error(ENODEV, fmt::format("vfio: {}: there is no such function; lspci -D lists those "
                                    "that there are",
                                    name));
  }
  if (function->bridge) {
    const std::string list = behind(sysfs, *function);
    throw Error(EINVAL, fmt::format("vfio: {}: is a bridge, which stays with the kernel; {}", name,
                                    list.empty() ? "nothing is behind it"
                                                 : "name a function behind it: " + list));
  }
  if (!function->on_vfio()) {
    throw Error(EBUSY, fmt::format("vfio: {}: {}; bind it to vfio-pci: pupci bind {}", name,
                                   function->driver.empty()
                                       ? "no driver is bound to it"
                                       : "is in the hands of the kernel's " + function->driver,
                                   name));
  }
  if (unsafe && !function->noiommu) {
    throw Error(
        EINVAL,
        function->iommu_group
            ? fmt::format("vfio: {}: an IOMMU translates for it; leave out unsafe-noiommu", name)
            : fmt::format("vfio: {}: the kernel's mode without an IOMMU is off; turn it "
                          "on, then bind the function anew: echo 1 > "
                          "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode",
                          name));
  }
  if (!unsafe && (!function->iommu_group || function->noiommu)) throw no_iommu(sysfs, *function);
  return *function;
}

Error cannot_open_container(const std::string& node, int error) {
  const char* remedy = "";
  if (error == ENOENT || error == ENODEV || error == ENXIO) {
    remedy = "; load the kernel's module: modprobe vfio-pci";
  } else if (error == EACCES || error == EPERM) {
    remedy = "; run as root, or let this user have it: chmod 666 it, which gives nothing away";
  }
  return {error, fmt::format("vfio: {}: {}{}", node, reason(error), remedy)};
}

Error cannot_open_node(const Sysfs& sysfs, const SysfsFunction& function, const std::string& node,
                       int error) {
  const std::string name = to_string(function.address);
  std::string remedy;
  switch (error) {
    case EBUSY:
      remedy = "; another process has it: fuser -v " + node;
      break;
    case EACCES:
      remedy = fmt::format(
          "; it is not this user's: as root, chown USER {}, or pupci bind --user "
          "USER {}",
          node, name);
      break;
    case EPERM:
      remedy = function.noiommu ? "; without an IOMMU this takes root (CAP_SYS_RAWIO)" : "";
      break;
    case ENOENT:
      remedy = function.on_vfio() ? "; the kernel's module is not there: modprobe vfio-pci"
                                  : "; bind it to vfio-pci: pupci bind " + name;
      break;
    case ENODEV:
      return group_not_viable(sysfs, function);
    default:
      break;
  }
  return {error, fmt::format("vfio: {}: {}: {}{}", name, node, reason(error), remedy)};
}

Error group_not_viable(const Sysfs& sysfs, const SysfsFunction& function) {
  std::string others;
  std::string addresses;
  const unsigned group = function.iommu_group.value_or(0);
  for (const SysfsFunction& member : sysfs.members(group)) {
    if (member.address == function.address || !member.holds_group()) continue;
    const std::string name = to_string(member.address);
    others += fmt::format("{}{} (in use by {})", others.empty() ? "" : ", ", name, member.driver);
    addresses += " " + name;
  }
  if (others.empty()) {
    const std::string cdev = Sysfs::cdev_node(function);
    return {EBUSY, fmt::format("vfio: {}: another process has a function of its group {}: fuser -v "
                               "{}{}{}",
                               to_string(function.address), group, Sysfs::group_node(function),
                               cdev.empty() ? "" : " ", cdev)};
  }
  return {EBUSY,
          fmt::format("vfio: {}: group {} also holds {}; an IOMMU cannot tell them apart, so "
                      "all must be given up: pupci bind{}",
                      to_string(function.address), group, others, addresses)};
}

Error cannot_open_function(const SysfsFunction& function, int error) {
  const char* remedy = "";
  if (error == EBUSY) {
    remedy = "; another process has it open";
  } else if (error == EACCES) {
    remedy = "; its driver wants a token: it is a virtual function whose physical one is in use";
  } else if (error == EINVAL || error == ENOTTY) {
    remedy = "; the kernel log says why: dmesg | tail";
  }
  return {error, fmt::format("vfio: {}: the kernel does not give it out: {}{}",
                             to_string(function.address), reason(error), remedy)};
}

Error no_translation(const SysfsFunction& function, int error) {
  const char* remedy = "";
  if (error == EPERM) {
    remedy =
        "; the machine cannot keep a device from forging interrupts (no interrupt remapping); if "
        "you trust the device: echo 1 > "
        "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";
  } else if (error == EBUSY) {
    remedy = "; another process uses a function of its group";
  } else if (error == ENODEV) {
    remedy = "; load the kernel's module: modprobe vfio_iommu_type1";
  }
  return {error, fmt::format("vfio: {}: its IOMMU cannot be used: {}{}",
                             to_string(function.address), reason(error), remedy)};
}

std::string cannot_lock(int error, std::uint64_t wanted, std::uint64_t locked) {
  constexpr std::uint64_t kib = 1024;
  std::string text =
      fmt::format("vfio: cannot lock {} KiB more of memory for DMA beside {} KiB: {}", wanted / kib,
                  locked / kib, reason(error));
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  if (error == ENOMEM && limit.rlim_cur != RLIM_INFINITY) {
    text += fmt::format(
        "; the limit of this user (RLIMIT_MEMLOCK) is {} KiB: raise it with ulimit "
        "-l, or for good with \"USER - memlock unlimited\" in "
        "/etc/security/limits.conf",
        limit.rlim_cur / kib);
  } else if (error == ENOSPC) {
    text +=
        "; the kernel has a limit of mappings: "
        "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit";
  }
  return text;
}

}  // namespace pupci::vfio
