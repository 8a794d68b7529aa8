// SPDX-License-Identifier: BSD-2-Clause
// mainbus(4), pci(4), ppb(4): the tree above the drivers.
#include "kern/root.h"

#include "kern/pci_attach.h"
#include "netbsd/dev/pci/pcireg.h"
#include "netbsd/dev/pci/pcivar.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/systm.h"

using namespace pupci::kern;

namespace {

struct pci_softc {
  pcibus_attach_args bus;
};

struct ppb_softc {
  pcitag_t tag;  // what the bus below points to
};

int mainbus_match(device_t /*parent*/, cfdata_t /*cf*/, void* /*aux*/) {
  return 1;
}

void mainbus_attach(device_t /*parent*/, device_t self, void* /*aux*/) {
  aprint_naive("\n");
  aprint_normal("\n");
  pmf_device_register(self, nullptr, nullptr);
  for (const int bus : pci_root_buses()) {
    pcibus_attach_args pba = pci_root_bus_args(bus);
    config_found(self, &pba, pcibusprint, CFARGS(.iattr = "pcibus"));
  }
}

int bus_detach(device_t self, int flags) {
  const int error = config_detach_children(self, flags);
  // When all ends, these go even if a child stays, which has nothing of theirs.
  if (error != 0 && (flags & DETACH_FORCE) == 0) return error;
  pmf_device_deregister(self);
  return 0;
}

int pci_match(device_t /*parent*/, cfdata_t cf, void* aux) {
  const auto* pba = static_cast<pcibus_attach_args*>(aux);
  return cf->cf_loc[0] == PCIBUS_UNK_BUS || cf->cf_loc[0] == pba->pba_bus ? 1 : 0;
}

// "pci0: i/o space, memory space enabled, rd/line, rd/mult, wr/inv ok"
void print_abilities(device_t self, int flags) {
  aprint_verbose_dev(
      self, "%s%s%s enabled", (flags & PCI_FLAGS_IO_OKAY) != 0 ? "i/o space" : "",
      (flags & PCI_FLAGS_IO_OKAY) != 0 && (flags & PCI_FLAGS_MEM_OKAY) != 0 ? ", " : "",
      (flags & PCI_FLAGS_MEM_OKAY) != 0 ? "memory space" : "");
  constexpr int commands = PCI_FLAGS_MRL_OKAY | PCI_FLAGS_MRM_OKAY | PCI_FLAGS_MWI_OKAY;
  if ((flags & commands) != 0) {
    aprint_verbose("%s%s%s ok", (flags & PCI_FLAGS_MRL_OKAY) != 0 ? ", rd/line" : "",
                   (flags & PCI_FLAGS_MRM_OKAY) != 0 ? ", rd/mult" : "",
                   (flags & PCI_FLAGS_MWI_OKAY) != 0 ? ", wr/inv" : "");
  }
  aprint_verbose("\n");
}

void pci_attach(device_t /*parent*/, device_t self, void* aux) {
  auto* sc = static_cast<pci_softc*>(device_private(self));
  sc->bus = *static_cast<pcibus_attach_args*>(aux);
  aprint_naive("\n");
  aprint_normal("\n");
  print_abilities(self, sc->bus.pba_flags);
  pmf_device_register(self, nullptr, nullptr);
  pci_attach_functions(self, sc->bus, nullptr);
}

int pci_rescan(device_t self, const char* /*ifattr*/, const int* locators) {
  const auto* sc = static_cast<pci_softc*>(device_private(self));
  pci_attach_functions(self, sc->bus, locators);
  return 0;
}

int ppb_match(device_t /*parent*/, cfdata_t /*cf*/, void* aux) {
  const auto* pa = static_cast<pci_attach_args*>(aux);
  return PCI_CLASS(pa->pa_class) == PCI_CLASS_BRIDGE &&
                 PCI_SUBCLASS(pa->pa_class) == PCI_SUBCLASS_BRIDGE_PCI
             ? 1
             : 0;
}

void ppb_attach(device_t /*parent*/, device_t self, void* aux) {
  auto* sc = static_cast<ppb_softc*>(device_private(self));
  const auto* pa = static_cast<pci_attach_args*>(aux);
  pci_aprint_devinfo(pa, nullptr);
  pmf_device_register(self, nullptr, nullptr);
  pcibus_attach_args pba{};
  if (!pci_secondary_bus_args(*pa, &sc->tag, &pba)) {
    aprint_error_dev(self, "no bus number was assigned to the bus behind it\n");
    return;
  }
  config_found(self, &pba, pcibusprint, CFARGS(.iattr = "pcibus"));
}

CFATTACH_DECL_NEW(mainbus, 0, mainbus_match, mainbus_attach, bus_detach, nullptr);
CFATTACH_DECL2_NEW(pci, sizeof(pci_softc), pci_match, pci_attach, bus_detach, nullptr, pci_rescan,
                   pci_child_detached);
CFATTACH_DECL2_NEW(ppb, sizeof(ppb_softc), ppb_match, ppb_attach, bus_detach, nullptr, nullptr,
                   null_childdetached);

// An interface attribute has a flexible array of locators, which C++ cannot initialise.
template <int count>
struct Attribute {
  const char* name;
  int locators;
  cflocdesc locator[count];
};
const Attribute<1> pcibus_attribute = {"pcibus", 1, {{"bus", "-1", -1}}};
const Attribute<2> pci_attribute = {"pci", 2, {{"dev", "-1", -1}, {"function", "-1", -1}}};

template <int count>
const cfiattrdata* as_cfiattrdata(const Attribute<count>& attribute) {
  static_assert(offsetof(Attribute<count>, locator) == offsetof(cfiattrdata, ci_locdesc));
  return reinterpret_cast<const cfiattrdata*>(&attribute);
}

const cfiattrdata* const pcibus_attributes[] = {as_cfiattrdata(pcibus_attribute), nullptr};
const cfiattrdata* const pci_attributes[] = {as_cfiattrdata(pci_attribute), nullptr};

CFDRIVER_DECL(mainbus, DV_DULL, pcibus_attributes);
CFDRIVER_DECL(ppb, DV_DULL, pcibus_attributes);

}  // namespace

