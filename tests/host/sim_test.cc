// SPDX-License-Identifier: BSD-2-Clause
// What is the sim host's own: topology, firmware's work, models, faults, time.
#include "pupci/sim.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "host/config_space.h"
#include "pupci/capability.h"
#include "pupci/pci_config.h"

namespace pupci::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::vector<std::string> addresses(pupci::Bus& bus) {
  std::vector<std::string> list;
  for (const Address& address : bus.functions()) list.push_back(to_string(address).substr(5));
  return list;
}

// Adds models made by name.
std::shared_ptr<Bus> manual(std::initializer_list<const char*> names) {
  auto bus = std::make_shared<Bus>(Options{.manual_clock = true});
  for (const char* name : names) bus->root().add(make_model(name));
  return bus;
}

TEST(SimOpen, ListsModelsInOrder) {
  const auto bus = open_bus("sim:edu,bridge/edu,bridge/bridge/regs*2,msix");
  EXPECT_EQ(bus->name(), "sim");
  EXPECT_THAT(addresses(*bus), testing::ElementsAre("00:00.0", "00:01.0", "00:02.0", "00:03.0",
                                                    "01:00.0", "02:00.0", "03:00.0", "03:01.0"));
  EXPECT_EQ(bus->function({0, 1, 0, 0})->config_read(0, 4), 0x11e81234U);
}

TEST(SimOpen, ManyFunctionsBecomeMultifunction) {
  const auto bus = open_bus("sim:regs*250");
  const auto list = bus->functions();
  ASSERT_EQ(list.size(), 250U);
  const auto first = bus->function({0, 0, 0, 0});
  EXPECT_EQ(first->config_read(pci::header_type, 1), 0x80U);
  const auto last = bus->function(list.back());
  EXPECT_EQ(last->bars().size(), 4U);
  for (const Bar& bar : last->bars()) EXPECT_NE(bar.address, 0U) << bar.index;
}

std::string message(std::string_view spec, const BusOptions& options = {}) {
  try {
    open_bus(spec, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.errnum(), EINVAL);
    return error.what();
  }
  return "nothing thrown";
}

TEST(SimOpen, SaysWhatIsWrong) {
  EXPECT_THAT(message("sim:edy"), HasSubstr("\"edy\": no such model; there are: edu, regs"));
  EXPECT_THAT(message("sim:edu*0"), HasSubstr("count behind * is 1 to 256"));
  EXPECT_THAT(message("sim:edu*"), HasSubstr("count"));
  EXPECT_THAT(message("sim:edu*2x"), HasSubstr("count"));
  EXPECT_THAT(message("sim:faulty=nose"), HasSubstr("faulty=nose: no such variant"));
  EXPECT_THAT(message("sim:edu=12q"), HasSubstr("DMA mask"));
  EXPECT_THAT(message("sim:edu,,edu"), HasSubstr("no such model"));
  EXPECT_THAT(message("sim:edu", {.arguments = {"-device"}}), HasSubstr("-device"));
  EXPECT_THAT(message("sim:edu", {.arena_size = std::size_t{4} << 30}), HasSubstr("4096 MiB"));
  EXPECT_THAT(message("nosuch"), HasSubstr("sim:MODEL"));
}

