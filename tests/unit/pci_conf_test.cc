// SPDX-License-Identifier: BSD-2-Clause
// pci(9): configuration space, capabilities, power, the saved header, vital product data.
#include <gmock/gmock.h>

#include <cerrno>

#include "netbsd/dev/pci/pciio.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/systm.h"
#include "unit/fake_region.h"
#include "unit/pci_fixture.h"

namespace {

using namespace pupci;
using namespace pupci::kern;
using pupci::test::panic_to_stderr;
using pupci::test::PciTest;

// A function with whatever capabilities a test wants.
class Described final : public sim::Model {
 public:
  explicit Described(const std::function<void(Described&)>& describe)
      : Model({.vendor = 0x1234,
               .device = 0x5678,
               .class_code = 0x020000,
               .revision = 3,
               .interrupt_pin = 1,
               .subsystem_vendor = 0x4321,
               .subsystem = 0x8765}) {
    describe(*this);
  }
  using Model::add_bar;
  using Model::add_capability;
  using Model::add_express;
  using Model::add_extended_capability;
  using Model::add_power_management;
  using Model::set_config;
};

class PciConf : public PciTest {
 protected:
  pcitag_t add(const std::function<void(Described&)>& describe) {
    bus.root().add(5, 0, std::make_shared<Described>(describe));
    start();
    return pci_make_tag(chipset, 0, 5, 0);
  }
};

TEST_F(PciConf, TagsAreMadeAndDecomposed) {
  start();
  int b = 0;
  int d = 0;
  int f = 0;
  pci_decompose_tag(chipset, pci_make_tag(chipset, 255, 31, 7), &b, &d, &f);
  EXPECT_EQ(b, 255);
  EXPECT_EQ(d, 31);
  EXPECT_EQ(f, 7);
  EXPECT_EXIT((panic_to_stderr(), (void)pci_make_tag(chipset, 0, 32, 0)),
              testing::ExitedWithCode(3), "pci_make_tag: there is no 0:32:0");
  EXPECT_EQ(pci_bus_maxdevs(chipset, 0), 32);
}

TEST_F(PciConf, ReadsAndWritesAlignedWordsOnly) {
  const pcitag_t tag = add([](Described&) {});
  EXPECT_EQ(pci_conf_read(chipset, tag, PCI_ID_REG), 0x56781234U);
  EXPECT_EQ(pci_conf_read(chipset, tag, PCI_CLASS_REG), 0x02000003U);
  pci_conf_write(chipset, tag, PCI_INTERRUPT_REG, 0x0b);
  EXPECT_EQ(PCI_INTERRUPT_LINE(pci_conf_read(chipset, tag, PCI_INTERRUPT_REG)), 0x0bU);
  EXPECT_EQ(pci_conf_read(chipset, tag, 2), 0xffffffffU);
  EXPECT_EQ(pci_conf_read(chipset, tag, -4), 0xffffffffU);
  EXPECT_EQ(pci_conf_read(chipset, tag, 0x100), 0xffffffffU);
  EXPECT_EQ(pci_conf_read(chipset, pci_make_tag(chipset, 9, 9, 0), 0), 0xffffffffU);
  pci_conf_write(chipset, pci_make_tag(chipset, 9, 9, 0), 4, 7);
}

TEST_F(PciConf, FindsCapabilities) {
  unsigned vendor = 0;
  const pcitag_t tag = add([&](Described& d) {
    d.add_express(false);
    vendor = d.add_capability(PCI_CAP_VENDSPEC, std::array<std::uint8_t, 2>{8, 0x42});
    d.add_extended_capability(PCI_EXTCAP_SERNUM, 1, std::array<std::uint8_t, 8>{1, 2, 3, 4});
  });
  int offset = 0;
  pcireg_t value = 0;
  ASSERT_EQ(pci_get_capability(chipset, tag, PCI_CAP_VENDSPEC, &offset, &value), 1);
  EXPECT_EQ(offset, static_cast<int>(vendor));
  EXPECT_EQ(value >> 16, 0x4208U);
  EXPECT_EQ(pci_get_capability(chipset, tag, PCI_CAP_PCIEXPRESS, nullptr, nullptr), 1);
  EXPECT_EQ(pci_get_capability(chipset, tag, PCI_CAP_AGP, &offset, &value), 0);
  ASSERT_EQ(pci_get_ext_capability(chipset, tag, PCI_EXTCAP_SERNUM, &offset, &value), 1);
  EXPECT_EQ(PCI_EXTCAPLIST_VERSION(value), 1U);
  EXPECT_EQ(pci_conf_read(chipset, tag, offset + PCI_SERIAL_LOW), 0x04030201U);
  EXPECT_EQ(pci_get_ext_capability(chipset, tag, PCI_EXTCAP_AER, &offset, &value), 0);
}

TEST_F(PciConf, FindsHypertransportCapabilitiesByType) {
  const pcitag_t tag = add([](Described& d) {
    d.add_capability(PCI_CAP_LDT, std::array<std::uint8_t, 2>{0, 0x20});  // host, 3 bits
    d.add_capability(PCI_CAP_LDT, std::array<std::uint8_t, 2>{1, PCI_HT_CAP_MSIMAP << 3});
  });
  int offset = 0;
  pcireg_t value = 0;
  ASSERT_EQ(pci_get_ht_capability(chipset, tag, PCI_HT_CAP_MSIMAP, &offset, &value), 1);
  EXPECT_NE(value & PCI_HT_MSI_ENABLED, 0U);
  EXPECT_EQ(pci_get_ht_capability(chipset, tag, PCI_HT_CAP_HOST, &offset, &value), 1);
  EXPECT_EQ(pci_get_ht_capability(chipset, tag, PCI_HT_CAP_SWITCH, &offset, &value), 0);
}

TEST_F(PciConf, CapabilityLoopsEnd) {
  unsigned vendor = 0;
  const pcitag_t tag = add([&](Described& d) {
    vendor = d.add_capability(PCI_CAP_VENDSPEC, std::array<std::uint8_t, 2>{4, 0});
    d.set_config(vendor + 1, 1, vendor);
  });
  EXPECT_EQ(pci_get_capability(chipset, tag, PCI_CAP_AGP, nullptr, nullptr), 0);
  EXPECT_EQ(pci_get_capability(chipset, tag, PCI_CAP_VENDSPEC, nullptr, nullptr), 1);
  EXPECT_EQ(pci_get_ht_capability(chipset, tag, 0, nullptr, nullptr), 0);
}

TEST_F(PciConf, PowerStatesMoveAsTheSpecificationAllows) {
  const pcitag_t tag = add([](Described& d) { d.add_power_management(); });
  pcireg_t state = 9;
  ASSERT_EQ(pci_get_powerstate(chipset, tag, &state), 0);
  EXPECT_EQ(state, static_cast<pcireg_t>(PCI_PMCSR_STATE_D0));
  ASSERT_EQ(pci_set_powerstate(chipset, tag, PCI_PMCSR_STATE_D3), 0);
  ASSERT_EQ(pci_get_powerstate(chipset, tag, &state), 0);
  EXPECT_EQ(state, static_cast<pcireg_t>(PCI_PMCSR_STATE_D3));
  EXPECT_EQ(pci_set_powerstate(chipset, tag, PCI_PMCSR_STATE_D2), EINVAL);
  EXPECT_EQ(pci_set_powerstate(chipset, tag, 7), EINVAL);
  EXPECT_EQ(pci_activate(chipset, tag, nullptr, nullptr), EOPNOTSUPP);
  EXPECT_EQ(pci_activate(chipset, tag, nullptr, pci_activate_null), 0);
  ASSERT_EQ(pci_get_powerstate(chipset, tag, &state), 0);
  EXPECT_EQ(state, static_cast<pcireg_t>(PCI_PMCSR_STATE_D0));
}

TEST_F(PciConf, NoPowerManagementIsSaid) {
  const pcitag_t tag = add([](Described&) {});
  pcireg_t state = 0;
  EXPECT_EQ(pci_get_powerstate(chipset, tag, &state), EOPNOTSUPP);
  EXPECT_EQ(pci_set_powerstate(chipset, tag, 0), EOPNOTSUPP);
}

TEST_F(PciConf, TheHeaderIsPutBack) {
  const pcitag_t tag =
      add([](Described& d) { d.add_bar(0, {.kind = Bar::Kind::memory32, .size = 0x1000}); });
  pci_conf_state saved{};
  pci_conf_capture(chipset, tag, &saved);
  pci_conf_write(chipset, tag, PCI_BAR(0), 0x12345000);
  pci_conf_write(chipset, tag, PCI_COMMAND_STATUS_REG, 0);
  pci_conf_write(chipset, tag, PCI_INTERRUPT_REG, 0x77);
  pci_conf_restore(chipset, tag, &saved);
  pci_conf_state again{};
  pci_conf_capture(chipset, tag, &again);
  EXPECT_EQ(std::memcmp(&saved, &again, sizeof saved), 0);
}

// The VPD capability: an address register with a flag, a data register.
class Vpd final : public sim::Model {
 public:
  explicit Vpd(bool answers) : Model({.vendor = 0x1234, .device = 0x5678}), answers_(answers) {
    constexpr std::array<std::uint8_t, 6> body{};
    constexpr std::array<std::uint8_t, 6> writable{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    at_ = add_capability(PCI_CAP_VPD, body, writable);
  }

 protected:
  void config_written(unsigned offset, unsigned width) override {
    if (!answers_ || offset > at_ + 3 || offset + width <= at_ + 3) return;
    const std::uint32_t address = config(at_ + 2, 2);
    std::uint32_t& word = words_.at((address & 0x7fff) / 4);
    if ((address & 0x8000) != 0) {
      word = config(at_ + 4, 4);
    } else {
      set_register(at_ + 4, 4, word);
    }
    set_register(at_ + 2, 2, address ^ 0x8000);
  }

 private:
  bool answers_;
  unsigned at_ = 0;
  std::array<std::uint32_t, 4> words_{0x11, 0x22, 0x33, 0x44};
};

TEST_F(PciConf, VitalProductDataIsReadAndWritten) {
  bus.root().add(5, 0, std::make_shared<Vpd>(true));
  bus.root().add(6, 0, std::make_shared<Vpd>(false));
  start();
  const pcitag_t tag = pci_make_tag(chipset, 0, 5, 0);
  std::array<pcireg_t, 2> data{};
  ASSERT_EQ(pci_vpd_read(chipset, tag, 4, 2, data.data()), 0);
  EXPECT_THAT(data, testing::ElementsAre(0x22, 0x33));
  data = {0xaa, 0xbb};
  ASSERT_EQ(pci_vpd_write(chipset, tag, 8, 2, data.data()), 0);
  ASSERT_EQ(pci_vpd_read(chipset, tag, 8, 2, data.data()), 0);
  EXPECT_THAT(data, testing::ElementsAre(0xaa, 0xbb));
  EXPECT_EQ(pci_vpd_read(chipset, tag, 3, 1, data.data()), EINVAL);
  EXPECT_EQ(pci_vpd_read(chipset, tag, 0x7ffc, 2, data.data()), EINVAL);
  EXPECT_EQ(pci_vpd_read(chipset, pci_make_tag(chipset, 0, 6, 0), 0, 1, data.data()), EIO);
}

TEST_F(PciConf, DriversHandRequestsOn) {
  bus.root().add(5, 0, std::make_shared<Vpd>(true));
  start();
  const pcitag_t tag = pci_make_tag(chipset, 0, 5, 0);
  const auto request = [&](u_long command, pciio_cfgreg& reg, int flag) {
    return pci_devioctl(chipset, tag, command, &reg, flag, nullptr);
  };
  pciio_cfgreg reg{.reg = PCI_ID_REG, .val = 0};
  EXPECT_EQ(request(PCI_IOC_CFGREAD, reg, FREAD), 0);
  EXPECT_EQ(reg.val, pci_conf_read(chipset, tag, PCI_ID_REG));
  reg = {.reg = PCI_COMMAND_STATUS_REG, .val = PCI_COMMAND_MEM_ENABLE};
  EXPECT_EQ(request(PCI_IOC_CFGWRITE, reg, FREAD), EBADF);
  EXPECT_EQ(request(PCI_IOC_CFGWRITE, reg, FREAD | FWRITE), 0);
  EXPECT_EQ(pci_conf_read(chipset, tag, PCI_COMMAND_STATUS_REG) & 0xffffU, PCI_COMMAND_MEM_ENABLE);
  for (const unsigned bad : {2U, 0x1000U, 0x80000000U}) {
    reg.reg = bad;
    EXPECT_EQ(request(PCI_IOC_CFGREAD, reg, FREAD), EINVAL) << bad;
  }
  EXPECT_EQ(request(PCI_IOC_BUSINFO, reg, FREAD), EPASSTHROUGH);
}

TEST_F(PciConf, NamesComeWithFallbacks) {
  start();
  std::array<char, 12> text{};
  EXPECT_STREQ(pci_findvendor(text.data(), text.size(), 0xfff9), "vendor fff9");
  EXPECT_STREQ(pci_findproduct(text.data(), 8, 0xfff9, 0x1234), "product");
}

class PciNames : public PciTest {
 protected:
  void SetUp() override {
    bus.root().add(5, 0, std::make_shared<Described>([](Described& d) {
                     d.add_bar(0, {.kind = Bar::Kind::memory32, .size = 0x1000});
                     d.add_capability(PCI_CAP_VENDSPEC, std::array<std::uint8_t, 2>{8, 0x42});
                   }));
    start();
    tag = pci_make_tag(chipset, 0, 5, 0);
  }
  pcitag_t tag = 0;
};

TEST_F(PciNames, TheWholeConfigurationIsPrintedAndTheDriversPartBehindIt) {
  static const pcireg_t* seen;
  static pcitag_t whose;
  static pcireg_t id;
  pci_conf_print(chipset, tag, [](pci_chipset_tag_t, pcitag_t of, const pcireg_t* registers) {
    seen = registers;
    whose = of;
    id = registers[PCI_ID_REG / 4];
    aprint_normal("the driver's own\n");
  });
  console_flush();
  EXPECT_NE(seen, nullptr);
  EXPECT_EQ(whose, tag);
  EXPECT_EQ(id, 0x56781234U);
  EXPECT_THAT(console, testing::HasSubstr("0x5678"));
  EXPECT_THAT(console, testing::HasSubstr("Capability at 0x"));
  EXPECT_THAT(console, testing::EndsWith("the driver's own\n"));
  console.clear();
  pci_conf_print(chipset, pci_make_tag(chipset, 0, 6, 0), nullptr);
  console_flush();
  EXPECT_EQ(console, "no function at 0000:00:06.0\n");
}

TEST_F(PciNames, OfVendorsProductsAndClasses) {
  std::array<char, 128> text{};
  pci_devinfo(0x12378086, 0x06000002, 1, text.data(), text.size());
  EXPECT_THAT(text.data(), testing::HasSubstr("Intel Corporation"));
  EXPECT_THAT(text.data(), testing::HasSubstr("(host bridge"));
  std::array<char, 6> little{};
  pci_devinfo(0x12378086, 0x06000002, 0, little.data(), little.size());
  EXPECT_STREQ(little.data(), "Intel") << "it is cut, and ends";
  EXPECT_EQ(pci_get_segment(chipset), 0U);
}

TEST_F(PciNames, TablesOfWhatADriverKnows) {
  const device_compatible_entry table[] = {{.id = PCI_ID_CODE(0x1234, 1), .value = 10},
                                           {.id = PCI_ID_CODE(0x1234, 0x5678), .value = 20},
                                           {.id = PCI_ID_CODE(0x1234, 0x5678), .value = 30},
                                           PCI_COMPAT_EOL};
  const auto* found = pci_compatible_lookup_id(PCI_ID_CODE(0x1234, 0x5678), table);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->value, 20U) << "the first of them";
  EXPECT_EQ(pci_compatible_lookup_id(PCI_ID_CODE(0x1234, 2), table), nullptr);
  const pci_attach_args pa = args(5);
  EXPECT_EQ(pci_compatible_lookup(&pa, table), found);
  EXPECT_EQ(pci_compatible_match(&pa, table), 1);
  EXPECT_EQ(pci_compatible_lookup_subsys(&pa, table), nullptr) << "its subsystem is another";
  EXPECT_EQ(pci_compatible_match_subsys(&pa, table), 0);
  const pcireg_t subsystem = pci_conf_read(chipset, tag, PCI_SUBSYS_ID_REG);
  const device_compatible_entry boards[] = {{.id = subsystem, .value = 40}, PCI_COMPAT_EOL};
  found = pci_compatible_lookup_subsys(&pa, boards);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->value, 40U);
  EXPECT_EQ(pci_compatible_match_subsys(&pa, boards), 1);
}

}  // namespace
