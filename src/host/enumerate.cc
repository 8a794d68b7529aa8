// SPDX-License-Identifier: BSD-2-Clause
#include "host/enumerate.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "host/bus_tree.h"

namespace pupci {
namespace enumeration {

void Warnings::add(const Address& address, std::string_view text) {
  constexpr std::size_t most = 100;
  if (texts_.size() == most) {
    dropped_++;
    return;
  }
  texts_.push_back(fmt::format("{}: {}", to_string(address), text));
}

std::vector<std::string> Warnings::finish() {
  if (dropped_ > 0) texts_.push_back(fmt::format("{} more warnings like these", dropped_));
  return std::move(texts_);
}

namespace {

void flatten(const Nodes& nodes, const std::optional<Address>& parent,
             std::vector<std::uint8_t>& path, std::vector<EnumeratedFunction>& to) {
  for (const auto& node : nodes) {
    EnumeratedFunction function{node->address, node->bridge, node->header_type, {}, path, parent};
    for (const BarState& state : node->bars) function.bars.push_back(state.bar);
    to.push_back(std::move(function));
    path.push_back(node->address.device);
    flatten(node->children, node->address, path, to);
    path.pop_back();
  }
}

}  // namespace
}  // namespace enumeration

Enumeration enumerate(ConfigAccess& config, const BusResources& resources) {
  enumeration::Warnings warnings;
  auto bus0 = enumeration::discover(config, resources.last_bus, warnings);
  enumeration::assign(config, resources, bus0, warnings);
  Enumeration result;
  std::vector<std::uint8_t> path;
  enumeration::flatten(bus0, std::nullopt, path, result.functions);
  std::sort(result.functions.begin(), result.functions.end(),
            [](const auto& a, const auto& b) { return a.address < b.address; });
  result.warnings = warnings.finish();
  return result;
}

}  // namespace pupci
