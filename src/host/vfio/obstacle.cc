// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/obstacle.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace pupci::vfio {
namespace {

namespace fs = std::filesystem;

std::string reason(int error) {
  return std::generic_category().message(error);
}

bool exists(const Sysfs& sysfs, const fs::path& path) {
  std::error_code error;
  return fs::exists(sysfs.at(path), error);
}

std::string behind(const Sysfs& sysfs, const SysfsFunction& bridge) {
  std::string list;
  const std::string below = bridge.directory.string() + "/";
  for (const SysfsFunction& function : sysfs.functions()) {
    if (function.bridge || !function.directory.string().starts_with(below)) continue;
    list += " " + to_string(function.address);
  }
  return list;
}

bool is_intel(const Sysfs& sysfs) {
  std::ifstream in(sysfs.at("/proc/cpuinfo"));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("vendor_id")) return line.find("GenuineIntel") != std::string::npos;
  }
  return false;
}

// The word of the kernel's command line that turns the IOMMU off, or empty.
std::string turned_off(const Sysfs& sysfs) {
  std::istringstream words(read_line(sysfs.at("/proc/cmdline")));
  for (std::string word; words >> word;) {
    if (word == "iommu=off" || word == "intel_iommu=off" || word == "amd_iommu=off") return word;
  }
  return {};
}

void refuse_wrong_mode(const SysfsFunction& function, bool unsafe) {
  if (!unsafe || function.noiommu) return;
  const std::string name = to_string(function.address);
  if (function.iommu_group) {
    throw Obstacle(EINVAL, name + ": an IOMMU translates for it", "leave out unsafe-noiommu");
  }
  throw Obstacle(EINVAL, name + ": the kernel's mode without an IOMMU is off",
                 "turn it on, then bind the function anew: echo 1 | sudo tee "
                 "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
}

}  // namespace

Obstacle::Obstacle(int errnum, std::string text, std::string remedy)
    : Error(errnum, fmt::format("vfio: {}{}{}", text, remedy.empty() ? "" : "; ", remedy)),
      text_(std::move(text)),
      remedy_(std::move(remedy)) {}

SysfsFunction find_usable(const Sysfs& sysfs, const Address& address, bool unsafe) {
  const auto function = sysfs.find(address);
  if (!function) throw no_such_function(address);
  if (function->bridge) throw is_bridge(sysfs, *function);
  if (!function->on_vfio()) {
    const std::string name = to_string(address);
    throw Obstacle(EBUSY,
                   fmt::format("{}: {}", name,
                               function->driver.empty()
                                   ? "no driver is bound to it"
                                   : "is in the hands of the kernel's " + function->driver),
                   "bind it to vfio-pci: sudo pupci bind " + name);
  }
  refuse_wrong_mode(*function, unsafe);
  if (!unsafe && (!function->iommu_group || function->noiommu)) {
    throw no_iommu_for(sysfs, *function);
  }
  return *function;
}

Obstacle no_such_function(const Address& address) {
  return {ENODEV, to_string(address) + ": there is no such function",
          "lspci -D lists those there are"};
}

Obstacle is_bridge(const Sysfs& sysfs, const SysfsFunction& bridge) {
  const std::string list = behind(sysfs, bridge);
  return {EINVAL, to_string(bridge.address) + ": is a bridge, which stays with the kernel",
          list.empty() ? "nothing is behind it" : "name what is behind it:" + list};
}

Obstacle no_iommu(const Sysfs& sysfs) {
  if (const std::string word = turned_off(sysfs); !word.empty()) {
    return {ENXIO, fmt::format("the kernel was booted with {}", word),
            fmt::format("sudo sed -i 's/ *{}//' /etc/default/grub && sudo update-grub, and boot "
                        "again",
                        word)};
  }
  // Where the firmware describes the IOMMU to the kernel: Intel's table, AMD's.
  const bool intel = exists(sysfs, "/sys/firmware/acpi/tables/DMAR");
  if (!intel && !exists(sysfs, "/sys/firmware/acpi/tables/IVRS")) {
    return {ENXIO, "the firmware shows no IOMMU",
            fmt::format("in the firmware's set-up, turn on {}",
                        is_intel(sysfs) ? "VT-d" : "the IOMMU (AMD-Vi; VT-d on Intel)")};
  }
  return {ENXIO, "there is an IOMMU, but the kernel does not use it",
          fmt::format("sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&{} /' /etc/default/grub && sudo "
                      "update-grub, and boot again",
                      intel ? "intel_iommu=on" : "amd_iommu=on")};
}

Obstacle no_iommu_for(const Sysfs& sysfs, const SysfsFunction& function) {
  const std::string name = to_string(function.address);
  const std::string text = name + ": in no IOMMU group, so that nothing keeps its DMA in bounds";
  const std::string without =
      fmt::format("; without one there is only --host vfio:{},unsafe-noiommu", name);
  if (sysfs.has_iommu()) {
    return {ENXIO, text, "other slots of this machine have one: lspci -Dv" + without};
  }
  const Obstacle none = no_iommu(sysfs);
  return {ENXIO, fmt::format("{}: {}", text, none.text()), none.remedy() + without};
}

Obstacle not_loaded(const std::string& module) {
  return {ENOENT, fmt::format("the kernel's module {} is not loaded", module),
          "sudo modprobe " + module};
}

