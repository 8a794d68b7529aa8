// SPDX-License-Identifier: BSD-2-Clause
#include "kern/bar_table.h"

#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include "kern/pci_chipset.h"
#include "pupci/bus.h"

namespace pupci::kern {
namespace {

struct Table {
  std::mutex mutex;
  std::vector<OwnedBar> bars;
  // By function, index, address: a BAR that was moved is another one.
  std::map<std::tuple<Address, unsigned, std::uint64_t>, std::shared_ptr<Region>> regions;
};

Table& table() {
  static auto& the_table = *new Table;
  return the_table;
}

std::optional<OwnedBar> look_up(Space space, std::uint64_t address, std::uint64_t size) {
  for (const OwnedBar& owned : table().bars) {
    const Bar& bar = owned.bar;
    if (bar.space() != space || address < bar.address) continue;
    const std::uint64_t offset = address - bar.address;
    if (offset < bar.size && size <= bar.size - offset) return owned;
  }
  return std::nullopt;
}

void refresh(Bus& bus) {
  std::vector<OwnedBar> bars;
  for (const Address& where : bus.functions()) {
    for (const Bar& bar : bus.function(where)->bars()) {
      if (bar.address != 0) bars.push_back({where, bar});
    }
  }
  table().bars = std::move(bars);
}

}  // namespace

std::optional<OwnedBar> find_bar(Space space, std::uint64_t address, std::uint64_t size) noexcept
    try {
  Bus* bus = running_bus();
  if (bus == nullptr) return std::nullopt;
  const std::scoped_lock lock(table().mutex);
  if (auto known = look_up(space, address, size)) return known;
  refresh(*bus);
  return look_up(space, address, size);
} catch (...) {
  return std::nullopt;
}

std::shared_ptr<Region> bar_region(const OwnedBar& owned) noexcept try {
  Bus* bus = running_bus();
  if (bus == nullptr) return nullptr;
  const std::scoped_lock lock(table().mutex);
  auto& region = table().regions[{owned.function, owned.bar.index, owned.bar.address}];
  if (region == nullptr) {
    region = bus->function(owned.function)
                 ->map(owned.bar.index, 0, owned.bar.size, MapMode::write_combining);
  }
  return region;
} catch (...) {
  return nullptr;
}

void forget_bars() noexcept {
  const std::scoped_lock lock(table().mutex);
  table().bars.clear();
  table().regions.clear();
}

}  // namespace pupci::kern
