// SPDX-License-Identifier: BSD-2-Clause
// pci(9): power states (PCI Power Management 1.2), the saved header, vital product data.
#include <array>
#include <cerrno>

#include "kern/pci_chipset.h"
#include "netbsd/sys/param.h"
#include "netbsd/sys/systm.h"

namespace pupci::kern {
namespace {

constexpr unsigned d3_settle_us = 10000;  // PCI-PM 1.2, 5.6.1
constexpr unsigned d2_settle_us = 200;
constexpr int vpd_polls = 500;
constexpr unsigned vpd_poll_us = 20;
constexpr int vpd_size = 0x8000;

int check_transition(pcireg_t now, pcireg_t state, pcireg_t capability) noexcept {
  const pcireg_t offered = capability >> PCI_PMCR_SHIFT;
  if (state > PCI_PMCSR_STATE_D3) return EINVAL;
  if (state == PCI_PMCSR_STATE_D0 || state == PCI_PMCSR_STATE_D3) return 0;
  if (now > state) return EINVAL;  // only D0 is reached from below
  const pcireg_t needed = state == PCI_PMCSR_STATE_D1 ? PCI_PMCR_D1SUPP : PCI_PMCR_D2SUPP;
  return (offered & needed) != 0 ? 0 : EOPNOTSUPP;
}

// Waits until the flag of the address register is `wanted`; false when it never is.
bool wait_vpd(pci_chipset_tag_t chipset, pcitag_t tag, int capability, pcireg_t wanted) noexcept {
  for (int polls = 0; polls < vpd_polls; polls++) {
    if ((pci_conf_read(chipset, tag, capability) & PCI_VPD_OPFLAG) == wanted) return true;
    delay(vpd_poll_us);
  }
  return false;
}

int find_vpd(pci_chipset_tag_t chipset, pcitag_t tag, int offset, int count, int* capability) {
  if (offset < 0 || count < 0 || (offset & 3) != 0 || count > (vpd_size - offset) / 4) {
    return EINVAL;
  }
  return pci_get_capability(chipset, tag, PCI_CAP_VPD, capability, nullptr) != 0 ? 0 : ENXIO;
}

}  // namespace
}  // namespace pupci::kern

using namespace pupci::kern;

int pci_get_powerstate(pci_chipset_tag_t chipset, pcitag_t tag, pcireg_t* state) {
  int offset = 0;
  if (pci_get_capability(chipset, tag, PCI_CAP_PWRMGMT, &offset, nullptr) == 0) return EOPNOTSUPP;
  *state = pci_conf_read(chipset, tag, offset + PCI_PMCSR) & PCI_PMCSR_STATE_MASK;
  return 0;
}

int pci_set_powerstate(pci_chipset_tag_t chipset, pcitag_t tag, pcireg_t state) {
  int offset = 0;
  pcireg_t capability = 0;
  if (pci_get_capability(chipset, tag, PCI_CAP_PWRMGMT, &offset, &capability) == 0) {
    return EOPNOTSUPP;
  }
  const pcireg_t value = pci_conf_read(chipset, tag, offset + PCI_PMCSR);
  const pcireg_t now = value & PCI_PMCSR_STATE_MASK;
  if (now == state) return 0;
  if (const int error = check_transition(now, state, capability); error != 0) return error;
  // A PME that is pending would be cleared by writing it back.
  pci_conf_write(chipset, tag, offset + PCI_PMCSR,
                 (value & ~(PCI_PMCSR_STATE_MASK | PCI_PMCSR_PME_STS)) | state);
  if (state == PCI_PMCSR_STATE_D3 || now == PCI_PMCSR_STATE_D3) {
    delay(d3_settle_us);
  } else if (state == PCI_PMCSR_STATE_D2 || now == PCI_PMCSR_STATE_D2) {
    delay(d2_settle_us);
  }
  return 0;
}

int pci_activate(pci_chipset_tag_t chipset, pcitag_t tag, device_t device,
                 int (*wakeup)(pci_chipset_tag_t, pcitag_t, device_t, pcireg_t)) {
  pcireg_t state = 0;
  if (const int error = pci_get_powerstate(chipset, tag, &state); error != 0) return error;
  if (state == PCI_PMCSR_STATE_D0) return 0;
  if (wakeup == nullptr && state == PCI_PMCSR_STATE_D3) {
    aprint_error_dev(device, "unable to wake up from power state D3\n");
    return EOPNOTSUPP;
  }
  if (wakeup != nullptr) {
    if (const int error = wakeup(chipset, tag, device, state); error != 0) return error;
  }
  aprint_normal_dev(device, "waking up from power state D%u\n", state);
  return pci_set_powerstate(chipset, tag, PCI_PMCSR_STATE_D0);
}

int pci_activate_null(pci_chipset_tag_t, pcitag_t, device_t, pcireg_t) {
  return 0;
}

void pci_conf_capture(pci_chipset_tag_t chipset, pcitag_t tag, struct pci_conf_state* state) {
  for (int i = 0; i < 16; i++) state->reg[i] = pci_conf_read(chipset, tag, i * 4);
}

void pci_conf_restore(pci_chipset_tag_t chipset, pcitag_t tag, struct pci_conf_state* state) {
  // Backwards, so that the command register comes after what it enables.
  for (int i = 15; i >= 0; i--) {
    if (pci_conf_read(chipset, tag, i * 4) != state->reg[i]) {
      pci_conf_write(chipset, tag, i * 4, state->reg[i]);
    }
  }
}

int pci_vpd_read(pci_chipset_tag_t chipset, pcitag_t tag, int offset, int count, pcireg_t* data) {
  int capability = 0;
  if (const int error = find_vpd(chipset, tag, offset, count, &capability); error != 0) {
    return error;
  }
  for (int i = 0; i < count; i++) {
    const auto address = static_cast<pcireg_t>(offset + 4 * i);
    pci_conf_write(chipset, tag, capability, PCI_VPD_ADDRESS(address));
    if (!wait_vpd(chipset, tag, capability, PCI_VPD_OPFLAG)) return EIO;
    data[i] = pci_conf_read(chipset, tag, PCI_VPD_DATAREG(capability));
  }
  return 0;
}

int pci_vpd_write(pci_chipset_tag_t chipset, pcitag_t tag, int offset, int count, pcireg_t* data) {
  int capability = 0;
  if (const int error = find_vpd(chipset, tag, offset, count, &capability); error != 0) {
    return error;
  }
  for (int i = 0; i < count; i++) {
    const auto address = static_cast<pcireg_t>(offset + 4 * i);
    pci_conf_write(chipset, tag, PCI_VPD_DATAREG(capability), data[i]);
    pci_conf_write(chipset, tag, capability, PCI_VPD_ADDRESS(address) | PCI_VPD_OPFLAG);
    if (!wait_vpd(chipset, tag, capability, 0)) return EIO;
  }
  return 0;
}
