// SPDX-License-Identifier: BSD-2-Clause
// pci(9): names of functions, and a function's configuration in words.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "kern/console.h"
#include "kern/pci_chipset.h"
#include "netbsd/sys/systm.h"
#include "pupci/config_text.h"
#include "pupci/pci_ids.h"

namespace pupci::kern {
namespace {

// As strlcpy(3).
const char* copy(std::string_view text, char* to, std::size_t size) noexcept {
  if (size == 0) return to;
  const std::size_t length = std::min(text.size(), size - 1);
  std::memcpy(to, text.data(), length);
  to[length] = '\0';
  return to;
}

}  // namespace
}  // namespace pupci::kern

using namespace pupci;
using namespace pupci::kern;

const char* pci_findvendor(char* buffer, size_t size, uint32_t vendor) {
  return copy(vendor_name(static_cast<std::uint16_t>(vendor)), buffer, size);
}

const char* pci_findproduct(char* buffer, size_t size, uint32_t vendor, uint32_t product) {
  return copy(product_name(static_cast<std::uint16_t>(vendor), static_cast<std::uint16_t>(product)),
              buffer, size);
}

void pci_devinfo(pcireg_t id, pcireg_t class_reg, int showclass, char* buffer, size_t size) {
  copy(device_info(id, class_reg, showclass != 0), buffer, size);
}

void pci_aprint_devinfo_fancy(const struct pci_attach_args* pa, const char* naive,
                              const char* known, int addrev) {
  const unsigned revision = PCI_REVISION(pa->pa_class);
  if (known == nullptr) {
    const std::string info = device_info(pa->pa_id, pa->pa_class, false);
    aprint_normal(": %s (rev. 0x%02x)\n", info.c_str(), revision);
  } else if (addrev != 0) {
    aprint_normal(": %s (rev. 0x%02x)\n", known, revision);
  } else {
    aprint_normal(": %s\n", known);
  }
  if (naive != nullptr) {
    aprint_naive(": %s\n", naive);
  } else {
    aprint_naive("\n");
  }
}

void pci_conf_print(pci_chipset_tag_t chipset, pcitag_t tag,
                    void (*print_rest)(pci_chipset_tag_t, pcitag_t, const pcireg_t*)) {
  const auto function = chipset->find(tag);
  if (function == nullptr) {
    kern_printf("no function at %s\n", to_string(tag_address(tag)).c_str());
    return;
  }
  const std::string text = config_text(*function);
  console_write(Message::normal, text);
  if (print_rest == nullptr) return;
  // The driver's part: what lies beyond the header.
  std::array<pcireg_t, PCI_CONF_SIZE / 4> registers{};
  for (unsigned i = 0; i < registers.size(); i++) registers[i] = function->config_read(4 * i, 4);
  print_rest(chipset, tag, registers.data());
}
