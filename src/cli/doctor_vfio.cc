// SPDX-License-Identifier: BSD-2-Clause
// The obstacles before real hardware on Linux. Nothing of it is needed by who has no hardware, so
// only what stands in the way of a function that was bound counts as missing.
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "cli/doctor.h"
#include "host/vfio/sysfs.h"

namespace pupci::cli {
namespace {

namespace fs = std::filesystem;
using vfio::Sysfs;
using vfio::SysfsFunction;

bool exists(const Sysfs& sysfs, const fs::path& path) {
  std::error_code error;
  return fs::exists(sysfs.at(path), error);
}

std::string first_line(const Sysfs& sysfs, const fs::path& path) {
  std::ifstream in(sysfs.at(path));
  std::string line;
  std::getline(in, line);
  return line;
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
  std::istringstream words(first_line(sysfs, "/proc/cmdline"));
  for (std::string word; words >> word;) {
    if (word == "iommu=off" || word == "intel_iommu=off" || word == "amd_iommu=off") return word;
  }
  return {};
}

Finding check_iommu(const Sysfs& sysfs) {
  std::set<unsigned> groups;
  for (const SysfsFunction& function : sysfs.functions()) {
    if (function.iommu_group && !function.noiommu) groups.insert(*function.iommu_group);
  }
  if (!groups.empty()) return {Verdict::good, fmt::format("{} IOMMU groups", groups.size()), ""};
  if (const std::string word = turned_off(sysfs); !word.empty())
    return {Verdict::optional_missing,
            fmt::format("the kernel was booted with {}: needed for real hardware only", word),
            fmt::format("sudo sed -i 's/ *{}//' /etc/default/grub && sudo update-grub, and boot "
                        "again",
                        word)};
  // Where the firmware describes the IOMMU to the kernel: Intel's table, AMD's.
  const bool described = exists(sysfs, "/sys/firmware/acpi/tables/DMAR") ||
                         exists(sysfs, "/sys/firmware/acpi/tables/IVRS");
  if (!described)
    return {Verdict::optional_missing, "the firmware shows no IOMMU: needed for real hardware only",
            fmt::format("in the firmware's set-up, turn on {}",
                        is_intel(sysfs) ? "VT-d" : "the IOMMU (AMD-Vi; VT-d on Intel)")};
  const char* word =
      exists(sysfs, "/sys/firmware/acpi/tables/DMAR") ? "intel_iommu=on" : "amd_iommu=on";
  return {Verdict::optional_missing,
          "there is an IOMMU, but the kernel does not use it: needed for real hardware only",
          fmt::format("sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&{} /' /etc/default/grub && sudo "
                      "update-grub, and boot again",
                      word)};
}

std::vector<Finding> check_modules(const Sysfs& sysfs) {
  if (!sysfs.has_driver("vfio-pci"))
    return {{Verdict::optional_missing, "vfio-pci is not loaded: needed for real hardware only",
             "sudo modprobe vfio-pci"}};
  if (!exists(sysfs, "/sys/module/vfio_iommu_type1") && !exists(sysfs, "/dev/iommu"))
    return {{Verdict::optional_missing,
             "vfio-pci is loaded, but not what it reaches the IOMMU with",
             "sudo modprobe vfio_iommu_type1"}};
  return {};
}

bool usable(const Sysfs& sysfs, const std::string& node) {
  return !node.empty() && ::access(sysfs.at(node).c_str(), R_OK | W_OK) == 0;
}

// Others of the group that keep it with the kernel; empty if it is viable.
Finding check_group(const Sysfs& sysfs, const SysfsFunction& function) {
  std::string others;
  std::string addresses;
  for (const SysfsFunction& member : sysfs.members(function.iommu_group.value_or(0))) {
    if (!member.holds_group()) continue;
    others += fmt::format("{}{} (driver {})", others.empty() ? "" : ", ", to_string(member.address),
                          member.driver);
    addresses += " " + to_string(member.address);
  }
  if (others.empty()) return {};
  return {Verdict::bad,
          fmt::format("{}: its IOMMU group {} also holds {}", to_string(function.address),
                      *function.iommu_group, others),
          "sudo pupci bind" + addresses};
}

Finding check_node(const Sysfs& sysfs, const SysfsFunction& function) {
  const std::string name = to_string(function.address);
  const std::string group = Sysfs::group_node(function);
  const std::string cdev = Sysfs::cdev_node(function);
  const bool by_group = usable(sysfs, group) && usable(sysfs, "/dev/vfio/vfio");
  const bool by_cdev = usable(sysfs, cdev) && usable(sysfs, "/dev/iommu");
  if (by_group && function.noiommu)
    return {Verdict::optional_missing,
            fmt::format("{}: {} can be opened, but no IOMMU keeps its DMA in bounds", name, group),
            "turn the IOMMU on, see above"};
  if (by_group || by_cdev)
    return {Verdict::good, fmt::format("{}: {} can be opened", name, by_group ? group : cdev), ""};
  const std::string& node = group.empty() ? cdev : group;
  if (node.empty())
    return {Verdict::bad, fmt::format("{}: in no IOMMU group", name),
            fmt::format("sudo pupci unbind {}", name)};
  if (!exists(sysfs, node))
    return {Verdict::bad, fmt::format("{}: {} is not there", name, node), "sudo udevadm trigger"};
  if (!usable(sysfs, node))
    return {Verdict::bad, fmt::format("{}: {} may not be opened by this user", name, node),
            fmt::format("sudo pupci bind --user \"$USER\" {}", name)};
  return {Verdict::bad, fmt::format("{}: /dev/vfio/vfio may not be opened by this user", name),
          "sudo chmod 666 /dev/vfio/vfio"};
}

std::vector<Finding> check_functions(const Sysfs& sysfs) {
  std::vector<Finding> found;
  for (const SysfsFunction& function : sysfs.functions()) {
    if (!function.on_vfio()) continue;
    Finding group = check_group(sysfs, function);
    if (group.verdict != Verdict::good)
      found.push_back(std::move(group));
    else
      found.push_back(check_node(sysfs, function));
  }
  if (found.empty() && sysfs.has_iommu())
    found.push_back({Verdict::optional_missing, "no function is bound to vfio-pci",
                     "sudo pupci bind ADDRESS, of those that lspci -D lists"});
  return found;
}

// The kernel counts nobody's locked memory who may lock as much as he likes (capabilities(7)).
bool locks_without_limit(const Sysfs& sysfs) {
  std::ifstream in(sysfs.at("/proc/self/status"));
  for (std::string line; std::getline(in, line);) {
    constexpr unsigned cap_ipc_lock = 14;
    if (line.starts_with("CapEff:"))
      return ((std::strtoull(line.c_str() + 7, nullptr, 16) >> cap_ipc_lock) & 1) != 0;
  }
  return false;
}

Finding check_memlock(const Sysfs& sysfs) {
  // The arena is locked piece by piece, as drivers allocate.
  constexpr rlim_t mib = rlim_t{1} << 20;
  constexpr rlim_t plenty = 64 * mib;
  constexpr rlim_t least = 2 * mib;
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  if (locks_without_limit(sysfs) || limit.rlim_cur == RLIM_INFINITY)
    return {Verdict::good, "memory for DMA may be locked without limit", ""};
  const std::string text =
      fmt::format("{} KiB of memory may be locked for DMA (RLIMIT_MEMLOCK)", limit.rlim_cur / 1024);
  if (limit.rlim_cur >= plenty) return {Verdict::good, text, ""};
  return {Verdict::optional_missing,
          text + (limit.rlim_cur < least ? ": too little for any driver on real hardware"
                                         : ": little for drivers of real hardware"),
          "sudo prlimit --pid $$ --memlock=unlimited for this shell; for good, echo \"$USER - "
          "memlock unlimited\" | sudo tee /etc/security/limits.d/pupci.conf"};
}

}  // namespace

std::vector<Findings> check_vfio(const fs::path& root) {
  const Sysfs sysfs(root);
  std::vector<Finding> vfio = check_modules(sysfs);
  if (vfio.empty()) vfio = check_functions(sysfs);
  if (vfio.empty()) vfio.push_back({Verdict::good, "vfio-pci is loaded", ""});
  return {{"iommu", {check_iommu(sysfs)}}, {"vfio", vfio}, {"memlock", {check_memlock(sysfs)}}};
}

}  // namespace pupci::cli