TEST(SimFirmware, AssignsDisjointAlignedBarsWithinWindows) {
  const auto bus = open_bus("sim:regs,bridge/regs*3,bridge/bridge/msix,dma");
  std::vector<Bar> all;
  for (const Address& address : bus->functions()) {
    const auto function = bus->function(address);
    for (const Bar& bar : function->bars()) {
      EXPECT_EQ(bar.address % bar.size, 0U);
      for (const Bar& other : all) {
        EXPECT_TRUE(other.space() != bar.space() || other.address + other.size <= bar.address ||
                    bar.address + bar.size <= other.address);
      }
      all.push_back(bar);
    }
  }
  EXPECT_EQ(all.size(), 4 * 4U + 2 + 2);

  const auto bridge = bus->function({0, 0, 1, 0});
  EXPECT_EQ(bridge->config_read(pci::primary_bus, 4) & 0xffffff, 0x010100U);
  const std::uint64_t low = std::uint64_t{bridge->config_read(pci::memory_base, 2)} << 16;
  const std::uint64_t high =
      std::uint64_t{bridge->config_read(pci::memory_limit, 2)} << 16 | 0xfffff;
  const std::uint64_t io_low = (bridge->config_read(pci::io_base, 1) & 0xf0) << 8;
  const std::uint64_t io_high = (bridge->config_read(pci::io_limit, 1) & 0xf0) << 8 | 0xfff;
  const std::uint64_t wide = std::uint64_t{bridge->config_read(pci::prefetch_base_upper, 4)} << 32 |
                             (std::uint64_t{bridge->config_read(pci::prefetch_base, 2)} & 0xfff0)
                                 << 16;
  for (const Bar& bar : bus->function({0, 1, 2, 0})->bars()) {
    if (bar.kind == Bar::Kind::io) {
      EXPECT_TRUE(bar.address >= io_low && bar.address + bar.size - 1 <= io_high);
    } else if (bar.prefetchable) {
      EXPECT_GE(bar.address, wide);
      EXPECT_GT(bar.address, UINT32_MAX);
    } else {
      EXPECT_TRUE(bar.address >= low && bar.address + bar.size - 1 <= high);
    }
  }
  // The outer bridge of two: its range of buses holds the inner one's.
  EXPECT_EQ(bus->function({0, 0, 2, 0})->config_read(pci::primary_bus, 4) & 0xffffff, 0x030200U);
  // Windows of a bridge with nothing of a kind behind it are closed.
  const auto empty = bus->function({0, 0, 2, 0});
  EXPECT_GT(empty->config_read(pci::io_base, 1), empty->config_read(pci::io_limit, 1));
}

TEST(SimTopology, IsFixedOnceInUse) {
  Bus bus;
  bus.root().add(3, 0, make_model("edu"));
  EXPECT_THROW(bus.root().add(3, 0, make_model("edu")), Error);
  EXPECT_THROW(bus.root().add(32, 0, make_model("edu")), Error);
  EXPECT_EQ(bus.functions().size(), 1U);
  EXPECT_THROW(bus.root().add(make_model("edu")), Error);
  EXPECT_THROW(bus.function({0, 0, 4, 0}), Error);
  EXPECT_EQ(bus.function({0, 0, 3, 0}), bus.function({0, 0, 3, 0}));
}

TEST(SimTopology, LinesSwizzleBehindBridges) {
  Bus bus;
  bus.root().add(1, 0, make_model("edu"));
  Segment& behind = bus.root().add_bridge(2);
  behind.add(3, 0, make_model("edu"));  // 3 + 2 = 5, as device 1 on bus 0
  behind.add(4, 0, make_model("edu"));
  const auto line = [&bus](unsigned number, unsigned device) {
    return bus
        .function({0, static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(device), 0})
        ->config_read(pci::interrupt_line, 1);
  };
  EXPECT_EQ(line(0, 1), 17U);
  EXPECT_EQ(line(1, 3), 17U);
  EXPECT_EQ(line(1, 4), 18U);
}

TEST(SimFaulty, BarsAndCapabilities) {
  const auto faults = [](const char* variant) {
    const auto bus = open_bus(std::string("sim:faulty=") + variant);
    const auto function = bus->function({});
    FunctionConfig config(*function);
    std::string text;
    for (const BarFault& fault : size_bars(config).faults) text += to_string(fault) + "\n";
    return text + capabilities(*function).fault_text();
  };
  EXPECT_EQ(faults("bars"),
            "BAR 1: has size 0\nBAR 2: reads all ones\nBAR 3: has a reserved type\n"
            "BAR 5: 64 bits wide, but the last register\n");
  EXPECT_EQ(faults("overlap"), "BAR 1: overlaps an earlier BAR\n");
  EXPECT_EQ(faults("loop"), "capability list: loops back to 0x40");
  EXPECT_EQ(faults("pointer"), "capability list: pointer 0x20 lies in the header");
  EXPECT_EQ(faults("range"), "capability list: the capability at 0xfc does not fit");
  EXPECT_EQ(faults("header"), "");
  EXPECT_EQ(faults("absent"), "");
}

TEST(SimFaulty, AbsentAndUnknownHeader) {
  const auto bus = open_bus("sim:faulty=absent,faulty=header");
  ASSERT_EQ(bus->functions().size(), 2U);
  const auto absent = bus->function({0, 0, 0, 0});
  EXPECT_EQ(absent->config_read(0, 4), UINT32_MAX);
  EXPECT_TRUE(absent->bars().empty());
  EXPECT_TRUE(bus->function({0, 0, 1, 0})->bars().empty());
}

