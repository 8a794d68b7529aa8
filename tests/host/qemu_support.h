// SPDX-License-Identifier: BSD-2-Clause
// What the tests of the qemu host share.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pupci/bus.h"
#include "pupci/qemu.h"

namespace qemu_test {

using namespace pupci;

inline std::shared_ptr<QemuBus> open(std::vector<std::string> arguments,
                                     std::size_t arena = std::size_t{64} << 20) {
  BusOptions options;
  options.arguments = std::move(arguments);
  options.arena_size = arena;
  auto bus = std::dynamic_pointer_cast<QemuBus>(open_bus("qemu", options));
  EXPECT_NE(bus, nullptr);
  return bus;
}

inline bool readable(int fd, int ms) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, ms) == 1;
}

// Long enough for any machine: a test that needs it has failed.
constexpr int patience_ms = 20000;

// Functions with these ids, in order.
inline std::vector<std::shared_ptr<Function>> find(Bus& bus, std::uint32_t id) {
  std::vector<std::shared_ptr<Function>> found;
  for (const Address& address : bus.functions()) {
    auto function = bus.function(address);
    if (function->config_read(0, 4) == id) found.push_back(std::move(function));
  }
  return found;
}

inline void set_command(Function& function, unsigned bits) {
  function.config_write(4, 2, function.config_read(4, 2) | bits);
}
constexpr unsigned bus_master = 4;

// QEMU's edu device (docs/specs/edu.txt).
struct Edu {
  static constexpr std::uint32_t id = 0x11e81234;
  static constexpr unsigned liveness = 0x04;
  static constexpr unsigned factorial = 0x08;
  static constexpr unsigned status = 0x20;
  static constexpr unsigned interrupt_status = 0x24;
  static constexpr unsigned raise = 0x60;
  static constexpr unsigned acknowledge = 0x64;
  static constexpr unsigned dma_source = 0x80;
  static constexpr unsigned dma_target = 0x88;
  static constexpr unsigned dma_count = 0x90;
  static constexpr unsigned dma_command = 0x98;
  static constexpr std::uint64_t buffer = 0x40000;
  static constexpr unsigned status_interrupt = 0x80;

  explicit Edu(std::shared_ptr<Function> f) : function(std::move(f)) {
    registers = function->map(0, 0, 0x100000);
    set_command(*function, bus_master);
  }
  std::uint64_t read(unsigned offset) { return registers->read(offset, 4); }
  void write(unsigned offset, std::uint64_t value) { registers->write(offset, 4, value); }
  void dma(std::uint64_t from, std::uint64_t to, std::uint64_t count, unsigned command) {
    registers->write(dma_source, 8, from);
    registers->write(dma_target, 8, to);
    registers->write(dma_count, 8, count);
    registers->write(dma_command, 8, command);
  }

  std::shared_ptr<Function> function;
  std::unique_ptr<Region> registers;
};

}  // namespace qemu_test
