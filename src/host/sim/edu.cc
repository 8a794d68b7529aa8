// SPDX-License-Identifier: BSD-2-Clause
// "edu": register-compatible with QEMU's educational device (QEMU docs/specs/edu), so that one
// driver runs on both. The variant is the DMA mask, by default 0xfffffff (28 bits).
#include <array>
#include <charconv>
#include <cstring>

#include "host/sim/models.h"

namespace pupci::sim {
namespace {

using namespace std::chrono_literals;

enum Register : std::uint64_t {
  identification = 0x00,
  liveness = 0x04,
  factorial = 0x08,
  status = 0x20,
  irq_status = 0x24,
  irq_raise = 0x60,
  irq_acknowledge = 0x64,
  dma_source = 0x80,
  dma_destination = 0x88,
  dma_count = 0x90,
  dma_command = 0x98,
};

constexpr std::uint32_t status_computing = 0x01;
constexpr std::uint32_t status_interrupt = 0x80;
constexpr std::uint64_t command_run = 1;
constexpr std::uint64_t command_to_memory = 2;
constexpr std::uint64_t command_interrupt = 4;
constexpr std::uint32_t irq_factorial = 0x001;
constexpr std::uint32_t irq_dma = 0x100;

constexpr std::uint64_t buffer_start = 0x40000;
constexpr std::uint64_t buffer_size = 4096;

class Edu final : public Model {
 public:
  explicit Edu(std::uint64_t mask)
      : Model({.device = 0x11e8, .revision = 0x10, .interrupt_pin = 1}), mask_(mask) {
    add_bar(0, {.size = std::uint64_t{1} << 20});
    add_msi(1, false);
  }

 protected:
  std::uint64_t read(unsigned /*bar*/, std::uint64_t offset, unsigned width) override {
    if (!accepts(offset, width)) return UINT64_MAX;
    switch (offset) {
      case identification:
        return 0x010000ed;
      case liveness:
        return liveness_;
      case factorial:
        return factorial_;
      case status:
        return status_;
      case irq_status:
        return causes_;
      case dma_source:
        return source_;
      case dma_destination:
        return destination_;
      case dma_count:
        return count_;
      case dma_command:
        return command_;
      default:
        return UINT64_MAX;
    }
  }

  void write(unsigned /*bar*/, std::uint64_t offset, unsigned width, std::uint64_t value) override {
    if (!accepts(offset, width)) return;
    const auto word = static_cast<std::uint32_t>(value);
    switch (offset) {
      case liveness:
        liveness_ = ~word;
        break;
      case factorial:
        compute(word);
        break;
      case status:
        status_ = (status_ & status_computing) | (word & status_interrupt);
        break;
      case irq_raise:
        raise(word);
        break;
      case irq_acknowledge:
        causes_ &= ~word;
        if (causes_ == 0) lower_intx();
        break;
      default:
        write_dma(offset, value);
    }
  }

  void reset() override {
    liveness_ = factorial_ = status_ = causes_ = 0;
    source_ = destination_ = count_ = command_ = 0;
    buffer_ = {};
  }

 private:
  static bool accepts(std::uint64_t offset, unsigned width) {
    return width == 4 || (width == 8 && offset >= 0x80);
  }

  void raise(std::uint32_t cause) {
    causes_ |= cause;
    if (causes_ != 0) interrupt();
  }

  void compute(std::uint32_t n) {
    if ((status_ & status_computing) != 0) return;
    factorial_ = n;
    status_ |= status_computing;
    after(1us, [this] {
      std::uint32_t product = 1;
      // 34! and all above are 0 modulo 2^32.
      for (std::uint32_t k = std::min(factorial_, 34U); k > 1; k--) product *= k;
      factorial_ = product;
      status_ &= ~status_computing;
      if ((status_ & status_interrupt) != 0) raise(irq_factorial);
    });
  }

  void write_dma(std::uint64_t offset, std::uint64_t value) {
    if ((command_ & command_run) != 0) return;
    switch (offset) {
      case dma_source:
        source_ = value;
        break;
      case dma_destination:
        destination_ = value;
        break;
      case dma_count:
        count_ = value;
        break;
      case dma_command:
        if ((value & command_run) == 0) break;
        command_ = value;
        after(10us, [this] { transfer(); });
        break;
      default:
        break;
    }
  }

  void transfer() {
    const bool to_memory = (command_ & command_to_memory) != 0;
    const std::uint64_t local = to_memory ? source_ : destination_;
    const std::uint64_t remote = (to_memory ? destination_ : source_) & mask_;
    const std::uint64_t at = local - buffer_start;
    if (at <= buffer_size && count_ <= buffer_size - at) {
      if (to_memory) {
        dma_write(remote, buffer_.data() + at, count_);
      } else {
        dma_read(remote, buffer_.data() + at, count_);
      }
    }
    command_ &= ~command_run;
    if ((command_ & command_interrupt) != 0) raise(irq_dma);
  }

  std::uint64_t mask_;
  std::uint32_t liveness_ = 0;
  std::uint32_t factorial_ = 0;
  std::uint32_t status_ = 0;
  std::uint32_t causes_ = 0;
  std::uint64_t source_ = 0;
  std::uint64_t destination_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t command_ = 0;
  std::array<std::byte, buffer_size> buffer_{};
};

}  // namespace

std::shared_ptr<Model> make_edu(std::string_view variant) {
  std::uint64_t mask = 0x0fffffff;
  if (!variant.empty()) {
    const char* digits = variant.data() + (variant.substr(0, 2) == "0x" ? 2 : 0);
    const char* end = variant.data() + variant.size();
    const auto [stop, error] = std::from_chars(digits, end, mask, 16);
    if (error != std::errc{} || stop != end) {
      bad_variant("edu", variant, "the DMA mask in hexadecimal: 0xffffffff");
    }
  }
  return std::make_shared<Edu>(mask);
}

}  // namespace pupci::sim
