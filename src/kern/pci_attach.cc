// SPDX-License-Identifier: BSD-2-Clause
#include "kern/pci_attach.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "kern/bus_space.h"
#include "kern/pci_chipset.h"
#include "netbsd/dev/pci/ppbreg.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/systm.h"
#include "pupci/pci_ids.h"

namespace pupci::kern {
namespace {

constexpr int all_flags = PCI_FLAGS_IO_OKAY | PCI_FLAGS_MEM_OKAY | PCI_FLAGS_MRL_OKAY |
                          PCI_FLAGS_MRM_OKAY | PCI_FLAGS_MWI_OKAY | PCI_FLAGS_MSI_OKAY |
                          PCI_FLAGS_MSIX_OKAY;
constexpr unsigned deepest = 256;  // bridges above one another; more is a loop

int bus_number(const Address& address) noexcept {
  return static_cast<int>(make_tag(address) >> 8);
}

struct Bridge {
  Address address;
  int secondary;
  int subordinate;
};

std::optional<Bridge> as_bridge(pci_chipset_tag_t chipset, const Address& address) noexcept {
  const pcitag_t tag = make_tag(address);
  if (PCI_HDRTYPE_TYPE(pci_conf_read(chipset, tag, PCI_BHLC_REG)) != PCI_HDRTYPE_PPB) {
    return std::nullopt;
  }
  const pcireg_t numbers = pci_conf_read(chipset, tag, PCI_BRIDGE_BUS_REG);
  const int first = address.segment * 256;
  const int secondary = static_cast<int>(PPB_BUSINFO_SECONDARY(numbers));
  if (secondary <= address.bus) return std::nullopt;  // not set up, or a loop
  return Bridge{address, first + secondary,
                first + static_cast<int>(PPB_BUSINFO_SUBORDINATE(numbers))};
}

std::vector<Bridge> all_bridges(pci_chipset_tag_t chipset) {
  std::vector<Bridge> bridges;
  for (const Address& address : chipset->bus.functions()) {
    if (const auto bridge = as_bridge(chipset, address)) bridges.push_back(*bridge);
  }
  return bridges;
}

// Everything of `pa` that its own function tells, the rest from its bus.
bool fill_args(const pcibus_attach_args& pba, const Address& address,
               pci_attach_args* pa) noexcept {
  const pci_chipset_tag_t chipset = pba.pba_pc;
  const pcitag_t tag = make_tag(address);
  const pcireg_t header = pci_conf_read(chipset, tag, PCI_BHLC_REG);
  const pcireg_t id = pci_conf_read(chipset, tag, PCI_ID_REG);
  if (PCI_HDRTYPE_TYPE(header) > PCI_HDRTYPE_PCB || PCI_VENDOR(id) == 0xffff ||
      PCI_VENDOR(id) == 0) {
    return false;
  }
  const pcireg_t interrupt = pci_conf_read(chipset, tag, PCI_INTERRUPT_REG);
  *pa = pci_attach_args{};
  pa->pa_iot = pba.pba_iot;
  pa->pa_memt = pba.pba_memt;
  pa->pa_dmat = pba.pba_dmat;
  pa->pa_dmat64 = pba.pba_dmat64;
  pa->pa_pc = chipset;
  pa->pa_flags = pba.pba_flags;
  if (PCI_CACHELINE(header) == 0) {
    pa->pa_flags &= ~(PCI_FLAGS_MRL_OKAY | PCI_FLAGS_MRM_OKAY | PCI_FLAGS_MWI_OKAY);
  }
  pa->pa_bus = static_cast<u_int>(bus_number(address));
  pa->pa_device = address.device;
  pa->pa_function = address.function;
  pa->pa_tag = tag;
  pa->pa_id = id;
  pa->pa_class = pci_conf_read(chipset, tag, PCI_CLASS_REG);
  pa->pa_bridgetag = pba.pba_bridgetag;
  pa->pa_intrswiz = pba.pba_bridgetag == nullptr ? 0 : pba.pba_intrswiz + address.device;
  pa->pa_intrtag = pba.pba_bridgetag == nullptr ? tag : pba.pba_intrtag;
  pa->pa_rawintrpin = static_cast<pci_intr_pin_t>(PCI_INTERRUPT_PIN(interrupt));
  pa->pa_intrline = static_cast<pci_intr_line_t>(PCI_INTERRUPT_LINE(interrupt));
  if (pa->pa_rawintrpin != PCI_INTERRUPT_PIN_NONE) {
    pa->pa_intrpin =
        static_cast<pci_intr_pin_t>(PPB_INTERRUPT_SWIZZLE(pa->pa_rawintrpin, pa->pa_intrswiz));
  }
  return true;
}

void fill_secondary(const pci_attach_args& bridge, const Bridge& numbers, pcitag_t* bridgetag,
                    pcibus_attach_args* pba) noexcept {
  *pba = pcibus_attach_args{};
  pba->pba_iot = bridge.pa_iot;
  pba->pba_memt = bridge.pa_memt;
  pba->pba_dmat = bridge.pa_dmat;
  pba->pba_dmat64 = bridge.pa_dmat64;
  pba->pba_pc = bridge.pa_pc;
  pba->pba_flags = all_flags;
  pba->pba_bus = numbers.secondary;
  pba->pba_sub = numbers.subordinate;
  *bridgetag = bridge.pa_tag;
  pba->pba_bridgetag = bridgetag;
  pba->pba_intrswiz = bridge.pa_intrswiz;
  pba->pba_intrtag = bridge.pa_intrtag;
}

// The arguments of any bus, found from the bridges above it.
bool bus_args(pci_chipset_tag_t chipset, const std::vector<Bridge>& bridges, int bus,
              unsigned depth, pcibus_attach_args* pba) {
  const auto above = std::find_if(bridges.begin(), bridges.end(),
                                  [bus](const Bridge& b) { return b.secondary == bus; });
  if (above == bridges.end()) {
    *pba = pci_root_bus_args(bus);
    return true;
  }
  pcibus_attach_args upper{};
  pci_attach_args bridge{};
  if (depth == deepest ||
      !bus_args(chipset, bridges, bus_number(above->address), depth + 1, &upper) ||
      !fill_args(upper, above->address, &bridge)) {
    return false;
  }
  fill_secondary(bridge, *above, &chipset->bridge_tags[bus], pba);
  return true;
}

int print_function(void* aux, const char* parent) {
  const auto* pa = static_cast<const pci_attach_args*>(aux);
  if (parent != nullptr) {
    const std::string info = device_info(pa->pa_id, pa->pa_class, true);
    aprint_normal("%s at %s", info.c_str(), parent);
  }
  aprint_normal(" dev %u function %u", pa->pa_device, pa->pa_function);
  return UNCONF;
}

bool wanted(const int* locators, const Address& address) noexcept {
  return locators == nullptr ||
         ((locators[0] == PCI_UNK_DEV || locators[0] == address.device) &&
          (locators[1] == PCI_UNK_FUNCTION || locators[1] == address.function));
}

}  // namespace

std::vector<int> pci_root_buses() {
  const pci_chipset_tag_t chipset = running_chipset();
  if (chipset == nullptr) return {};
  std::set<int> buses;
  for (const Address& address : chipset->bus.functions()) buses.insert(bus_number(address));
  for (const Bridge& bridge : all_bridges(chipset)) buses.erase(bridge.secondary);
  return {buses.begin(), buses.end()};
}

pcibus_attach_args pci_root_bus_args(int bus) {
  const pci_chipset_tag_t chipset = running_chipset();
  pcibus_attach_args pba{};
  pba.pba_iot = bus_space_tag(Space::io);
  pba.pba_memt = bus_space_tag(Space::memory);
  pba.pba_dmat = chipset->dma32;
  pba.pba_dmat64 = chipset->dma64;
  pba.pba_pc = chipset;
  pba.pba_flags = all_flags;
  pba.pba_bus = bus;
  pba.pba_sub = bus;
  for (const Bridge& bridge : all_bridges(chipset)) {
    if (bus_number(bridge.address) == bus) pba.pba_sub = std::max(pba.pba_sub, bridge.subordinate);
  }
  return pba;
}

bool pci_secondary_bus_args(const pci_attach_args& bridge, pcitag_t* bridgetag,
                            pcibus_attach_args* pba) {
  const auto numbers = as_bridge(bridge.pa_pc, tag_address(bridge.pa_tag));
  if (!numbers) return false;
  fill_secondary(bridge, *numbers, bridgetag, pba);
  return true;
}

bool pci_function_args(const Address& address, pci_attach_args* pa) noexcept try {
  const pci_chipset_tag_t chipset = running_chipset();
  if (chipset == nullptr) return false;
  pcibus_attach_args pba{};
  return bus_args(chipset, all_bridges(chipset), bus_number(address), 0, &pba) &&
         fill_args(pba, address, pa);
} catch (...) {
  return false;
}

unsigned pci_attach_functions(device_t self, const pcibus_attach_args& pba, const int* locators) {
  const pci_chipset_tag_t chipset = pba.pba_pc;
  unsigned attached = 0;
  for (const Address& address : chipset->bus.functions()) {
    const pcitag_t tag = make_tag(address);
    if (bus_number(address) != pba.pba_bus || !wanted(locators, address) ||
        chipset->children.count(tag) != 0) {
      continue;
    }
    pci_attach_args pa{};
    if (!fill_args(pba, address, &pa)) continue;
    const std::array<int, 2> where{address.device, address.function};
    const cfargs arguments{CFARGS_VERSION, config_stdsubmatch, nullptr, "pci", where.data()};
    const device_t child = config_found_args(self, &pa, print_function, &arguments);
    if (child == nullptr) continue;
    chipset->children[tag] = child;
    attached++;
  }
  return attached;
}

void pci_child_detached(device_t /*self*/, device_t child) {
  const pci_chipset_tag_t chipset = running_chipset();
  if (chipset == nullptr) return;
  for (auto it = chipset->children.begin(); it != chipset->children.end();) {
    it = it->second == child ? chipset->children.erase(it) : std::next(it);
  }
}

}  // namespace pupci::kern

int pcibusprint(void* aux, const char* parent) {
  const auto* pba = static_cast<const pcibus_attach_args*>(aux);
  if (parent != nullptr) aprint_normal("pci at %s", parent);
  aprint_normal(" bus %d", pba->pba_bus);
  return UNCONF;
}
