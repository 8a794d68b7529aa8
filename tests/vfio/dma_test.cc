// SPDX-License-Identifier: BSD-2-Clause
// DMA through the guest's IOMMU: what is mapped is reached, what is not is not.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "host/conformance.h"
#include "host/vfio/sysfs.h"
#include "pupci/pci_config.h"
#include "vfio/guest.h"

namespace pupci::test {
namespace {

using conformance::Edu;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;

constexpr std::size_t page = 4096;

class VfioDmaTest : public testing::TestWithParam<std::string> {
 protected:
  VfioDmaTest()
      : address(offered(edu_id).at(0)),
        spec("vfio:iommu=" + GetParam() + "," + to_string(address)) {}

  void open() {
    bus = open_small(spec);
    edu.emplace(bus->function(address));
  }

  // A transfer outlives the process that began it; meanwhile the device takes no other.
  void wait_idle() {
    while ((edu->bar->read(Edu::dma_command, 8) & 1) != 0) ::usleep(1000);
  }

  Address address;
  std::string spec;
  std::shared_ptr<Bus> bus;
  std::optional<Edu> edu;
  DmaConstraints low{.highest = Edu::dma_highest};
};

struct Pages {
  explicit Pages(std::size_t wanted) : size(wanted) {
    at = static_cast<unsigned char*>(
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
  ~Pages() { ::munmap(at, size); }
  unsigned char* at;
  std::size_t size;
};

TEST_P(VfioDmaTest, MemoryOfThisProcessIsReachedWhereItLies) {
  open();
  Dma& dma = bus->dma();
  ASSERT_TRUE(dma.can_map());
  Pages memory(4 * page);
  const auto iova = dma.map(memory.at, memory.size, low);
  ASSERT_TRUE(iova) << std::strerror(errno);
  EXPECT_LE(*iova + memory.size - 1, low.highest);
  EXPECT_EQ(dma.from_bus(*iova, 1), nullptr) << "it is not the arena's";
  for (unsigned i = 0; i < 3000; i++) memory.at[100 + i] = static_cast<unsigned char>(i * 3);
  edu->to_device(*iova + 100, 0, 3000);
  edu->from_device(0, *iova + 2 * page + 50, 3000);
  EXPECT_EQ(std::memcmp(memory.at + 100, memory.at + 2 * page + 50, 3000), 0);
  dma.unmap(*iova, memory.size);
  const auto again = dma.map(memory.at, memory.size, low);
  EXPECT_EQ(again, iova) << "what was given back is given again";
  dma.unmap(*again, memory.size);
}

TEST_P(VfioDmaTest, MapsWithinConstraintsOrSaysThatItCannot) {
  open();
  Dma& dma = bus->dma();
  Pages memory(2 * page);
  DmaConstraints constraints;
  constraints.alignment = 16 * page;
  constraints.lowest = std::uint64_t{5} << 30;
  const auto high = dma.map(memory.at, memory.size, constraints);
  ASSERT_TRUE(high);
  EXPECT_GE(*high, constraints.lowest);
  EXPECT_EQ(*high % constraints.alignment, 0U);
  dma.unmap(*high, memory.size);
  constraints.highest = constraints.lowest + page - 1;
  EXPECT_FALSE(dma.map(memory.at, memory.size, constraints));
  EXPECT_EQ(errno, ERANGE);
  // The window of interrupt messages is nobody's.
  constraints = {};
  constraints.lowest = 0xfee00000;
  constraints.highest = 0xfeefffff;
  EXPECT_FALSE(dma.map(memory.at, page, constraints));
}

TEST_P(VfioDmaTest, TheArenaGrowsAsItIsUsed) {
  open();
  Dma& dma = bus->dma();
  std::vector<void*> all;
  while (void* p = dma.allocate(std::size_t{5} << 20, low)) all.push_back(p);
  EXPECT_GE(all.size(), 10U);
  for (void* p : {all.front(), all.back()}) {
    auto* bytes = static_cast<unsigned char*>(p) + (std::size_t{5} << 20) - 8;
    std::memcpy(bytes, "pupci-1", 8);
    edu->to_device(dma.to_bus(bytes), 0, 8);
    std::memset(bytes, 0, 8);
    edu->from_device(0, dma.to_bus(bytes), 8);
    EXPECT_STREQ(reinterpret_cast<char*>(bytes), "pupci-1");
  }
  for (void* p : all) dma.release(p, std::size_t{5} << 20);
}

TEST_P(VfioDmaTest, HugePagesAreTakenWhereTheyAreSetAside) {
  constexpr const char* counts = "/sys/kernel/mm/hugepages/hugepages-2048kB/";
  const auto count = [&](const std::string& name) {
    std::size_t pages = 0;
    std::ifstream(counts + name) >> pages;
    return pages;
  };
  write_file(counts + std::string("nr_hugepages"), "4");
  ASSERT_EQ(count("free_hugepages"), 4U);
  open();
  EXPECT_EQ(count("free_hugepages"), 3U);
  void* p = bus->dma().allocate(std::size_t{12} << 20);
  EXPECT_EQ(count("free_hugepages"), 0U) << "and then without";
  std::memcpy(p, "huge", 5);
  bus->dma().release(p, std::size_t{12} << 20);
  edu.reset();
  bus.reset();
  EXPECT_EQ(count("free_hugepages"), 4U);
  write_file(counts + std::string("nr_hugepages"), "0");
}

TEST_P(VfioDmaTest, WhatIsNotMappedIsRefusedAndTold) {
  open();
  Dma& dma = bus->dma();
  Pages memory(page);
  std::memset(memory.at, 0x5a, page);
  const auto iova = dma.map(memory.at, page, low);
  ASSERT_TRUE(iova);
  dma.unmap(*iova, page);
  edu->from_device(0, *iova, 64);
  EXPECT_THAT(std::vector<unsigned char>(memory.at, memory.at + page), Each(0x5a));
  const auto notice = wait_notice(*bus);
  ASSERT_TRUE(notice);
  EXPECT_FALSE(notice->leave);
  char where[32];
  std::snprintf(where, sizeof where, "%#llx", static_cast<unsigned long long>(*iova));
  EXPECT_THAT(notice->text,
              AllOf(HasSubstr(to_string(address)), HasSubstr("refused a write"), HasSubstr(where)));
  // And the function goes on as if nothing had happened.
  void* p = dma.allocate(page, low);
  edu->from_device(0, dma.to_bus(p), 64);
  dma.release(p, page);
}

TEST_P(VfioDmaTest, AUserOfLittleLockedMemoryIsToldTheLimit) {
  for (const char* node : {"/dev/vfio/vfio", "/dev/iommu"}) ::chmod(node, 0666);
  const vfio::SysfsFunction function = *vfio::Sysfs().find(address);
  for (const std::string& node :
       {vfio::Sysfs::group_node(function), vfio::Sysfs::cdev_node(function)}) {
    if (::access(node.c_str(), F_OK) != 0) continue;
    ASSERT_EQ(::chown(node.c_str(), 1000, 1000), 0) << node;
  }
  const std::string said = in_child([&] {
    const rlimit limit{1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_MEMLOCK, &limit);
    if (::setgid(1000) != 0 || ::setuid(1000) != 0) std::fputs("setuid failed", stderr);
    try {
      open_small(spec);
      std::fputs("it was given", stderr);
    } catch (const Error& error) {
      std::fputs(error.what(), stderr);
    }
  });
  EXPECT_THAT(said, AllOf(HasSubstr("cannot lock 2048 KiB"), HasSubstr("is 1024 KiB"),
                          HasSubstr("sudo prlimit")));
  // With enough it is theirs.
  const std::string works = in_child([&] {
    const rlimit limit{256 << 20, 256 << 20};
    ::setrlimit(RLIMIT_MEMLOCK, &limit);
    if (::setgid(1000) != 0 || ::setuid(1000) != 0) std::fputs("setuid failed", stderr);
    try {
      open();
      void* p = bus->dma().allocate(page, low);
      edu->to_device(bus->dma().to_bus(p), 0, 64);
      const auto vector = edu->enable(InterruptType::msi);
      vector->unmask();
      edu->raise(1);
      std::fputs(conformance::take(*vector, 1) == 1 ? "works" : "no interrupt", stderr);
    } catch (const Error& error) {
      std::fputs(error.what(), stderr);
    }
  });
  EXPECT_EQ(works, "works");
}

// A process that dies in the middle of DMA leaves a function that masters nothing any more, and
// that the next one can use.
TEST_P(VfioDmaTest, KilledInTheMiddleAgainAndAgain) {
  const std::string config = (vfio::Sysfs().find(address)->directory / "config").string();
  const auto masters = [&] {
    std::ifstream file(config, std::ios::binary);
    file.seekg(pci::command);
    return (file.get() & int{pci::command_bit::master}) != 0;
  };
  constexpr int rounds = 200;
  for (int round = 0; round < rounds; round++) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      open();
      void* p = bus->dma().allocate(2 * page, low);
      for (bool first = true;; first = false) {
        wait_idle();
        edu->bar->write(Edu::dma_source, 8, Edu::buffer);
        edu->bar->write(Edu::dma_destination, 8, bus->dma().to_bus(p));
        edu->bar->write(Edu::dma_count, 8, 4000);
        edu->bar->write(Edu::dma_command, 8, 3);
        if (first && ::write(ready[1], "", 1) != 1) ::_exit(1);
      }
    }
    ::close(ready[1]);
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1) << "round " << round;
    ::close(ready[0]);
    ::usleep(static_cast<useconds_t>(round * 137 % 5000));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    ASSERT_FALSE(masters()) << "round " << round;
  }
  open();
  wait_idle();
  void* p = bus->dma().allocate(page, low);
  std::memcpy(p, "after", 6);
  edu->to_device(bus->dma().to_bus(p), 0, 6);
  std::memset(p, 0, 6);
  edu->from_device(0, bus->dma().to_bus(p), 6);
  EXPECT_STREQ(static_cast<char*>(p), "after");
}

INSTANTIATE_TEST_SUITE_P(Vfio, VfioDmaTest, testing::ValuesIn(interfaces()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace pupci::test
