// SPDX-License-Identifier: BSD-2-Clause
// pupci(4), the kernel module: the errno value of what cannot be, as its manual page lists them.
// Those of single requests are with the requests, in module_test.cc and module_intr_test.cc.
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <map>

#include "host/forwarding.h"
#include "kern/console.h"
#include "kern/devsw.h"
#include "module/module.h"
#include "netbsd/dev/pci/pcireg.h"
#include "netbsd/sys/event.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/ioccom.h"
#include "netbsd/sys/kauth.h"

using namespace pupci;
using namespace pupci::test;

namespace {

// Each request once, as it would be granted but for its number's size.
struct Requests {
  struct pupci_config config = {4, 2, 0};
  pupci_access access{0, 4, 0, 0};
  pupci_block block{0, 4, 0, 0, 0, 0};
  pupci_dma_alloc memory{4096, 0, 0, 0, UINT64_MAX, 0, 0, 0, 0};
  pupci_dma_pin pin{
      ModuleNode::memory_address,      4096, 0, 0, UINT64_MAX, ModuleNode::memory_address, 8,
      PUPCI_PIN_READ | PUPCI_PIN_WRITE};
  pupci_dma_sync sync{1, PUPCI_SYNC_PREREAD, 0, 0};
  std::uint32_t id = 1;
  pupci_intr_alloc vectors{PUPCI_INTR_INTX, 1};
  pupci_intr_establish establish{};

  // What each answers, by number.
  std::map<unsigned, int> all(ModuleNode& node) {
    std::map<unsigned, int> got;
    got[2] = node.ioctl(PUPCI_IOC_CONFIG_WRITE, config);
    got[3] = node.ioctl(PUPCI_IOC_READ, access);
    got[4] = node.ioctl(PUPCI_IOC_WRITE, access);
    got[5] = node.ioctl(PUPCI_IOC_BLOCK, block);
    got[6] = node.ioctl(PUPCI_IOC_RESET);
    got[7] = node.ioctl(PUPCI_IOC_DMA_ALLOC, memory);
    got[8] = node.ioctl(PUPCI_IOC_DMA_PIN, pin);
    got[9] = node.ioctl(PUPCI_IOC_DMA_SYNC, sync);
    got[10] = node.ioctl(PUPCI_IOC_DMA_RELEASE, id);
    got[11] = node.ioctl(PUPCI_IOC_INTR_ALLOC, vectors);
    got[12] = node.ioctl(PUPCI_IOC_INTR_RELEASE);
    got[13] = node.ioctl(PUPCI_IOC_INTR_ESTABLISH, establish);
    return got;
  }
};

std::map<unsigned, int> each_is(int error) {
  std::map<unsigned, int> all;
  for (unsigned i = 2; i <= 13; i++) all[i] = error;
  return all;
}

// Nobody may reach memory that is not managed while one is there.
class Unprivileged {
 public:
  Unprivileged() : listener_(kauth_listen_scope(KAUTH_SCOPE_MACHDEP, deny, nullptr)) {}
  ~Unprivileged() { kauth_unlisten_scope(listener_); }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

 private:
  static int deny(kauth_cred_t /*cred*/, kauth_action_t action, void* /*cookie*/, void* /*arg0*/,
                  void* /*arg1*/, void* /*arg2*/, void* /*arg3*/) {
    return action == KAUTH_MACHDEP_UNMANAGEDMEM ? KAUTH_RESULT_DENY : KAUTH_RESULT_DEFER;
  }
  kauth_listener_t listener_;
};

TEST(ModuleErrno, NothingIsChangedByWhoMayNotWrite) {
  const ModuleMachine machine("edu");
  ModuleNode node("pupci0", FREAD);
  EXPECT_EQ(Requests().all(node), each_is(EBADF));
}

TEST(ModuleErrno, NothingIsAnsweredWhenTheFunctionHasGone) {
  ModuleMachine machine("edu");
  ModuleNode node;
  EXPECT_EQ(machine.detach(), std::vector<std::string>{});
  // The kernel has taken the descriptor from the process, which may see it as closed.
  const auto got = Requests().all(node);
  EXPECT_TRUE(got == each_is(ENXIO) || got == each_is(EBADF)) << got.at(2);
  EXPECT_EQ(ModuleNode("pupci0", FREAD | FWRITE).opened(), ENXIO);
}

TEST(ModuleErrno, WhatReachesMemoryNeedsThePrivilege) {
  const ModuleMachine machine("edu");
  const auto opened = [] {
    const Unprivileged nobody;
    return std::make_unique<ModuleNode>();
  }();
  ModuleNode& node = *opened;
  node.memory.resize(8192);
  EXPECT_EQ(node.info().flags & PUPCI_INFO_PRIVILEGED, 0U);
  auto got = Requests().all(node);
  for (const unsigned number : {3U, 4U, 5U, 7U, 8U}) EXPECT_EQ(got[number], EPERM) << number;
  EXPECT_EQ(got[2], 0);
  EXPECT_EQ(got[11], 0);
  EXPECT_EQ(node.config_write(4, 2, 4), EPERM);
  // A program reaches registers.
  ASSERT_EQ(node.allocate(PUPCI_INTR_INTX, 1), 0);
  pupci_intr_establish programmed{};
  programmed.handler[0] = {PUPCI_STEP_READ, 0, 4, 0, 0x24, 0, 0};
  programmed.handler[1] = {PUPCI_STEP_TEST, 0, 0, 0, 0, 1, 0};
  EXPECT_EQ(node.ioctl(PUPCI_IOC_INTR_ESTABLISH, programmed), EPERM);
  EXPECT_GE(node.establish(0), 0);
  // It is asked for at the open, and lasts.
  node.close();
  ModuleNode again;
  const Unprivileged nobody;
  EXPECT_NE(again.info().flags & PUPCI_INFO_PRIVILEGED, 0U);
  EXPECT_EQ(again.config_write(4, 2, 4), 0);
}

// The number of a request holds the size of its argument.
TEST(ModuleErrno, RequestsOfAnotherSize) {
  const ModuleMachine machine("edu");
  ModuleNode node;
  std::array<std::byte, 1024> argument{};
  for (unsigned number = 0; number <= 13; number++) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, argument.size()}) {
      EXPECT_EQ(node.ioctl(_IOC(IOC_INOUT, 'u', number, size), argument), ENOTTY)
          << number << ", " << size;
    }
  }
}

