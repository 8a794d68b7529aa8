// SPDX-License-Identifier: BSD-2-Clause
// The interrupters of QEMU's xHCI controllers, each raised by itself (xHCI 1.2, 5.5.2): one that is
// told, by its dequeue pointer, that its events are handled, though there are more, says so again.
// The pointer is one entry beyond where the controller writes next.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>

#include "pupci/dma.h"

namespace pupci::test {

class XhciInterrupters {
 public:
  static constexpr std::uint32_t nec_id = 0x01941033;
  using Read = std::function<std::uint32_t(unsigned offset)>;
  using Write = std::function<void(unsigned offset, std::uint32_t value)>;

  // By 4-byte accesses to BAR 0. Bus mastering must be on: the controller reads its tables.
  XhciInterrupters(Dma& dma, const Read& read, Write write)
      : dma_(dma), write_(std::move(write)), memory_(allocate(dma)) {
    const unsigned operational = read(0) & 0xff;
    runtime_ = read(0x18);
    count_ = read(4) >> 8 & 0x7ff;
    write_(operational, interrupts_enabled);
    const std::uint64_t ring = dma_.to_bus(memory_) + table_size;
    const std::uint64_t table[2] = {ring, entries};
    std::memcpy(memory_, table, sizeof table);
    for (unsigned i = 0; i < count_; i++) set_up(i);
  }
  ~XhciInterrupters() { dma_.release(memory_, memory_size); }
  XhciInterrupters(const XhciInterrupters&) = delete;
  XhciInterrupters& operator=(const XhciInterrupters&) = delete;

  [[nodiscard]] unsigned count() const { return count_; }
  // One message, if the function sends messages. QEMU before 9.2.1 aborts when the function has
  // fewer vectors.
  void raise(unsigned interrupter) const {
    constexpr std::uint32_t handled = 1U << 3;
    const std::uint64_t next = dma_.to_bus(memory_) + table_size + entry_size;
    write_(at(interrupter) + 0x1c, static_cast<std::uint32_t>(next >> 32));
    write_(at(interrupter) + 0x18, static_cast<std::uint32_t>(next) | handled);
  }

 private:
  static constexpr std::uint32_t interrupts_enabled = 1U << 2;
  static constexpr unsigned entries = 16;
  static constexpr unsigned entry_size = 16;
  static constexpr std::size_t table_size = 64;
  static constexpr std::size_t memory_size = 4096;

  static unsigned char* allocate(Dma& dma) {
    DmaConstraints constraints;
    constraints.alignment = 4096;
    return static_cast<unsigned char*>(dma.allocate(memory_size, constraints));
  }
  [[nodiscard]] unsigned at(unsigned interrupter) const {
    return runtime_ + 0x20 + 32 * interrupter;
  }
  void set_up(unsigned interrupter) const {
    const std::uint64_t table = dma_.to_bus(memory_);
    const unsigned registers = at(interrupter);
    write_(registers, 2);      // enabled
    write_(registers + 8, 1);  // the table's entries
    write_(registers + 0x10, static_cast<std::uint32_t>(table));
    write_(registers + 0x14, static_cast<std::uint32_t>(table >> 32));
  }

  Dma& dma_;
  Write write_;
  unsigned char* memory_;
  unsigned runtime_ = 0;
  unsigned count_ = 0;
};

}  // namespace pupci::test
