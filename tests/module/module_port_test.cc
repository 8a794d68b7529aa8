// SPDX-License-Identifier: BSD-2-Clause
// pupci(4) on a machine that has its I/O ports in memory: by mmap(2), and as the netbsd host uses
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>

#include "dev/pci/pupciio.h"
#include "host/netbsd/bus.h"
#include "kern/bus_space.h"
#include "kern/console.h"
#include "kern/kernel.h"
#include "module/ports_in_memory.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/kauth.h"
#include "netbsd/sys/param.h"
#include "pupci/sim.h"

using namespace pupci;
using namespace pupci::test;
using testing::Contains;

namespace {

constexpr unsigned ports = 2;  // that BAR of the sim host's "regs": 32 ports
constexpr int both = 3;        // PROT_READ | PROT_WRITE

struct Quiet {
  Quiet() {
    kern::set_console([](std::string_view) {});
  }
  ~Quiet() { kern::set_console({}); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
};

// Two functions, whose ports are in one page.
class ModulePorts : public testing::Test {
 protected:
  ModulePorts() {
    kernel_.load(PUPCI_MODULE_PORTS);
    kernel_.attach_all();
  }

  std::shared_ptr<LocalSystem> process() {
    return std::make_shared<LocalSystem>(bus_->dma(), window_.data());
  }
  std::shared_ptr<Bus> open(const std::string& nodes, const std::shared_ptr<LocalSystem>& system) {
    BusOptions options;
    options.arena_size = std::size_t{1} << 20;
    return std::make_shared<netbsd::NetbsdBus>(netbsd::parse_spec(nodes, true), options, system);
  }
  static pupci_info info(LocalSystem& system, int fd) {
    pupci_info info{};
    EXPECT_EQ(system.ioctl(fd, PUPCI_IOC_INFO, &info), 0);
    return info;
  }

