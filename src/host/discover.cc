// SPDX-License-Identifier: BSD-2-Clause
// The first half of enumeration: which functions there are, what their BARs want, bus numbers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "host/bus_tree.h"
#include "host/config_registers.h"

namespace pupci::enumeration {
namespace {

constexpr std::uint32_t all_ones = 0xffffffff;
constexpr std::uint8_t multi_function = 0x80;

bool absent(std::uint32_t id) {
  return (id & 0xffff) == 0xffff || id == 0;
}

class Discovery {
 public:
  Discovery(ConfigAccess& config, std::uint8_t last_bus, Warnings& warnings)
      : config_(config), last_bus_(last_bus), warnings_(warnings) {}

  Nodes run() {
    used_[0] = true;
    Nodes nodes = scan(0, last_bus_, false);
    if (unnumbered_ > 0) {
      warnings_.add(
          first_unnumbered_,
          fmt::format("no bus number is left for what is behind this bridge{}",
                      unnumbered_ > 1 ? fmt::format(" and {} more", unnumbered_ - 1) : ""));
    }
    return nodes;
  }

 private:
  Nodes scan(std::uint8_t bus, std::uint8_t limit, bool one_device);
  std::unique_ptr<Node> probe(const Address& address);
  void probe_bars(Node& node, unsigned count, unsigned rom);
  bool probe_bar(Node& node, unsigned index, bool last);
  void probe_rom(Node& node, unsigned offset);
  void probe_bridge(Node& node);
  void probe_windows(Node& node);
  bool express_link(const Address& address);
  bool keeps_numbers(const Node& node, std::uint8_t limit);
  void number(Node& node, std::uint8_t limit);
  bool set_numbers(Node& node, std::uint8_t secondary, std::uint8_t subordinate);
  std::uint32_t size_mask(const Address& address, unsigned offset);

