// SPDX-License-Identifier: BSD-2-Clause
// Keeps the edu driver of a bus at work until it is killed: attaches it, has it interrupt and move
// bytes by DMA both ways from several threads, detaches it, and again. A second argument, "line":
// by its line, not by messages.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "../../../drivers/edu/eduio.h"
#include "driver/machine.h"
#include "netbsd/lines_only.h"

namespace {

using pupci::test::Machine;
using pupci::test::Node;

void interrupt() {
  for (std::uint32_t i = 0; i < 20; i++) {
    Node node("edu0");
    std::uint32_t value = i;
    node.ioctl(EDUIOC_FACTORIAL, &value);
  }
}

void move() {
  Node node("edu0");
  std::vector<std::byte> bytes(4095, std::byte{0x5a});
  for (int i = 0; i < 10; i++) {
    node.write(0, bytes);
    node.read(0, bytes);
  }
}

// Null while another process has the function.
std::unique_ptr<Machine> attach(const char* host, bool line) {
  try {
    auto bus = pupci::open_bus(host);
    if (line) bus = pupci::netbsd::test::lines_only(bus);
    return std::make_unique<Machine>(std::move(bus), std::vector<std::string>{"edu"});
  } catch (const pupci::Error& error) {
    if (error.errnum() == EBUSY) return nullptr;
    throw;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const bool line = argc > 2 && std::string_view(argv[2]) == "line";
  for (;;) {
    const auto machine = attach(argv[1], line);
    if (machine == nullptr) continue;
    if (machine->attached() != 1) return 1;
    std::thread other(move);
    std::puts("at work");
    std::fflush(stdout);
    interrupt();
    move();
    other.join();
  }
}
