// SPDX-License-Identifier: BSD-2-Clause
// A driver on a function of the machine's: interrupts, by line and by message, and DMA both ways.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "../../drivers/edu/eduio.h"
#include "driver/machine.h"
#include "native/machine_under_test.h"
#include "netbsd/lines_only.h"

namespace pupci::native {
namespace {

using test::Machine;
using test::Node;
using ::testing::HasSubstr;

class NativeDriver : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    auto bus = open_machine();
    if (find(*bus, edu_id).empty()) GTEST_SKIP() << "no edu device that pupci(4) has claimed";
    if (GetParam()) bus = netbsd::test::lines_only(bus);
    machine.emplace(std::move(bus), std::vector<std::string>{"edu"});
    ASSERT_GE(machine->attached(), 1U);
  }
  std::optional<Machine> machine;
};

void compute(unsigned times) {
  Node node("edu0");
  for (unsigned i = 0; i < times; i++) {
    std::uint32_t value = 5 + i % 5;
    std::uint32_t expected = 1;
    for (std::uint32_t n = 2; n <= value; n++) expected *= n;
    ASSERT_EQ(node.ioctl(EDUIOC_FACTORIAL, &value), 0);
    ASSERT_EQ(value, expected);
  }
}

void move(unsigned times, std::size_t offset) {
  Node node("edu0");
  for (unsigned i = 0; i < times; i++) {
    std::vector<std::byte> there(1000);
    for (std::size_t at = 0; at < there.size(); at++) there[at] = std::byte(at * 7 + i);
    std::vector<std::byte> back(there.size());
    ASSERT_EQ(node.write(offset, there), static_cast<long>(there.size()));
    ASSERT_EQ(node.read(offset, back), static_cast<long>(back.size()));
    ASSERT_EQ(back, there) << i;
  }
}

TEST_P(NativeDriver, ComputesByInterrupts) {
  compute(100);
  Node node("edu0");
  edu_info info{};
  ASSERT_EQ(node.ioctl(EDUIOC_INFO, &info), 0);
  EXPECT_GE(info.ei_intrs, 100U);
  EXPECT_EQ(info.ei_vectored, GetParam() ? 0U : 1U);
}

TEST_P(NativeDriver, MovesBytesBothWays) {
  move(50, 0);
}

TEST_P(NativeDriver, DoesBothAtATime) {
  std::thread other([] { move(20, 2000); });
  compute(100);
  other.join();
}

TEST_P(NativeDriver, LeavesNothingBehind) {
  compute(1);
  EXPECT_THAT(machine->detach(), testing::IsEmpty());
  EXPECT_THAT(machine->console(), HasSubstr("edu0: detached"));
}

INSTANTIATE_TEST_SUITE_P(Interrupts, NativeDriver, testing::Bool(), [](const auto& by_line) {
  return std::string(by_line.param ? "ByLine" : "ByMessage");
});

}  // namespace
}  // namespace pupci::native
