// SPDX-License-Identifier: BSD-2-Clause
#include "kern/device_register.h"

#include "kern/pci_chipset.h"
#include "netbsd/dev/pci/pcivar.h"
#include "netbsd/prop/proplib.h"
#include "netbsd/sys/device.h"

namespace pupci::kern {

void device_register(device_t dev, void* aux) noexcept try {
  const device_t parent = device_parent(dev);
  if (parent == nullptr || aux == nullptr || !device_is_a(parent, "pci")) return;
  const auto* pa = static_cast<const pci_attach_args*>(aux);
  if (PCI_CLASS(pa->pa_class) != PCI_CLASS_DISPLAY) return;
  const auto function = pa->pa_pc->find(pa->pa_tag);
  const auto lit = function == nullptr ? std::nullopt : function->framebuffer();
  if (!lit) return;
  const prop_dictionary_t properties = device_properties(dev);
  prop_dictionary_set_uint32(properties, "width", lit->mode.width);
  prop_dictionary_set_uint32(properties, "height", lit->mode.height);
  prop_dictionary_set_uint32(properties, "depth", lit->mode.depth);
  prop_dictionary_set_uint32(properties, "linebytes", lit->line_bytes);
  prop_dictionary_set_uint64(properties, "address", lit->address);
  prop_dictionary_set_bool(properties, "is_console", lit->console);
  if (!lit->edid.empty()) {
    prop_dictionary_set_data(properties, "EDID", lit->edid.data(), lit->edid.size());
  }
} catch (...) {
  return;  // no memory: the driver will say what it misses
}

}  // namespace pupci::kern
