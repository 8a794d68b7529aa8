// SPDX-License-Identifier: BSD-2-Clause
// pci(9): configuration space, capabilities, finding functions. Base address registers are in
// pci_map.cc, power in pci_power.cc, names in pci_names.cc.
#include <fmt/core.h>

#include <cerrno>
#include <climits>
#include <set>

#include "kern/check.h"
#include "kern/linear.h"
#include "kern/pci_attach.h"
#include "kern/pci_chipset.h"
#include "netbsd/dev/pci/pciio.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "pupci/capability.h"

namespace pupci::kern {
namespace {

constexpr pcireg_t nothing = 0xffffffff;

// The registers of the walks are read from the function as it is, so that the walks, which do not
// trust it, are the host library's.
template <typename Find>
int find_in(pci_chipset_tag_t chipset, pcitag_t tag, int* offset, pcireg_t* value,
            Find find) noexcept {
  const auto function = chipset->find(tag);
  if (function == nullptr) return 0;
  FunctionConfig config(*function);
  const std::optional<unsigned> found = find(config);
  if (!found) return 0;
  if (offset != nullptr) *offset = static_cast<int>(*found);
  if (value != nullptr) *value = function->config_read(*found, 4);
  return 1;
}

bool valid_register(const Function& function, int reg) noexcept {
  return reg >= 0 && (reg & 3) == 0 && static_cast<unsigned>(reg) < function.config_size();
}

}  // namespace
}  // namespace pupci::kern

using namespace pupci;
using namespace pupci::kern;

pcireg_t pci_conf_read(pci_chipset_tag_t chipset, pcitag_t tag, int reg) {
  const auto function = chipset->find(tag);
  if (function == nullptr || !valid_register(*function, reg)) return nothing;
  return function->config_read(static_cast<unsigned>(reg), 4);
}

void pci_conf_write(pci_chipset_tag_t chipset, pcitag_t tag, int reg, pcireg_t value) {
  const auto function = chipset->find(tag);
  if (function == nullptr || !valid_register(*function, reg)) return;
  if (!linear_in_use()) return function->config_write(static_cast<unsigned>(reg), 4, value);
  const LinearAccess access(function->address(), LinearAccess::Kind::write);
  function->config_write(static_cast<unsigned>(reg), 4, value);
}

int pci_devioctl(pci_chipset_tag_t chipset, pcitag_t tag, u_long command, void* data, int flag,
                 struct lwp* /*l*/) {
  auto* const request = static_cast<pciio_cfgreg*>(data);
  if (command != PCI_IOC_CFGREAD && command != PCI_IOC_CFGWRITE) return EPASSTHROUGH;
  const auto function = chipset->find(tag);
  if (function == nullptr) return ENXIO;
  if (request->reg > INT_MAX || !valid_register(*function, static_cast<int>(request->reg))) {
    return EINVAL;
  }
  if (command == PCI_IOC_CFGREAD) {
    request->val = function->config_read(request->reg, 4);
    return 0;
  }
  if ((flag & FWRITE) == 0) return EBADF;
  function->config_write(request->reg, 4, request->val);
  return 0;
}

pcitag_t pci_make_tag(pci_chipset_tag_t, int bus, int device, int function) {
  if (bus < 0 || bus > 0xffffff || device < 0 || device > 31 || function < 0 || function > 7) {
    violation(fmt::format("pci_make_tag: there is no {}:{}:{}", bus, device, function),
              __builtin_return_address(0));
  }
  return (static_cast<pcitag_t>(bus) << 8) | (static_cast<pcitag_t>(device) << 3) |
         static_cast<pcitag_t>(function);
}

void pci_decompose_tag(pci_chipset_tag_t, pcitag_t tag, int* bus, int* device, int* function) {
  if (bus != nullptr) *bus = static_cast<int>(tag >> 8);
  if (device != nullptr) *device = static_cast<int>((tag >> 3) & 31);
  if (function != nullptr) *function = static_cast<int>(tag & 7);
}

u_int pci_get_segment(pci_chipset_tag_t) {
  return 0;  // bus numbers go on where those of one segment end
}

int pci_bus_maxdevs(pci_chipset_tag_t, int) {
  return 32;
}

