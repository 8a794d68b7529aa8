// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/spec.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "host/vfio/obstacle.h"
#include "host/words.h"
#include "pupci/error.h"

namespace pupci::vfio {
namespace {

constexpr std::string_view usage =
    "vfio:ADDRESS[,ADDRESS...][,group=N][,iommu=group|iommufd][,intx=call|eventfd][,unsafe-"
    "noiommu]";

[[noreturn]] void misunderstood(std::string_view word, std::string_view why) {
  throw Error(EINVAL, fmt::format("--host vfio: '{}': {}; it takes {}", word, why, usage));
}

void add_group(std::string_view number, const Sysfs& sysfs, std::vector<Address>& addresses) {
  unsigned group = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), group);
  if (result.ec != std::errc{} || result.ptr != number.data() + number.size()) {
    misunderstood(number, "not the number of a group");
  }
  const std::vector<SysfsFunction> members = sysfs.members(group);
  if (members.empty()) {
    throw Error(ENODEV,
                fmt::format("vfio: there is no IOMMU group {}; pupci doctor lists them", group));
  }
  for (const SysfsFunction& member : members) {
    if (!member.bridge) addresses.push_back(member.address);
  }
}

}  // namespace

Spec parse_spec(std::string_view text, const Sysfs& sysfs) {
  Spec spec;
  spec.name = fmt::format("vfio:{}", text);
  std::vector<Address> addresses;
  for (const std::string_view word : split_at_commas(text)) {
    if (word == "unsafe-noiommu") {
      spec.unsafe = true;
    } else if (word == "intx=call" || word == "intx=eventfd") {
      spec.lines_by_eventfd = word == "intx=eventfd";
    } else if (word == "iommu=group") {
      spec.api = Spec::Api::group;
    } else if (word == "iommu=iommufd") {
      spec.api = Spec::Api::iommufd;
    } else if (word.starts_with("group=")) {
      add_group(word.substr(6), sysfs, addresses);
    } else if (const auto address = parse_address(word)) {
      addresses.push_back(*address);
    } else {
      misunderstood(word, "not the address of a function, as 0000:03:00.0 is");
    }
  }
  if (addresses.empty()) misunderstood(text, "no function is named");
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  for (const Address& address : addresses) {
    spec.functions.push_back(find_usable(sysfs, address, spec.unsafe));
  }
  return spec;
}

}  // namespace pupci::vfio
