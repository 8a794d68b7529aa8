// SPDX-License-Identifier: BSD-2-Clause
// Decodes the header of configuration space: its type, and BARs with their sizes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pupci/capability.h"
#include "pupci/function.h"

namespace pupci {

enum class HeaderKind : std::uint8_t { absent, endpoint, bridge, cardbus, unknown };
const char* to_string(HeaderKind kind) noexcept;

struct Header {
  HeaderKind kind = HeaderKind::absent;  ///< absent: the vendor id reads all ones
  std::uint8_t type = 0;                 ///< the register without the multifunction bit
  bool multifunction = false;

  [[nodiscard]] unsigned bar_count() const noexcept;     ///< 6, 2, 1 or 0
  [[nodiscard]] unsigned rom_register() const noexcept;  ///< its offset, or 0 if there is none
};
Header read_header(ConfigSpace& config) noexcept;

/// What can be wrong with a BAR.
struct BarFault {
  enum class Kind : std::uint8_t {
    all_ones,          ///< reads all ones whatever is written: the function is gone
    size_zero,         ///< says what kind it is, but no address bit can be written
    not_power_of_two,  ///< the address bits that can be written have gaps
    reserved_type,     ///< the type field has a reserved value
    upper_half,        ///< 64 bits wide, but in the last register
    overlap,           ///< its addresses overlap those of an earlier BAR; it is listed all the same
    not_restored,      ///< reads otherwise after the sizing than before
  };
  unsigned index = 0;
  Kind kind = Kind::all_ones;
  bool operator==(const BarFault&) const = default;
};
std::string to_string(const BarFault& fault);  ///< "BAR 5: 64 bits wide, but the last register"

struct BarList {
  std::vector<Bar> bars;  ///< the good ones, in order of index
  std::vector<BarFault> faults;
};

/// Sizes the BARs: turns decoding off, writes all ones to each, and puts everything back. Ends
/// whatever the space answers. PCI Local Bus 3.0, 6.2.5.1. Nobody else may use the function
/// meanwhile.
BarList size_bars(ConfigSpace& config);

/// Where the BARs of `sized` are now, by reading only; kinds and sizes are taken over.
void refresh_addresses(ConfigSpace& config, std::vector<Bar>& sized) noexcept;

/// Offset of the register of BAR `index` (Bar::rom_index for the ROM's).
unsigned bar_register(const Header& header, unsigned index) noexcept;

}  // namespace pupci
