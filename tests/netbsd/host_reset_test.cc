// SPDX-License-Identifier: BSD-2-Clause
// pupci(4) resets a function whose model really loses its state: when asked, and at the last close.
#include <gtest/gtest.h>

#include "host/virtio_registers.h"
#include "netbsd/served_kernel.h"
#include "pupci/bus.h"

namespace pupci::netbsd::test {
namespace {

using Virtio = pupci::test::VirtioRegisters;

class NetbsdReset : public testing::Test {
 protected:
  void open() {
    bus = open_bus(kernel.spec("/dev/pupci0"));
    ASSERT_EQ(bus->functions().size(), 1U);
    function = bus->function(bus->functions()[0]);
    ASSERT_EQ(function->config_read(pci::vendor_id, 4), Virtio::random_id);
    registers = Virtio::map(*function);
    ASSERT_NE(registers, nullptr);
    function->config_write(pci::command, 2, both);
  }
  void take_up() {
    registers->write(Virtio::status, 1, Virtio::acknowledged_with_driver);
    ASSERT_EQ(registers->read(Virtio::status, 1), Virtio::acknowledged_with_driver);
  }
  void close() {
    registers.reset();
    function.reset();
    bus.reset();
  }

  static constexpr unsigned both = pci::command_bit::memory | pci::command_bit::master;
  ServedKernel kernel{
      "qemu",
      {"-device", "pcie-root-port,id=rp", "-device", "virtio-rng-pci,disable-legacy=on,bus=rp"}};
  std::shared_ptr<Bus> bus;
  std::shared_ptr<Function> function;
  std::unique_ptr<Region> registers;
};

TEST_F(NetbsdReset, WhenAsked) {
  open();
  take_up();
  const auto bars = function->bars();
  function->reset();
  EXPECT_EQ(function->bars(), bars);
  EXPECT_EQ(function->config_read(pci::command, 2) & both, pci::command_bit::memory);
  EXPECT_EQ(registers->read(Virtio::status, 1), 0U);
  take_up();
}

TEST_F(NetbsdReset, AtTheLastClose) {
  open();
  take_up();
  close();
  open();
  EXPECT_EQ(registers->read(Virtio::status, 1), 0U) << "the next owner finds it as new";
}

}  // namespace
}  // namespace pupci::netbsd::test
