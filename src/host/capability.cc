// SPDX-License-Identifier: BSD-2-Clause
// Walks capability lists without trusting them.
#include "pupci/capability.h"

#include <fmt/core.h>

#include <algorithm>
#include <bitset>
#include <span>

#include "pupci/pci_config.h"

namespace pupci {
namespace {

struct Name {
  unsigned id;
  const char* name;
};

constexpr Name names[] = {
    {pci::capability_id::power_management, "Power Management"},
    {pci::capability_id::agp, "AGP"},
    {pci::capability_id::vpd, "Vital Product Data"},
    {pci::capability_id::slot, "Slot Identification"},
    {pci::capability_id::msi, "MSI"},
    {pci::capability_id::hotswap, "CompactPCI Hot Swap"},
    {pci::capability_id::pcix, "PCI-X"},
    {pci::capability_id::hypertransport, "HyperTransport"},
    {pci::capability_id::vendor, "Vendor-specific"},
    {pci::capability_id::debug_port, "Debug Port"},
    {pci::capability_id::resource_control, "CompactPCI Resource Control"},
    {pci::capability_id::hotplug, "Hot-Plug"},
    {pci::capability_id::subsystem, "Bridge Subsystem ID"},
    {pci::capability_id::agp8x, "AGP 8x"},
    {pci::capability_id::secure, "Secure Device"},
    {pci::capability_id::express, "PCI Express"},
    {pci::capability_id::msix, "MSI-X"},
    {pci::capability_id::sata, "SATA"},
    {pci::capability_id::advanced_features, "Advanced Features"},
    {pci::capability_id::enhanced_allocation, "Enhanced Allocation"},
};

constexpr Name extended_names[] = {
    {pci::extended_id::error_reporting, "Advanced Error Reporting"},
    {pci::extended_id::virtual_channel, "Virtual Channel"},
    {pci::extended_id::serial_number, "Serial Number"},
    {pci::extended_id::power_budget, "Power Budgeting"},
    {pci::extended_id::access_control, "Access Control Services"},
    {pci::extended_id::routing_id, "Alternative Routing-ID"},
    {pci::extended_id::translation, "Address Translation Services"},
    {pci::extended_id::sriov, "Single Root I/O Virtualization"},
    {pci::extended_id::resizable_bar, "Resizable BAR"},
    {pci::extended_id::latency_tolerance, "Latency Tolerance Reporting"},
};

std::string name_in(std::span<const Name> table, unsigned id) {
  for (const Name& entry : table) {
    if (entry.id == id) return entry.name;
  }
  return fmt::format("capability {:#x}", id);
}

// Bytes that a capability has at least; one that the end of the space cuts off is no use.
unsigned least_length(ConfigSpace& config, unsigned id, unsigned offset) noexcept {
  switch (id) {
    case pci::capability_id::power_management:
      return pci::pm::length;
    case pci::capability_id::msix:
      return pci::msix::length;
    case pci::capability_id::express:
      return 0x14;
    case pci::capability_id::advanced_features:
      return 6;
    case pci::capability_id::msi: {
      const unsigned control = config.read(offset + pci::msi::control, 2);
      const unsigned wide = (control & pci::msi::address64) != 0 ? 4 : 0;
      return wide + ((control & pci::msi::maskable) != 0 ? 20 : 10);
    }
    default:
      return 2;
  }
}

struct End {
  CapabilityFault fault = CapabilityFault::none;
  unsigned offset = 0;
};

// Calls visit(capability) for each until it answers false.
template <typename Visit>
End walk(ConfigSpace& config, Visit visit) {
  if (config.read(pci::vendor_id, 2) == 0xffff) return {};
  if ((config.read(pci::status, 2) & pci::status_bit::capabilities) == 0) return {};
  unsigned start = pci::capability_pointer;
  switch (config.read(pci::header_type, 1) & pci::header::type_mask) {
    case pci::header::endpoint:
    case pci::header::bridge:
      break;
    case pci::header::cardbus:
      start = 0x14;
      break;
    default:
      return {};  // no telling what such a header holds
  }
  std::bitset<pci::config_end / 4> seen;
  for (unsigned offset = config.read(start, 1) & ~3U; offset != 0;) {
    if (offset < pci::header_end) return {CapabilityFault::in_header, offset};
    if (seen[offset / 4]) return {CapabilityFault::loop, offset};
    seen.set(offset / 4);
    const std::uint32_t head = config.read(offset, 2);
    if (head == 0xffff) return {CapabilityFault::all_ones, offset};
    const unsigned id = head & 0xff;
    if (offset + least_length(config, id, offset) > pci::config_end) {
      return {CapabilityFault::out_of_range, offset};
    }
    if (!visit(Capability{id, 0, offset})) return {};
    offset = (head >> 8) & ~3U;
  }
  return {};
}

template <typename Visit>
End walk_extended(ConfigSpace& config, Visit visit) {
  if (config.size() < pci::extended_end || config.read(pci::vendor_id, 2) == 0xffff) return {};
  std::bitset<pci::extended_end / 4> seen;
  for (unsigned offset = pci::config_end; offset != 0;) {
    if (offset < pci::config_end) return {CapabilityFault::in_header, offset};
    if (seen[offset / 4]) return {CapabilityFault::loop, offset};
    seen.set(offset / 4);
    const std::uint32_t head = config.read(offset, 4);
    if (head == 0) return {};  // an empty list
    if (head == UINT32_MAX) {
      // At the start it only says that there is no such space.
      if (offset == pci::config_end) return {};
      return {CapabilityFault::all_ones, offset};
    }
    if (!visit(Capability{head & 0xffff, (head >> 16) & 0xf, offset})) return {};
    offset = (head >> 20) & ~3U;
  }
  return {};
}

}  // namespace

const Capability* CapabilityList::find(unsigned id) const noexcept {
  for (const Capability& capability : found) {
    if (capability.id == id) return &capability;
  }
  return nullptr;
}

std::string CapabilityList::fault_text() const {
  switch (fault) {
    case CapabilityFault::none:
      break;
    case CapabilityFault::loop:
      return fmt::format("capability list: loops back to {:#x}", fault_offset);
    case CapabilityFault::in_header:
      return fmt::format("capability list: pointer {:#x} lies in the header", fault_offset);
    case CapabilityFault::out_of_range:
      return fmt::format("capability list: the capability at {:#x} does not fit", fault_offset);
    case CapabilityFault::all_ones:
      return fmt::format("capability list: reads all ones at {:#x}", fault_offset);
  }
  return {};
}

CapabilityList capabilities(ConfigSpace& config) {
  CapabilityList list;
  const End end = walk(config, [&list](const Capability& c) {
    list.found.push_back(c);
    return true;
  });
  list.fault = end.fault;
  list.fault_offset = end.offset;
  return list;
}

CapabilityList extended_capabilities(ConfigSpace& config) {
  CapabilityList list;
  const End end = walk_extended(config, [&list](const Capability& c) {
    list.found.push_back(c);
    return true;
  });
  list.fault = end.fault;
  list.fault_offset = end.offset;
  return list;
}

CapabilityList capabilities(Function& function) {
  FunctionConfig config(function);
  return capabilities(config);
}

CapabilityList extended_capabilities(Function& function) {
  FunctionConfig config(function);
  return extended_capabilities(config);
}

std::optional<unsigned> find_capability(ConfigSpace& config, unsigned id) noexcept {
  std::optional<unsigned> offset;
  walk(config, [&offset, id](const Capability& c) {
    if (c.id == id) offset = c.offset;
    return !offset;
  });
  return offset;
}

std::optional<unsigned> find_extended_capability(ConfigSpace& config, unsigned id) noexcept {
  std::optional<unsigned> offset;
  walk_extended(config, [&offset, id](const Capability& c) {
    if (c.id == id) offset = c.offset;
    return !offset;
  });
  return offset;
}

std::string capability_name(unsigned id) {
  return name_in(names, id);
}
std::string extended_capability_name(unsigned id) {
  return name_in(extended_names, id);
}

std::optional<MsiCapability> msi_capability(ConfigSpace& config) noexcept {
  const auto offset = find_capability(config, pci::capability_id::msi);
  if (!offset) return std::nullopt;
  const unsigned control = config.read(*offset + pci::msi::control, 2);
  const auto vectors = [control](unsigned shift) {
    return 1U << std::min(5U, (control >> shift) & 7);  // 6 and 7 are reserved
  };
  MsiCapability msi;
  msi.offset = *offset;
  msi.vectors = vectors(pci::msi::capable_shift);
  msi.vectors_enabled = vectors(pci::msi::enabled_shift);
  msi.address64 = (control & pci::msi::address64) != 0;
  msi.maskable = (control & pci::msi::maskable) != 0;
  msi.enabled = (control & pci::msi::enable) != 0;
  return msi;
}

std::optional<MsixCapability> msix_capability(ConfigSpace& config) noexcept {
  const auto offset = find_capability(config, pci::capability_id::msix);
  if (!offset) return std::nullopt;
  const unsigned control = config.read(*offset + pci::msix::control, 2);
  const std::uint32_t table = config.read(*offset + pci::msix::table, 4);
  const std::uint32_t pending = config.read(*offset + pci::msix::pending, 4);
  MsixCapability msix;
  msix.offset = *offset;
  msix.vectors = (control & pci::msix::size_mask) + 1;
  msix.table_bar = table & pci::msix::bar_mask;
  msix.table_offset = table & ~pci::msix::bar_mask;
  msix.pending_bar = pending & pci::msix::bar_mask;
  msix.pending_offset = pending & ~pci::msix::bar_mask;
  msix.enabled = (control & pci::msix::enable) != 0;
  msix.masked = (control & pci::msix::mask_all) != 0;
  if (msix.table_bar > 5 || msix.pending_bar > 5) return std::nullopt;
  return msix;
}

}  // namespace pupci