TEST(ModuleErrno, AnothersMemoryAndVectors) {
  const ModuleMachine machine("edu,msix");
  ModuleNode one("pupci0");
  ModuleNode other("pupci1");
  Requests requests;
  ASSERT_EQ(one.ioctl(PUPCI_IOC_DMA_ALLOC, requests.memory), 0);
  ASSERT_EQ(one.allocate(PUPCI_INTR_MSI, 1), 0);
  const int fd = one.establish(0);
  ASSERT_GE(fd, 0);
  requests.sync.id = requests.memory.id;
  EXPECT_EQ(other.ioctl(PUPCI_IOC_DMA_SYNC, requests.sync), ENOENT);
  EXPECT_EQ(other.ioctl(PUPCI_IOC_DMA_RELEASE, requests.memory.id), ENOENT);
  EXPECT_EQ(other.ioctl(PUPCI_IOC_INTR_RELEASE), ENOENT);
  pupci_intr_establish vector{};
  EXPECT_EQ(other.ioctl(PUPCI_IOC_INTR_ESTABLISH, vector), EINVAL);
  // Nor by a descriptor of another kind.
  EXPECT_EQ(one.ioctl_of(fd, PUPCI_IOC_INTR_RELEASE), ENOTTY);
  EXPECT_EQ(one.ioctl(PUPCI_IOC_INTR_UNMASK), ENOTTY);
  EXPECT_EQ(one.ioctl(PUPCI_IOC_DMA_RELEASE, requests.memory.id), 0);
}

TEST(ModuleErrno, PinsThatAreNone) {
  const ModuleMachine machine("edu");
  ModuleNode node;
  node.memory.resize(std::size_t{3} * 4096);
  const auto pin = [&](auto change) {
    Requests requests;
    change(requests.pin);
    return node.ioctl(PUPCI_IOC_DMA_PIN, requests.pin);
  };
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.flags = 0; }), EINVAL);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.flags |= 4; }), EINVAL);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.nsegments = 0; }), EINVAL);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.nsegments = 1025; }), EINVAL);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.boundary = 3; }), EINVAL);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.size = 0; }), EINVAL);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.size = std::uint64_t{4} << 30; }), EINVAL);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.size = UINT64_MAX; }), EINVAL);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.data = UINT64_MAX; }), EINVAL);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.lowest = 1, p.highest = 0; }), EINVAL);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.data = 0xdead0000; }), EFAULT);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.size = std::uint64_t{4} * 4096; }), EFAULT);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.segments = 0xdead0000; }), EFAULT);
  EXPECT_EQ(pin([](pupci_dma_pin& p) { p.size = 300 << 20; }), ENOMEM);
  // More segments than there is room for.
  const auto in_pieces = [](pupci_dma_pin& p) {
    p.size = std::uint64_t{3} * 4096;
    p.boundary = 4096;
    p.nsegments = 2;
  };
  EXPECT_EQ(pin(in_pieces), EFBIG);
  EXPECT_EQ(pin([&](pupci_dma_pin& p) { in_pieces(p), p.nsegments = 3; }), 0);
}

TEST(ModuleErrno, WhatTheNodeHasNot) {
  const ModuleMachine machine("edu");
  ModuleNode node;
  const auto file = node.files().find(node.fd());
  const kern::ClientScope scope(node.files());
  std::vector<std::byte> data(4);
  EXPECT_EQ(file->read(data), ENODEV);
  std::size_t written = 0;
  EXPECT_EQ(file->write(data, written), ENODEV);
  std::optional<struct kevent> event;
  EXPECT_EQ(file->wait(EVFILT_WRITE, std::chrono::milliseconds(0), event), EINVAL);
}

