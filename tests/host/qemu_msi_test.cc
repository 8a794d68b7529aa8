// SPDX-License-Identifier: BSD-2-Clause
// Several MSI vectors of one function on the qemu host, and vectors with mask bits of their own.
#include "host/config_space.h"
#include "host/qemu_support.h"
#include "host/xhci_interrupters.h"
#include "pupci/capability.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace qemu_test {
namespace {

using Vectors = std::vector<std::shared_ptr<Interrupt>>;

class Xhci {
 public:
  Xhci(Bus& bus, std::shared_ptr<Function> of)
      : function(std::move(of)),
        registers_(function->map(0, 0, 0x4000)),
        interrupters_(bus.dma(), prepare(), [this](unsigned at, std::uint32_t value) {
          registers_->write(at, 4, value);
        }) {}

  Vectors enable(unsigned count) const {
    auto vectors = function->enable_interrupts(InterruptType::msi, count);
    for (const auto& vector : vectors) vector->unmask();
    return vectors;
  }
  // All have arrived when this returns: the ring precedes the answer to the write.
  void raise(unsigned interrupter, unsigned times = 1) const {
    for (unsigned i = 0; i < times; i++) interrupters_.raise(interrupter);
    registers_->flush();
  }
  [[nodiscard]] unsigned interrupters() const { return interrupters_.count(); }

  std::shared_ptr<Function> function;

