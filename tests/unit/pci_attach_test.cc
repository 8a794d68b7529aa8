// SPDX-License-Identifier: BSD-2-Clause
// Functions of a bus become devices: attach arguments, order, messages, rescans.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "kern/autoconf.h"
#include "kern/bus_space.h"
#include "kern/ioconf.h"
#include "kern/kernel.h"
#include "kern/klock.h"
#include "netbsd/dev/pci/ppbreg.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/systm.h"
#include "unit/pci_fixture.h"

namespace {

using namespace pupci;
using namespace pupci::kern;
using pupci::test::Switchboard;
using testing::ElementsAre;
using testing::HasSubstr;

// What the driver "probe" was told, by name of its device.
std::map<std::string, pci_attach_args>& told() {
  static std::map<std::string, pci_attach_args> all;
  return all;
}

int probe_match(device_t, cfdata_t, void* aux) {
  const auto* pa = static_cast<const pci_attach_args*>(aux);
  return PCI_PRODUCT(pa->pa_id) == 0x5678 ? 1 : 0;
}

void probe_attach(device_t, device_t self, void* aux) {
  const auto* pa = static_cast<const pci_attach_args*>(aux);
  pci_aprint_devinfo_fancy(pa, nullptr, "a probe", 1);
  told()[device_xname(self)] = *pa;
}

int probe_detach(device_t, int) {
  return 0;
}

CFATTACH_DECL_NEW(probe, 0, probe_match, probe_attach, probe_detach, nullptr);
cfdriver probe_cd{.cd_name = "probe", .cd_class = DV_DULL};
cfdriver* const drivers[] = {&probe_cd, nullptr};
cfattach* const attachments[] = {&probe_ca, nullptr};
const cfattachinit attachinit[] = {{"probe", attachments}, {nullptr, nullptr}};
int any_place[] = {-1, -1};
const cfparent at_pci = {"pci", nullptr, 0};
cfdata configuration[] = {{.cf_name = "probe",
                           .cf_atname = "probe",
                           .cf_unit = 0,
                           .cf_fstate = FSTATE_STAR,
                           .cf_loc = any_place,
                           .cf_flags = 0,
                           .cf_pspec = &at_pci},
                          {}};
const pupci_ioconf probe_ioconf = {.abi = PUPCI_IOCONF_ABI,
                                   .size = sizeof(pupci_ioconf),
                                   .name = "probe",
                                   .cfdrivers = drivers,
                                   .cfattachinit = attachinit,
                                   .cfdata = configuration};

std::shared_ptr<Switchboard> probe(std::uint8_t pin = 1) {
  return std::make_shared<Switchboard>(Switchboard::Form{.pin = pin});
}

class PciAttach : public testing::Test {
 protected:
  PciAttach() {
    told().clear();
    set_console([this](std::string_view text) { console += text; });
  }
  ~PciAttach() override {
    kernel.reset();
    set_console({});
  }
  void boot() {
    kernel = std::make_unique<Kernel>(bus, KernelOptions{});
    kernel->add(&probe_ioconf);
    kernel->attach_all();
  }
  std::shared_ptr<sim::Bus> bus = std::make_shared<sim::Bus>();
  std::unique_ptr<Kernel> kernel;
  std::string console;
};

TEST_F(PciAttach, ArgumentsDescribeTheFunctionAndItsWayToTheRoot) {
  bus->root().add(2, 0, probe(1));
  sim::Segment& middle = bus->root().add_bridge(3);
  middle.add(1, 0, probe(2));
  sim::Segment& far = middle.add_bridge(4);
  far.add(5, 0, probe(1));
  boot();
  ASSERT_EQ(told().size(), 3U);
  const pci_attach_args& top = told()["probe0"];
  EXPECT_EQ(top.pa_bus, 0U);
  EXPECT_EQ(top.pa_device, 2U);
  EXPECT_EQ(top.pa_function, 0U);
  EXPECT_EQ(top.pa_id, 0x56781234U);
  EXPECT_EQ(top.pa_intrpin, PCI_INTERRUPT_PIN_A);
  EXPECT_EQ(top.pa_intrswiz, 0U);
  EXPECT_EQ(top.pa_intrtag, top.pa_tag);
  EXPECT_EQ(top.pa_bridgetag, nullptr);
  EXPECT_EQ(top.pa_pc, running_chipset());
  EXPECT_TRUE(bus_space_is_equal(top.pa_memt, bus_space_tag(Space::memory)));
  EXPECT_TRUE(BUS_DMA_TAG_VALID(top.pa_dmat));
  EXPECT_NE(top.pa_dmat, top.pa_dmat64);
  EXPECT_NE(top.pa_flags & PCI_FLAGS_MSIX_OKAY, 0);
  EXPECT_EQ(pci_dma64_available(&top), 1);

  // Behind one bridge in slot 3: pin B of slot 1 is rotated by 1.
  const pci_attach_args& near = told()["probe1"];
  EXPECT_EQ(near.pa_bus, 1U);
  EXPECT_EQ(near.pa_rawintrpin, 2);
  EXPECT_EQ(near.pa_intrswiz, 1U);
  EXPECT_EQ(near.pa_intrpin, PPB_INTERRUPT_SWIZZLE(2, 1));
  ASSERT_NE(near.pa_bridgetag, nullptr);
  EXPECT_EQ(*near.pa_bridgetag, pci_make_tag(near.pa_pc, 0, 3, 0));
  EXPECT_EQ(near.pa_intrtag, *near.pa_bridgetag);

  // Behind two: by slot 5, then by slot 4 of the bridge, and seen at the bridge of the root bus.
  const pci_attach_args& far_away = told()["probe2"];
  EXPECT_EQ(far_away.pa_bus, 2U);
  EXPECT_EQ(far_away.pa_intrswiz, 9U);
  EXPECT_EQ(far_away.pa_intrpin, PPB_INTERRUPT_SWIZZLE(PPB_INTERRUPT_SWIZZLE(1, 5), 4));
  EXPECT_EQ(far_away.pa_intrtag, near.pa_intrtag);
}

TEST_F(PciAttach, SpeaksAsDmesgDoes) {
  bus->root().add(2, 1, probe());
  bus->root().add(2, 0, probe());
  bus->root().add(4, 0,
                  std::make_shared<Switchboard>(Switchboard::Form{
                      .identity = {.vendor = 0xfff9, .device = 0x0042, .class_code = 0x020000}}));
  sim::Segment& behind = bus->root().add_bridge(3);
  behind.add(0, 0, probe());
  boot();
  EXPECT_THAT(console, HasSubstr("mainbus0 (root)\n"));
  EXPECT_THAT(console, HasSubstr("pci0 at mainbus0 bus 0\n"));
  EXPECT_THAT(console, HasSubstr("probe0 at pci0 dev 2 function 0: a probe (rev. 0x00)\n"));
  EXPECT_THAT(console, HasSubstr("probe1 at pci0 dev 2 function 1: a probe (rev. 0x00)\n"));
  EXPECT_THAT(console, HasSubstr("ppb0 at pci0 dev 3 function 0: "));
  EXPECT_THAT(console, HasSubstr("pci1 at ppb0 bus 1\n"));
  EXPECT_THAT(console, HasSubstr("probe2 at pci1 dev 0 function 0: a probe (rev. 0x00)\n"));
  EXPECT_THAT(console, HasSubstr("vendor fff9 product 0042 (ethernet network) at pci0 dev 4 "
                                 "function 0 not configured\n"));
}

TEST_F(PciAttach, FindDeviceAsksInOrderUntilOneMatches) {
  bus->root().add(2, 0, probe());
  sim::Segment& behind = bus->root().add_bridge(3);
  behind.add(7, 0, probe());
  boot();
  pci_attach_args found{};
  EXPECT_EQ(
      pci_find_device(&found, [](const pci_attach_args* pa) { return pa->pa_device == 7 ? 1 : 0; }),
      1);
  EXPECT_EQ(found.pa_bus, 1U);
  EXPECT_EQ(found.pa_intrswiz, 7U);
  EXPECT_EQ(pci_find_device(nullptr, [](const pci_attach_args*) { return 0; }), 0);
  std::array<std::uint8_t, 32> order{};
  EXPECT_EQ(pci_bus_devorder(running_chipset(), 0, order.data(), 32), 2);
  EXPECT_THAT(std::vector(order.begin(), order.begin() + 2), ElementsAre(2, 3));
}

TEST_F(PciAttach, RescanAttachesWhatWasDetached) {
  bus->root().add(2, 0, probe());
  boot();
  kernel_lock();
  const device_t pci = device_find_by_xname("pci0");
  const device_t first = device_find_by_xname("probe0");
  ASSERT_NE(first, nullptr);
  ASSERT_EQ(config_detach(first, 0), 0);
  EXPECT_EQ(device_find_by_xname("probe0"), nullptr);
  pcibus_attach_args pba = pci_root_bus_args(0);
  const int other[] = {5, -1};
  EXPECT_EQ(pci_attach_functions(pci, pba, other), 0U);
  const int same[] = {2, 0};
  EXPECT_EQ(pci_attach_functions(pci, pba, same), 1U);
  EXPECT_EQ(pci_attach_functions(pci, pba, nullptr), 0U);
  kernel_unlock();
  EXPECT_NE(device_find_by_xname("probe0"), nullptr);
}

TEST_F(PciAttach, CompatibleTablesAreSearchedById) {
  bus->root().add(2, 0, probe());
  boot();
  static const device_compatible_entry table[] = {
      {{.id = PCI_ID_CODE(0x1111, 0x2222)}, {.value = 1}},
      {{.id = PCI_ID_CODE(0x1234, 0x5678)}, {.value = 2}},
      PCI_COMPAT_EOL};
  const pci_attach_args& pa = told()["probe0"];
  const auto* entry = pci_compatible_lookup(&pa, table);
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->value, 2U);
  EXPECT_EQ(pci_compatible_match(&pa, table), 1);
  EXPECT_EQ(pci_compatible_match_subsys(&pa, table), 0);
}

}  // namespace
