// SPDX-License-Identifier: BSD-2-Clause
#include "host/register_text.h"

#include <fmt/core.h>

namespace pupci {
namespace {

void print_field(std::string& text, unsigned indent, const Bits& bits, std::uint32_t value) {
  const unsigned width = bits.high - bits.low + 1U;
  const std::uint32_t mask = width == 32 ? ~0U : (1U << width) - 1;
  const std::uint32_t field = (value >> bits.low) & mask;
  text += fmt::format("{:{}}{}: ", "", indent, bits.name);
  if (field < bits.values.size() && bits.values[field] != nullptr) {
    text += bits.values[field];
  } else if (width == 1) {
    text += field != 0 ? "on" : "off";
  } else {
    text += fmt::format("{:#x}", field);
  }
  text += '\n';
}

}  // namespace

void print_register(std::string& text, unsigned indent, const Register& what, std::uint32_t value) {
  text += fmt::format("{:{}}{}: 0x{:0{}x}\n", "", indent, what.name, value, what.width * 2);
  for (const Bits& bits : what.bits) print_field(text, indent + 2, bits, value);
}

void print_registers(std::string& text, unsigned indent, ConfigSpace& config, unsigned base,
                     std::span<const Register> registers) {
  for (const Register& what : registers) {
    const unsigned at = base + what.offset;
    if (at + what.width > config.size()) return;  // cut off by the end of the space
    print_register(text, indent, what, config.read(at, what.width));
  }
}

}  // namespace pupci
