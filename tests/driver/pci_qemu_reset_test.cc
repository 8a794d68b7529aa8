// SPDX-License-Identifier: BSD-2-Clause
// How a driver resets and powers its function by pci(9), with a QEMU model that loses its state.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kern/pci_attach.h"
#include "kern/pci_chipset.h"
#include "netbsd/dev/pci/pcireg.h"
#include "netbsd/dev/pci/pcivar.h"
#include "netbsd/sys/bus.h"
#include "netbsd/sys/param.h"
#include "pupci/bus.h"

namespace {

using namespace pupci;
using namespace pupci::kern;

constexpr bus_size_t virtio_status = 0x14;  // virtio 1.1, 4.1.4.3, in BAR 4 of QEMU's devices
constexpr std::uint8_t acknowledged_with_driver = 3;

class PciResetOnQemu : public testing::Test {
 protected:
  void SetUp() override {
    BusOptions options;
    options.arguments = {"-device", "pcie-root-port,id=rp", "-device",
                         "virtio-rng-pci,disable-legacy=on,bus=rp"};
    bus = open_bus("qemu", options);
    pci_start(*bus);
    ASSERT_TRUE(pci_function_args({0, 1, 0, 0}, &pa));
    EXPECT_EQ(pci_mapreg_map(&pa, PCI_BAR(4), PCI_MAPREG_TYPE_MEM | PCI_MAPREG_MEM_TYPE_64BIT, 0,
                             &tag, &handle, nullptr, &size),
              0);
    write(PCI_COMMAND_STATUS_REG,
          (read(PCI_COMMAND_STATUS_REG) & 0xffff) | PCI_COMMAND_MASTER_ENABLE);
    bus_space_write_1(tag, handle, virtio_status, acknowledged_with_driver);
    EXPECT_EQ(status(), acknowledged_with_driver);
  }
  void TearDown() override {
    bus_space_unmap(tag, handle, size);
    pci_stop();
  }
  [[nodiscard]] pcireg_t read(int at) const { return pci_conf_read(pa.pa_pc, pa.pa_tag, at); }
  void write(int at, pcireg_t value) const { pci_conf_write(pa.pa_pc, pa.pa_tag, at, value); }
  [[nodiscard]] unsigned status() const { return bus_space_read_1(tag, handle, virtio_status); }
  [[nodiscard]] std::vector<pcireg_t> header() const {
    std::vector<pcireg_t> words;
    for (int at = 0; at < 0x40; at += 4) words.push_back(read(at));
    return words;
  }

  std::shared_ptr<Bus> bus;
  pci_attach_args pa{};
  bus_space_tag_t tag = nullptr;
  bus_space_handle_t handle = 0;
  bus_size_t size = 0;
};

TEST_F(PciResetOnQemu, AFunctionLevelResetForgetsTheDeviceAndTheDriverRestoresTheHeader) {
  int express = 0;
  ASSERT_NE(pci_get_capability(pa.pa_pc, pa.pa_tag, PCI_CAP_PCIEXPRESS, &express, nullptr), 0);
  ASSERT_NE(read(express + PCIE_DCAP) & PCIE_DCAP_FLR, 0U);
  write(PCI_INTERRUPT_REG, (read(PCI_INTERRUPT_REG) & ~0xffU) | 0x5a);
  const auto before = header();
  pci_conf_state saved{};
  pci_conf_capture(pa.pa_pc, pa.pa_tag, &saved);

  write(express + PCIE_DCSR, (read(express + PCIE_DCSR) & 0xffff) | PCIE_DCSR_INITIATE_FLR);
  const pcireg_t lost = PCI_COMMAND_MASTER_ENABLE | PCI_COMMAND_MEM_ENABLE;
  EXPECT_EQ(read(PCI_COMMAND_STATUS_REG) & lost, 0U);
  EXPECT_NE(header(), before);

  pci_conf_restore(pa.pa_pc, pa.pa_tag, &saved);
  EXPECT_EQ(header(), before);
  EXPECT_EQ(status(), 0U);
  bus_space_write_1(tag, handle, virtio_status, acknowledged_with_driver);
  EXPECT_EQ(status(), acknowledged_with_driver);
}

// QEMU's models keep what they have in D3, so that only the states themselves are seen.
TEST_F(PciResetOnQemu, PowerStatesThereAndBack) {
  const auto before = header();
  pci_conf_state saved{};
  pci_conf_capture(pa.pa_pc, pa.pa_tag, &saved);
  pcireg_t state = 99;
  ASSERT_EQ(pci_get_powerstate(pa.pa_pc, pa.pa_tag, &state), 0);
  EXPECT_EQ(state, static_cast<pcireg_t>(PCI_PMCSR_STATE_D0));
  ASSERT_EQ(pci_set_powerstate(pa.pa_pc, pa.pa_tag, PCI_PMCSR_STATE_D3), 0);
  ASSERT_EQ(pci_get_powerstate(pa.pa_pc, pa.pa_tag, &state), 0);
  EXPECT_EQ(state, static_cast<pcireg_t>(PCI_PMCSR_STATE_D3));
  EXPECT_EQ(pci_set_powerstate(pa.pa_pc, pa.pa_tag, PCI_PMCSR_STATE_D1), EINVAL)
      << "from D3 only D0 is reached";
  ASSERT_EQ(pci_set_powerstate(pa.pa_pc, pa.pa_tag, PCI_PMCSR_STATE_D0), 0);
  ASSERT_EQ(pci_get_powerstate(pa.pa_pc, pa.pa_tag, &state), 0);
  EXPECT_EQ(state, static_cast<pcireg_t>(PCI_PMCSR_STATE_D0));
  EXPECT_EQ(pci_set_powerstate(pa.pa_pc, pa.pa_tag, PCI_PMCSR_STATE_D1), EOPNOTSUPP);
  pci_conf_restore(pa.pa_pc, pa.pa_tag, &saved);
  EXPECT_EQ(header(), before);
  EXPECT_EQ(status(), acknowledged_with_driver);
}

}  // namespace