 private:
  pupci::test::XhciInterrupters::Read prepare() {
    set_command(*function, bus_master);
    return [this](unsigned at) { return static_cast<std::uint32_t>(registers_->read(at, 4)); };
  }
  std::unique_ptr<Region> registers_;
  pupci::test::XhciInterrupters interrupters_;
};

constexpr std::uint32_t xhci_id = pupci::test::XhciInterrupters::nec_id;
const std::vector<std::string> xhci_by_msi{"-device", "nec-usb-xhci,msi=on,msix=off"};

std::vector<std::uint64_t> take_all(const Vectors& vectors) {
  std::vector<std::uint64_t> counts;
  counts.reserve(vectors.size());
  for (const auto& vector : vectors) counts.push_back(vector->take());
  return counts;
}

std::optional<MsiCapability> msi_of(Function& function) {
  FunctionConfig config(function);
  return msi_capability(config);
}

int refusal(Function& function, unsigned count) {
  try {
    function.enable_interrupts(InterruptType::msi, count);
  } catch (const Error& error) {
    return error.errnum();
  }
  return 0;
}

TEST(QemuMsi, EveryPowerOfTwoOfVectorsDeliversOneByOne) {
  const auto bus = open(xhci_by_msi);
  const Xhci xhci(*bus, find(*bus, xhci_id).at(0));
  ASSERT_EQ(xhci.interrupters(), 16U);
  ASSERT_EQ(xhci.function->interrupt_count(InterruptType::msi), 16U);
  for (const unsigned count : {1U, 2U, 4U, 8U, 16U}) {
    const Vectors vectors = xhci.enable(count);
    ASSERT_EQ(vectors.size(), count);
    EXPECT_EQ(msi_of(*xhci.function)->vectors_enabled, count);
    for (unsigned i = 0; i < count; i++) {
      EXPECT_EQ(vectors[i]->number(), i);
      xhci.raise(i);
      std::vector<std::uint64_t> only(count);
      only[i] = 1;
      EXPECT_TRUE(readable(vectors[i]->fd(), patience_ms));
      EXPECT_EQ(take_all(vectors), only) << i << " of " << count;
    }
    std::vector<std::uint64_t> expected;
    for (unsigned i = 0; i < count; i++) {
      xhci.raise(count - 1 - i, count - i);
      expected.push_back(i + 1);
    }
    EXPECT_EQ(take_all(vectors), expected) << "each message is counted, by its own vector";
    xhci.function->disable_interrupts();
    EXPECT_FALSE(msi_of(*xhci.function)->enabled);
    xhci.raise(0);
    EXPECT_EQ(take_all(vectors), std::vector<std::uint64_t>(count));
  }
}

TEST(QemuMsi, RefusesWhatIsNoPowerOfTwoOrTooMany) {
  const auto bus = open(xhci_by_msi);
  const Xhci xhci(*bus, find(*bus, xhci_id).at(0));
  for (const unsigned count : {0U, 3U, 5U, 12U, 17U, 32U}) {
    EXPECT_EQ(refusal(*xhci.function, count), EINVAL) << count;
    EXPECT_FALSE(msi_of(*xhci.function)->enabled);
  }
  const Vectors vectors = xhci.enable(2);
  EXPECT_EQ(refusal(*xhci.function, 2), EBUSY);
  xhci.raise(1);
  EXPECT_EQ(take_all(vectors), (std::vector<std::uint64_t>{0, 1})) << "what there was goes on";
}

// The function puts the number into the low bits of the message, so several must lie in one block.
TEST(QemuMsi, NeighboursDoNotHearEachOther) {
  const auto bus = open({"-device", "edu", "-device", "nec-usb-xhci,msi=on,msix=off", "-device",
                         "nec-usb-xhci,msi=on,msix=off", "-device", "edu"});
  Edu before(find(*bus, Edu::id).at(0));
  Edu after(find(*bus, Edu::id).at(1));
  const Xhci first(*bus, find(*bus, xhci_id).at(0));
  const Xhci second(*bus, find(*bus, xhci_id).at(1));
  Vectors vectors = before.function->enable_interrupts(InterruptType::msi, 1);
  for (const auto& more : {first.enable(4), second.enable(8),
                           after.function->enable_interrupts(InterruptType::msi, 1)}) {
    vectors.insert(vectors.end(), more.begin(), more.end());
  }
  vectors.front()->unmask();
  vectors.back()->unmask();
  std::vector<std::uint64_t> expected(vectors.size());
  first.raise(3, 5);
  expected[1 + 3] = 5;
  second.raise(0, 2);
  second.raise(7, 3);
  expected[1 + 4 + 0] = 2;
  expected[1 + 4 + 7] = 3;
  after.write(Edu::raise, 1);
  after.registers->flush();
  expected.back() = 1;
  EXPECT_EQ(take_all(vectors), expected);
  EXPECT_FALSE(readable(vectors[0]->fd(), 0));
}

TEST(QemuMsi, AVectorWithoutAMaskBitIsMaskedByItself) {
  const auto bus = open(xhci_by_msi);
  const Xhci xhci(*bus, find(*bus, xhci_id).at(0));
  ASSERT_FALSE(msi_of(*xhci.function)->maskable);
  const Vectors vectors = xhci.enable(4);
  vectors[2]->mask();
  for (unsigned i = 0; i < 4; i++) xhci.raise(i);
  EXPECT_FALSE(readable(vectors[2]->fd(), 0));
  EXPECT_EQ(take_all(vectors), (std::vector<std::uint64_t>{1, 1, 0, 1}));
  vectors[2]->unmask();
  EXPECT_EQ(take_all(vectors), (std::vector<std::uint64_t>{0, 0, 1, 0}));
}

// A root port with two vectors that have mask bits: one of its slot, one of reported errors.
class MaskablePort : public testing::Test {
 protected:
  void SetUp() override {
    bus = open({"-device", "ioh3420,id=slot3,addr=3"});
    port = bus->function({0, 0, 3, 0});
    express = find_one(pci::capability_id::express);
    msi = find_one(pci::capability_id::msi);
    ASSERT_TRUE(msi_of(*port)->maskable);
    ASSERT_EQ(port->interrupt_count(InterruptType::msi), 2U);
    constexpr unsigned system_errors = 1U << 8;
    constexpr unsigned bridge_system_errors = 1U << 1;
    constexpr unsigned report_all = 0xf;
    set_command(*port, bus_master | system_errors);
    port->config_write(pci::bridge_control, 2, bridge_system_errors);
    port->config_write(express + pci::express::device_control, 2, report_all);
    FunctionConfig config(*port);
    const unsigned errors =
        find_extended_capability(config, pci::extended_id::error_reporting).value_or(0);
    ASSERT_NE(errors, 0U);
    port->config_write(errors + root_error_command, 4, report_all & 7);
    root_errors = errors + root_error_status;
  }
  unsigned find_one(unsigned id) {
    FunctionConfig config(*port);
    return find_capability(config, id).value_or(0);
  }
  // Every command to the slot is completed, and it says so if nobody has yet.
  void raise_slot() {
    port->config_write(express + slot_status, 2, command_completed);
    port->config_write(express + slot_control, 2, command_completed | slot_interrupt);
  }
  void raise_error() {
    port->config_write(root_errors, 4, all_errors);
    bus->monitor("pcie_aer_inject_error slot3 POISON_TLP");
  }
  unsigned mask_bits() { return port->config_read(msi + pci::msi::mask32, 4); }
  unsigned pending() { return port->config_read(msi + pci::msi::mask32 + 4, 4); }

