// SPDX-License-Identifier: BSD-2-Clause
// The netbsd host where its kernel refuses: what it says, and that it leaves nothing behind.
#include <gmock/gmock.h>

#include <cerrno>
#include <utility>

#include "host/netbsd/bus.h"
#include "host/netbsd/shim.h"
#include "host/netbsd_system.h"
#include "pupci/pci_config.h"

namespace pupci::netbsd {
namespace {

using test::FakeFunction;
using test::FakeNode;
using test::FakeSystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Address wm{0, 0, 3, 0};
constexpr Address edu{0, 0, 4, 0};
constexpr std::uint32_t edu_id = 0x11e81234;

class NetbsdHost : public testing::Test {
 protected:
  NetbsdHost() {
    fake->add(wm, 0x100e8086).driver = "wm0";
    fake->add(edu, edu_id);
  }

  std::shared_ptr<Bus> open(const std::string& spec, std::size_t arena = std::size_t{4} << 20) {
    BusOptions options;
    options.arena_size = arena;
    return std::make_shared<NetbsdBus>(parse_spec(spec, true), options, fake);
  }
  std::pair<int, std::string> refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return {error.errnum(), error.what()};
    }
    return {0, ""};
  }
  std::pair<int, std::string> open_refusal(const std::string& spec) {
    auto result = refusal([&] { open(spec); });
    EXPECT_THAT(fake->open_descriptors, IsEmpty()) << spec;
    return result;
  }

  std::shared_ptr<FakeSystem> fake = std::make_shared<FakeSystem>();
};

TEST_F(NetbsdHost, NodesThatCannotBeOpened) {
  const std::pair<int, const char*> cases[] = {{ENXIO, "modload pupci"},
                                               {EBUSY, "another process has it: fstat /dev/pupci0"},
                                               {EACCES, "chown USER /dev/pupci0"},
                                               {EPERM, "chown USER /dev/pupci0"}};
  FakeNode& node = fake->add_node(0, edu);
  for (const auto& [error, remedy] : cases) {
    node.open_error = error;
    const auto [got, text] = open_refusal("/dev/pupci0");
    EXPECT_EQ(got, error);
    EXPECT_THAT(text, HasSubstr(remedy));
  }
  const auto [error, text] = open_refusal("/dev/pupci9");
  EXPECT_EQ(error, ENOENT);
  EXPECT_THAT(text, HasSubstr("cd /dev/ && sh MAKEDEV pupci9"));
}

TEST_F(NetbsdHost, BusesThatCannotBeOpened) {
  fake->bus_errors["/dev/pci0 rw"] = EACCES;
  fake->bus_errors["/dev/pci0"] = EACCES;
  const auto [error, text] = open_refusal("/dev/pci0");
  EXPECT_EQ(error, EACCES);
  EXPECT_THAT(text, HasSubstr("--host netbsd:/dev/pupciN"));
}

TEST_F(NetbsdHost, AModuleOfAnotherVersion) {
  FakeNode& node = fake->add_node(0, edu);
  node.info.version = 7;
  EXPECT_THAT(open_refusal("/dev/pupci0").second, HasSubstr("version 7 of its requests"));
  node.errors[PUPCI_IOC_INFO] = ENOTTY;
  EXPECT_THAT(open_refusal("/dev/pupci0").second, HasSubstr("modunload pupci"));
}

TEST_F(NetbsdHost, WithoutTheModule) {
  const auto bus = open("/dev/pci0");
  EXPECT_THAT(bus->functions(), ElementsAre(wm, edu));
  const auto function = bus->function(edu);
  EXPECT_EQ(function->config_read(0, 4), edu_id);
  EXPECT_EQ(function->config_read(2, 2), 0x11e8U);
  EXPECT_THAT(function->bars(), ElementsAre(Bar{0, Bar::Kind::memory32, false, 0xf0000000, 4096}));
  const auto bar = function->map(0, 0x10, 0x20);
  ASSERT_NE(bar->base(), nullptr);
  bar->write(4, 4, 42);
  EXPECT_EQ(bar->read(4, 4), 42U);

  const auto [error, text] = refusal([&] { function->enable_interrupts(InterruptType::intx, 1); });
  EXPECT_EQ(error, ENOTSUP);
  EXPECT_THAT(text, HasSubstr("modload pupci; sysctl -w hw.pupci.claim=0:4:0; drvctl -r pci0"));
  EXPECT_EQ(refusal([&] { function->reset(); }).first, ENOTSUP);
}

