// SPDX-License-Identifier: BSD-2-Clause
// The first half of enumeration: which functions there are, what their BARs want, bus numbers.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "host/bus_tree.h"
#include "host/config_space.h"
#include "pupci/pci_config.h"

namespace pupci::enumeration {
namespace {

constexpr std::uint32_t all_ones = 0xffffffff;

bool absent(std::uint32_t id) {
  return (id & 0xffff) == 0xffff || id == 0;
}

// One function's configuration space, for the decoders.
class AddressConfig final : public ConfigSpace {
 public:
  AddressConfig(ConfigAccess& config, const Address& address) noexcept
      : config_(config), address_(address) {}
  [[nodiscard]] unsigned size() const noexcept override { return pci::config_end; }
  std::uint32_t read(unsigned offset, unsigned width) noexcept override {
    return config_.read(address_, offset, width);
  }
  void write(unsigned offset, unsigned width, std::uint32_t value) noexcept override {
    config_.write(address_, offset, width, value);
  }

 private:
  ConfigAccess& config_;
  Address address_;
};

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
  void probe_bars(Node& node);
  void probe_bridge(Node& node);
  void probe_windows(Node& node);
  bool express_link(const Address& address);
  bool keeps_numbers(const Node& node, std::uint8_t limit);
  void number(Node& node, std::uint8_t limit);
  bool set_numbers(Node& node, std::uint8_t secondary, std::uint8_t subordinate);

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
      const bool found = !absent(config_.read(address, pci::vendor_id, 4));
      if (found) nodes.push_back(probe(address));
      if (function > 0) continue;
      if (!found || (config_.read(address, pci::header_type, 1) & pci::header::multifunction) == 0)
        break;
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
  const auto primary = static_cast<std::uint8_t>(config_.read(node.address, pci::primary_bus, 1));
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
  const std::uint32_t kept = config_.read(node.address, pci::primary_bus, 4) & latency_timer;
  config_.write(node.address, pci::primary_bus, 4, kept | numbers);
  if ((config_.read(node.address, pci::primary_bus, 4) & ~latency_timer) != numbers) return false;
  node.secondary = secondary;
  node.subordinate = subordinate;
  return true;
}

std::unique_ptr<Node> Discovery::probe(const Address& address) {
  auto node = std::make_unique<Node>();
  node->address = address;
  AddressConfig config(config_, address);
  const Header header = read_header(config);
  const std::uint32_t class_revision = config.read(pci::revision_id, 4);
  node->header_type = header.type;
  node->vga = class_revision >> 16 == 0x0300;
  node->command = static_cast<std::uint16_t>(config.read(pci::command, 2));
  if (class_revision == all_ones && header.kind == HeaderKind::unknown) {
    warnings_.add(address, "configuration space reads as all ones: left alone");
    node->alone = true;
  } else if (header.kind == HeaderKind::endpoint || header.kind == HeaderKind::bridge) {
    node->bridge = header.kind == HeaderKind::bridge;
    probe_bars(*node);
    if (node->bridge) probe_bridge(*node);
  } else {
    warnings_.add(address, header.kind == HeaderKind::cardbus
                               ? std::string("CardBus bridges are not supported: left alone")
                               : fmt::format("header type {:#04x} is unknown: left alone",
                                             node->header_type));
    node->alone = true;
  }
  return node;
}

void Discovery::probe_bars(Node& node) {
  AddressConfig config(config_, node.address);
  const BarList list = size_bars(config);
  for (const BarFault& fault : list.faults) {
    // Overlaps end with assignment, and what cannot be set shows there.
    if (fault.kind == BarFault::Kind::overlap || fault.kind == BarFault::Kind::not_restored) {
      continue;
    }
    warnings_.add(node.address, to_string(fault) + ": ignored");
  }
  node.bars.reserve(list.bars.size());
  for (const Bar& bar : list.bars) node.bars.push_back({bar});
  // Addresses change from here on. A bridge forwards nothing yet.
  if (list.bars.empty() && !node.bridge) return;
  config_.write(node.address, pci::command, 2,
                node.command & ~(pci::command_bit::io | pci::command_bit::memory));
}

void Discovery::probe_bridge(Node& node) {
  const std::uint32_t numbers = config_.read(node.address, pci::primary_bus, 4);
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
  const bool forwards_io = (node.command & pci::command_bit::io) != 0;
  const bool forwards_memory = (node.command & pci::command_bit::memory) != 0;
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
  io.exists = writable(pci::io_base, 1, 0xf0);
  const std::uint64_t io_base = (config_.read(address, pci::io_base, 1) & 0xf0) << 8;
  const std::uint64_t io_end = ((config_.read(address, pci::io_limit, 1) & 0xf0) << 8) + 0x1000;
  if (io.exists) keep(io, forwards_io, io_base, io_end);

  memory.exists = true;
  const std::uint64_t base = config_.read(address, pci::memory_base, 2) & 0xfff0;
  const std::uint64_t limit = config_.read(address, pci::memory_limit, 2) & 0xfff0;
  keep(memory, forwards_memory, base << 16, (limit << 16) + 0x100000);

  constexpr unsigned type_64 = 1;
  wide.exists = writable(pci::prefetch_base, 2, 0xfff0) &&
                (config_.read(address, pci::prefetch_base, 2) & 15) == type_64;
  if (!wide.exists) return;
  const auto upper = [&](unsigned offset) {
    return std::uint64_t{config_.read(address, offset, 4)} << 32;
  };
  const std::uint64_t wide_base = upper(pci::prefetch_base_upper) |
                                  (config_.read(address, pci::prefetch_base, 2) & 0xfff0) << 16;
  const std::uint64_t wide_limit = upper(pci::prefetch_limit_upper) |
                                   (config_.read(address, pci::prefetch_limit, 2) & 0xfff0) << 16;
  keep(wide, forwards_memory, wide_base, wide_limit + 0x100000);
}

bool Discovery::express_link(const Address& address) {
  AddressConfig config(config_, address);
  const auto offset = find_capability(config, pci::capability_id::express);
  if (!offset) return false;
  const unsigned type = config.read(*offset + pci::express::flags, 2) >> pci::express::type_shift;
  return (type & 15) == pci::express::type_root_port ||
         (type & 15) == pci::express::type_downstream;
}

}  // namespace

Nodes discover(ConfigAccess& config, std::uint8_t last_bus, Warnings& warnings) {
  return Discovery(config, last_bus, warnings).run();
}

}  // namespace pupci::enumeration