Obstacle cannot_open_container(const std::string& node, int error) {
  if (error == ENOENT || error == ENODEV || error == ENXIO) {
    return {error, node + " is not there", "sudo modprobe vfio-pci"};
  }
  if (error == EACCES || error == EPERM) {
    return {error, node + " may not be opened by this user",
            fmt::format("sudo chmod 666 {}, which gives nothing away", node)};
  }
  return {error, fmt::format("{}: {}", node, reason(error)), ""};
}

Obstacle cannot_open_node(const Sysfs& sysfs, const SysfsFunction& function,
                          const std::string& node, int error) {
  const std::string name = to_string(function.address);
  switch (error) {
    case EBUSY:
      return {error, fmt::format("{}: {}: another process has it", name, node), "fuser -v " + node};
    case EACCES:
      return {error, fmt::format("{}: {} may not be opened by this user", name, node),
              fmt::format("sudo pupci bind --user \"$USER\" {}", name)};
    case ENOENT:
      return {error, fmt::format("{}: {} is not there", name, node),
              function.on_vfio() ? "sudo udevadm trigger"
                                 : "bind it to vfio-pci: sudo pupci bind " + name};
    case ENODEV:
      return group_not_viable(sysfs, function);
    default:
      return {error, fmt::format("{}: {}: {}", name, node, reason(error)),
              error == EPERM && function.noiommu
                  ? "without an IOMMU this takes root (CAP_SYS_RAWIO)"
                  : ""};
  }
}

Obstacle group_not_viable(const Sysfs& sysfs, const SysfsFunction& function) {
  std::string others;
  std::string addresses;
  const std::string name = to_string(function.address);
  const unsigned group = function.iommu_group.value_or(0);
  for (const SysfsFunction& member : sysfs.members(group)) {
    if (member.address == function.address || !member.holds_group()) continue;
    const std::string other = to_string(member.address);
    others += fmt::format("{}{} (driver {})", others.empty() ? "" : ", ", other, member.driver);
    addresses += " " + other;
  }
  if (others.empty()) {
    const std::string cdev = Sysfs::cdev_node(function);
    return {
        EBUSY, fmt::format("{}: another process has a function of its IOMMU group {}", name, group),
        fmt::format("fuser -v {}{}{}", Sysfs::group_node(function), cdev.empty() ? "" : " ", cdev)};
  }
  return {EBUSY,
          fmt::format("{}: its IOMMU group {} also holds {}, and can be given up only as a whole",
                      name, group, others),
          "sudo pupci bind" + addresses};
}

Obstacle cannot_open_function(const SysfsFunction& function, int error) {
  const char* remedy = "";
  if (error == EBUSY) {
    remedy = "another process has it open";
  } else if (error == EACCES) {
    remedy = "its driver wants a token: it is a virtual function whose physical one is in use";
  } else if (error == EINVAL || error == ENOTTY) {
    remedy = "the kernel log says why: dmesg | tail";
  }
  return {error,
          fmt::format("{}: the kernel does not give it out: {}", to_string(function.address),
                      reason(error)),
          remedy};
}

Obstacle no_translation(const SysfsFunction& function, int error) {
  std::string remedy;
  if (error == EPERM) {
    remedy =
        "the machine cannot keep a device from forging interrupts (no interrupt remapping); if "
        "you trust the device: echo 1 | sudo tee "
        "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";
  } else if (error == EBUSY) {
    remedy = "another process uses a function of its group";
  } else if (error == ENODEV) {
    remedy = not_loaded("vfio_iommu_type1").remedy();
  }
  return {
      error,
      fmt::format("{}: its IOMMU cannot be used: {}", to_string(function.address), reason(error)),
      remedy};
}

std::string why_not_mapped(int error) {
  switch (error) {
    case EBUSY:
      return "a driver of the kernel's has this memory, a framebuffer of the firmware's perhaps; "
             "/proc/iomem names it: unbind that, or boot with initcall_blacklist=sysfb_init";
    case ENOMEM:
      return reason(error) + "; raise what this process may map: ulimit -v unlimited";
    default:
      return reason(error) + "; the kernel's log may tell why: dmesg | tail";
  }
}

std::string why_no_interrupts(InterruptType type, int error) {
  if (error == ENOSPC) return "the machine has no vectors left; have the driver use fewer";
  if (error == EBUSY && type == InterruptType::intx) {
    return "another driver has its line, which this function cannot share; /proc/interrupts names "
           "it: unbind that, or have the driver use MSI";
  }
  return reason(error) + "; the kernel's log may tell why: dmesg | tail";
}

Obstacle cannot_lock(int error, std::uint64_t wanted, std::uint64_t locked) {
  constexpr std::uint64_t kib = 1024;
  std::string text = fmt::format("cannot lock {} KiB more of memory for DMA beside {} KiB: {}",
                                 wanted / kib, locked / kib, reason(error));
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  if (error == ENOMEM && limit.rlim_cur != RLIM_INFINITY) {
    text +=
        fmt::format(": the limit of this user (RLIMIT_MEMLOCK) is {} KiB", limit.rlim_cur / kib);
    return {error, text, more_memlock()};
  }
  return {error, text,
          error == ENOSPC ? "the kernel has a limit of mappings: "
                            "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit"
                          : ""};
}

std::string more_memlock() {
  return "sudo prlimit --pid $$ --memlock=unlimited for this shell; for good, echo \"$USER - "
         "memlock unlimited\" | sudo tee /etc/security/limits.d/pupci.conf";
}

}  // namespace pupci::vfio
