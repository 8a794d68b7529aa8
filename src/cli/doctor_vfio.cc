// SPDX-License-Identifier: BSD-2-Clause
// The obstacles before real hardware on Linux. Nothing of it is needed by who has no hardware, so
// only what stands in the way of a function that was bound counts as missing.
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>

#include "cli/doctor.h"
#include "host/vfio/obstacle.h"

namespace pupci::cli {
namespace {

namespace fs = std::filesystem;
using vfio::Obstacle;
using vfio::Sysfs;
using vfio::SysfsFunction;

bool exists(const Sysfs& sysfs, const fs::path& path) {
  std::error_code error;
  return fs::exists(sysfs.at(path), error);
}

Finding bad(const Obstacle& obstacle) {
  return {Verdict::bad, obstacle.text(), obstacle.remedy()};
}
Finding not_needed(const Obstacle& obstacle) {
  return {Verdict::optional_missing, obstacle.text() + ": needed for real hardware only",
          obstacle.remedy()};
}

Finding check_iommu(const Sysfs& sysfs) {
  std::set<unsigned> groups;
  for (const SysfsFunction& function : sysfs.functions()) {
    if (function.iommu_group && !function.noiommu) groups.insert(*function.iommu_group);
  }
  if (groups.empty()) return not_needed(vfio::no_iommu(sysfs));
  return {Verdict::good, fmt::format("{} IOMMU groups", groups.size()), ""};
}

std::vector<Finding> check_modules(const Sysfs& sysfs) {
  if (!sysfs.has_driver("vfio-pci")) return {not_needed(vfio::not_loaded("vfio-pci"))};
  if (!exists(sysfs, "/sys/module/vfio_iommu_type1") && !exists(sysfs, "/dev/iommu"))
    return {not_needed(vfio::not_loaded("vfio_iommu_type1"))};
  return {};
}

// The errno value of opening it, or 0.
int cannot_open(const Sysfs& sysfs, const std::string& node) {
  return ::access(sysfs.at(node).c_str(), R_OK | W_OK) == 0 ? 0 : errno;
}

bool usable(const Sysfs& sysfs, const std::string& node) {
  return !node.empty() && cannot_open(sysfs, node) == 0;
}

bool is_viable(const Sysfs& sysfs, const SysfsFunction& function) {
  const auto members = sysfs.members(function.iommu_group.value_or(0));
  return std::none_of(members.begin(), members.end(),
                      [](const SysfsFunction& member) { return member.holds_group(); });
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
  if (node.empty()) return bad(vfio::no_iommu_for(sysfs, function));
  if (const int error = cannot_open(sysfs, node))
    return bad(vfio::cannot_open_node(sysfs, function, node, error));
  const char* container = "/dev/vfio/vfio";
  return bad(vfio::cannot_open_container(container, cannot_open(sysfs, container)));
}

std::vector<Finding> check_functions(const Sysfs& sysfs) {
  std::vector<Finding> found;
  for (const SysfsFunction& function : sysfs.functions()) {
    if (!function.on_vfio()) continue;
    found.push_back(is_viable(sysfs, function) ? check_node(sysfs, function)
                                               : bad(vfio::group_not_viable(sysfs, function)));
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
          vfio::more_memlock()};
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