  static constexpr unsigned slot_control = 0x18;
  static constexpr unsigned slot_status = 0x1a;
  static constexpr unsigned command_completed = 1U << 4;
  static constexpr unsigned slot_interrupt = 1U << 5;
  static constexpr unsigned root_error_command = 0x2c;
  static constexpr unsigned root_error_status = 0x30;
  static constexpr unsigned all_errors = 0x7f;
  std::shared_ptr<QemuBus> bus;
  std::shared_ptr<Function> port;
  unsigned express = 0;
  unsigned msi = 0;
  unsigned root_errors = 0;
};

TEST_F(MaskablePort, KeepsOneMessagePendingForEachVectorThatIsMasked) {
  const Vectors vectors = port->enable_interrupts(InterruptType::msi, 2);
  EXPECT_EQ(mask_bits() & 3, 3U);
  raise_slot();
  raise_slot();
  EXPECT_EQ(pending(), 1U);
  raise_error();
  EXPECT_EQ(pending(), 3U);
  EXPECT_EQ(take_all(vectors), (std::vector<std::uint64_t>{0, 0}));

  vectors[1]->unmask();
  EXPECT_EQ(mask_bits() & 3, 1U);
  EXPECT_EQ(pending(), 1U);
  EXPECT_TRUE(readable(vectors[1]->fd(), patience_ms));
  EXPECT_FALSE(readable(vectors[0]->fd(), 0));
  EXPECT_EQ(take_all(vectors), (std::vector<std::uint64_t>{0, 1}));

  vectors[0]->unmask();
  EXPECT_EQ(pending(), 0U);
  EXPECT_EQ(take_all(vectors), (std::vector<std::uint64_t>{1, 0}));
  raise_error();
  raise_slot();
  raise_slot();
  EXPECT_EQ(take_all(vectors), (std::vector<std::uint64_t>{2, 1}));
}

TEST_F(MaskablePort, MaskingTouchesOneVectorAndLosesNothing) {
  const Vectors vectors = port->enable_interrupts(InterruptType::msi, 2);
  for (const auto& vector : vectors) vector->unmask();
  raise_slot();
  vectors[0]->mask();  // with one that is not taken yet
  EXPECT_EQ(mask_bits() & 3, 1U);
  raise_slot();
  raise_error();
  EXPECT_EQ(take_all(vectors), (std::vector<std::uint64_t>{0, 1}));
  vectors[0]->unmask();
  EXPECT_EQ(take_all(vectors), (std::vector<std::uint64_t>{2, 0}));
}

TEST_F(MaskablePort, WithOneVectorBothCausesShareIt) {
  const Vectors vectors = port->enable_interrupts(InterruptType::msi, 1);
  vectors[0]->unmask();
  raise_slot();
  raise_error();
  EXPECT_EQ(vectors[0]->take(), 2U);
  port->disable_interrupts();
  raise_slot();
  EXPECT_EQ(vectors[0]->take(), 0U);
}

}  // namespace
}  // namespace qemu_test
