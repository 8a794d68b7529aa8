// SPDX-License-Identifier: BSD-2-Clause
#include "cli/describe.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "pupci/capability.h"
#include "pupci/pci_config.h"
#include "pupci/pci_ids.h"

namespace pupci::cli {
namespace {

using Json = nlohmann::ordered_json;

unsigned header_type_of(Function& function) {
  return function.config_read(pci::header_type, 1) & pci::header::type_mask;
}

// A line of the description, under the function's own.
void line(std::string& text, std::string_view label, std::string_view content) {
  text += fmt::format("    {:<18} {}\n", label, content);
}

std::string flags(std::uint32_t value,
                  std::initializer_list<std::pair<unsigned, const char*>> names) {
  std::string set;
  for (const auto& [bit, name] : names) {
    if ((value & bit) != 0) set += fmt::format("{}{}", set.empty() ? "" : ", ", name);
  }
  return set.empty() ? "none" : set;
}

std::string bar_text(const Bar& bar) {
  return fmt::format("{}{} at {:#x}, {:#x} bytes", kind_name(bar.kind),
                     bar.prefetchable ? " prefetchable" : "", bar.address, bar.size);
}

std::string bar_label(const Bar& bar) {
  return bar.index == Bar::rom_index ? "ROM" : fmt::format("BAR {}", bar.index);
}

struct Window {
  const char* name;
  std::uint64_t base;
  std::uint64_t limit;  // last address; below base: the window is closed
};

// PCI-to-PCI Bridge Architecture 1.2, 3.2.5.
std::array<Window, 3> windows(Function& function) {
  const auto read = [&](unsigned offset, unsigned width) -> std::uint64_t {
    return function.config_read(offset, width);
  };
  static constexpr std::uint64_t io_wide = 1;  // low bits of the base: 32-bit I/O, 64-bit memory
  Window io{"I/O", (read(pci::io_base, 1) & 0xf0) << 8,
            ((read(pci::io_limit, 1) & 0xf0) << 8) | 0xfff};
  if ((read(pci::io_base, 1) & 0xf) == io_wide) {
    io.base |= read(pci::io_base_upper, 2) << 16;
    io.limit |= read(pci::io_limit_upper, 2) << 16;
  }
  const Window memory{"memory", (read(pci::memory_base, 2) & 0xfff0) << 16,
                      ((read(pci::memory_limit, 2) & 0xfff0) << 16) | 0xfffff};
  Window prefetch{"prefetchable", (read(pci::prefetch_base, 2) & 0xfff0) << 16,
                  ((read(pci::prefetch_limit, 2) & 0xfff0) << 16) | 0xfffff};
  if ((read(pci::prefetch_base, 2) & 0xf) == io_wide) {
    prefetch.base |= read(pci::prefetch_base_upper, 4) << 32;
    prefetch.limit |= read(pci::prefetch_limit_upper, 4) << 32;
  }
  return {io, memory, prefetch};
}

void describe_bridge(std::string& text, Function& function) {
  line(text, "buses",
       fmt::format("primary {}, secondary {}, subordinate {}",
                   function.config_read(pci::primary_bus, 1),
                   function.config_read(pci::secondary_bus, 1),
                   function.config_read(pci::subordinate_bus, 1)));
  for (const Window& window : windows(function)) {
    line(text, fmt::format("{} window", window.name),
         window.limit < window.base ? "closed"
                                    : fmt::format("{:#x} to {:#x}", window.base, window.limit));
  }
}

// What is worth saying beside the name.
std::string capability_detail(Function& function, const Capability& capability) {
  FunctionConfig config(function);
  if (capability.id == pci::capability_id::msi) {
    if (const auto msi = msi_capability(config))
      return fmt::format(": {} vectors{}{}, {}", msi->vectors, msi->address64 ? ", 64-bit" : "",
                         msi->maskable ? ", maskable" : "", msi->enabled ? "enabled" : "off");
  }
  if (capability.id == pci::capability_id::msix) {
    if (const auto msix = msix_capability(config))
      return fmt::format(": {} vectors, table in BAR {} at {:#x}, pending in BAR {} at {:#x}, {}",
                         msix->vectors, msix->table_bar, msix->table_offset, msix->pending_bar,
                         msix->pending_offset, msix->enabled ? "enabled" : "off");
  }
  if (capability.id == pci::capability_id::power_management)
    return fmt::format(": D{}", function.config_read(capability.offset + pci::pm::control, 2) &
                                    pci::pm::state_mask);
  return {};
}

void describe_capabilities(std::string& text, Function& function) {
  const CapabilityList list = capabilities(function);
  for (const Capability& capability : list.found) {
    line(text, fmt::format("capability {:#x}", capability.offset),
         capability_name(capability.id) + capability_detail(function, capability));
  }
  if (list.fault != CapabilityFault::none) line(text, "broken", list.fault_text());
  if (function.config_size() <= pci::config_end) return;
  const CapabilityList extended = extended_capabilities(function);
  for (const Capability& capability : extended.found) {
    line(
        text, fmt::format("capability {:#x}", capability.offset),
        fmt::format("{}, version {}", extended_capability_name(capability.id), capability.version));
  }
  if (extended.fault != CapabilityFault::none) line(text, "broken", extended.fault_text());
}

Json capability_facts(const CapabilityList& list, bool extended) {
  Json facts = Json::array();
  for (const Capability& capability : list.found) {
    Json fact = {{"id", capability.id},
                 {"name", extended ? extended_capability_name(capability.id)
                                   : capability_name(capability.id)},
                 {"offset", capability.offset}};
    if (extended) fact["version"] = capability.version;
    facts.push_back(std::move(fact));
  }
  return facts;
}

Json bridge_facts(Function& function) {
  Json facts = {{"primary", function.config_read(pci::primary_bus, 1)},
                {"secondary", function.config_read(pci::secondary_bus, 1)},
                {"subordinate", function.config_read(pci::subordinate_bus, 1)},
                {"windows", Json::array()}};
  for (const Window& window : windows(function)) {
    if (window.limit < window.base) continue;
    facts["windows"].push_back(
        {{"kind", window.name}, {"base", window.base}, {"limit", window.limit}});
  }
  return facts;
}

}  // namespace

const char* kind_name(Bar::Kind kind) noexcept {
  switch (kind) {
    case Bar::Kind::memory32:
      return "memory";
    case Bar::Kind::memory64:
      return "memory 64-bit";
    case Bar::Kind::io:
      return "I/O";
    case Bar::Kind::rom:
      return "ROM";
  }
  return "unknown";
}

std::string describe_config(Function& function) {
  std::string text;
  const std::uint32_t id = function.config_read(pci::vendor_id, 4);
  line(text, "ids", fmt::format("vendor {:#06x}, product {:#06x}", id & 0xffff, id >> 16));
  line(text, "class",
       fmt::format("{:#08x}, revision {:#04x}", function.config_read(pci::revision_id, 4) >> 8,
                   function.config_read(pci::revision_id, 1)));
  const unsigned type = header_type_of(function);
  if (type == pci::header::endpoint) {
    line(text, "subsystem",
         fmt::format("vendor {:#06x}, product {:#06x}",
                     function.config_read(pci::subsystem_vendor_id, 2),
                     function.config_read(pci::subsystem_id, 2)));
  } else if (type != pci::header::bridge) {
    line(text, "header type", fmt::format("{:#x}: not known", type));
  }
  const std::uint32_t command = function.config_read(pci::command, 2);
  line(text, "command",
       fmt::format("{:#06x}: {}", command,
                   flags(command, {{pci::command_bit::io, "I/O"},
                                   {pci::command_bit::memory, "memory"},
                                   {pci::command_bit::master, "bus master"},
                                   {pci::command_bit::intx_disable, "INTx off"}})));
  line(text, "status", fmt::format("{:#06x}", function.config_read(pci::status, 2)));
  for (const Bar& bar : function.bars()) line(text, bar_label(bar), bar_text(bar));
  if (type == pci::header::bridge) describe_bridge(text, function);
  const unsigned pin = function.config_read(pci::interrupt_pin, 1);
  if (pin >= 1 && pin <= 4)
    line(text, "interrupt pin", std::string(1, static_cast<char>('A' + pin - 1)));
  describe_capabilities(text, function);
  return text;
}

nlohmann::ordered_json function_facts(Function& function) {
  const Address& address = function.address();
  const std::uint32_t id = function.config_read(pci::vendor_id, 4);
  const auto vendor = static_cast<std::uint16_t>(id);
  const auto product = static_cast<std::uint16_t>(id >> 16);
  const std::uint32_t class_and_revision = function.config_read(pci::revision_id, 4);
  Json facts = {{"address", to_string(address)},
                {"segment", address.segment},
                {"bus", address.bus},
                {"device", address.device},
                {"function", address.function},
                {"vendor", vendor},
                {"product", product},
                {"vendor_name", vendor_name(vendor)},
                {"product_name", product_name(vendor, product)},
                {"class", class_and_revision >> 8},
                {"class_name", class_name(class_and_revision)},
                {"revision", class_and_revision & 0xff},
                {"header_type", header_type_of(function)}};
  if (header_type_of(function) == pci::header::endpoint) {
    facts["subsystem_vendor"] = function.config_read(pci::subsystem_vendor_id, 2);
    facts["subsystem_product"] = function.config_read(pci::subsystem_id, 2);
  }
  if (header_type_of(function) == pci::header::bridge) facts["bridge"] = bridge_facts(function);
  facts["bars"] = Json::array();
  for (const Bar& bar : function.bars()) {
    facts["bars"].push_back({{"index", bar.index},
                             {"kind", kind_name(bar.kind)},
                             {"prefetchable", bar.prefetchable},
                             {"address", bar.address},
                             {"size", bar.size}});
  }
  facts["interrupts"] = {{"intx", function.interrupt_count(InterruptType::intx)},
                         {"msi", function.interrupt_count(InterruptType::msi)},
                         {"msix", function.interrupt_count(InterruptType::msix)}};
  facts["capabilities"] = capability_facts(capabilities(function), false);
  facts["extended_capabilities"] = function.config_size() > pci::config_end
                                       ? capability_facts(extended_capabilities(function), true)
                                       : Json::array();
  return facts;
}

}  // namespace pupci::cli