  Quiet quiet_;
  std::vector<std::byte> window_{std::size_t{64} << 10};
  std::shared_ptr<Bus> bus_ = ports_in_memory(sim::open("regs,regs"), window_.data());
  kern::Kernel kernel_{bus_, {}};
};

TEST_F(ModulePorts, AreMappedByTheirPage) {
  const auto system = process();
  const int fd = system->open("/dev/pupci0", 2);
  ASSERT_GE(fd, 0);
  const pupci_bar bar = info(*system, fd).bar[ports];
  ASSERT_EQ(bar.size, 32U);
  EXPECT_EQ(bar.flags & (PUPCI_BAR_IO | PUPCI_BAR_MMAP), PUPCI_BAR_IO | PUPCI_BAR_MMAP);
  EXPECT_EQ(bar.mmap_offset & PAGE_MASK, bar.address & PAGE_MASK);
  const auto offset = static_cast<std::int64_t>(bar.mmap_offset & ~std::uint64_t{PAGE_MASK});
  auto* const page = static_cast<std::byte*>(system->mmap(fd, PAGE_SIZE, both, offset));
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(page + (bar.address & PAGE_MASK), window_.data() + bar.address);
  // Not a page more, before or behind.
  for (const std::int64_t other : {offset + PAGE_SIZE, offset - PAGE_SIZE}) {
    EXPECT_EQ(system->mmap(fd, PAGE_SIZE, both, other), nullptr) << std::hex << other;
    EXPECT_EQ(errno, EINVAL);
  }
  // What was written there, a request reads.
  page[(bar.address & PAGE_MASK) + 7] = std::byte{0x5a};
  pupci_access access{ports, 1, 7, 0};
  EXPECT_EQ(system->ioctl(fd, PUPCI_IOC_READ, &access), 0);
  EXPECT_EQ(access.value, 0x5aU);
}

TEST_F(ModulePorts, NeedTheNodeOpenForIt) {
  const auto system = process();
  const int fd = system->open("/dev/pupci0", 0);
  ASSERT_GE(fd, 0);
  const pupci_bar bar = info(*system, fd).bar[ports];
  const auto offset = static_cast<std::int64_t>(bar.mmap_offset & ~std::uint64_t{PAGE_MASK});
  EXPECT_EQ(system->mmap(fd, PAGE_SIZE, both, offset), nullptr);
  EXPECT_EQ(errno, EACCES);
}

int deny(kauth_cred_t, kauth_action_t action, void*, void*, void*, void*, void*) {
  return action == KAUTH_MACHDEP_UNMANAGEDMEM ? KAUTH_RESULT_DENY : KAUTH_RESULT_DEFER;
}

TEST_F(ModulePorts, NeedThePrivilege) {
  const auto system = process();
  kauth_listener_t listener = kauth_listen_scope(KAUTH_SCOPE_MACHDEP, deny, nullptr);
  const int fd = system->open("/dev/pupci0", 2);
  kauth_unlisten_scope(listener);
  ASSERT_GE(fd, 0);
  const pupci_info what = info(*system, fd);
  EXPECT_EQ(what.flags & PUPCI_INFO_PRIVILEGED, 0U);
  const std::uint64_t offset = what.bar[ports].mmap_offset & ~std::uint64_t{PAGE_MASK};
  EXPECT_EQ(system->mmap(fd, PAGE_SIZE, both, static_cast<std::int64_t>(offset)), nullptr);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(ModulePorts, AnOffsetIsOfOneOpen) {
  const auto system = process();
  int fd = system->open("/dev/pupci0", 2);
  const pupci_info before = info(*system, fd);
  EXPECT_EQ(system->close(fd), 0);
  fd = system->open("/dev/pupci0", 2);
  for (const unsigned bar : {0U, ports}) {
    const std::uint64_t offset = before.bar[bar].mmap_offset & ~std::uint64_t{PAGE_MASK};
    EXPECT_NE(before.bar[bar].flags & PUPCI_BAR_MMAP, 0U);
    EXPECT_EQ(system->mmap(fd, PAGE_SIZE, both, static_cast<std::int64_t>(offset)), nullptr) << bar;
    EXPECT_EQ(errno, EINVAL);
  }
}

TEST_F(ModulePorts, AreTakenAwayWithTheNode) {
  const auto first = process();
  const auto second = process();
  const auto map = [&](LocalSystem& system, const char* path) {
    const int fd = system.open(path, 2);
    const pupci_bar bar = info(system, fd).bar[ports];
    const auto offset = static_cast<std::int64_t>(bar.mmap_offset & ~std::uint64_t{PAGE_MASK});
    EXPECT_NE(system.mmap(fd, PAGE_SIZE, both, offset), nullptr);
    EXPECT_EQ(trunc_page(bar.address), trunc_page(bus_->function({0, 0, 0, 0})->bars()[2].address));
    return std::pair{fd, kern::port_window + trunc_page(bar.address)};
  };
  const auto [fd, page] = map(*first, "/dev/pupci0");
  const auto [other, same] = map(*second, "/dev/pupci1");
  ASSERT_EQ(page, same);
  EXPECT_EQ(first->close(fd), 0);
  EXPECT_THAT(first->revoked(), Contains(page));
  // The neighbour, who lost it too, has it again when it asks.
  const pupci_bar bar = info(*second, other).bar[ports];
  EXPECT_NE(second->mmap(other, PAGE_SIZE, both,
                         static_cast<std::int64_t>(bar.mmap_offset & ~std::uint64_t{PAGE_MASK})),
            nullptr);
  EXPECT_EQ(second->close(other), 0);
  EXPECT_THAT(second->revoked(), Contains(page));
  // The page's last user has gone: nothing is left of it.
  EXPECT_EQ(kernel_.detach_all(), std::vector<std::string>{});
}

TEST_F(ModulePorts, AreLoadsAndStoresOfTheNetbsdHost) {
  const auto bus = open("/dev/pupci1", process());
  const auto function = bus->function(bus->functions().front());
  const Bar bar = function->bars().at(2);
  ASSERT_EQ(bar.kind, Bar::Kind::io);
  // A part of it, too.
  for (const std::uint64_t from : {0U, 4U}) {
    const auto region = function->map(ports, from, 16);
    ASSERT_NE(region->base(), nullptr);
    EXPECT_EQ(region->space(), Space::io);
    EXPECT_EQ(region->bus_address(), bar.address + from);
    for (const unsigned width : {1U, 2U, 4U}) {
      const std::uint64_t value = 0x87654321U & ((std::uint64_t{1} << (8 * width)) - 1);
      region->write(8, width, value);
      EXPECT_EQ(region->read(8, width), value);
      std::uint64_t seen = 0;
      std::memcpy(&seen, window_.data() + bar.address + from + 8, width);
      EXPECT_EQ(seen, value);
    }
  }
}

// As where ports are not in memory: what the module is like otherwise.
TEST(ModuleWithoutPorts, TheyGoByRequest) {
  const Quiet quiet;
  const auto bus = sim::open("regs");
  kern::Kernel kernel(bus, {});
  kernel.load(PUPCI_MODULE);
  kernel.attach_all();
  LocalSystem system(bus->dma(), nullptr);
  const int fd = system.open("/dev/pupci0", 2);
  pupci_info info{};
  ASSERT_EQ(system.ioctl(fd, PUPCI_IOC_INFO, &info), 0);
  EXPECT_EQ(info.bar[ports].flags, unsigned{PUPCI_BAR_IO});
  EXPECT_EQ(info.bar[ports].mmap_offset, 0U);
  const auto base = static_cast<std::int64_t>(info.bar[0].mmap_offset);
  EXPECT_EQ(system.mmap(fd, PAGE_SIZE, both, base + (std::int64_t{ports} << 40)), nullptr);
  EXPECT_EQ(errno, EINVAL);
}

}  // namespace