TEST(SimFaulty, DiesAndTakesTheBusAlong) {
  const auto bus = open_bus("sim:faulty=dies:2,edu");
  const auto function = bus->function({0, 0, 0, 0});
  const auto region = function->map(0, 0, 64);
  EXPECT_EQ(region->read(8, 4), 8U);
  region->write(8, 4, 1);
  EXPECT_EQ(bus->failure(), "");
  EXPECT_EQ(region->read(8, 4), UINT32_MAX);
  EXPECT_EQ(bus->failure(), "sim: 0000:00:00.0: the function died");
  pollfd wait{bus->failure_fd(), POLLIN, 0};
  EXPECT_EQ(poll(&wait, 1, 0), 1);
  EXPECT_EQ(function->config_read(0, 4), UINT32_MAX);
  EXPECT_EQ(bus->function({0, 0, 1, 0})->config_read(0, 4), UINT32_MAX);
}

TEST(SimFaulty, VanishesAlone) {
  const auto bus = open_bus("sim:faulty=vanishes:0,edu");
  const auto function = bus->function({0, 0, 0, 0});
  const auto region = function->map(0, 0, 64);
  EXPECT_EQ(region->read(8, 2), 0xffffU);
  EXPECT_EQ(function->config_read(0, 4), UINT32_MAX);
  EXPECT_EQ(bus->failure(), "");
  EXPECT_EQ(bus->function({0, 0, 1, 0})->config_read(0, 4), 0x11e81234U);
}

TEST(SimFaulty, CannotBeReset) {
  const auto bus = open_bus("sim:faulty=noreset");
  try {
    bus->function({})->reset();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errnum(), ENOTSUP);
  }
}

class SimRegisters : public testing::Test {
 protected:
  std::shared_ptr<Bus> bus_ = manual({"regs"});
  std::shared_ptr<Function> function_ = bus_->function({});
  std::unique_ptr<Region> bar_ = function_->map(0, 0, 4096);
};

TEST_F(SimRegisters, WidthsAndSideEffects) {
  bar_->write(0x10, 1, 0x1ab);
  bar_->write(0x12, 2, 0xbeef);
  bar_->write(0x14, 4, 0xdeadbeef);
  bar_->write(0x18, 8, 0x0123456789abcdef);
  EXPECT_EQ(bar_->read(0x10, 1), 0xabU);
  EXPECT_EQ(bar_->read(0x10, 2), 0xffffU);
  EXPECT_EQ(bar_->read(0x12, 2), 0xbeefU);
  EXPECT_EQ(bar_->read(0x14, 4), 0xdeadbeefU);
  EXPECT_EQ(bar_->read(0x18, 8), 0x0123456789abcdefU);
  EXPECT_EQ(bar_->read(0x04, 4), 9U);
  bar_->write(0x24, 4, 0xff);
  bar_->write(0x20, 4, 0x0f);
  EXPECT_EQ(bar_->read(0x20, 4), 0xf0U);
  bar_->write(0x28, 4, 7);
  EXPECT_EQ(bar_->read(0x28, 4), 7U);
  EXPECT_EQ(bar_->read(0x28, 4), 0U);
  bar_->write(0x30, 4, 1);
  bar_->write(0x30, 4, 2);
  EXPECT_EQ(bar_->read(0x38, 4), 2U);
  EXPECT_EQ(bar_->read(0x30, 4), 1U);
  EXPECT_EQ(bar_->read(0x30, 4), 2U);
  EXPECT_EQ(bar_->read(0x30, 4), UINT32_MAX);
}

TEST_F(SimRegisters, NothingDecodesWithDecodingOffOrInD3) {
  function_->config_write(pci::command, 2, pci::command_bit::io);
  EXPECT_EQ(bar_->read(0, 4), UINT32_MAX);
  function_->config_write(pci::command, 2, pci::command_bit::memory);
  EXPECT_EQ(bar_->read(0, 4), 0x73676572U);
  FunctionConfig config(*function_);
  const unsigned pm = *find_capability(config, pci::capability_id::power_management);
  config.write(pm + pci::pm::control, 2, 3);
  EXPECT_EQ(bar_->read(0, 4), UINT32_MAX);
  config.write(pm + pci::pm::control, 2, 0);
  EXPECT_EQ(bar_->read(0, 4), 0x73676572U);
}