TEST_F(NetbsdHost, WithoutTheModuleThereIsNoBusMastering) {
  fake->functions[edu].config[1] = 0x07;
  const auto bus = open("/dev/pci0");
  const auto function = bus->function(edu);
  function->config_write(pci::command, 2, 7);
  EXPECT_EQ(function->config_read(pci::command, 2), 3U);
  function->config_write(pci::command, 1, 6);
  EXPECT_EQ(function->config_read(pci::command, 2), 2U);
  // Nor memory that a device could be told of.
  DmaConstraints low;
  low.highest = UINT32_MAX;
  EXPECT_EQ(bus->dma().allocate(4096, low), nullptr);
  void* plain = bus->dma().allocate(4096);
  EXPECT_NE(plain, nullptr);
  bus->dma().release(plain, 4096);
}

TEST_F(NetbsdHost, WhatAKernelDriverHasIsOnlyLookedAt) {
  const std::vector<std::uint32_t> before = fake->functions[wm].config;
  const auto bus = open("/dev/pci0");
  const auto function = bus->function(wm);
  EXPECT_THAT(function->bars(), IsEmpty());
  function->config_write(pci::command, 2, 7);
  EXPECT_EQ(fake->functions[wm].config, before);
  const auto [error, text] = refusal([&] { function->map(0, 0, 16); });
  EXPECT_EQ(error, EBUSY);
  EXPECT_THAT(text, HasSubstr("the kernel's wm0"));
  EXPECT_THAT(text, HasSubstr("drvctl -d wm0; drvctl -r pci0"));
}

// A host bridge whose decoding is off for a moment takes the machine with it, and has the header of
// a device.
TEST_F(NetbsdHost, BridgesOfEveryKindAreTheKernels) {
  for (const std::uint32_t class_code : {0x06000000U, 0x06010000U, 0x06800000U}) {
    FakeFunction& bridge = fake->add({0, 0, 0, 0}, 0x29c08086);
    bridge.config[2] = class_code;
    bridge.config[1] = 7;
    fake->writes = 0;
    const auto function = open("/dev/pci0")->function({0, 0, 0, 0});
    function->config_write(pci::command, 2, 0);
    EXPECT_EQ(fake->writes, 0U);
    EXPECT_THAT(function->bars(), IsEmpty());
    EXPECT_THAT(refusal([&] { function->map(0, 0, 16); }).second, HasSubstr("is a bridge"));
  }
}

TEST_F(NetbsdHost, ABusThatMayOnlyBeRead) {
  fake->bus_errors["/dev/pci0 rw"] = EACCES;
  const std::vector<std::uint32_t> before = fake->functions[edu].config;
  const auto function = open("/dev/pci0")->function(edu);
  EXPECT_EQ(function->config_read(0, 4), edu_id);
  EXPECT_EQ(fake->functions[edu].config, before);
  EXPECT_EQ(refusal([&] { function->map(0, 0, 16); }).first, EACCES);
}

TEST_F(NetbsdHost, AFunctionOfAnotherProcessHidesNoOther) {
  fake->add_node(0, edu).open_error = EBUSY;
  const auto bus = open("/dev/pci0");
  const auto function = bus->function(edu);
  const auto [error, text] = refusal([&] { function->map(0, 0, 16); });
  EXPECT_EQ(error, EBUSY);
  EXPECT_THAT(text, HasSubstr("another process has it: fstat /dev/pupci0"));
}

