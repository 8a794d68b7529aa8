// SPDX-License-Identifier: BSD-2-Clause
// The second half of enumeration: addresses for BARs, windows for bridges.
#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "host/bus_tree.h"
#include "pupci/pci_config.h"

namespace pupci::enumeration {
namespace {

constexpr std::uint64_t memory_granularity = 0x100000;
constexpr std::uint64_t io_granularity = 0x1000;

std::uint64_t round_up(std::uint64_t value, std::uint64_t alignment) {
  const std::uint64_t sum = value + alignment - 1;
  return sum < value ? 0 : sum & ~(alignment - 1);
}

std::uint64_t granularity(Pool pool) {
  return pool == Pool::io ? io_granularity : memory_granularity;
}

const char* describe(Pool pool) {
  switch (pool) {
    case Pool::io:
      return "I/O ports";
    case Pool::memory:
      return "32-bit memory";
    case Pool::wide:
      break;
  }
  return "64-bit memory";
}

std::string quantity(std::uint64_t bytes) {
  if (bytes >= 1U << 30 && bytes % (1U << 30) == 0) return fmt::format("{} GiB", bytes >> 30);
  if (bytes >= 1U << 20 && bytes % (1U << 20) == 0) return fmt::format("{} MiB", bytes >> 20);
  return fmt::format("{} bytes", bytes);
}

std::string name(const Bar& bar) {
  return bar.kind == Bar::Kind::rom ? "expansion ROM" : fmt::format("BAR {}", bar.index);
}

// The free ranges of one bus in one pool.
class FreeRanges {
 public:
  FreeRanges() = default;
  explicit FreeRanges(std::vector<AddressRange> ranges) : ranges_(std::move(ranges)) {}

  [[nodiscard]] bool empty() const { return ranges_.empty(); }

  bool take_at(std::uint64_t begin, std::uint64_t size) {
    for (std::size_t i = 0; i < ranges_.size(); i++) {
      const AddressRange range = ranges_[i];
      if (begin < range.begin || begin > range.end || size > range.end - begin) continue;
      cut(i, {begin, begin + size});
      return true;
    }
    return false;
  }

  // The lowest that fits; never address 0, which means "none" in a BAR.
  std::optional<std::uint64_t> take(std::uint64_t size, std::uint64_t alignment) {
    for (std::size_t i = 0; i < ranges_.size(); i++) {
      const AddressRange range = ranges_[i];
      const std::uint64_t begin = round_up(std::max<std::uint64_t>(range.begin, 1), alignment);
      if (begin == 0 || begin > range.end || size > range.end - begin) continue;
      cut(i, {begin, begin + size});
      return begin;
    }
    return std::nullopt;
  }

 private:
  void cut(std::size_t index, const AddressRange& hole) {
    const AddressRange range = ranges_[index];
    const auto at = ranges_.erase(ranges_.begin() + static_cast<std::ptrdiff_t>(index));
    std::vector<AddressRange> rest;
    if (range.begin < hole.begin) rest.push_back({range.begin, hole.begin});
    if (hole.end < range.end) rest.push_back({hole.end, range.end});
    ranges_.insert(at, rest.begin(), rest.end());
  }

  std::vector<AddressRange> ranges_;
};

// What bus a thing is on has to offer.
struct Supply {
  FreeRanges pools[pool_count];
  bool wide = false;  // 64-bit memory reaches here
  bool root = false;

  FreeRanges& of(Pool pool) { return pools[static_cast<std::size_t>(pool)]; }
};

// Something that wants a range: a BAR or a window of a bridge.
struct Demand {
  std::uint64_t size;
  std::uint64_t alignment;
  Node* node;
  BarState* bar;  // or null for the window
};

Pool pool_of(const BarState& state, bool wide, bool root) {
  if (state.bar.kind == Bar::Kind::io) return Pool::io;
  if (state.bar.kind != Bar::Kind::memory64 || !wide) return Pool::memory;
  // A bridge's wide window is prefetchable; on bus 0 there is no such restriction, but small BARs
  // stay where a 32-bit driver expects them.
  constexpr std::uint64_t large = std::uint64_t{256} << 20;
  return state.bar.prefetchable || (root && state.bar.size > large) ? Pool::wide : Pool::memory;
}

class Assignment {
 public:
  Assignment(ConfigAccess& config, Warnings& warnings) : config_(config), warnings_(warnings) {}

  void bus(Nodes& nodes, Supply& supply);
  void forward_vga(Nodes& nodes);