int pci_bus_devorder(pci_chipset_tag_t chipset, int bus, uint8_t* devices, int max) {
  try {
    std::set<std::uint8_t> present;
    for (const Address& address : chipset->bus.functions()) {
      if (static_cast<int>(make_tag(address) >> 8) == bus) present.insert(address.device);
    }
    int count = 0;
    for (const std::uint8_t device : present) {
      if (count == max) break;
      devices[count++] = device;
    }
    return count;
  } catch (...) {
    return 0;
  }
}

int pci_get_capability(pci_chipset_tag_t chipset, pcitag_t tag, int id, int* offset,
                       pcireg_t* value) {
  if (id < 0) return 0;
  return find_in(chipset, tag, offset, value, [id](ConfigSpace& config) {
    return find_capability(config, static_cast<unsigned>(id));
  });
}

int pci_get_ext_capability(pci_chipset_tag_t chipset, pcitag_t tag, int id, int* offset,
                           pcireg_t* value) {
  if (id < 0) return 0;
  return find_in(chipset, tag, offset, value, [id](ConfigSpace& config) {
    return find_extended_capability(config, static_cast<unsigned>(id));
  });
}

int pci_get_ht_capability(pci_chipset_tag_t chipset, pcitag_t tag, int type, int* offset,
                          pcireg_t* value) {
  try {
    return find_in(
        chipset, tag, offset, value, [type](ConfigSpace& config) -> std::optional<unsigned> {
          for (const Capability& capability : capabilities(config).found) {
            if (capability.id == PCI_CAP_LDT &&
                PCI_HT_CAP(config.read(capability.offset, 4)) == static_cast<unsigned>(type)) {
              return capability.offset;
            }
          }
          return std::nullopt;
        });
  } catch (...) {
    return 0;
  }
}

int pci_msi_count(pci_chipset_tag_t chipset, pcitag_t tag) {
  const auto function = chipset->find(tag);
  try {
    return function == nullptr ? 0
                               : static_cast<int>(function->interrupt_count(InterruptType::msi));
  } catch (...) {
    return 0;
  }
}

int pci_msix_count(pci_chipset_tag_t chipset, pcitag_t tag) {
  const auto function = chipset->find(tag);
  try {
    return function == nullptr ? 0
                               : static_cast<int>(function->interrupt_count(InterruptType::msix));
  } catch (...) {
    return 0;
  }
}

int pci_dma64_available(const struct pci_attach_args* pa) {
  return BUS_DMA_TAG_VALID(pa->pa_dmat64) ? 1 : 0;
}

int pci_find_device(struct pci_attach_args* found, int (*match)(const struct pci_attach_args*)) {
  const pci_chipset_tag_t chipset = running_chipset();
  if (chipset == nullptr) return 0;
  try {
    for (const Address& address : chipset->bus.functions()) {
      struct pci_attach_args pa{};
      if (!pci_function_args(address, &pa) || match(&pa) == 0) continue;
      if (found != nullptr) *found = pa;
      return 1;
    }
  } catch (...) {
    return 0;
  }
  return 0;
}

const struct device_compatible_entry* pci_compatible_lookup_id(
    pcireg_t id, const struct device_compatible_entry* table) {
  return device_compatible_lookup_id(id, PCI_COMPAT_EOL_VALUE, table);
}

const struct device_compatible_entry* pci_compatible_lookup(
    const struct pci_attach_args* pa, const struct device_compatible_entry* table) {
  return pci_compatible_lookup_id(pa->pa_id, table);
}

const struct device_compatible_entry* pci_compatible_lookup_subsys(
    const struct pci_attach_args* pa, const struct device_compatible_entry* table) {
  return pci_compatible_lookup_id(pci_conf_read(pa->pa_pc, pa->pa_tag, PCI_SUBSYS_ID_REG), table);
}

int pci_compatible_match(const struct pci_attach_args* pa,
                         const struct device_compatible_entry* table) {
  return pci_compatible_lookup(pa, table) != nullptr ? 1 : 0;
}

int pci_compatible_match_subsys(const struct pci_attach_args* pa,
                                const struct device_compatible_entry* table) {
  return pci_compatible_lookup_subsys(pa, table) != nullptr ? 1 : 0;
}