TEST_F(NetbsdHost, BridgesLeadOnButNotInCircles) {
  FakeFunction& bridge = fake->add({0, 0, 5, 0}, 0x00011b36);
  bridge.config[3] = 0x00010000;
  bridge.config[6] = 0x00010100;  // secondary 1
  FakeFunction& back = fake->add({0, 1, 0, 0}, 0x00011b36);
  back.config[3] = 0x00010000;
  back.config[6] = 0x00000001;  // leads to bus 0
  fake->add({0, 1, 1, 0}, edu_id);
  const auto bus = open("/dev/pci0");
  EXPECT_THAT(bus->functions(),
              ElementsAre(wm, edu, Address{0, 0, 5, 0}, Address{0, 1, 0, 0}, Address{0, 1, 1, 0}));
}

TEST_F(NetbsdHost, LessMemoryWhereThereIsNotAsMuch) {
  FakeNode& node = fake->add_node(0, edu);
  node.largest = std::size_t{2} << 20;
  {
    const auto bus = open("/dev/pupci0", std::size_t{512} << 20);
    EXPECT_EQ(bus->dma().arena_size(), std::size_t{2} << 20);
    EXPECT_EQ(bus->dma().arena_bus(), 0x1000000U);
    EXPECT_EQ(node.allocations.front(), std::size_t{64} << 20);
  }
  EXPECT_THAT(fake->open_descriptors, IsEmpty());
  node.largest = 4096;
  const auto [error, text] = open_refusal("/dev/pupci0");
  EXPECT_EQ(error, ENOMEM);
  EXPECT_THAT(text, HasSubstr("1024 KiB of memory in one piece"));
  EXPECT_THAT(text, HasSubstr("hw.pupci.dma_limit"));
}

TEST_F(NetbsdHost, MemoryAsLowAsThereIs) {
  FakeNode& node = fake->add_node(0, edu);
  node.dma_address = 0x80000000;
  EXPECT_EQ(open("/dev/pupci0")->dma().arena_bus(), 0x80000000U);
  node.dma_address = 0x180000000;
  EXPECT_EQ(open("/dev/pupci0")->dma().arena_bus(), 0x180000000U);
}

// NetBSD's kernel maps every expansion ROM so; its register has no bit that would say it.
TEST_F(NetbsdHost, NoExpansionRomIsPrefetchable) {
  FakeNode& node = fake->add_node(0, edu);
  node.info.bar[1] = {0xe0000000, 0x1000, 0, PUPCI_BAR_MMAP | PUPCI_BAR_PREFETCH, 0};
  node.info.bar[PUPCI_BAR_ROM] = {0xf1000000, 0x1000, 0, PUPCI_BAR_PREFETCH, 0};
  const auto bars = open("/dev/pupci0")->function(edu)->bars();
  ASSERT_EQ(bars.size(), 3U);
  EXPECT_TRUE(bars[1].prefetchable);
  EXPECT_EQ(bars[2].kind, Bar::Kind::rom);
  EXPECT_FALSE(bars[2].prefetchable);
}

TEST_F(NetbsdHost, LowMemoryBeforeMuchOfIt) {
  FakeNode& node = fake->add_node(0, edu);
  node.dma_address = 0x20000000;
  node.largest_low = std::size_t{32} << 20;
  const std::size_t much = std::size_t{64} << 20;
  {
    const auto bus = open("/dev/pupci0", much);
    EXPECT_EQ(bus->dma().arena_bus(), 0x1000000U);
    EXPECT_EQ(bus->dma().arena_size(), std::size_t{32} << 20);
  }
  // A little of it would not do for most drivers.
  node.largest_low = std::size_t{2} << 20;
  const auto bus = open("/dev/pupci0", much);
  EXPECT_EQ(bus->dma().arena_bus(), 0x20000000U);
  EXPECT_EQ(bus->dma().arena_size(), much);
}

