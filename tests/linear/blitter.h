// SPDX-License-Identifier: BSD-2-Clause
// A display adapter with a 2D engine, as little of one as tests need: BAR 0 is its memory, BAR 1
// its registers.
#pragma once

#include <chrono>
#include <cstring>
#include <vector>

#include "pupci/sim.h"

namespace pupci::test {

class Blitter final : public sim::Model {
 public:
  static constexpr std::uint64_t memory_size = 256 * 1024;
  static constexpr unsigned memory_bar = 0;
  static constexpr unsigned register_bar = 1;
  static constexpr std::uint64_t source = 0x00;
  static constexpr std::uint64_t target = 0x04;
  static constexpr std::uint64_t length = 0x08;
  static constexpr std::uint64_t color = 0x0c;
  static constexpr std::uint64_t command = 0x10;  // write: starts
  static constexpr std::uint64_t status = 0x14;   // 1: busy
  static constexpr std::uint64_t fill = 1;
  static constexpr std::uint64_t copy = 2;

  // With a delay the engine draws half at once and half later, and is busy till then.
  explicit Blitter(std::chrono::nanoseconds delay = {})
      : Model({.vendor = 0x1234, .device = 0xb117, .class_code = 0x038000}), delay_(delay) {
    add_bar(memory_bar, {.size = memory_size, .prefetchable = true});
    add_bar(register_bar, {.size = 4096});
  }

  struct Write {
    std::uint64_t offset;
    unsigned width;
  };
  // For tests, while nothing is going on.
  std::vector<std::byte> bytes = std::vector<std::byte>(memory_size);
  std::vector<Write> writes;
  unsigned reads = 0;

 protected:
  std::uint64_t read(unsigned bar, std::uint64_t offset, unsigned width) override {
    if (bar == register_bar) return offset == status ? busy_ : registers_[offset / 4 % 8];
    reads++;
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + offset, width);
    return value;
  }
  void write(unsigned bar, std::uint64_t offset, unsigned width, std::uint64_t value) override {
    if (bar == memory_bar) {
      writes.push_back({offset, width});
      std::memcpy(bytes.data() + offset, &value, width);
      return;
    }
    if (offset != command) {
      registers_[offset / 4 % 8] = value;
      return;
    }
    const std::uint64_t half = delay_.count() > 0 ? registers_[length / 4] / 2 : 0;
    const std::uint64_t all = registers_[length / 4];
    if (delay_.count() == 0) return draw(value, 0, all);
    draw(value, 0, half);
    busy_ = 1;
    after(delay_, [this, value, half, all] {
      draw(value, half, all);
      busy_ = 0;
    });
  }

 private:
  void draw(std::uint64_t what, std::uint64_t from, std::uint64_t to) {
    const std::uint64_t at = registers_[target / 4];
    if (what == fill) {
      std::memset(bytes.data() + at + from, static_cast<int>(registers_[color / 4]), to - from);
    } else {
      std::memmove(bytes.data() + at + from, bytes.data() + registers_[source / 4] + from,
                   to - from);
    }
  }

  std::chrono::nanoseconds delay_;
  std::uint64_t registers_[8] = {};
  std::uint64_t busy_ = 0;
};

}  // namespace pupci::test
