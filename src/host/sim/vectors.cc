// SPDX-License-Identifier: BSD-2-Clause
// "msix": a function with 32 MSI-X vectors, 32 of MSI and INTA, that fires what it is told to.
// 1234:5003. The variant "drop" loses every interrupt.
//
//   BAR 0, memory, 4 KiB, 32-bit accesses
//     0x00 ro  "msix" in ASCII
//     0x04 wo  sends the message of that vector now
//     0x08 wo  sends vector (bits 7:0) as many times as bits 31:8 say
//     0x0c wo  sends every vector whose bit is set
//     0x10 rw  INTx level: 1 asserted
//     0x14 rw  delay of 0x18, microseconds
//     0x18 wo  sends the message of that vector (or, without messages, asserts INTx) after the
//     delay 0x1c ro  messages asked for so far
//   BAR 4, 64-bit memory, 16 KiB: the MSI-X table at 0, pending bits at 0x2000
#include "host/sim/models.h"

namespace pupci::sim {
namespace {

class Vectors final : public Model {
 public:
  explicit Vectors(bool drop)
      : Model({.device = 0x5003, .class_code = 0xff0000, .interrupt_pin = 1}), drop_(drop) {
    add_bar(0, {.size = 4096});
    add_bar(4, {.kind = Bar::Kind::memory64, .size = 16384});
    add_power_management();
    add_msi(32, true);
    add_msix(32, 4, 0, 0x2000);
    add_express(true);
  }

 protected:
  std::uint64_t read(unsigned bar, std::uint64_t offset, unsigned width) override {
    if (bar != 0 || width != 4) return UINT64_MAX;
    switch (offset) {
      case 0x00:
        return 0x7869736d;
      case 0x10:
        return level_ ? 1 : 0;
      case 0x14:
        return delay_;
      case 0x1c:
        return sent_;
      default:
        return UINT64_MAX;
    }
  }

  void write(unsigned bar, std::uint64_t offset, unsigned width, std::uint64_t value) override {
    if (bar != 0 || width != 4) return;
    const auto word = static_cast<std::uint32_t>(value);
    switch (offset) {
      case 0x04:
        return send(word);
      case 0x08:
        for (std::uint32_t i = 0; i < word >> 8; i++) send(word & 0xff);
        return;
      case 0x0c:
        for (unsigned vector = 0; vector < 32; vector++) {
          if ((word >> vector & 1) != 0) send(vector);
        }
        return;
      case 0x10:
        return level((word & 1) != 0);
      case 0x14:
        delay_ = word;
        return;
      case 0x18:
        after(std::chrono::microseconds(delay_), [this, word] {
          if (messages_enabled()) {
            send(word);
          } else {
            level(true);
          }
        });
        return;
      default:
        return;
    }
  }

  void reset() override {
    level_ = false;
    delay_ = 0;
    sent_ = 0;
  }

 private:
  void send(unsigned vector) {
    sent_++;
    if (!drop_) signal(vector);
  }
  void level(bool on) {
    level_ = on;
    if (on && !drop_) {
      raise_intx();
    } else {
      lower_intx();
    }
  }

  bool drop_;
  bool level_ = false;
  std::uint32_t delay_ = 0;
  std::uint32_t sent_ = 0;
};

}  // namespace

std::shared_ptr<Model> make_vectors(std::string_view variant) {
  if (!variant.empty() && variant != "drop") bad_variant("msix", variant, "drop");
  return std::make_shared<Vectors>(!variant.empty());
}

}  // namespace pupci::sim
