// SPDX-License-Identifier: BSD-2-Clause
// Drivers, unchanged, on the netbsd host: driver, kernel API, netbsd host, kernel module, kernel
// API again, and a host with the device.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "../../drivers/edu/eduio.h"
#include "../../drivers/pcitest/pcitestio.h"
#include "driver/machine.h"
#include "netbsd/lines_only.h"
#include "netbsd/served_kernel.h"
#include "pupci/pci_config.h"

namespace pupci::netbsd::test {
namespace {

using pupci::test::Command;
using pupci::test::Machine;
using pupci::test::Node;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct Board {
  const char* name;
  const char* host;
  std::vector<std::string> arguments;
  const char* nodes;
};
const Board boards[] = {
    {"QemuByBus", "qemu", {"-device", "edu,addr=2"}, "/dev/pci0"},
    {"QemuByFunction", "qemu", {"-device", "edu,addr=2"}, "/dev/pupci0"},
    {"SimByBus", "sim:edu", {}, "/dev/pci0"},
};
void PrintTo(const Board& board, std::ostream* out) {
  *out << board.name;
}

void compute(std::uint32_t from, std::uint32_t to) {
  Node node("edu0");
  std::uint32_t expected = 1;
  for (std::uint32_t n = 1; n <= to; n++) {
    expected *= n;
    if (n < from) continue;
    std::uint32_t value = n;
    ASSERT_EQ(node.ioctl(EDUIOC_FACTORIAL, &value), 0);
    ASSERT_EQ(value, expected);
  }
}

void move_bytes() {
  Node node("edu0");
  std::vector<std::byte> sent(4095);
  for (std::size_t i = 0; i < sent.size(); i++) sent[i] = std::byte((i * 7 + i / 256) & 0xff);
  ASSERT_EQ(node.write(0, sent), 4095);
  std::vector<std::byte> received(4095);
  ASSERT_EQ(node.read(0, received), 4095);
  EXPECT_EQ(received, sent);
}

class NetbsdDriver : public testing::TestWithParam<Board> {
 protected:
  ServedKernel kernel{GetParam().host, GetParam().arguments};
};

TEST_P(NetbsdDriver, EduWorksUnchanged) {
  {
    Machine machine(kernel.spec(GetParam().nodes), {}, {"edu"});
    ASSERT_EQ(machine.attached(), 1U) << machine.console();
    EXPECT_THAT(machine.console(), HasSubstr("edu0: interrupting at msi"));
    compute(1, 12);
    for (std::uint32_t i = 0; i < 100; i++) {
      Node node("edu0");
      std::uint32_t cause = 0x10000U << (i % 8);
      ASSERT_EQ(node.ioctl(EDUIOC_INTERRUPT, &cause), 0);
    }
    Node node("edu0");
    edu_info info{};
    EXPECT_EQ(node.ioctl(EDUIOC_INFO, &info), 0);
    EXPECT_EQ(info.ei_intrs, 112U);
    move_bytes();
    EXPECT_THAT(kernel.interrupts(), SizeIs(1));
  }
  // The kernel has it back, and nothing was left there.
  EXPECT_TRUE(kernel.wait_for_trace("closed 1"));
  EXPECT_THAT(kernel.interrupts(), IsEmpty());
  EXPECT_EQ(kernel.end(), 0);
}

TEST_P(NetbsdDriver, WhoComesNextFindsItAsBefore) {
  for (int i = 0; i < 3; i++) {
    Machine machine(kernel.spec(GetParam().nodes), {}, {"edu"});
    ASSERT_EQ(machine.attached(), 1U) << machine.console();
    move_bytes();
    EXPECT_THAT(machine.detach(), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Boards, NetbsdDriver, testing::ValuesIn(boards),
                         [](const auto& board) { return std::string(board.param.name); });

TEST(NetbsdDriverLine, EduTakesItsInterruptsByLine) {
  const ServedKernel served("qemu", {"-device", "edu,addr=2"});
  const Machine machine(lines_only(open_bus(served.spec("/dev/pupci0"))), {"edu"});
  ASSERT_EQ(machine.attached(), 1U);
  compute(1, 12);
  move_bytes();
  Node node("edu0");
  edu_info info{};
  EXPECT_EQ(node.ioctl(EDUIOC_INFO, &info), 0);
  EXPECT_EQ(info.ei_vectored, 0U);
  EXPECT_GE(info.ei_intrs, 14U);
  EXPECT_THAT(served.interrupts(), SizeIs(1));
}

TEST(NetbsdDriverPorts, PcitestFindsEveryWidthOfMemoryAndPorts) {
  const ServedKernel served("qemu", {"-device", "pci-testdev,membar=64M"});
  Machine machine(served.spec("/dev/pci0"), {}, {"pcitest"});
  ASSERT_EQ(machine.attached(), 1U);
  const std::string console = machine.console();
  EXPECT_THAT(console,
              HasSubstr("pcitest0: memory: \"mmio-no-eventfd\", writes of 1 2 4 8 bytes arrive\n"));
  EXPECT_THAT(
      console,
      HasSubstr("pcitest0: I/O ports: \"portio-no-eventfd\", writes of 1 2 4 bytes arrive\n"));
  EXPECT_THAT(console, Not(HasSubstr("disagree")));
  Node node("pcitest0");
  for (std::uint32_t bar = 0; bar < 2; bar++) {
    pcitest_run run{bar, 4, 500, 0};
    EXPECT_EQ(node.ioctl(PCITESTIOC_RUN, &run), 0);
    EXPECT_EQ(run.pt_count, 500U) << bar;
  }
}

class NetbsdOwner : public testing::Test {
 protected:
  ServedKernel kernel{"qemu", {"-device", "edu,addr=2"}};
};

TEST_F(NetbsdOwner, OneProcessAtATime) {
  const auto first = open_bus(kernel.spec("/dev/pupci0"));
  try {
    open_bus(kernel.spec("/dev/pupci0"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.errnum(), EBUSY);
    EXPECT_THAT(error.what(), HasSubstr("/dev/pupci0"));
    EXPECT_THAT(error.what(), HasSubstr("another process has it"));
  }
  // By its bus it can be looked at, and the others used.
  const auto second = open_bus(kernel.spec("/dev/pci0"));
  const auto function = second->function({0, 0, 2, 0});
  EXPECT_EQ(function->config_read(0, 4), 0x11e81234U);
  EXPECT_THROW(function->map(0, 0, 16), Error);
}

TEST_F(NetbsdOwner, AFunctionThatIsTakenBackEndsItsDriver) {
  Command program({"run", "--host", kernel.spec("/dev/pupci0"), PUPCI_DRIVER_DIR "/edu.so"});
  ASSERT_TRUE(program.wait_for("interrupting at")) << program.so_far().errors;
  kernel.detach("pupci0");
  const auto outcome = program.wait();
  EXPECT_EQ(outcome.status, 1) << outcome.output << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("the kernel has taken the function back"));
  EXPECT_THAT(outcome.output + outcome.errors, HasSubstr("edu0: detached"));
}

TEST_F(NetbsdOwner, AKernelThatEndsEndsTheDriver) {
  Command program({"run", "--host", kernel.spec("/dev/pupci0"), PUPCI_DRIVER_DIR "/edu.so"});
  ASSERT_TRUE(program.wait_for("interrupting at")) << program.so_far().errors;
  kernel.kill();
  const auto outcome = program.wait();
  EXPECT_EQ(outcome.status, 1) << outcome.output << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("has gone"));
}

}  // namespace
}  // namespace pupci::netbsd::test