TEST_F(NetbsdHost, WithoutPrivilege) {
  FakeNode& node = fake->add_node(0, edu);
  node.info.flags &= ~static_cast<unsigned>(PUPCI_INFO_PRIVILEGED);
  const auto bus = open("/dev/pupci0");
  const auto [error, text] = refusal([&] { bus->function(edu)->map(0, 0, 16); });
  EXPECT_EQ(error, EPERM);
  EXPECT_THAT(text, HasSubstr("kern.securelevel"));
  EXPECT_THAT(node.allocations, IsEmpty());
}

TEST_F(NetbsdHost, WhatCannotBeMappedIsTrapped) {
  FakeNode& node = fake->add_node(0, edu);
  {
    const auto bus = open("/dev/pupci0");
    EXPECT_NE(bus->function(edu)->map(0, 0, 16)->base(), nullptr);
    node.mappable = false;
    EXPECT_EQ(bus->function(edu)->map(0, 0, 16)->base(), nullptr);
  }
  node.mappable = true;
  node.info.bar[0].flags = 0;
  EXPECT_EQ(open("/dev/pupci0")->function(edu)->map(0, 0, 16)->base(), nullptr);
}

TEST_F(NetbsdHost, MemoryIsPinnedWhereItLies) {
  FakeNode& node = fake->add_node(0, edu);
  alignas(4096) static std::byte memory[8192];
  {
    const auto bus = open("/dev/pupci0");
    Dma& dma = bus->dma();
    ASSERT_TRUE(dma.can_map());
    EXPECT_EQ(node.pins, 0U);
    EXPECT_EQ(dma.map(memory, sizeof memory, {}), 0x5000000U);
    EXPECT_EQ(node.pins, 1U);
    dma.unmap(0x5000000, sizeof memory);
    EXPECT_EQ(node.pins, 0U);
    const DmaConstraints constraints[] = {{.highest = 0x5001ffe},
                                          {.lowest = 0x5000001},
                                          {.boundary = 0x1000},
                                          {.alignment = 1 << 25}};
    for (const DmaConstraints& each : constraints) {
      EXPECT_EQ(dma.map(memory, sizeof memory, each), std::nullopt);
      EXPECT_EQ(errno, ERANGE);
    }
    node.errors[PUPCI_IOC_DMA_PIN] = EFBIG;
    EXPECT_EQ(dma.map(memory, sizeof memory, {}), std::nullopt);
    EXPECT_EQ(errno, ERANGE);
  }
  EXPECT_EQ(node.pins, 0U);
}

TEST_F(NetbsdHost, ACopyIsNoPin) {
  FakeNode& node = fake->add_node(0, edu);
  node.copies_pins = true;
  const auto bus = open("/dev/pupci0");
  EXPECT_FALSE(bus->dma().can_map());
  EXPECT_EQ(node.pins, 0U);
  static std::byte memory[4096];
  EXPECT_EQ(bus->dma().map(memory, sizeof memory, {}), std::nullopt);
  EXPECT_EQ(errno, ENOTSUP);
}

TEST_F(NetbsdHost, ALineThatCannotBeMaskedNeedsAProgram) {
  FakeNode& node = fake->add_node(0, edu);
  node.info.flags &= ~static_cast<unsigned>(PUPCI_INFO_INTX_MASK);
  const auto bus = open("/dev/pupci0");
  const auto function = bus->function(edu);
  const auto [error, text] = refusal([&] { function->enable_interrupts(InterruptType::intx, 1); });
  EXPECT_EQ(error, EOPNOTSUPP);
  EXPECT_THAT(text, HasSubstr("shim.cc"));
  EXPECT_THAT(node.established, IsEmpty());
  EXPECT_NO_THROW(function->enable_interrupts(InterruptType::msi, 1)) << "nothing was left behind";
}

