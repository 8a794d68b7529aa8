// SPDX-License-Identifier: BSD-2-Clause
// The qemu host as a whole: start, end, and what it says when something is wrong.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "host/qemu_support.h"

namespace qemu_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string error_of(std::vector<std::string> arguments, std::size_t arena = 16U << 20) {
  try {
    open(std::move(arguments), arena);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

bool alive(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  status >> number >> name >> state;
  return status && state != "Z" && state != "X";
}

bool ends(pid_t pid) {
  for (int i = 0; i < patience_ms / 10; i++) {
    if (!alive(pid)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(QemuBus, NotInstalled) {
  setenv("PUPCI_QEMU", "no-such-qemu", 1);
  EXPECT_EQ(error_of({}), "qemu: no-such-qemu is not installed (apt install qemu-system-x86)");
  setenv("PUPCI_QEMU", "/no/such/qemu", 1);
  EXPECT_THAT(error_of({}), AllOf(HasSubstr("cannot start /no/such/qemu"),
                                  HasSubstr("apt install qemu-system-x86")));
  setenv("PUPCI_QEMU", "/bin/false", 1);
  EXPECT_EQ(error_of({}), "qemu: QEMU exited with status 1");
  unsetenv("PUPCI_QEMU");
}

TEST(QemuBus, RefusedArguments) {
  EXPECT_EQ(error_of({"-device", "nonesuch"}),
            "qemu: QEMU exited with status 1: -device nonesuch: 'nonesuch' is not a valid device "
            "model name");
  EXPECT_THAT(error_of({"-device", "edu,bus=rp9"}), HasSubstr("Bus 'rp9' not found"));
  EXPECT_THAT(error_of({"--flying"}), HasSubstr("invalid option"));
}

TEST(QemuBus, ArenaThatDoesNotFit) {
  EXPECT_EQ(
      error_of({}, std::size_t{4} << 30),
      "qemu: an arena of 4096 MiB does not fit below the board's PCI addresses; it can have 1 "
      "to 2815 MiB");
  EXPECT_THAT(error_of({}, 0), HasSubstr("does not fit"));
}

TEST(QemuBus, LargestArena) {
  const auto bus = open({"-device", "edu"}, std::size_t{2815} << 20);
  Dma& dma = bus->dma();
  EXPECT_EQ(dma.arena_size(), std::size_t{2815} << 20);
  EXPECT_EQ(dma.arena_bus(), 0x100000U);
  const Edu edu(find(*bus, Edu::id).at(0));
  EXPECT_GE(edu.registers->bus_address(), 0xc0000000U);
}

TEST(QemuBus, HostsAreListedInTheErrorForAnUnknownOne) {
  try {
    open_bus("qemo");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("qemu"));
  }
  EXPECT_THROW(open_bus("qemu:3"), Error);
}

TEST(QemuBus, ItsEndIsNoticedAndSaid) {
  const auto bus = open({"-device", "edu"});
  Edu edu(find(*bus, Edu::id).at(0));
  const auto line = edu.function->enable_interrupts(InterruptType::intx, 1).at(0);
  EXPECT_EQ(bus->failure(), "");
  EXPECT_FALSE(readable(bus->failure_fd(), 0));
  std::thread reader([&] {
    while (edu.read(0) != 0xffffffff) {
    }
  });
  kill(bus->qemu_pid(), SIGKILL);
  reader.join();
  ASSERT_TRUE(readable(bus->failure_fd(), patience_ms));
  EXPECT_THAT(bus->failure(), HasSubstr("QEMU was killed by signal 9"));
  EXPECT_EQ(edu.registers->read(0, 1), 0xffU);
  EXPECT_EQ(edu.registers->read(0, 8), ~std::uint64_t{0});
  EXPECT_EQ(edu.function->config_read(0, 2), 0xffffU);
  edu.write(Edu::liveness, 1);
  edu.registers->flush();
  line->unmask();
  line->acknowledge();
  EXPECT_FALSE(readable(line->fd(), 0));
  EXPECT_THROW(bus->monitor("info pci"), Error);
}

TEST(QemuBus, ItsEndInTheMiddleOfPostedWritesIsNoSignal) {
  const auto bus = open({"-device", "edu"});
  Edu edu(find(*bus, Edu::id).at(0));
  std::thread writer([&] {
    while (bus->failure().empty()) edu.write(Edu::liveness, 1);
  });
  kill(bus->qemu_pid(), SIGKILL);
  writer.join();
  EXPECT_THAT(bus->failure(), HasSubstr("QEMU was killed by signal 9"));
}

TEST(QemuBus, FunctionsAndRegionsOutliveTheBusHarmlessly) {
  auto bus = open({"-device", "edu"});
  Edu edu(find(*bus, Edu::id).at(0));
  const auto vector = edu.function->enable_interrupts(InterruptType::msi, 1).at(0);
  const pid_t pid = bus->qemu_pid();
  bus.reset();
  EXPECT_FALSE(alive(pid));
  EXPECT_EQ(edu.read(0), 0xffffffffU);
  vector->unmask();
  EXPECT_EQ(vector->take(), 0U);
}

constexpr const char* pipe_variable = "PUPCI_TEST_PIPE";

// The parent of DiesWithItsParent: says QEMU's pid on the descriptor given to it, and waits for its
// end.
[[noreturn]] void be_the_parent(int out) {
  const auto bus = open({"-device", "edu"});
  const pid_t pid = bus->qemu_pid();
  if (write(out, &pid, sizeof pid) != static_cast<ssize_t>(sizeof pid)) _exit(1);
  for (;;) pause();
}

TEST(QemuBus, DiesWithItsParent) {
  if (const char* number = getenv(pipe_variable)) be_the_parent(std::stoi(number));
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  setenv(pipe_variable, std::to_string(fds[1]).c_str(), 1);
  const pid_t child = fork();
  if (child == 0) {
    unsetenv("GTEST_TOTAL_SHARDS");
    unsetenv("GTEST_SHARD_INDEX");
    execl("/proc/self/exe", "host_tests", "--gtest_filter=QemuBus.DiesWithItsParent", nullptr);
    _exit(1);
  }
  unsetenv(pipe_variable);
  close(fds[1]);
  pid_t qemu = -1;
  ASSERT_EQ(read(fds[0], &qemu, sizeof qemu), static_cast<ssize_t>(sizeof qemu));
  EXPECT_TRUE(alive(qemu));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(ends(qemu));
  close(fds[0]);
}

TEST(QemuBus, TwoAtOnce) {
  const auto first = open({"-device", "edu"});
  auto second = open({"-device", "edu,addr=5"});
  Edu a(find(*first, Edu::id).at(0));
  Edu b(find(*second, Edu::id).at(0));
  a.write(Edu::liveness, 1);
  b.write(Edu::liveness, 2);
  EXPECT_EQ(a.read(Edu::liveness), 0xfffffffeU);
  EXPECT_EQ(b.read(Edu::liveness), 0xfffffffdU);
  second.reset();
  EXPECT_EQ(a.read(Edu::liveness), 0xfffffffeU);
}

TEST(QemuBus, OpenAndCloseRepeatedly) {
  for (int i = 0; i < 10; i++) {
    const auto bus = open({});
    EXPECT_FALSE(bus->functions().empty());
  }
}

TEST(QemuBus, Monitor) {
  const auto bus = open({"-device", "edu,id=e1"});
  EXPECT_THAT(bus->monitor("info qtree"), HasSubstr("dev: edu, id \"e1\""));
  EXPECT_THAT(bus->qmp("query-status"), HasSubstr("\"running\""));
  EXPECT_THROW(bus->qmp("no-such-command"), Error);
  EXPECT_THROW(bus->qmp("query-status", "{"), Error);
}

TEST(QemuBus, LegacyPortsAndMemory) {
  const auto bus = open({"-device", "VGA"});
  const auto ports = bus->map(Space::io, 0x3c0, 0x20);
  ports->write(4, 1, 2);  // sequencer: the map mask
  ports->write(5, 1, 0x0f);
  EXPECT_EQ(ports->read(5, 1), 0x0fU);
  const auto window = bus->map(Space::memory, 0xa0000, 0x10000);
  window->write(0, 1, 0x5a);
  EXPECT_EQ(window->read(0x10000, 1), 0xffU) << "out of bounds";
  EXPECT_THROW(bus->map(Space::io, 0xfff0, 0x11), Error);
}

}  // namespace
}  // namespace qemu_test
