// SPDX-License-Identifier: BSD-2-Clause
// Registers described by tables, and how they are printed: what config_text.cc is made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "pupci/capability.h"

namespace pupci {

/// A field of a register. One bit is shown as on or off, more as a number or by name.
struct Bits {
  std::uint8_t high;
  std::uint8_t low;
  const char* name;
  std::span<const char* const> values = {};  ///< by value; null or beyond: the number
};

struct Register {
  std::uint8_t offset;  ///< from the start of the capability, or of configuration space
  std::uint8_t width;   ///< 1, 2 or 4
  const char* name;
  std::span<const Bits> bits = {};
};

/// Appends the register and its fields to `text`, indented by `indent` columns.
void print_register(std::string& text, unsigned indent, const Register& what, std::uint32_t value);
/// Those at `base` of the space.
void print_registers(std::string& text, unsigned indent, ConfigSpace& config, unsigned base,
                     std::span<const Register> registers);

/// The registers of a capability after its first word; empty when it is not known.
std::span<const Register> capability_registers(unsigned id) noexcept;
std::span<const Register> extended_capability_registers(unsigned id) noexcept;
/// Of the header, both types.
extern const Register command_register;
extern const Register status_register;
extern const Register secondary_status_register;
extern const Register bridge_control_register;

}  // namespace pupci