 private:
  void measure(Node& bridge, Pool pool, bool wide);
  std::vector<Demand> demands(Nodes& nodes, Pool pool, bool wide, bool root);
  void keep(Nodes& nodes, Supply& supply);
  void keep_bar(Node& node, BarState& state, Supply& supply);
  void keep_windows(Node& node, Supply& supply);
  void place(Nodes& nodes, Supply& supply, Pool pool);
  void place_window(Node& node, Supply& supply, Pool pool);
  bool refuse_largest(Node& bridge, Pool pool, bool wide);
  BarState* largest(Nodes& nodes, Pool pool, bool wide, Node*& owner);
  void write_bar(Node& node, BarState& state);
  void write_windows(const Node& node);
  void enable(const Node& node);

  ConfigAccess& config_;
  Warnings& warnings_;
};

// Whether 64-bit memory reaches the bus behind a bridge.
bool wide_behind(const Node& bridge, bool wide) {
  return wide && bridge.windows[static_cast<std::size_t>(Pool::wide)].exists;
}

Window& window_of(Node& node, Pool pool) {
  return node.windows[static_cast<std::size_t>(pool)];
}

// What must be placed on a bus in one pool, the hardest first.
std::vector<Demand> Assignment::demands(Nodes& nodes, Pool pool, bool wide, bool root) {
  std::vector<Demand> result;
  for (const auto& node : nodes) {
    for (BarState& state : node->bars) {
      if (state.refused || pool_of(state, wide, root) != pool) continue;
      result.push_back({state.bar.size, state.bar.size, node.get(), &state});
    }
    if (!node->bridge) continue;
    const Window& window = window_of(*node, pool);
    if (window.size > 0) result.push_back({window.size, window.alignment, node.get(), nullptr});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Demand& a, const Demand& b) { return a.alignment > b.alignment; });
  return result;
}

// How large a window must be for everything behind the bridge. 0: nothing to forward.
void Assignment::measure(Node& bridge, Pool pool, bool wide) {
  Window& window = window_of(bridge, pool);
  const bool inner_wide = wide_behind(bridge, wide);
  window.size = 0;
  window.alignment = granularity(pool);
  if (!window.exists || (pool == Pool::wide && !inner_wide)) return;
  for (const auto& child : bridge.children) {
    if (child->bridge) measure(*child, pool, inner_wide);
  }
  for (const Demand& demand : demands(bridge.children, pool, inner_wide, false)) {
    window.alignment = std::max(window.alignment, demand.alignment);
    const std::uint64_t begin = round_up(window.size, demand.alignment);
    // Too large for any address space: what causes it is refused when the window is placed.
    constexpr std::uint64_t absurd = std::uint64_t{1} << 62;
    window.size = begin > absurd || demand.size > absurd ? absurd : begin + demand.size;
  }
  window.size = round_up(window.size, granularity(pool));
}

void Assignment::bus(Nodes& nodes, Supply& supply) {
  keep(nodes, supply);
  for (const Pool pool : {Pool::io, Pool::memory, Pool::wide}) {
    for (const auto& node : nodes) {
      if (node->bridge && !window_of(*node, pool).kept) measure(*node, pool, supply.wide);
    }
    place(nodes, supply, pool);
  }
  for (const auto& node : nodes) {
    if (node->alone) continue;
    for (BarState& state : node->bars) write_bar(*node, state);
    if (node->bridge) {
      write_windows(*node);
      Supply behind;
      behind.wide = wide_behind(*node, supply.wide);
      for (const Pool pool : {Pool::io, Pool::memory, Pool::wide}) {
        const AddressRange& range = window_of(*node, pool).range;
        if (range.begin < range.end) behind.of(pool) = FreeRanges({range});
      }
      bus(node->children, behind);
    }
    enable(*node);
  }
}

void Assignment::keep(Nodes& nodes, Supply& supply) {
  for (const auto& node : nodes) {
    if (node->bridge) keep_windows(*node, supply);
    for (BarState& state : node->bars) {
      if (state.bar.address != 0) keep_bar(*node, state, supply);
    }
  }
}

void Assignment::keep_bar(Node& node, BarState& state, Supply& supply) {
  const std::uint64_t begin = state.bar.address;
  const bool aligned = begin % state.bar.size == 0;
  bool kept = false;
  if (state.bar.kind == Bar::Kind::io) {
    kept = aligned && supply.of(Pool::io).take_at(begin, state.bar.size);
  } else {
    kept = aligned && (supply.of(Pool::memory).take_at(begin, state.bar.size) ||
                       (state.bar.kind == Bar::Kind::memory64 &&
                        supply.of(Pool::wide).take_at(begin, state.bar.size)));
  }
  if (kept) return;
  warnings_.add(node.address,
                fmt::format("{} at {:#x} overlaps something or is not reachable there: moved",
                            name(state.bar), begin));
  state.bar.address = 0;
}

void Assignment::keep_windows(Node& node, Supply& supply) {
  for (const Pool pool : {Pool::io, Pool::memory, Pool::wide}) {
    Window& window = window_of(node, pool);
    if (!window.kept) continue;
    const std::uint64_t size = window.range.end - window.range.begin;
    if (supply.of(pool).take_at(window.range.begin, size)) continue;
    if (pool == Pool::wide && supply.of(Pool::memory).take_at(window.range.begin, size)) continue;
    warnings_.add(node.address,
                  fmt::format("window {:#x}-{:#x} of {} overlaps something or is not reachable "
                              "there: moved",
                              window.range.begin, window.range.end - 1, describe(pool)));
    window.kept = false;
    window.range = {};
  }
}

void Assignment::place(Nodes& nodes, Supply& supply, Pool pool) {
  for (const Demand& demand : demands(nodes, pool, supply.wide, supply.root)) {
    if (demand.bar == nullptr) {
      place_window(*demand.node, supply, pool);
      continue;
    }
    BarState& state = *demand.bar;
    if (state.bar.address != 0) continue;
    auto begin = supply.of(pool).take(demand.size, demand.alignment);
    // Where both are reachable, the other serves as well.
    const bool either = supply.root && state.bar.kind == Bar::Kind::memory64;
    if (!begin && either) begin = supply.of(Pool::wide).take(demand.size, demand.alignment);
    if (!begin && either) begin = supply.of(Pool::memory).take(demand.size, demand.alignment);
    if (begin) {
      state.bar.address = *begin;
    } else {
      state.refused = true;
      warnings_.add(demand.node->address,
                    fmt::format("{}: no room for {} of {}: not assigned", name(state.bar),
                                quantity(demand.size), describe(pool)));
    }
  }
}

void Assignment::place_window(Node& node, Supply& supply, Pool pool) {
  Window& window = window_of(node, pool);
  if (window.kept || supply.of(pool).empty()) return;
  // Bounded, as each attempt looks at everything behind the bridge.
  for (int attempt = 0; window.size > 0 && attempt < 8; attempt++) {
    if (const auto begin = supply.of(pool).take(window.size, window.alignment)) {
      window.range = {*begin, *begin + window.size};
      return;
    }
    // One that asks for too much shall not be the end of its neighbours.
    if (!refuse_largest(node, pool, supply.wide)) return;
    measure(node, pool, supply.wide);
  }
}

bool Assignment::refuse_largest(Node& bridge, Pool pool, bool wide) {
  Node* owner = nullptr;
  BarState* state = largest(bridge.children, pool, wide_behind(bridge, wide), owner);
  if (state == nullptr) return false;
  state->refused = true;
  state->bar.address = 0;
  warnings_.add(owner->address,
                fmt::format("{}: no room for {} of {} behind {}: not assigned", name(state->bar),
                            quantity(state->bar.size), describe(pool), to_string(bridge.address)));
  return true;
}

BarState* Assignment::largest(Nodes& nodes, Pool pool, bool wide, Node*& owner) {
  BarState* result = nullptr;
  const auto consider = [&](BarState* state, Node* of) {
    if (state == nullptr || (result != nullptr && state->bar.size <= result->bar.size)) return;
    result = state;
    owner = of;
  };
  for (const auto& node : nodes) {
    for (BarState& state : node->bars) {
      if (!state.refused && pool_of(state, wide, false) == pool) consider(&state, node.get());
    }
    if (!node->bridge) continue;
    Node* inner_owner = nullptr;
    BarState* inner = largest(node->children, pool, wide_behind(*node, wide), inner_owner);
    consider(inner, inner_owner);
  }
  return result;
}

void Assignment::write_bar(Node& node, BarState& state) {
  const Bar& bar = state.bar;
  const Address& address = node.address;
  const unsigned offset = bar.kind != Bar::Kind::rom ? pci::bar0 + 4 * bar.index
                          : node.bridge              ? pci::bridge_rom_bar
                                                     : pci::rom_bar;
  const auto low = static_cast<std::uint32_t>(bar.address);
  const auto high = static_cast<std::uint32_t>(bar.address >> 32);
  config_.write(address, offset, 4, low);
  if (bar.kind == Bar::Kind::memory64) config_.write(address, offset + 4, 4, high);
  if (bar.address == 0) return;
  const std::uint32_t flags = bar.kind == Bar::Kind::rom  ? 0x7ff
                              : bar.kind == Bar::Kind::io ? 3
                                                          : 15;
  if ((config_.read(address, offset, 4) & ~flags) == low &&
      (bar.kind != Bar::Kind::memory64 || config_.read(address, offset + 4, 4) == high)) {
    return;
  }
  warnings_.add(address, fmt::format("{} does not keep the address {:#x}: not assigned", name(bar),
                                     bar.address));
  state.bar.address = 0;
  state.refused = true;
}

void Assignment::write_windows(const Node& node) {
  const Address& address = node.address;
  const auto write = [&](unsigned offset, unsigned width, std::uint64_t value) {
    config_.write(address, offset, width, static_cast<std::uint32_t>(value));
  };
  const auto range = [&](Pool pool) { return node.windows[static_cast<std::size_t>(pool)].range; };
  // A base above its limit closes a window.
  const AddressRange io = range(Pool::io);
  const bool io_open = io.begin < io.end;
  write(pci::io_base, 1, io_open ? io.begin >> 8 : 0xf0);
  write(pci::io_limit, 1, io_open ? (io.end - 1) >> 8 & 0xf0 : 0);
  write(pci::io_base_upper, 2, io_open ? io.begin >> 16 : 0xffff);
  write(pci::io_limit_upper, 2, io_open ? (io.end - 1) >> 16 : 0);
  const AddressRange memory = range(Pool::memory);
  const bool memory_open = memory.begin < memory.end;
  write(pci::memory_base, 2, memory_open ? memory.begin >> 16 : 0xfff0);
  write(pci::memory_limit, 2, memory_open ? (memory.end - 1) >> 16 & 0xfff0 : 0);
  const AddressRange wide = range(Pool::wide);
  const bool wide_open = wide.begin < wide.end;
  write(pci::prefetch_base, 2, wide_open ? wide.begin >> 16 & 0xfff0 : 0xfff0);
  write(pci::prefetch_limit, 2, wide_open ? (wide.end - 1) >> 16 & 0xfff0 : 0);
  write(pci::prefetch_base_upper, 4, wide_open ? wide.begin >> 32 : 0);
  write(pci::prefetch_limit_upper, 4, wide_open ? (wide.end - 1) >> 32 : 0);
}

void Assignment::enable(const Node& node) {
  unsigned command = node.command;
  if (node.bridge) {
    command |= pci::command_bit::io | pci::command_bit::memory | pci::command_bit::master;
  } else {
    const auto decode = [&](Space space, unsigned bit) {
      bool any = false;
      bool all = true;
      for (const BarState& state : node.bars) {
        // A ROM has an enable bit of its own.
        if (state.bar.kind == Bar::Kind::rom || state.bar.space() != space) continue;
        any = true;
        all = all && state.bar.address != 0;
      }
      if (any) command = all ? command | bit : command & ~bit;
    };
    decode(Space::io, pci::command_bit::io);
    decode(Space::memory, pci::command_bit::memory);
  }
  config_.write(node.address, pci::command, 2, command);
}

// The legacy addresses of VGA can lead to one function: the first.
void Assignment::forward_vga(Nodes& nodes) {
  std::vector<const Node*> path;
  const auto find = [&](const auto& self, const Nodes& on_bus) -> bool {
    for (const auto& node : on_bus) {
      if (node->vga && !node->bridge) return true;
      if (!node->bridge) continue;
      path.push_back(node.get());
      if (self(self, node->children)) return true;
      path.pop_back();
    }
    return false;
  };
  if (!find(find, nodes)) return;
  // PCI-to-PCI Bridge 1.2, 3.2.5.18.
  constexpr unsigned vga_enable = 1U << 3;
  constexpr unsigned vga_16_bit = 1U << 4;
  for (const Node* bridge : path) {
    const std::uint32_t control = config_.read(bridge->address, pci::bridge_control, 2);
    config_.write(bridge->address, pci::bridge_control, 2, control | vga_enable | vga_16_bit);
  }
}

}  // namespace

void assign(ConfigAccess& config, const BusResources& resources, Nodes& bus0, Warnings& warnings) {
  Assignment assignment(config, warnings);
  Supply supply;
  supply.root = true;
  supply.wide = !resources.memory64.empty();
  supply.of(Pool::io) = FreeRanges(resources.io);
  supply.of(Pool::memory) = FreeRanges(resources.memory);
  supply.of(Pool::wide) = FreeRanges(resources.memory64);
  assignment.bus(bus0, supply);
  assignment.forward_vga(bus0);
}

}  // namespace pupci::enumeration
