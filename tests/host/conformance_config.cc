// SPDX-License-Identifier: BSD-2-Clause
// Conformance: the bus's list, configuration space, BARs, reset, loss.
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "host/config_space.h"
#include "host/conformance.h"
#include "pupci/capability.h"
#include "pupci/pci_config.h"

namespace pupci::conformance {
namespace {

using testing::Each;
using testing::Not;

TEST_P(Conformance, ListsFunctionsInOrder) {
  const auto list = board_.bus->functions();
  EXPECT_TRUE(std::is_sorted(list.begin(), list.end()));
  EXPECT_EQ(std::set<Address>(list.begin(), list.end()).size(), list.size());
  EXPECT_EQ(board_.bus->functions(), list);
  for (const Address& address : board_.edu) EXPECT_THAT(list, testing::Contains(address));
  EXPECT_FALSE(board_.bus->name().empty());
}

TEST_P(Conformance, BridgesAreListedAndLeadToTheirFunctions) {
  const Address behind = board_.edu.at(2);
  ASSERT_NE(behind.bus, 0);
  unsigned bus = behind.bus;
  for (int depth = 0; bus != 0; depth++) {
    ASSERT_LT(depth, 256);
    std::optional<Address> bridge;
    for (const Address& address : board_.bus->functions()) {
      const auto candidate = function(address);
      const unsigned type = candidate->config_read(pci::header_type, 1) & pci::header::type_mask;
      if (type != pci::header::bridge) continue;
      if (candidate->config_read(pci::secondary_bus, 1) == bus) bridge = address;
    }
    ASSERT_TRUE(bridge) << "nothing leads to bus " << bus;
    const auto up = function(*bridge);
    EXPECT_EQ(up->config_read(pci::primary_bus, 1), bridge->bus);
    EXPECT_GE(up->config_read(pci::subordinate_bus, 1), behind.bus);
    bus = bridge->bus;
  }
}

TEST_P(Conformance, FunctionIsOneObjectWhileHeld) {
  const auto first = function(board_.edu[0]);
  EXPECT_EQ(first, function(board_.edu[0]));
  EXPECT_NE(first, function(board_.edu[1]));
  EXPECT_EQ(first->address(), board_.edu[0]);
}

TEST_P(Conformance, UnknownFunctionIsRefused) {
  EXPECT_EQ(error_of([this] { function({0, 250, 1, 0}); }), ENODEV);
  EXPECT_EQ(error_of([this] { function({7, 0, 0, 0}); }), ENODEV);
}

TEST_P(Conformance, ConfigReadsAtEveryWidth) {
  const auto edu = function(board_.edu[0]);
  EXPECT_EQ(edu->config_read(0, 4), 0x11e81234U);
  EXPECT_EQ(edu->config_read(0, 2), 0x1234U);
  EXPECT_EQ(edu->config_read(2, 2), 0x11e8U);
  EXPECT_EQ(edu->config_read(0, 1), 0x34U);
  EXPECT_EQ(edu->config_read(1, 1), 0x12U);
  EXPECT_EQ(edu->config_read(3, 1), 0x11U);
}

TEST_P(Conformance, ConfigWritesAtEveryWidth) {
  const auto edu = function(board_.edu[0]);
  const std::uint32_t before = edu->config_read(pci::interrupt_line, 4);
  edu->config_write(pci::interrupt_line, 1, 0xa5);
  EXPECT_EQ(edu->config_read(pci::interrupt_line, 4), (before & ~0xffU) | 0xa5);
  edu->config_write(pci::interrupt_line, 2, 0x5a);
  EXPECT_EQ(edu->config_read(pci::interrupt_line, 1), 0x5aU);
  edu->config_write(pci::interrupt_line, 4, before);
  EXPECT_EQ(edu->config_read(pci::interrupt_line, 4), before);
  edu->config_write(pci::vendor_id, 4, 0xabcdef01);
  EXPECT_EQ(edu->config_read(0, 4), 0x11e81234U) << "identity is read-only";
}

TEST_P(Conformance, ConfigOutOfRangeOrMisaligned) {
  const auto edu = function(board_.edu[0]);
  const unsigned size = edu->config_size();
  EXPECT_TRUE(size == 256 || size == 4096);
  EXPECT_EQ(edu->config_read(size, 4), UINT32_MAX);
  EXPECT_EQ(edu->config_read(size, 2) & 0xffff, 0xffffU);
  EXPECT_EQ(edu->config_read(size, 1) & 0xff, 0xffU);
  EXPECT_EQ(edu->config_read(0xfffffffc, 4), UINT32_MAX);
  EXPECT_EQ(edu->config_read(1, 4), UINT32_MAX);
  EXPECT_EQ(edu->config_read(2, 4), UINT32_MAX);
  EXPECT_EQ(edu->config_read(1, 2) & 0xffff, 0xffffU);
  EXPECT_NE(edu->config_read(size - 4, 4), 0xdeadbeefU);
  const std::uint32_t before = edu->config_read(pci::interrupt_line, 4);
  edu->config_write(pci::interrupt_line - 1, 4, 0);
  edu->config_write(pci::interrupt_line + 1, 2, 0);
  edu->config_write(size, 4, 0);
  edu->config_write(0xfffffffc, 4, 0);
  EXPECT_EQ(edu->config_read(pci::interrupt_line, 4), before);
}

TEST_P(Conformance, BarsOfEdu) {
  const auto edu = function(board_.edu[0]);
  const std::uint32_t command = edu->config_read(pci::command, 2);
  const std::uint32_t value = edu->config_read(pci::bar0, 4);
  const auto bars = edu->bars();
  ASSERT_EQ(bars.size(), 1U);
  EXPECT_EQ(bars[0].index, 0U);
  EXPECT_EQ(bars[0].kind, Bar::Kind::memory32);
  EXPECT_FALSE(bars[0].prefetchable);
  EXPECT_EQ(bars[0].size, Edu::bar_size);
  EXPECT_NE(bars[0].address, 0U);
  EXPECT_EQ(bars[0].address, value & pci::bar::memory_mask);
  EXPECT_EQ(edu->bars(), bars);
  EXPECT_EQ(edu->config_read(pci::command, 2), command);
  EXPECT_EQ(edu->config_read(pci::bar0, 4), value);
}

TEST_P(Conformance, BarsOfEveryKind) {
  const auto testdev = function(board_.testdev)->bars();
  ASSERT_GE(testdev.size(), 2U);
  EXPECT_EQ(testdev[0].kind, Bar::Kind::memory32);
  EXPECT_EQ(testdev[0].size, 4096U);
  EXPECT_EQ(testdev[1].kind, Bar::Kind::io);
  EXPECT_EQ(testdev[1].space(), Space::io);
  EXPECT_EQ(testdev[1].size, 256U);
  bool found = false;
  for (const Bar& bar : function(board_.scratch.function)->bars()) {
    if (bar.index != board_.scratch.bar) continue;
    found = true;
    EXPECT_EQ(bar.kind, Bar::Kind::memory64);
    EXPECT_TRUE(bar.prefetchable);
    EXPECT_GE(bar.size, board_.scratch.offset + board_.scratch.size);
  }
  EXPECT_TRUE(found);
}

TEST_P(Conformance, AssignedBarsAreAlignedAndDisjoint) {
  std::vector<Bar> all;
  for (const Address& address : board_.bus->functions()) {
    for (const Bar& bar : function(address)->bars()) {
      EXPECT_EQ(bar.size & (bar.size - 1), 0U);
      if (bar.address == 0 || bar.kind == Bar::Kind::rom) continue;
      EXPECT_EQ(bar.address % bar.size, 0U) << to_string(address) << " BAR " << bar.index;
      for (const Bar& other : all) {
        EXPECT_TRUE(other.space() != bar.space() || other.address + other.size <= bar.address ||
                    bar.address + bar.size <= other.address)
            << to_string(address) << " BAR " << bar.index;
      }
      all.push_back(bar);
    }
  }
}

TEST_P(Conformance, DecodersAgreeWithTheHost) {
  for (const Address& address : board_.bus->functions()) {
    const auto one = function(address);
    FunctionConfig config(*one);
    EXPECT_EQ(capabilities(*one).fault, CapabilityFault::none) << to_string(address);
    EXPECT_EQ(extended_capabilities(*one).fault, CapabilityFault::none) << to_string(address);
    const auto msi = msi_capability(config);
    const auto msix = msix_capability(config);
    // A host may have fewer to give than the function asks for.
    EXPECT_LE(one->interrupt_count(InterruptType::msi), msi ? msi->vectors : 0);
    EXPECT_LE(one->interrupt_count(InterruptType::msix), msix ? msix->vectors : 0);
    EXPECT_LE(one->interrupt_count(InterruptType::intx), 1U);
    if (read_header(config).kind != HeaderKind::endpoint) continue;
    const auto before = one->bars();
    EXPECT_EQ(size_bars(config).bars, before) << to_string(address);
  }
}

TEST_P(Conformance, ResetKeepsConfigurationButStopsTheFunction) {
  for (const unsigned index : {0U, 2U}) {
    const Edu device = edu(index);
    Function& function = *device.function;
    const auto bars = function.bars();
    const auto vector = device.enable(InterruptType::msi);
    vector->unmask();
    const std::uint32_t command = function.config_read(pci::command, 2);
    try {
      function.reset();
    } catch (const Error& error) {
      // There is no way to reset it here: then nothing may have changed.
      EXPECT_EQ(error.errnum(), ENOTSUP) << error.what();
      EXPECT_EQ(function.config_read(pci::command, 2), command);
      EXPECT_EQ(function.bars(), bars);
      device.raise(1);
      EXPECT_EQ(take(*vector, 1), 1U);
      continue;
    }
    EXPECT_EQ(function.bars(), bars);
    EXPECT_EQ(function.config_read(pci::command, 2),
              command & ~static_cast<unsigned>(pci::command_bit::master));
    FunctionConfig config(function);
    EXPECT_FALSE(msi_capability(config)->enabled);
    EXPECT_EQ(vector->take(), 0U);
    // And it works as before once bus mastering is on.
    const Edu again(device.function);
    const auto fresh = again.enable(InterruptType::msi);
    fresh->unmask();
    again.raise(1);
    EXPECT_EQ(take(*fresh, 1), 1U);
    EXPECT_EQ(vector->take(), 0U);
  }
}

TEST_P(Conformance, AHealthyBusSaysNothing) {
  EXPECT_EQ(board_.bus->failure(), "");
  const int fd = board_.bus->failure_fd();
  if (fd < 0) return;
  pollfd wait{fd, POLLIN, 0};
  EXPECT_EQ(poll(&wait, 1, 0), 0);
}

TEST_P(Conformance, ALostBusAnswersAllOnesAndSaysWhy) {
  if (!board_.lose) GTEST_SKIP() << "cannot be lost here";
  const Edu device = edu();
  const auto vector = device.enable(InterruptType::msi);
  vector->unmask();
  const Edu other = edu(1);
  const auto line = other.enable(InterruptType::intx);
  const auto vram = scratch();
  board_.lose();
  pollfd wait{board_.bus->failure_fd(), POLLIN, 0};
  ASSERT_EQ(poll(&wait, 1, 20000), 1);
  EXPECT_NE(board_.bus->failure(), "");
  EXPECT_EQ(device.read(Edu::identification), UINT32_MAX);
  EXPECT_EQ(device.bar->read(0, 8), UINT64_MAX);
  EXPECT_EQ(device.function->config_read(0, 4), UINT32_MAX);
  device.write(Edu::liveness, 1);
  device.function->config_write(pci::command, 2, 0);
  device.bar->flush();
  std::vector<std::uint32_t> block(64);
  device.bar->read_block(0, 4, 0, block.data(), block.size());
  EXPECT_THAT(block, Each(UINT32_MAX));
  if (vram->base() == nullptr) {
    EXPECT_EQ(vram->read(0, 4), UINT32_MAX);
  }
  EXPECT_EQ(vector->take(), 0U);
  line->unmask();
  line->acknowledge();
  line->mask();
  vector->mask();
  vector->unmask();
  device.function->disable_interrupts();
  EXPECT_NE(error_of([&] { device.function->enable_interrupts(InterruptType::msi, 1); }), 0);
  // The arena is this process's own.
  void* p = board_.bus->dma().allocate(4096);
  ASSERT_NE(p, nullptr);
  board_.bus->dma().release(p, 4096);
}

}  // namespace
}  // namespace pupci::conformance
