// SPDX-License-Identifier: BSD-2-Clause
// "dma": a copying engine that completes asynchronously, with interrupts of every type. 1234:5002.
// Variants: "intx", "msi", "msix" offer only that type.
//
//   BAR 0, memory, 4 KiB, 32- and 64-bit accesses
//     0x00 ro 32  "dma0" in ASCII
//     0x04 ro 32  status: bit 0 busy
//     0x08 w1c 32 cause: bit 0 done, bit 1 error (an address that faults, or length 0)
//     0x0c rw 32  interrupt enable, bits as in cause. INTx is asserted while cause & enable;
//                 message vector 0 says done and 1 error (vector 0 both, if there is one only)
//     0x10 rw 64  source bus address
//     0x18 rw 64  destination bus address
//     0x20 rw 32  length in bytes, at most 1 MiB
//     0x24 wo 32  command: 1 copy, 2 fill the destination with the low byte of the source register
//     0x28 rw 32  delay until completion, microseconds; 10 after reset
//     0x2c ro 32  commands completed
//   BAR 2, 64-bit memory, 4 KiB: the MSI-X table at 0, pending bits at 0x800
#include <algorithm>
#include <vector>

#include "host/sim/models.h"

namespace pupci::sim {
namespace {

constexpr std::uint32_t cause_done = 1;
constexpr std::uint32_t cause_error = 2;
constexpr std::uint32_t longest = 1U << 20;

class DmaEngine final : public Model {
 public:
  explicit DmaEngine(std::string_view types)
      : Model({.device = 0x5002,
               .class_code = 0x088000,
               .interrupt_pin = static_cast<std::uint8_t>(offers(types, "intx") ? 1 : 0)}) {
    add_bar(0, {.size = 4096});
    add_bar(2, {.kind = Bar::Kind::memory64, .size = 4096});
    add_power_management();
    if (offers(types, "msi")) add_msi(4, true);
    if (offers(types, "msix")) add_msix(4, 2, 0, 0x800);
    add_express(true);
  }

 protected:
  std::uint64_t read(unsigned bar, std::uint64_t offset, unsigned width) override {
    if (bar != 0 || (width != 4 && width != 8)) return UINT64_MAX;
    switch (offset) {
      case 0x00:
        return 0x30616d64;
      case 0x04:
        return busy_ ? 1 : 0;
      case 0x08:
        return cause_;
      case 0x0c:
        return enable_;
      case 0x10:
        return source_;
      case 0x14:
        return source_ >> 32;
      case 0x18:
        return destination_;
      case 0x1c:
        return destination_ >> 32;
      case 0x20:
        return length_;
      case 0x28:
        return delay_;
      case 0x2c:
        return completed_;
      default:
        return UINT64_MAX;
    }
  }

  void write(unsigned bar, std::uint64_t offset, unsigned width, std::uint64_t value) override {
    if (bar != 0 || (width != 4 && width != 8)) return;
    const auto word = static_cast<std::uint32_t>(value);
    switch (offset) {
      case 0x08:
        cause_ &= ~word;
        return update_level();
      case 0x0c:
        enable_ = word & (cause_done | cause_error);
        return update_level();
      case 0x10:
      case 0x14:
        return set_address(source_, offset == 0x14, width, value);
      case 0x18:
      case 0x1c:
        return set_address(destination_, offset == 0x1c, width, value);
      case 0x20:
        length_ = word;
        return;
      case 0x24:
        return start(word);
      case 0x28:
        delay_ = word;
        return;
      default:
        return;
    }
  }

  void reset() override {
    cause_ = enable_ = length_ = completed_ = 0;
    delay_ = default_delay;
    source_ = destination_ = 0;
    busy_ = false;
  }

 private:
  static constexpr std::uint32_t default_delay = 10;

  static bool offers(std::string_view types, std::string_view type) {
    return types.empty() || types == type;
  }

  static void set_address(std::uint64_t& address, bool upper, unsigned width, std::uint64_t value) {
    if (width == 8) {
      if (!upper) address = value;
    } else if (upper) {
      address = (address & UINT32_MAX) | value << 32;
    } else {
      address = (address & ~std::uint64_t{UINT32_MAX}) | value;
    }
  }

  void start(std::uint32_t command) {
    if (busy_ || (command != 1 && command != 2)) return;
    busy_ = true;
    after(std::chrono::microseconds(delay_), [this, command] {
      const bool good = command == 1 ? copy() : fill();
      busy_ = false;
      completed_++;
      finish(good ? cause_done : cause_error);
    });
  }

  bool copy() {
    if (length_ == 0 || length_ > longest) return false;
    std::vector<std::byte> buffer(length_);
    return dma_read(source_, buffer.data(), length_) &&
           dma_write(destination_, buffer.data(), length_);
  }

  bool fill() {
    if (length_ == 0 || length_ > longest) return false;
    const std::vector<std::byte> buffer(length_, static_cast<std::byte>(source_));
    return dma_write(destination_, buffer.data(), length_);
  }

  void finish(std::uint32_t cause) {
    cause_ |= cause;
    if ((cause & enable_) != 0 && messages_enabled()) {
      const unsigned vector = cause == cause_error ? 1 : 0;
      signal(vector < enabled_vectors() ? vector : 0);
    }
    update_level();
  }

  void update_level() {
    if ((cause_ & enable_) != 0) {
      raise_intx();
    } else {
      lower_intx();
    }
  }

  std::uint32_t cause_ = 0;
  std::uint32_t enable_ = 0;
  std::uint64_t source_ = 0;
  std::uint64_t destination_ = 0;
  std::uint32_t length_ = 0;
  std::uint32_t delay_ = default_delay;
  std::uint32_t completed_ = 0;
  bool busy_ = false;
};

}  // namespace

std::shared_ptr<Model> make_dma_engine(std::string_view variant) {
  if (!variant.empty() && variant != "intx" && variant != "msi" && variant != "msix") {
    bad_variant("dma", variant, "intx, msi, msix");
  }
  return std::make_shared<DmaEngine>(variant);
}

}  // namespace pupci::sim
