// SPDX-License-Identifier: BSD-2-Clause
// The qemu host against QEMU's edu device: accesses, interrupts, DMA.
#include <cstring>
#include <thread>

#include "host/qemu_support.h"

namespace qemu_test {
namespace {

TEST(QemuEdu, AnswersOnTheRootBusAndBehindARootPort) {
  const auto bus = open({"-device", "edu", "-device", "pcie-root-port,id=rp", "-device",
                         "pcie-pci-bridge,id=pb,bus=rp", "-device", "edu,bus=pb,addr=3"});
  EXPECT_TRUE(bus->warnings().empty());
  const auto functions = find(*bus, Edu::id);
  ASSERT_EQ(functions.size(), 2U);
  for (const auto& function : functions) {
    Edu edu(function);
    EXPECT_EQ(edu.read(0), 0x010000edU);
    edu.write(Edu::liveness, 0x12345678);
    EXPECT_EQ(edu.read(Edu::liveness), static_cast<std::uint32_t>(~0x12345678U));
  }
  EXPECT_EQ(bus->function(functions[0]->address()), functions[0]);
}

TEST(QemuEdu, FactorialByMsi) {
  const auto bus = open({"-device", "edu"});
  Edu edu(find(*bus, Edu::id).at(0));
  ASSERT_EQ(edu.function->interrupt_count(InterruptType::msi), 1U);
  const auto vector = edu.function->enable_interrupts(InterruptType::msi, 1).at(0);
  EXPECT_EQ(vector->type(), InterruptType::msi);
  edu.write(Edu::status, Edu::status_interrupt);
  edu.write(Edu::factorial, 10);
  EXPECT_FALSE(readable(vector->fd(), 50)) << "it is masked";
  EXPECT_EQ(vector->take(), 0U);
  vector->unmask();
  ASSERT_TRUE(readable(vector->fd(), patience_ms)) << "kept while masked";
  EXPECT_EQ(vector->take(), 1U);
  EXPECT_EQ(edu.read(Edu::interrupt_status), 1U);
  edu.write(Edu::acknowledge, 1);
  EXPECT_EQ(edu.read(Edu::factorial), 3628800U);
  for (std::uint32_t i = 0; i < 5; i++) {
    edu.write(Edu::raise, 2);
    edu.write(Edu::acknowledge, 2);
  }
  edu.registers->flush();
  EXPECT_EQ(vector->take(), 5U) << "each message is counted";
}

TEST(QemuEdu, FactorialByLine) {
  const auto bus = open({"-device", "edu,addr=3"});
  Edu edu(find(*bus, Edu::id).at(0));
  const auto line = edu.function->enable_interrupts(InterruptType::intx, 1).at(0);
  EXPECT_EQ(line->number(), 23U);
  EXPECT_EQ(edu.function->config_read(0x3c, 1), 23U);
  edu.write(Edu::status, Edu::status_interrupt);
  edu.write(Edu::factorial, 5);
  line->unmask();
  ASSERT_TRUE(readable(line->fd(), patience_ms));
  EXPECT_EQ(line->take(), 1U);
  EXPECT_FALSE(readable(line->fd(), 50)) << "in service: masked until acknowledged";
  line->acknowledge();
  ASSERT_TRUE(readable(line->fd(), patience_ms)) << "still asserted";
  EXPECT_EQ(line->take(), 1U);
  edu.write(Edu::acknowledge, edu.read(Edu::interrupt_status));
  line->acknowledge();
  EXPECT_FALSE(readable(line->fd(), 0)) << "acknowledge() must see what the write before did";
  EXPECT_EQ(edu.read(Edu::factorial), 120U);
}

TEST(QemuEdu, TheWatcherNoticesALineNobodyReadsFor) {
  const auto bus = open({"-device", "edu"});
  Edu edu(find(*bus, Edu::id).at(0));
  const auto line = edu.function->enable_interrupts(InterruptType::intx, 1).at(0);
  line->unmask();
  for (int i = 0; i < 100; i++) {
    edu.write(Edu::raise, 1);
    ASSERT_TRUE(readable(line->fd(), patience_ms));
    ASSERT_EQ(line->take(), 1U);
    edu.write(Edu::acknowledge, 1);
    line->acknowledge();
    ASSERT_FALSE(readable(line->fd(), 0));
  }
}

TEST(QemuEdu, SharedLine) {
  const auto bus = open({"-device", "edu,addr=2", "-device", "edu,addr=6"});
  const auto functions = find(*bus, Edu::id);
  Edu first(functions.at(0));
  Edu second(functions.at(1));
  const auto line = first.function->enable_interrupts(InterruptType::intx, 1).at(0);
  EXPECT_EQ(line, second.function->enable_interrupts(InterruptType::intx, 1).at(0));
  line->unmask();
  first.write(Edu::raise, 1);
  second.write(Edu::raise, 1);
  ASSERT_TRUE(readable(line->fd(), patience_ms));
  EXPECT_EQ(line->take(), 1U);
  first.write(Edu::acknowledge, 1);
  line->acknowledge();
  ASSERT_TRUE(readable(line->fd(), patience_ms)) << "the other one still asserts it";
  EXPECT_EQ(line->take(), 1U);
  second.write(Edu::acknowledge, 1);
  line->acknowledge();
  EXPECT_FALSE(readable(line->fd(), 0));
}

TEST(QemuEdu, DmaBothWays) {
  const auto bus = open({"-device", "edu"});
  Edu edu(find(*bus, Edu::id).at(0));
  Dma& dma = bus->dma();
  DmaConstraints constraints;
  constraints.highest = 0x0fffffff;  // edu's mask
  auto* from = static_cast<unsigned char*>(dma.allocate(4096, constraints));
  auto* to = static_cast<unsigned char*>(dma.allocate(4096, constraints));
  ASSERT_NE(from, nullptr);
  ASSERT_NE(to, nullptr);
  for (int i = 0; i < 4096; i++) from[i] = static_cast<unsigned char>(i * 7 + i / 256);
  const auto vector = edu.function->enable_interrupts(InterruptType::msi, 1).at(0);
  vector->unmask();
  // QEMU 7.2 aborts when a transfer ends with the buffer, which is 4096 bytes.
  constexpr std::size_t size = 4092;
  constexpr unsigned start = 1;
  constexpr unsigned to_memory = 2;
  constexpr unsigned interrupt = 4;
  edu.dma(dma.to_bus(from), Edu::buffer, size, start | interrupt);
  ASSERT_TRUE(readable(vector->fd(), patience_ms))
      << "the device's timer must run; " << bus->failure();
  vector->take();
  edu.write(Edu::acknowledge, edu.read(Edu::interrupt_status));
  edu.dma(Edu::buffer, dma.to_bus(to), size, start | to_memory | interrupt);
  ASSERT_TRUE(readable(vector->fd(), patience_ms));
  EXPECT_EQ(std::memcmp(from, to, size), 0);
  dma.release(from, 4096);
  dma.release(to, 4096);
}

TEST(QemuEdu, DisabledInterruptsDeliverNothing) {
  const auto bus = open({"-device", "edu", "-device", "edu"});
  const auto functions = find(*bus, Edu::id);
  Edu edu(functions.at(0));
  Edu other(functions.at(1));
  const auto old = edu.function->enable_interrupts(InterruptType::msi, 1).at(0);
  EXPECT_THROW(edu.function->enable_interrupts(InterruptType::intx, 1), Error);
  EXPECT_THROW(other.function->enable_interrupts(InterruptType::msi, 2), Error);
  EXPECT_THROW(other.function->enable_interrupts(InterruptType::msix, 1), Error);
  old->unmask();
  edu.function->disable_interrupts();
  // The doorbell must not be another's while somebody still looks at it.
  const auto fresh = other.function->enable_interrupts(InterruptType::msi, 1).at(0);
  fresh->unmask();
  edu.write(Edu::raise, 1);
  other.write(Edu::raise, 1);
  EXPECT_TRUE(readable(fresh->fd(), patience_ms));
  EXPECT_FALSE(readable(old->fd(), 0));
  EXPECT_EQ(old->take(), 0U);
}

TEST(QemuEdu, ReadsNeverPassWrites) {
  const auto bus = open({"-device", "edu"});
  Edu edu(find(*bus, Edu::id).at(0));
  for (std::uint32_t i = 0; i < 3000; i++) {
    edu.write(Edu::liveness, i);
    if (i % 7 == 0) {
      ASSERT_EQ(edu.read(Edu::liveness), static_cast<std::uint32_t>(~i));
    }
  }
  EXPECT_EQ(edu.read(Edu::liveness), static_cast<std::uint32_t>(~2999U));
}

TEST(QemuEdu, ManyThreads) {
  const auto bus = open({"-device", "edu", "-device", "edu", "-device", "edu", "-device", "edu"});
  const auto functions = find(*bus, Edu::id);
  ASSERT_EQ(functions.size(), 4U);
  std::vector<std::thread> threads;
  threads.reserve(functions.size());
  for (const auto& function : functions) {
    threads.emplace_back([function] {
      Edu edu(function);
      const auto vector = function->enable_interrupts(InterruptType::msi, 1).at(0);
      vector->unmask();
      for (std::uint32_t i = 1; i <= 300; i++) {
        for (std::uint32_t j = 0; j < 5; j++) edu.write(Edu::liveness, i * 8 + j);
        ASSERT_EQ(edu.read(Edu::liveness), static_cast<std::uint32_t>(~(i * 8 + 4)));
        edu.write(Edu::raise, 1);
        ASSERT_TRUE(readable(vector->fd(), patience_ms));
        ASSERT_EQ(vector->take(), 1U);
        edu.write(Edu::acknowledge, 1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace qemu_test