TEST_F(NetbsdHost, ProgramsAreWhatTheKernelTakes) {
  const Shim* shim = find_shim(0x8086, 0x1229);
  ASSERT_NE(shim, nullptr);
  EXPECT_EQ(find_shim(0x8086, 0x100e), nullptr);
  // A handler tests before it writes.
  for (const Shim* each : {shim, find_shim(0x10ec, 0x8139)}) {
    bool tested = false;
    for (const pupci_step& step : each->handler) {
      if (step.op == PUPCI_STEP_TEST) tested = true;
      if (step.op == PUPCI_STEP_WRITE) {
        EXPECT_TRUE(tested);
      }
    }
    EXPECT_TRUE(tested);
    EXPECT_EQ(each->acknowledge[0].op, PUPCI_STEP_WRITE);
  }
}

TEST_F(NetbsdHost, InterruptsThatAreRefused) {
  FakeNode& node = fake->add_node(0, edu);
  const auto bus = open("/dev/pupci0");
  const auto function = bus->function(edu);
  const std::size_t descriptors = fake->open_descriptors.size();
  node.errors[PUPCI_IOC_INTR_ALLOC] = ENOMEM;
  EXPECT_EQ(refusal([&] { function->enable_interrupts(InterruptType::msi, 1); }).first, ENOSPC);
  node.errors.clear();
  node.errors[PUPCI_IOC_INTR_ESTABLISH] = EMFILE;
  EXPECT_THAT(refusal([&] { function->enable_interrupts(InterruptType::msi, 1); }).second,
              HasSubstr("ulimit -n"));
  node.errors.clear();
  EXPECT_EQ(fake->open_descriptors.size(), descriptors);
  EXPECT_NO_THROW(function->enable_interrupts(InterruptType::msi, 1));
}

TEST_F(NetbsdHost, AFunctionThatGoesSaysSoOnce) {
  FakeNode& node = fake->add_node(0, edu);
  const auto bus = open("/dev/pupci0");
  const auto function = bus->function(edu);
  const auto interrupt = function->enable_interrupts(InterruptType::msi, 1).at(0);
  interrupt->unmask();
  const auto bar = function->map(0, 0, 16);
  EXPECT_FALSE(bus->take_notice());
  node.gone = true;
  const auto notice = bus->take_notice();
  ASSERT_TRUE(notice);
  EXPECT_TRUE(notice->leave);
  EXPECT_THAT(notice->text, HasSubstr("/dev/pupci0: 0000:00:04.0: the kernel has taken"));
  EXPECT_FALSE(bus->take_notice());
  EXPECT_EQ(function->config_read(0, 4), UINT32_MAX);
  // Its descriptor would be readable for ever.
  EXPECT_EQ(interrupt->take(), 0U);
  EXPECT_EQ(fake->retired.size(), 2U) << "the interrupt's, and that of notices";
}

TEST_F(NetbsdHost, NothingStaysOpen) {
  fake->add_node(0, edu);
  {
    const auto bus = open("/dev/pci0");
    const auto function = bus->function(edu);
    const auto interrupts = function->enable_interrupts(InterruptType::intx, 1);
    const auto bar = function->map(0, 0, 4096);
    interrupts[0]->unmask();
    interrupts[0]->mask();
  }
  EXPECT_THAT(fake->open_descriptors, IsEmpty());
}

TEST_F(NetbsdHost, AnAcknowledgementIsOneCallAtMost) {
  fake->add_node(0, edu);
  const auto bus = open("/dev/pupci0");
  const auto function = bus->function(edu);
  const auto line = function->enable_interrupts(InterruptType::intx, 1).at(0);
  line->unmask();
  unsigned before = fake->calls;
  line->acknowledge();
  EXPECT_EQ(fake->calls - before, 1U);
  function->disable_interrupts();
  const auto vector = function->enable_interrupts(InterruptType::msi, 1).at(0);
  vector->unmask();
  before = fake->calls;
  vector->acknowledge();
  EXPECT_EQ(fake->calls - before, 0U);
}

}  // namespace
}  // namespace pupci::netbsd
