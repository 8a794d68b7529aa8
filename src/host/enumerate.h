// SPDX-License-Identifier: BSD-2-Clause
// What firmware does on a PC: finds the functions of a bus hierarchy, numbers its buses, gives
// addresses to BARs and windows to bridges. Knows configuration space only, so it serves any host
// without firmware; trusts nothing that it reads there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pupci/address.h"
#include "pupci/function.h"

namespace pupci {

/// Configuration space of all functions by address.
class ConfigAccess {
 public:
  virtual ~ConfigAccess() = default;
  /// `width` 1, 2 or 4, `offset` naturally aligned and below 256. All ones where nothing is.
  virtual std::uint32_t read(const Address& address, unsigned offset, unsigned width) noexcept = 0;
  virtual void write(const Address& address, unsigned offset, unsigned width,
                     std::uint32_t value) noexcept = 0;
};

/// Bus addresses [begin, end).
struct AddressRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool operator==(const AddressRange&) const = default;
};

/// What may be given out below bus 0.
struct BusResources {
  std::vector<AddressRange> io;
  std::vector<AddressRange> memory;    ///< below 4 GiB
  std::vector<AddressRange> memory64;  ///< above 4 GiB: for 64-bit BARs
  std::uint8_t last_bus = 255;
};

struct EnumeratedFunction {
  Address address;
  bool bridge = false;
  std::uint8_t header_type = 0;  ///< without the multi-function bit
  std::vector<Bar> bars;         ///< address 0 where it could not be assigned
  /// From bus 0 down: device number of each bridge above, for interrupt routing.
  std::vector<std::uint8_t> path;
  std::optional<Address> parent;  ///< the bridge above
};

struct Enumeration {
  std::vector<EnumeratedFunction> functions;  ///< in order of address
  std::vector<std::string> warnings;          ///< each names the function, for the user
};

/// Enumerates and assigns. Afterwards bridges forward memory, I/O and bus mastering; other
/// functions decode the spaces in which all their BARs have addresses, and master nothing. What was
/// assigned before and makes sense stays: bus numbers, windows, BARs.
///
/// Terminates for any contents of configuration space, and throws nothing for them.
Enumeration enumerate(ConfigAccess& config, const BusResources& resources);

}  // namespace pupci