TEST_F(SimRegisters, FunctionLevelResetClearsWhatTheHostsResetKeeps) {
  FunctionConfig config(*function_);
  const unsigned express = *find_capability(config, pci::capability_id::express);
  const std::uint32_t address = config.read(pci::bar0, 4);
  bar_->write(0x14, 4, 5);
  function_->reset();
  EXPECT_EQ(bar_->read(0x14, 4), 0U);
  EXPECT_EQ(config.read(pci::bar0, 4), address);
  config.write(express + pci::express::device_control, 2, pci::express::initiate_flr);
  EXPECT_EQ(config.read(pci::bar0, 4), 0U);
  EXPECT_EQ(config.read(pci::command, 2), 0U);
}

TEST_F(SimRegisters, ExtendedSpace) {
  EXPECT_EQ(function_->config_size(), 4096U);
  const auto list = extended_capabilities(*function_);
  ASSERT_EQ(list.found.size(), 1U);
  EXPECT_EQ(function_->config_read(list.found[0].offset + 4, 4), 0x04030201U);
}

class SimDma : public testing::Test {
 protected:
  void SetUp() override { function_->config_write(pci::command, 2, 7); }
  void copy(std::uint64_t from, std::uint64_t to, std::uint32_t size) {
    bar_->write(0x10, 8, from);
    bar_->write(0x18, 8, to);
    bar_->write(0x20, 4, size);
    bar_->write(0x24, 4, 1);
  }
  std::shared_ptr<Bus> bus_ = manual({"dma"});
  std::shared_ptr<Function> function_ = bus_->function({});
  std::unique_ptr<Region> bar_ = function_->map(0, 0, 4096);
  std::byte* memory_ = static_cast<std::byte*>(bus_->dma().allocate(8192));
  std::uint64_t bus_address_ = bus_->dma().to_bus(memory_);
};

TEST_F(SimDma, CompletesWhenTimeComes) {
  std::memset(memory_, 0x5a, 64);
  copy(bus_address_, bus_address_ + 4096, 64);
  bus_->advance(9us);
  EXPECT_EQ(bar_->read(4, 4), 1U);
  EXPECT_EQ(memory_[4096], std::byte{0});
  bus_->advance(1us);
  EXPECT_EQ(bar_->read(4, 4), 0U);
  EXPECT_EQ(bar_->read(8, 4), 1U);
  EXPECT_EQ(std::memcmp(memory_, memory_ + 4096, 64), 0);
}

TEST_F(SimDma, FaultsOutsideOfWhatIsAllocated) {
  void* freed = bus_->dma().allocate(4096);
  const std::uint64_t gone = bus_->dma().to_bus(freed);
  bus_->dma().release(freed, 4096);
  for (const std::uint64_t bad : {gone, std::uint64_t{0}, bus_address_ + 8192 - 63, UINT64_MAX}) {
    copy(bus_address_, bad, 64);
    bus_->advance(10us);
    EXPECT_EQ(bar_->read(8, 4), 2U) << bad;
    bar_->write(8, 4, 3);
    ASSERT_FALSE(bus_->faults().empty());
    EXPECT_EQ(bus_->faults().back().bus_address, bad);
    EXPECT_TRUE(bus_->faults().back().write);
  }
  copy(gone, bus_address_, 64);
  bus_->advance(10us);
  EXPECT_FALSE(bus_->faults().back().write);
  EXPECT_EQ(bus_->faults().size(), 5U);
}

TEST_F(SimDma, FaultsWithoutBusMastering) {
  function_->config_write(pci::command, 2, pci::command_bit::memory);
  copy(bus_address_, bus_address_ + 4096, 64);
  bus_->advance(10us);
  EXPECT_EQ(bar_->read(8, 4), 2U);
}

TEST_F(SimDma, ResetForgetsWhatIsUnderWay) {
  std::memset(memory_, 0x5a, 64);
  copy(bus_address_, bus_address_ + 4096, 64);
  function_->reset();
  bus_->advance(1s);
  EXPECT_EQ(bar_->read(0x2c, 4), 0U);
  EXPECT_EQ(memory_[4096], std::byte{0});
}