// Drivers know this one.
CFDRIVER_DECL(pci, DV_DULL, pci_attributes);

namespace {

cfdriver* const drivers[] = {&mainbus_cd, &pci_cd, &ppb_cd, nullptr};
cfattach* const mainbus_attachments[] = {&mainbus_ca, nullptr};
cfattach* const pci_attachments[] = {&pci_ca, nullptr};
cfattach* const ppb_attachments[] = {&ppb_ca, nullptr};
const cfattachinit attachments[] = {{"mainbus", mainbus_attachments},
                                    {"pci", pci_attachments},
                                    {"ppb", ppb_attachments},
                                    {nullptr, nullptr}};

int any_location[] = {-1, -1};
const cfparent at_pcibus = {"pcibus", nullptr, DVUNIT_ANY};
const cfparent at_pci = {"pci", nullptr, DVUNIT_ANY};
cfdata table[] = {
    {"mainbus", "mainbus", 0, FSTATE_NOTFOUND, nullptr, 0, nullptr},
    {"pci", "pci", 0, FSTATE_STAR, any_location, 0, &at_pcibus},
    {"ppb", "ppb", 0, FSTATE_STAR, any_location, 0, &at_pci},
    {nullptr, nullptr, 0, 0, nullptr, 0, nullptr},
};

const pupci_ioconf ioconf = {.abi = PUPCI_IOCONF_ABI,
                             .size = sizeof(pupci_ioconf),
                             .name = "root",
                             .cfdrivers = drivers,
                             .cfattachinit = attachments,
                             .cfdata = table};

}  // namespace

namespace pupci::kern {

const pupci_ioconf* root_ioconf() noexcept {
  return &ioconf;
}

const pcibus_attach_args& pci_bus_args(device_t pci) noexcept {
  return static_cast<const pci_softc*>(device_private(pci))->bus;
}

}  // namespace pupci::kern
