// SPDX-License-Identifier: BSD-2-Clause
// The table. To add a function: from its manual, the register that tells its causes and the one
// that masks them; nothing else of this project needs to change.
#include "host/netbsd/shim.h"

namespace pupci::netbsd {
namespace {

constexpr pupci_step read(std::uint8_t bar, std::uint8_t width, std::uint32_t offset,
                          std::uint8_t v) {
  return {PUPCI_STEP_READ, bar, width, v, offset, 0, 0};
}
constexpr pupci_step test(std::uint8_t v, std::uint32_t mask) {
  return {PUPCI_STEP_TEST, 0, 0, v, 0, mask, 0};
}
// (v & mask) | value
constexpr pupci_step write(std::uint8_t bar, std::uint8_t width, std::uint32_t offset,
                           std::uint8_t v, std::uint32_t mask, std::uint32_t value) {
  return {PUPCI_STEP_WRITE, bar, width, v, offset, mask, value};
}
constexpr pupci_step end = {PUPCI_STEP_END, 0, 0, 0, 0, 0, 0};

// Intel 82557, 8255x Open Source Software Developer Manual 6.3.2: the upper byte of the status word
// has the causes, bit 0 of the interrupt control byte masks them all.
constexpr pupci_step i8255x_handler[] = {read(0, 2, 0x00, 0), test(0, 0xff00),
                                         write(0, 1, 0x03, 0, 0, 0x01), end};
constexpr pupci_step i8255x_acknowledge[] = {write(0, 1, 0x03, 0, 0, 0x00), end};

// Realtek RTL8139, programming guide 6.6 and 6.7: causes at 3eh, their mask at 3ch, both 16 bits.
constexpr pupci_step rtl8139_handler[] = {
    read(1, 2, 0x3c, 1), read(1, 2, 0x3e, 0),        test(0, 0xffff),
    test(1, 0xffff),     write(1, 2, 0x3c, 0, 0, 0), end};
constexpr pupci_step rtl8139_acknowledge[] = {write(1, 2, 0x3c, 1, 0xffff, 0), end};

template <std::size_t H, std::size_t A>
constexpr Shim shim(std::uint16_t vendor, std::uint16_t product, const pupci_step (&handler)[H],
                    const pupci_step (&acknowledge)[A]) {
  static_assert(H <= PUPCI_NSTEPS && A <= PUPCI_NSTEPS);
  Shim made{vendor, product, {}, {}};
  for (std::size_t i = 0; i < H; i++) made.handler[i] = handler[i];
  for (std::size_t i = 0; i < A; i++) made.acknowledge[i] = acknowledge[i];
  return made;
}

constexpr Shim table[] = {
    shim(0x8086, 0x1229, i8255x_handler, i8255x_acknowledge),
    shim(0x10ec, 0x8139, rtl8139_handler, rtl8139_acknowledge),
};

}  // namespace

const Shim* find_shim(std::uint16_t vendor, std::uint16_t product) noexcept {
  for (const Shim& each : table) {
    if (each.vendor == vendor && each.product == product) return &each;
  }
  return nullptr;
}

}  // namespace pupci::netbsd