TEST(ModuleErrno, NoDescriptorIsLeft) {
  const ModuleMachine machine("msix");
  ModuleNode node;
  ASSERT_EQ(node.allocate(PUPCI_INTR_MSIX, 1), 0);
  std::vector<int> taken;
  for (int fd = -1; node.files().reserve(fd) == 0;) taken.push_back(fd);
  pupci_intr_establish vector{};
  EXPECT_EQ(node.ioctl(PUPCI_IOC_INTR_ESTABLISH, vector), EMFILE);
  // Nothing of it is left, so the vector is free.
  node.files().take(taken.back());
  EXPECT_EQ(node.ioctl(PUPCI_IOC_INTR_ESTABLISH, vector), 0);
  for (const int fd : taken) node.files().take(fd);
}

TEST(ModuleErrno, AReadEndsWithASignal) {
  const ModuleMachine machine("msix");
  ModuleNode node;
  ASSERT_EQ(node.allocate(PUPCI_INTR_MSIX, 1), 0);
  const int fd = node.establish(0);
  ASSERT_GE(fd, 0);
  node.files().interrupt();
  EXPECT_EQ(node.take(fd), -EINTR);
}

// The sim host's machine, but for one thing.
class ModuleOnBus : public testing::Test {
 protected:
  void start(const std::shared_ptr<Bus>& bus) {
    kern::set_console([](std::string_view) {});
    kernel_ = std::make_unique<kern::Kernel>(bus, kern::KernelOptions{});
    kernel_->load(PUPCI_MODULE);
    ASSERT_EQ(kernel_->attach_all(), 1U);
  }
  void TearDown() override {
    kernel_.reset();
    kern::set_console({});
  }
  std::unique_ptr<kern::Kernel> kernel_;
};

TEST_F(ModuleOnBus, ABarWithoutAnAddress) {
  const auto bus = sim::open("regs");
  bus->function({0, 0, 0, 0})->config_write(PCI_BAR(1), 4, 0);
  start(bus);
  ModuleNode node;
  EXPECT_EQ(node.info().bar[1].address, 0U);
  EXPECT_EQ(node.info().bar[1].flags & PUPCI_BAR_MMAP, 0U);
  EXPECT_EQ(node.write(1, 0, 4, 0), ENXIO);
}

class Taken final : public ForwardingFunction {
 public:
  using ForwardingFunction::ForwardingFunction;
  std::unique_ptr<Region> map(unsigned /*index*/, std::uint64_t /*offset*/, std::uint64_t /*size*/,
                              MapMode /*mode*/) override {
    throw Error(EBUSY, "another driver has it");
  }
};

class NoMapping final : public ForwardingBus {
 public:
  using ForwardingBus::ForwardingBus;
  std::unique_ptr<Region> map(Space /*space*/, std::uint64_t /*address*/, std::uint64_t /*size*/,
                              MapMode /*mode*/) override {
    throw Error(EBUSY, "another driver has it");
  }

 private:
  std::shared_ptr<Function> wrap(std::shared_ptr<Function> function) override {
    return std::make_shared<Taken>(std::move(function));
  }
};

TEST_F(ModuleOnBus, ABarThatAnotherDriverHas) {
  start(std::make_shared<NoMapping>(sim::open("regs")));
  ModuleNode node;
  Requests requests;
  EXPECT_EQ(node.ioctl(PUPCI_IOC_READ, requests.access), EBUSY);
  requests.block.count = 1;
  EXPECT_EQ(node.ioctl(PUPCI_IOC_BLOCK, requests.block), EBUSY);
}

// From before PCI 2.3: its interrupt disable bit does not stick.
class Old final : public sim::Model {
 public:
  Old() : Model({.device = 0x50fe, .interrupt_pin = 1}) {
    add_bar(0, {.size = 4096});
    set_config(4, 2, 0, 7);
  }

 private:
  std::uint64_t read(unsigned /*bar*/, std::uint64_t /*offset*/, unsigned /*width*/) override {
    return 0;
  }
  void write(unsigned /*bar*/, std::uint64_t /*offset*/, unsigned /*width*/,
             std::uint64_t /*value*/) override {}
};

TEST_F(ModuleOnBus, ALineThatNeedsPrograms) {
  const auto bus = std::make_shared<sim::Bus>();
  bus->root().add(std::make_shared<Old>());
  start(bus);
  ModuleNode node;
  EXPECT_EQ(node.info().flags & PUPCI_INFO_INTX_MASK, 0U);
  ASSERT_EQ(node.allocate(PUPCI_INTR_INTX, 1), 0);
  pupci_intr_establish vector{};
  EXPECT_EQ(node.ioctl(PUPCI_IOC_INTR_ESTABLISH, vector), EOPNOTSUPP);
  vector.handler[0] = {PUPCI_STEP_READ, 0, 4, 0, 0, 0, 0};
  vector.handler[1] = {PUPCI_STEP_TEST, 0, 0, 0, 0, 1, 0};
  EXPECT_EQ(node.ioctl(PUPCI_IOC_INTR_ESTABLISH, vector), 0);
}

}  // namespace
