// SPDX-License-Identifier: BSD-2-Clause
// Keeps the edu driver of a bus at work until it is killed: attaches it, has it interrupt and move
// bytes by DMA both ways from several threads, detaches it, and again.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../../../drivers/edu/eduio.h"
#include "driver/machine.h"

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
std::unique_ptr<Machine> attach(const char* host) {
  try {
    return std::make_unique<Machine>(host, std::vector<std::string>(),
                                     std::vector<std::string>{"edu"});
  } catch (const pupci::Error& error) {
    if (error.errnum() == EBUSY) return nullptr;
    throw;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  for (;;) {
    const auto machine = attach(argv[1]);
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
