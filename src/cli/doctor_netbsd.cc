// SPDX-License-Identifier: BSD-2-Clause
// The obstacles before functions of a NetBSD system: the module, what it was told to claim, the
// nodes and who may open them. Nodes are not opened: that would take a function from who has it.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "cli/doctor.h"

#ifdef __NetBSD__
#include <sys/param.h>
#include <sys/sysctl.h>
#endif

namespace pupci::cli {
namespace {

namespace fs = std::filesystem;

// The names of nodes in /dev, "pci0", in order.
std::vector<std::string> nodes_of(const fs::path& root, std::string_view driver) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root / "dev", error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(driver) || name.size() == driver.size()) continue;
    if (name.find_first_not_of("0123456789", driver.size()) == std::string::npos) {
      found.push_back(name);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

Finding check_buses(const fs::path& root) {
  const auto buses = nodes_of(root, "pci");
  if (buses.empty())
    return {Verdict::optional_missing, "no node of a PCI bus: needed to see the whole machine",
            "cd /dev && sh MAKEDEV pci"};
  return {Verdict::good, fmt::format("/dev/{} and {} more", buses[0], buses.size() - 1), ""};
}

Finding check_module(const std::optional<std::string>& claim) {
  if (!claim)
    return {Verdict::optional_missing,
            "the kernel has no pupci(4): needed for interrupts and DMA of real hardware",
            "modload pupci"};
  if (claim->find_first_not_of(", \t") == std::string::npos)
    return {Verdict::optional_missing, "pupci(4) is told to claim no function",
            "sysctl -w hw.pupci.claim=BUS:DEVICE:FUNCTION, of those that pcictl pci0 list shows"};
  return {Verdict::good, fmt::format("pupci(4) claims {}", *claim), ""};
}

std::vector<Finding> check_nodes(const fs::path& root) {
  std::vector<Finding> found;
  for (const std::string& name : nodes_of(root, "pupci")) {
    if (::access((root / "dev" / name).c_str(), R_OK | W_OK) == 0) {
      found.push_back({Verdict::good, fmt::format("/dev/{} may be opened", name), ""});
      continue;
    }
    const int error = errno;
    found.push_back({Verdict::bad,
                     fmt::format("/dev/{}: {}", name, std::generic_category().message(error)),
                     fmt::format("as root, chown USER /dev/{}", name)});
  }
  if (found.empty())
    found.push_back({Verdict::optional_missing, "no node of pupci(4)",
                     "drvctl -r pci0; cd /dev && sh MAKEDEV pupci0"});
  return found;
}

}  // namespace

std::optional<std::string> netbsd_claim() {
#ifdef __NetBSD__
  char list[512] = {};
  std::size_t size = sizeof list - 1;
  if (::sysctlbyname("hw.pupci.claim", list, &size, nullptr, 0) == 0) return list;
#endif
  return std::nullopt;
}

std::vector<Findings> check_netbsd(const fs::path& root, const std::optional<std::string>& claim) {
  const Finding module = check_module(claim);
  std::vector<Finding> pupci = {module};
  if (module.verdict == Verdict::good) {
    for (Finding& each : check_nodes(root)) pupci.push_back(std::move(each));
  }
  return {{"pci", {check_buses(root)}}, {"pupci", pupci}};
}

}  // namespace pupci::cli
