// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/spec.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "host/words.h"
#include "pupci/error.h"

namespace pupci::netbsd {
namespace {

constexpr std::string_view usage =
    "netbsd:/dev/pci0[,/dev/pci1...] for all functions below these buses, or "
    "netbsd:/dev/pupci0[,/dev/pupci1...] for single ones; and kernel=SOCKET where this is not "
    "NetBSD";

[[noreturn]] void misunderstood(std::string_view word, std::string_view why) {
  throw Error(EINVAL, fmt::format("--host netbsd: '{}': {}; it takes {}", word, why, usage));
}

// Whether the last part of a path is `driver` and a number.
bool names(std::string_view path, std::string_view driver) {
  const std::string_view file = path.substr(path.rfind('/') + 1);
  if (!file.starts_with(driver) || file.size() == driver.size()) return false;
  return file.find_first_not_of("0123456789", driver.size()) == std::string_view::npos;
}

void add(std::vector<std::string>& list, std::string_view word) {
  if (std::find(list.begin(), list.end(), word) != list.end()) {
    misunderstood(word, "is there twice");
  }
  list.emplace_back(word);
}

}  // namespace

std::string Spec::node_beside(const std::string& bus, std::string_view instance) {
  return bus.substr(0, bus.rfind('/') + 1).append(instance);
}

Spec parse_spec(std::string_view text, bool native) {
  Spec spec;
  spec.name = fmt::format("netbsd:{}", text);
  for (const std::string_view word : split_at_commas(text)) {
    if (word.starts_with("kernel=")) {
      spec.kernel = word.substr(7);
      if (spec.kernel.empty()) misunderstood(word, "names no socket");
    } else if (names(word, "pci")) {
      add(spec.buses, word);
    } else if (names(word, "pupci")) {
      add(spec.nodes, word);
    } else {
      misunderstood(word,
                    "not the node of a bus, as /dev/pci0 is, nor of a function, as "
                    "/dev/pupci0 is");
    }
  }
  if (spec.buses.empty() && spec.nodes.empty()) misunderstood(text, "no node is named");
  if (!native && spec.kernel.empty()) {
    throw Error(ENOTSUP,
                fmt::format("--host {}: this is not NetBSD, so there is no such node; run it "
                            "there, or name a kernel that serves one: {},kernel=SOCKET; for "
                            "hardware on Linux there is --host vfio:ADDRESS",
                            spec.name, spec.name));
  }
  return spec;
}

}  // namespace pupci::netbsd
