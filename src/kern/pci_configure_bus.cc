// SPDX-License-Identifier: BSD-2-Clause
// pci_configure_bus(9), by what hosts without firmware configure their buses with.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "host/config_space.h"
#include "host/enumerate.h"
#include "kern/bar_table.h"
#include "kern/console.h"
#include "kern/pci_chipset.h"
#include "netbsd/dev/pci/pciconf.h"
#include "pupci/pci_config.h"

struct pciconf_resources {
  pupci::BusResources given;
};

namespace pupci::kern {
namespace {

constexpr std::uint64_t io_end = std::uint64_t{1} << 16;
constexpr std::uint64_t wide_begin = std::uint64_t{1} << 32;

class ChipsetConfig final : public ConfigAccess {
 public:
  explicit ChipsetConfig(pci_chipset_tag_t chipset) noexcept : chipset_(chipset) {}
  std::uint32_t read(const Address& address, unsigned offset, unsigned width) noexcept override {
    const auto function = chipset_->find(make_tag(address));
    return function == nullptr ? UINT32_MAX >> (32 - 8 * width)
                               : function->config_read(offset, width);
  }
  void write(const Address& address, unsigned offset, unsigned width,
             std::uint32_t value) noexcept override {
    if (const auto function = chipset_->find(make_tag(address))) {
      function->config_write(offset, width, value);
    }
  }

 private:
  pci_chipset_tag_t chipset_;
};

// Nothing is decoded, no BAR has an address, no bridge a window.
void forget_addresses(Function& function) noexcept {
  constexpr unsigned decodes =
      pci::command_bit::io | pci::command_bit::memory | pci::command_bit::master;
  const std::uint32_t command = function.config_read(pci::command, 2);
  function.config_write(pci::command, 2, command & ~decodes);
  FunctionConfig config(function);
  const Header header = read_header(config);
  for (unsigned i = 0; i < header.bar_count(); i++) {
    function.config_write(pci::bar0 + 4 * i, 4, 0);
  }
  if (header.rom_register() != 0) function.config_write(header.rom_register(), 4, 0);
  if (header.kind != HeaderKind::bridge) return;
  // A window that begins above its end.
  constexpr unsigned io_window = 0x1c;
  constexpr unsigned memory_window = 0x20;
  constexpr unsigned prefetchable_window = 0x24;
  constexpr unsigned prefetchable_upper = 0x28;
  constexpr unsigned io_upper = 0x30;
  function.config_write(io_window, 2, 0x00f0);
  function.config_write(io_upper, 4, 0);
  function.config_write(memory_window, 4, 0x0000fff0);
  function.config_write(prefetchable_window, 4, 0x0000fff0);
  function.config_write(prefetchable_upper, 4, 0);
  function.config_write(prefetchable_upper + 4, 4, 0);
}

bool overlaps(const std::vector<AddressRange>& ranges, const AddressRange& one) noexcept {
  return std::any_of(ranges.begin(), ranges.end(), [&](const AddressRange& other) {
    return one.begin < other.end && other.begin < one.end;
  });
}

int add(BusResources& to, bool io, const AddressRange& range) {
  if (io) {
    if (range.end > io_end || overlaps(to.io, range)) return EINVAL;
    to.io.push_back(range);
    return 0;
  }
  if (overlaps(to.memory, range) || overlaps(to.memory64, range)) return EINVAL;
  if (range.begin < wide_begin) {
    to.memory.push_back({range.begin, std::min(range.end, wide_begin)});
  }
  if (range.end > wide_begin) {
    to.memory64.push_back({std::max(range.begin, wide_begin), range.end});
  }
  return 0;
}

int configure(pci_chipset_tag_t chipset, const BusResources& resources, int cacheline_size) {
  const std::vector<Address> all = chipset->bus.functions();
  for (const Address& address : all) {
    if (const auto function = chipset->find(make_tag(address))) forget_addresses(*function);
  }
  forget_bars();
  ChipsetConfig config(chipset);
  const Enumeration result = enumerate(config, resources);
  if (cacheline_size > 0) {
    for (const Address& address : all) {
      config.write(address, pci::cache_line_size, 1, static_cast<unsigned>(cacheline_size) / 4);
    }
  }
  for (const std::string& warning : result.warnings) {
    console_write(Message::error, fmt::format("pci_configure_bus: {}\n", warning));
  }
  return result.warnings.empty() ? 0 : ENOMEM;
}

}  // namespace
}  // namespace pupci::kern

using namespace pupci::kern;

struct pciconf_resources* pciconf_resource_init() {
  return std::make_unique<pciconf_resources>().release();
}

void pciconf_resource_fini(struct pciconf_resources* resources) {
  const std::unique_ptr<pciconf_resources> owned(resources);
}

int pciconf_resource_add(struct pciconf_resources* resources, int type, bus_addr_t start,
                         bus_size_t size) {
  if (type < 0 || type >= PCICONF_RESOURCE_NTYPES || size == 0 || start + size < start) {
    return EINVAL;
  }
  return add(resources->given, type == PCICONF_RESOURCE_IO, {start, start + size});
}

int pci_configure_bus(pci_chipset_tag_t chipset, struct pciconf_resources* resources, int firstbus,
                      int cacheline_size) try {
  // The configuration register counts in words of four bytes.
  constexpr int largest_line = 255 * 4;
  if (firstbus != 0 || cacheline_size < 0 || cacheline_size > largest_line) return EINVAL;
  return configure(chipset, resources->given, cacheline_size);
} catch (const std::bad_alloc&) {
  return ENOMEM;
}
