// SPDX-License-Identifier: BSD-2-Clause
// A driver's process killed at any moment: the function is quiet before what it reaches is freed,
// and whoever comes next finds it whole.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "netbsd/served_kernel.h"
#include "pupci/bus.h"

namespace pupci::netbsd::test {
namespace {

using pupci::test::Command;
using testing::IsEmpty;

constexpr const char* hammer = PUPCI_BUILD_DIR "/bin/pupci-netbsd-hammer";
#if defined(PUPCI_UNDER_ASAN) || defined(PUPCI_UNDER_TSAN)
constexpr unsigned batches = 2;
constexpr int rounds = 5;
#else
constexpr unsigned batches = 10;
constexpr int rounds = 50;
#endif

// What the trace says of the functions of a kernel that serves one process at a time.
class Watch {
 public:
  void read(const std::vector<std::string>& trace) {
    for (; next_ < trace.size(); next_++) line(trace[next_]);
  }
  // No function masters the bus, none sends messages or asserts its line, and no interrupt is
  // unmasked.
  [[nodiscard]] bool quiet() const {
    return masters_.empty() && messages_.empty() && lines_.empty() && unmasked_.empty();
  }
  // How often a process's memory was.
  [[nodiscard]] int freed() const { return freed_; }
  // How often one was allowed to master the bus, and an interrupt was unmasked.
  [[nodiscard]] int started() const { return started_; }
  [[nodiscard]] int interrupted() const { return interrupted_; }

 private:
  void line(const std::string& text) {
    std::istringstream words(text);
    std::string what;
    std::string how;
    std::string where;
    words >> what >> how >> where;  // or, of memory, where and how much
    if (what == "master") {
      if (how == "on") masters_.insert(where);
      started_ += how == "on" ? 1 : 0;
      if (how == "off") masters_.erase(where);
    } else if (what == "intx") {
      if (how == "on") lines_.insert(where);
      if (how == "off") lines_.erase(where);
    } else if (what == "unmasked") {
      unmasked_.insert(how + " " + where);
      interrupted_++;
    } else if (what == "masked") {
      unmasked_.erase(how + " " + where);
    } else if (what == "interrupts") {
      std::string type;
      words >> type;
      if (how == "on" && type != "INTx") messages_.insert(where);
      if (how == "off") messages_.erase(where);
    } else if (what == "free") {
      free(text, std::stoull(where, nullptr, 16));
    }
  }

  void free(const std::string& text, std::uint64_t size) {
    // Memory of the process: what the kernel itself allocates, stacks say, is less.
    if (size < std::uint64_t{16} << 20) return;
    EXPECT_TRUE(quiet()) << "line " << next_ << ": " << text;
    freed_++;
  }

  std::size_t next_ = 0;
  int freed_ = 0;
  int started_ = 0;
  int interrupted_ = 0;
  std::set<std::string> masters_;
  std::set<std::string> messages_;
  std::set<std::string> lines_;
  std::set<std::string> unmasked_;
};

// Once the kernel has noticed that the process before is gone; null if it never does.
std::shared_ptr<Bus> open_when_free(const ServedKernel& kernel) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (;;) {
    try {
      return open_bus(kernel.spec("/dev/pupci0"));
    } catch (const Error& error) {
      if (error.errnum() != EBUSY || std::chrono::steady_clock::now() > end) {
        ADD_FAILURE() << error.what();
        return nullptr;
      }
    }
    std::this_thread::yield();
  }
}

class NetbsdKill : public testing::TestWithParam<unsigned> {};

TEST_P(NetbsdKill, QuietBeforeAnythingIsFreed) {
  ServedKernel kernel("qemu", {"-device", "edu,addr=2"});
  Watch watch;
  const bool line = GetParam() % 2 != 0;
  std::mt19937 random(GetParam());
  for (int round = 1; round <= rounds && !HasFailure(); round++) {
    Command program({kernel.spec("/dev/pupci0"), line ? "line" : "message"}, {}, hammer);
    // Every second one at its work, the others wherever they are.
    if (round % 2 == 0) {
      ASSERT_TRUE(program.wait_for("at work")) << program.so_far().errors;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60000));
    program.signal(SIGKILL);
    EXPECT_EQ(program.wait().status, 128 + SIGKILL);
    // One that was killed before it had joined is no process of the kernel's.
    const auto bus = open_when_free(kernel);
    ASSERT_NE(bus, nullptr);
    EXPECT_EQ(bus->function({0, 0, 2, 0})->config_read(0, 4), 0x11e81234U);
    // It is ours now, and we have not asked for anything.
    watch.read(kernel.trace());
    EXPECT_TRUE(watch.quiet()) << round;
    EXPECT_THAT(kernel.interrupts(), IsEmpty()) << round;
  }
  EXPECT_GE(watch.started(), rounds / 2) << "few were killed at their work";
  EXPECT_GE(watch.interrupted(), rounds / 2);
  // What is left over is a leak.
  EXPECT_EQ(kernel.end(), 0);
  // An edu cannot be reset: until it is detached its memory goes from owner to owner.
  watch.read(kernel.trace());
  EXPECT_GE(watch.freed(), 1);
}

INSTANTIATE_TEST_SUITE_P(Batches, NetbsdKill, testing::Range(0U, batches),
                         [](const auto& batch) { return std::to_string(batch.param); });

}  // namespace
}  // namespace pupci::netbsd::test
