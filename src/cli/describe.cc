// SPDX-License-Identifier: BSD-2-Clause
#include "cli/describe.h"

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
