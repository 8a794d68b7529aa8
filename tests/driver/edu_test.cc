// SPDX-License-Identifier: BSD-2-Clause
// The edu driver on each host that has the device.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <ostream>
#include <thread>

#include "../../drivers/edu/eduio.h"
#include "driver/machine.h"

namespace pupci::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

struct Board {
  const char* name;
  const char* host;
  std::vector<std::string> arguments;
  unsigned devices;
};

std::ostream& operator<<(std::ostream& out, const Board& board) {
  return out << board.name;
}

const Board boards[] = {
    {"Sim", "sim:edu", {}, 1},
    {"SimTwo", "sim:edu*2", {}, 2},
    {"Qemu", "qemu", {"-device", "edu"}, 1},
    {"QemuBehindRootPort",
     "qemu",
     {"-device", "pcie-root-port,id=rp0,slot=1", "-device", "edu,bus=rp0", "-device", "edu"},
     2},
    {"QemuBehindPciBridge",
     "qemu",
     {"-device", "pci-bridge,id=br0,chassis_nr=1", "-device", "edu,bus=br0,addr=5"},
     1},
};

class Edu : public testing::TestWithParam<Board> {
 protected:
  std::string unit(unsigned number) { return "edu" + std::to_string(number); }
  Machine machine{GetParam().host, GetParam().arguments, {"edu"}};
};

TEST_P(Edu, AttachesAndDetachesWithoutLeaks) {
  EXPECT_EQ(machine.attached(), GetParam().devices) << machine.console();
  for (unsigned i = 0; i < GetParam().devices; i++) {
    EXPECT_THAT(machine.console(), ContainsRegex(unit(i) + " at pci[0-9]+ dev [0-9]+ function 0: "
                                                           "QEMU educational device\n"));
    EXPECT_THAT(machine.console(), HasSubstr(unit(i) + ": revision 1.0, registers respond\n"));
    EXPECT_THAT(machine.console(), ContainsRegex(unit(i) + ": interrupting at "));
  }
  EXPECT_THAT(machine.detach(), IsEmpty());
  EXPECT_THAT(machine.console(), HasSubstr("edu0: detached\n"));
}

TEST_P(Edu, InvertsAndComputes) {
  for (unsigned i = 0; i < GetParam().devices; i++) {
    Node node(unit(i));
    std::uint32_t value = 0x00c0ffee;
    EXPECT_EQ(node.ioctl(EDUIOC_LIVENESS, &value), 0);
    EXPECT_EQ(value, ~0x00c0ffeeU);
    std::uint32_t expected = 1;
    for (std::uint32_t n = 1; n <= 20; n++) {
      expected *= n;
      value = n;
      EXPECT_EQ(node.ioctl(EDUIOC_FACTORIAL, &value), 0);
      EXPECT_EQ(value, expected) << n << "! modulo 2^32";
    }
    edu_info info{};
    EXPECT_EQ(node.ioctl(EDUIOC_INFO, &info), 0);
    EXPECT_EQ(info.ei_id & 0xffffU, 0xedU);
    EXPECT_GE(info.ei_intrs, 20U);
  }
}

TEST_P(Edu, CountsEveryInterrupt) {
  Node node("edu0");
  for (std::uint32_t i = 0; i < 100; i++) {
    std::uint32_t cause = 0x10000U << (i % 8);
    EXPECT_EQ(node.ioctl(EDUIOC_INTERRUPT, &cause), 0);
  }
  edu_info info{};
  EXPECT_EQ(node.ioctl(EDUIOC_INFO, &info), 0);
  EXPECT_EQ(info.ei_intrs, 100U);
  for (std::uint32_t cause : {0x0U, 0x1U, 0x100U, 0x10100U}) {
    EXPECT_EQ(node.ioctl(EDUIOC_INTERRUPT, &cause), EINVAL);
  }
}

TEST_P(Edu, MovesBytesByDmaBothWays) {
  Node node("edu0");
  std::vector<std::byte> sent(4095);
  for (std::size_t i = 0; i < sent.size(); i++) sent[i] = std::byte((i * 7 + i / 256) & 0xff);
  ASSERT_EQ(node.write(0, sent), 4095);
  std::vector<std::byte> received(4095);
  ASSERT_EQ(node.read(0, received), 4095);
  EXPECT_EQ(received, sent);

  // A part: what is around it stays.
  const std::vector<std::byte> part(100, std::byte{0xaa});
  ASSERT_EQ(node.write(1000, part), 100);
  std::copy(part.begin(), part.end(), sent.begin() + 1000);
  ASSERT_EQ(node.read(0, received), 4095);
  EXPECT_EQ(received, sent);
}

TEST_P(Edu, EndsAtTheEndOfItsBuffer) {
  Node node("edu0");
  std::vector<std::byte> bytes(200);
  EXPECT_EQ(node.read(4095, bytes), 0);
  EXPECT_EQ(node.read(4000, bytes), 95);
  EXPECT_EQ(node.write(4095, bytes), -ENOSPC);
}

TEST_P(Edu, ServesManyCallersOneAtATime) {
  std::vector<std::thread> callers;
  for (std::uint32_t n = 2; n < 10; n++) {
    callers.emplace_back([n] {
      Node node("edu0");
      std::uint32_t expected = 1;
      for (std::uint32_t i = 2; i <= n; i++) expected *= i;
      for (int round = 0; round < 5; round++) {
        std::uint32_t value = n;
        EXPECT_EQ(node.ioctl(EDUIOC_FACTORIAL, &value), 0);
        EXPECT_EQ(value, expected);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST_P(Edu, RefusesWhatItDoesNotKnow) {
  Node node("edu0");
  std::uint32_t value = 0;
  EXPECT_EQ(node.ioctl(_IOWR('E', 99, std::uint32_t), &value), ENOTTY);
}

INSTANTIATE_TEST_SUITE_P(Boards, Edu, testing::ValuesIn(boards),
                         [](const auto& board) { return std::string(board.param.name); });

TEST(EduProperties, NarrowsTheAddressesOfItsBuffer) {
  Machine machine("sim:edu", {}, {"edu"}, {"edu0:dma-mask=u32:0x00ffffff"});
  Node node("edu0");
  std::vector<std::byte> bytes(64, std::byte{0x5a});
  EXPECT_EQ(node.write(0, bytes), 64);
  std::vector<std::byte> received(64);
  EXPECT_EQ(node.read(0, received), 64);
  EXPECT_EQ(received, bytes);
}

}  // namespace
}  // namespace pupci::test