  ConfigAccess& config_;
  std::uint8_t last_bus_;
  Warnings& warnings_;
  std::array<bool, 256> used_{};
  Address first_unnumbered_;
  std::size_t unnumbered_ = 0;
};

// `limit` is the last bus number that may be used below this bus.
Nodes Discovery::scan(std::uint8_t bus, std::uint8_t limit, bool one_device) {
  Nodes nodes;
  const std::uint8_t devices = one_device ? 1 : 32;
  for (std::uint8_t device = 0; device < devices; device++) {
    for (std::uint8_t function = 0; function < 8; function++) {
      const Address address{0, bus, device, function};
      const bool found = !absent(config_.read(address, reg::id, 4));
      if (found) nodes.push_back(probe(address));
      if (function > 0) continue;
      if (!found || (config_.read(address, reg::header_type, 1) & multi_function) == 0) break;
    }
  }
  // Numbers that are in use stay, so they are known before any new one is given out.
  std::vector<Node*> unnumbered;
  for (const auto& node : nodes) {
    if (!node->bridge) continue;
    if (keeps_numbers(*node, limit)) {
      std::fill(used_.begin() + node->secondary, used_.begin() + node->subordinate + 1, true);
    } else {
      node->secondary = 0;
      unnumbered.push_back(node.get());
    }
  }
  for (const auto& node : nodes) {
    if (!node->bridge) continue;
    if (node->secondary == 0) {
      number(*node, limit);
    } else {
      std::fill(used_.begin() + node->secondary + 1, used_.begin() + node->subordinate + 1, false);
      node->children = scan(node->secondary, node->subordinate, node->express_link);
      std::fill(used_.begin() + node->secondary, used_.begin() + node->subordinate + 1, true);
    }
  }
  return nodes;
}

bool Discovery::keeps_numbers(const Node& node, std::uint8_t limit) {
  const std::uint8_t bus = node.address.bus;
  const auto primary = static_cast<std::uint8_t>(config_.read(node.address, reg::bus_numbers, 1));
  if (primary != bus || node.secondary <= bus || node.subordinate < node.secondary ||
      node.subordinate > limit) {
    return false;
  }
  return std::none_of(used_.begin() + node.secondary, used_.begin() + node.subordinate + 1,
                      [](bool used) { return used; });
}

// Numbers the bus behind a bridge and everything below it.
void Discovery::number(Node& node, std::uint8_t limit) {
  unsigned first = node.address.bus + 1U;
  while (first <= limit && used_[first]) first++;
  if (first > limit) {
    if (unnumbered_++ == 0) first_unnumbered_ = node.address;
    return;
  }
  unsigned last = first;
  while (last < limit && !used_[last + 1]) last++;
  // All numbers that may come to be below it, until it is known which do.
  if (!set_numbers(node, static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(last))) {
    warnings_.add(node.address,
                  "bus numbers cannot be set: nothing behind this bridge is reachable");
    return;
  }
  used_[first] = true;
  node.children = scan(node.secondary, node.subordinate, node.express_link);
  while (last > first && !used_[last]) last--;
  set_numbers(node, node.secondary, static_cast<std::uint8_t>(last));
}

bool Discovery::set_numbers(Node& node, std::uint8_t secondary, std::uint8_t subordinate) {
  constexpr std::uint32_t latency_timer = 0xff000000;
  const std::uint32_t numbers =
      node.address.bus | std::uint32_t{secondary} << 8 | std::uint32_t{subordinate} << 16;
  const std::uint32_t kept = config_.read(node.address, reg::bus_numbers, 4) & latency_timer;
  config_.write(node.address, reg::bus_numbers, 4, kept | numbers);
  if ((config_.read(node.address, reg::bus_numbers, 4) & ~latency_timer) != numbers) return false;
  node.secondary = secondary;
  node.subordinate = subordinate;
  return true;
}

std::unique_ptr<Node> Discovery::probe(const Address& address) {
  auto node = std::make_unique<Node>();
  node->address = address;
  const std::uint32_t header = config_.read(address, reg::header_type, 1);
  node->header_type = header & 0x7f;
  node->vga = config_.read(address, reg::class_revision, 4) >> 16 == 0x0300;
  node->command = static_cast<std::uint16_t>(config_.read(address, reg::command, 2));
  if (header == 0xff && config_.read(address, reg::class_revision, 4) == all_ones) {
    warnings_.add(address, "configuration space reads as all ones: left alone");
    node->alone = true;
  } else if (node->header_type == 0) {
    probe_bars(*node, 6, reg::rom);
  } else if (node->header_type == 1) {
    node->bridge = true;
    probe_bars(*node, 2, reg::bridge_rom);
    probe_bridge(*node);
  } else {
    warnings_.add(address, node->header_type == 2
                               ? std::string("CardBus bridges are not supported: left alone")
                               : fmt::format("header type {:#04x} is unknown: left alone",
                                             node->header_type));
    node->alone = true;
  }
  return node;
}

void Discovery::probe_bars(Node& node, unsigned count, unsigned rom) {
  // A BAR takes part in no decoding while all ones are in it. A bridge forwards nothing yet.
  config_.write(node.address, reg::command, 2,
                node.command & ~(reg::command_io | reg::command_memory));
  for (unsigned index = 0; index < count; index++) {
    if (probe_bar(node, index, index + 1 == count)) index++;
  }
  probe_rom(node, rom);
}

std::uint32_t Discovery::size_mask(const Address& address, unsigned offset) {
  const std::uint32_t found = config_.read(address, offset, 4);
  config_.write(address, offset, 4, all_ones);
  const std::uint32_t mask = config_.read(address, offset, 4);
  config_.write(address, offset, 4, found);
  return mask;
}

// True when the BAR takes the next register too.
bool Discovery::probe_bar(Node& node, unsigned index, bool last) {
  constexpr std::uint32_t io_flag = 1;
  constexpr std::uint32_t type_64 = 4;
  constexpr std::uint32_t prefetchable = 8;
  const unsigned offset = reg::bar0 + 4 * index;
  const std::uint32_t found = config_.read(node.address, offset, 4);
  const std::uint32_t mask = size_mask(node.address, offset);
  if (mask == 0) return false;
  const auto ignore = [&](std::string_view why) {
    warnings_.add(node.address, fmt::format("BAR {} {}: ignored", index, why));
  };
  if (mask == all_ones) {
    ignore("reads as all ones");
    return false;
  }
  BarState state;
  state.bar.index = index;
  std::uint64_t address_mask = 0;
  bool wide = false;
  if ((mask & io_flag) != 0) {
    state.bar.kind = Bar::Kind::io;
    state.bar.address = found & ~3U;
    // The upper half may be fixed at zero.
    address_mask = (mask & ~3U) == 0 ? 0 : ~std::uint64_t{0xffff} | (mask & 0xfffc);
  } else {
    wide = (mask & 6) == type_64;
    if (wide && last) {
      ignore("is a 64-bit BAR without a register for its upper half");
      return false;
    }
    state.bar.kind = wide ? Bar::Kind::memory64 : Bar::Kind::memory32;
    state.bar.prefetchable = (mask & prefetchable) != 0;
    state.bar.address = found & ~15U;
    const std::uint32_t low = mask & ~15U;
    std::uint32_t upper = all_ones;
    if (wide) {
      state.bar.address |= std::uint64_t{config_.read(node.address, offset + 4, 4)} << 32;
      upper = size_mask(node.address, offset + 4);
      state.narrow = upper == 0 && low != 0;
      if (state.narrow) upper = all_ones;
    }
    address_mask = low == 0 && !wide ? 0 : std::uint64_t{upper} << 32 | low;
  }
  // A hole in the mask would make it no size at all.
  state.bar.size = ~address_mask + 1;
  if (address_mask == 0) {
    ignore("has size 0");
  } else if (!std::has_single_bit(state.bar.size)) {
    ignore(fmt::format("has the malformed size mask {:#x}", address_mask));
  } else {
    node.bars.push_back(state);
  }
  return wide;
}

void Discovery::probe_rom(Node& node, unsigned offset) {
  constexpr std::uint32_t address_bits = 0xfffff800;
  const std::uint32_t found = config_.read(node.address, offset, 4);
  config_.write(node.address, offset, 4, address_bits);
  const std::uint32_t mask = config_.read(node.address, offset, 4);
  config_.write(node.address, offset, 4, found);
  const std::uint32_t low = mask & address_bits;
  if (low == 0) return;
  BarState state;
  state.bar.index = Bar::rom_index;
  state.bar.kind = Bar::Kind::rom;
  state.bar.address = found & address_bits;
  state.bar.size = std::uint64_t{~low} + 1;
  if (mask == all_ones || !std::has_single_bit(state.bar.size)) {
    warnings_.add(node.address,
                  fmt::format("expansion ROM has the malformed size mask {:#x}: ignored", mask));
    return;
  }
  node.bars.push_back(state);
}

void Discovery::probe_bridge(Node& node) {
  const std::uint32_t numbers = config_.read(node.address, reg::bus_numbers, 4);
  node.secondary = static_cast<std::uint8_t>(numbers >> 8);
  node.subordinate = static_cast<std::uint8_t>(numbers >> 16);
  node.express_link = express_link(node.address);
  probe_windows(node);
}

void Discovery::probe_windows(Node& node) {
  const Address& address = node.address;
  Window& io = node.windows[static_cast<std::size_t>(Pool::io)];
  Window& memory = node.windows[static_cast<std::size_t>(Pool::memory)];
  Window& wide = node.windows[static_cast<std::size_t>(Pool::wide)];
  const bool forwards_io = (node.command & reg::command_io) != 0;
  const bool forwards_memory = (node.command & reg::command_memory) != 0;
  const auto keep = [](Window& window, bool forwards, std::uint64_t base, std::uint64_t end) {
    // Base and limit both 0 is how most bridges come out of reset.
    window.kept = forwards && base != 0 && base < end;
    if (window.kept) window.range = {base, end};
  };
  // Whether a window exists shows in whether its base can be set.
  const auto writable = [&](unsigned offset, unsigned width, std::uint32_t bits) {
    const std::uint32_t found = config_.read(address, offset, width);
    config_.write(address, offset, width, bits);
    const bool result = (config_.read(address, offset, width) & bits) == bits;
    config_.write(address, offset, width, found);
    return result;
  };
  io.exists = writable(reg::io_base, 1, 0xf0);
  const std::uint64_t io_base = (config_.read(address, reg::io_base, 1) & 0xf0) << 8;
  const std::uint64_t io_end = ((config_.read(address, reg::io_limit, 1) & 0xf0) << 8) + 0x1000;
  if (io.exists) keep(io, forwards_io, io_base, io_end);

  memory.exists = true;
  const std::uint64_t base = config_.read(address, reg::memory_base, 2) & 0xfff0;
  const std::uint64_t limit = config_.read(address, reg::memory_limit, 2) & 0xfff0;
  keep(memory, forwards_memory, base << 16, (limit << 16) + 0x100000);

  constexpr unsigned type_64 = 1;
  wide.exists = writable(reg::prefetch_base, 2, 0xfff0) &&
                (config_.read(address, reg::prefetch_base, 2) & 15) == type_64;
  if (!wide.exists) return;
  const auto upper = [&](unsigned offset) {
    return std::uint64_t{config_.read(address, offset, 4)} << 32;
  };
  const std::uint64_t wide_base = upper(reg::prefetch_base_upper) |
                                  (config_.read(address, reg::prefetch_base, 2) & 0xfff0) << 16;
  const std::uint64_t wide_limit = upper(reg::prefetch_limit_upper) |
                                   (config_.read(address, reg::prefetch_limit, 2) & 0xfff0) << 16;
  keep(wide, forwards_memory, wide_base, wide_limit + 0x100000);
}

bool Discovery::express_link(const Address& address) {
  if ((config_.read(address, reg::status, 2) & reg::status_capabilities) == 0) return false;
  unsigned offset = config_.read(address, reg::capabilities, 1) & 0xfc;
  // At most as many as fit, so that a loop ends.
  for (int i = 0; i < 48 && offset >= 0x40; i++) {
    const std::uint32_t header = config_.read(address, offset, 4);
    if ((header & 0xff) == reg::cap_express) {
      const unsigned type = header >> 20 & 15;
      constexpr unsigned root_port = 4;
      constexpr unsigned downstream_port = 6;
      return type == root_port || type == downstream_port;
    }
    offset = header >> 8 & 0xfc;
  }
  return false;
}

}  // namespace

Nodes discover(ConfigAccess& config, std::uint8_t last_bus, Warnings& warnings) {
  return Discovery(config, last_bus, warnings).run();
}

}  // namespace pupci::enumeration
