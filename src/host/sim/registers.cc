// SPDX-License-Identifier: BSD-2-Clause
// "regs": a register file, one of each kind of BAR, for tests of accesses. 1234:5001.
//
//   BAR 0, memory, 4 KiB, trapped
//     0x000 ro  32  "regs" in ASCII
//     0x004 ro  32  accesses to this BAR so far, this one not counted
//     0x008 ro  32  width of the last write in bytes, its offset in bits 31:16
//     0x010 rw   8  0x012 rw 16  0x014 rw 32  0x018 rw 64, each of that width only
//     0x020 w1c 32  bits that were set through 0x024, cleared by writing ones
//     0x024 wo  32  sets bits of 0x020
//     0x028 rc  32  a copy of what was written to it last; reading clears it
//     0x030 rw  any FIFO of 256 items: writing appends, reading takes; empty reads all ones
//     0x038 ro  32  items in the FIFO
//     0x800 - 0xfff  memory, any width
//   BAR 1, memory, 64 KiB, direct
//   BAR 2, I/O, 32 ports: 0x00 the width of the last write (8 bits), 0x10 - 0x1f memory, any width
//   BAR 4, 64-bit prefetchable memory, 1 MiB, direct
//   The rest reads all ones. The BARs that are memory start as zero and survive a reset.
#include <array>
#include <cstring>
#include <deque>
#include <utility>

#include "host/sim/models.h"

namespace pupci::sim {
namespace {

constexpr std::uint64_t KiB = 1024;

// Little-endian memory within a trapped BAR.
template <std::size_t size>
class Scratch {
 public:
  explicit constexpr Scratch(std::uint64_t start) : start_(start) {}
  [[nodiscard]] bool holds(std::uint64_t offset, unsigned width) const noexcept {
    return offset >= start_ && offset - start_ + width <= size;
  }
  [[nodiscard]] std::uint64_t read(std::uint64_t offset, unsigned width) const noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data() + (offset - start_), width);
    return value;
  }
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept {
    std::memcpy(bytes_.data() + (offset - start_), &value, width);
  }

 private:
  std::uint64_t start_;
  std::array<std::byte, size> bytes_{};
};

class Registers final : public Model {
 public:
  Registers() : Model({.device = 0x5001, .class_code = 0xff0000}) {
    add_bar(0, {.size = 4 * KiB});
    add_bar(1, {.size = 64 * KiB, .direct = true});
    add_bar(2, {.kind = Bar::Kind::io, .size = 32});
    add_bar(
        4, {.kind = Bar::Kind::memory64, .size = 1024 * KiB, .prefetchable = true, .direct = true});
    add_power_management();
    add_express(true);
    const std::array<std::uint8_t, 8> serial{1, 2, 3, 4, 5, 6, 7, 8};
    add_extended_capability(0x0003, 1, serial);
  }

 protected:
  std::uint64_t read(unsigned bar, std::uint64_t offset, unsigned width) override {
    if (bar == 2) return read_port(offset, width);
    const std::uint32_t before = accesses_++;
    if (memory_.holds(offset, width)) return memory_.read(offset, width);
    if (offset == 0x30) return pop();
    if (offset == 0x10 && width == 1) return byte_;
    if (offset == 0x12 && width == 2) return half_;
    if (offset == 0x18 && width == 8) return wide_;
    if (width != 4) return UINT64_MAX;
    switch (offset) {
      case 0x00:
        return 0x73676572;
      case 0x04:
        return before;
      case 0x08:
        return last_write_;
      case 0x14:
        return word_;
      case 0x20:
        return flags_;
      case 0x28:
        return std::exchange(clears_, 0);
      case 0x38:
        return fifo_.size();
      default:
        return UINT64_MAX;
    }
  }

  void write(unsigned bar, std::uint64_t offset, unsigned width, std::uint64_t value) override {
    if (bar == 2) return write_port(offset, width, value);
    accesses_++;
    last_write_ = static_cast<std::uint32_t>(offset << 16 | width);
    if (memory_.holds(offset, width)) return memory_.write(offset, width, value);
    if (offset == 0x30 && fifo_.size() < 256) fifo_.push_back(value);
    if (offset == 0x10 && width == 1) byte_ = static_cast<std::uint8_t>(value);
    if (offset == 0x12 && width == 2) half_ = static_cast<std::uint16_t>(value);
    if (offset == 0x18 && width == 8) wide_ = value;
    if (width == 4) write_word(offset, static_cast<std::uint32_t>(value));
  }

  void reset() override {
    byte_ = 0;
    half_ = 0;
    word_ = flags_ = clears_ = accesses_ = last_write_ = 0;
    wide_ = 0;
    fifo_.clear();
  }

 private:
  void write_word(std::uint64_t offset, std::uint32_t value) {
    if (offset == 0x14) word_ = value;
    if (offset == 0x20) flags_ &= ~value;
    if (offset == 0x24) flags_ |= value;
    if (offset == 0x28) clears_ = value;
  }

  [[nodiscard]] std::uint64_t read_port(std::uint64_t offset, unsigned width) const {
    if (ports_.holds(offset, width)) return ports_.read(offset, width);
    return offset == 0 && width == 1 ? port_width_ : UINT64_MAX;
  }
  void write_port(std::uint64_t offset, unsigned width, std::uint64_t value) {
    port_width_ = width;
    if (ports_.holds(offset, width)) ports_.write(offset, width, value);
  }

  std::uint64_t pop() {
    if (fifo_.empty()) return UINT64_MAX;
    const std::uint64_t value = fifo_.front();
    fifo_.pop_front();
    return value;
  }

  Scratch<2048> memory_{0x800};
  Scratch<16> ports_{0x10};
  std::uint8_t byte_ = 0;
  std::uint16_t half_ = 0;
  std::uint32_t word_ = 0;
  std::uint64_t wide_ = 0;
  std::uint32_t flags_ = 0;
  std::uint32_t clears_ = 0;
  std::uint32_t accesses_ = 0;
  std::uint32_t last_write_ = 0;
  unsigned port_width_ = 0;
  std::deque<std::uint64_t> fifo_;
};

}  // namespace

std::shared_ptr<Model> make_registers(std::string_view variant) {
  if (!variant.empty()) bad_variant("regs", variant, "none");
  return std::make_shared<Registers>();
}

}  // namespace pupci::sim