TEST(SimModel, RemovalAnswersAllOnes) {
  const auto bus = manual({"msix"});
  const auto function = bus->function({});
  const auto bar = function->map(0, 0, 4096);
  function->config_write(pci::command, 2, 7);
  const auto vectors = function->enable_interrupts(InterruptType::msix, 1);
  vectors[0]->unmask();
  bus->model({})->remove();
  bar->write(4, 4, 0);
  EXPECT_EQ(vectors[0]->take(), 0U);
  EXPECT_EQ(bar->read(0, 4), UINT32_MAX);
  EXPECT_EQ(function->config_read(0, 4), UINT32_MAX);
  EXPECT_THROW(function->enable_interrupts(InterruptType::msix, 1), Error);
}

TEST(SimModel, DropsInterrupts) {
  const auto bus = open_bus("sim:msix=drop");
  const auto function = bus->function({});
  function->config_write(pci::command, 2, 7);
  const auto bar = function->map(0, 0, 4096);
  const auto vectors = function->enable_interrupts(InterruptType::msix, 4);
  vectors[2]->unmask();
  bar->write(4, 4, 2);
  EXPECT_EQ(vectors[2]->take(), 0U);
  EXPECT_EQ(bar->read(0x1c, 4), 1U);
}

TEST(SimModel, MsixTableShowsMasksAndPendingBits) {
  const auto bus = manual({"msix"});
  const auto function = bus->function({});
  function->config_write(pci::command, 2, 7);
  const auto bar = function->map(0, 0, 4096);
  const auto table = function->map(4, 0, 16384);
  table->write(16 * 3, 8, 0x00000001fee00000);
  EXPECT_EQ(table->read(16 * 3 + 4, 4), 1U);
  const auto vectors = function->enable_interrupts(InterruptType::msix, 8);
  EXPECT_EQ(table->read(16 * 3 + 12, 4), 1U);
  bar->write(4, 4, 3);
  EXPECT_EQ(table->read(0x2000, 8), 8U);
  table->write(16 * 3 + 12, 4, 0);
  EXPECT_EQ(table->read(0x2000, 8), 0U);
  EXPECT_EQ(vectors[3]->take(), 1U);

  FunctionConfig config(*function);
  const auto msix = msix_capability(config);
  ASSERT_TRUE(msix && msix->enabled);
  const unsigned control = msix->offset + pci::msix::control;
  config.write(control, 2, pci::msix::enable | pci::msix::mask_all);
  bar->write(4, 4, 3);
  EXPECT_EQ(vectors[3]->take(), 0U);
  config.write(control, 2, pci::msix::enable);
  EXPECT_EQ(vectors[3]->take(), 1U);
}

TEST(SimModel, VectorsOfTheHostRunOut) {
  auto bus = std::make_shared<Bus>(Options{.vector_limit = 40});
  bus->root().add(make_model("msix"));
  bus->root().add(make_model("msix"));
  const auto first = bus->function({0, 0, 0, 0});
  const auto second = bus->function({0, 0, 1, 0});
  const auto held = first->enable_interrupts(InterruptType::msix, 32);
  try {
    second->enable_interrupts(InterruptType::msix, 16);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errnum(), ENOSPC);
  }
  first->disable_interrupts();
  EXPECT_EQ(second->enable_interrupts(InterruptType::msix, 16).size(), 16U);
}

TEST(SimModel, TestDeviceCounts) {
  const auto bus = open_bus("sim:testdev");
  const auto function = bus->function({});
  for (const unsigned index : {0U, 1U}) {
    const auto bar = function->map(index, 0, 256);
    bar->write(0, 1, 0);
    std::string name;
    for (std::uint64_t at = 0x10; bar->read(at, 1) != 0; at++) {
      name += static_cast<char>(bar->read(at, 1));
    }
    EXPECT_EQ(name, index == 0 ? "mmio-no-eventfd" : "portio-no-eventfd");
    const auto whole = function->map(index, 0, function->bars()[index].size);
    const std::uint64_t offset = bar->read(4, 4);
    for (int i = 0; i < 5; i++) whole->write(offset, 1, bar->read(8, 1));
    whole->write(offset, 1, 0);
    EXPECT_EQ(bar->read(0xc, 4), 5U);
  }
}

}  // namespace
}  // namespace pupci::sim
