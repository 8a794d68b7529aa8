// SPDX-License-Identifier: BSD-2-Clause
// Capabilities of a PCI function, from configuration space that may say anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pupci/function.h"

namespace pupci {

/// Configuration space as the decoders need it. Rules of access as in Function.
class ConfigSpace {
 public:
  virtual ~ConfigSpace() = default;
  [[nodiscard]] virtual unsigned size() const noexcept = 0;  ///< 256 or 4096
  virtual std::uint32_t read(unsigned offset, unsigned width) noexcept = 0;
  virtual void write(unsigned offset, unsigned width, std::uint32_t value) noexcept = 0;
};

/// That of a function, which must outlive it.
class FunctionConfig final : public ConfigSpace {
 public:
  explicit FunctionConfig(Function& function) noexcept : function_(function) {}
  [[nodiscard]] unsigned size() const noexcept override { return function_.config_size(); }
  std::uint32_t read(unsigned offset, unsigned width) noexcept override {
    return function_.config_read(offset, width);
  }
  void write(unsigned offset, unsigned width, std::uint32_t value) noexcept override {
    function_.config_write(offset, width, value);
  }

 private:
  Function& function_;
};

struct Capability {
  unsigned id = 0;       ///< 8 bits; extended ones 16
  unsigned version = 0;  ///< of an extended one, else 0
  unsigned offset = 0;   ///< in configuration space
  bool operator==(const Capability&) const = default;
};

/// What can be wrong with a list of capabilities. What was found before the fault is good.
enum class CapabilityFault : std::uint8_t {
  none,
  loop,          ///< a pointer leads back into the list
  in_header,     ///< a pointer below 0x40, or below 0x100 in the extended list
  out_of_range,  ///< a capability does not fit before the end of the space
  all_ones,      ///< a capability reads as all ones: the function is gone
};

struct CapabilityList {
  std::vector<Capability> found;  ///< in the order of the list
  CapabilityFault fault = CapabilityFault::none;
  unsigned fault_offset = 0;  ///< the bad pointer, with a fault

  /// The first of that id.
  [[nodiscard]] const Capability* find(unsigned id) const noexcept;
  /// "capability list: pointer 0x20 lies in the header"; empty without a fault.
  [[nodiscard]] std::string fault_text() const;
};

/// Both end whatever the space holds. None of these throws but for lack of memory.
/// PCI Local Bus 3.0, 6.7; PCI Express Base, 7.6.
CapabilityList capabilities(ConfigSpace& config);
CapabilityList extended_capabilities(ConfigSpace& config);
CapabilityList capabilities(Function& function);
CapabilityList extended_capabilities(Function& function);

/// Offset of the first capability of that id; does not allocate.
std::optional<unsigned> find_capability(ConfigSpace& config, unsigned id) noexcept;
std::optional<unsigned> find_extended_capability(ConfigSpace& config, unsigned id) noexcept;

/// "MSI", "PCI Express", "Serial Number"; "capability 0x7e" for one without a name.
std::string capability_name(unsigned id);
std::string extended_capability_name(unsigned id);

struct MsiCapability {
  unsigned offset = 0;
  unsigned vectors = 0;  ///< offered: 1, 2, 4 .. 32
  unsigned vectors_enabled = 0;
  bool address64 = false;
  bool maskable = false;
  bool enabled = false;
};
std::optional<MsiCapability> msi_capability(ConfigSpace& config) noexcept;

struct MsixCapability {
  unsigned offset = 0;
  unsigned vectors = 0;  ///< 1..2048
  unsigned table_bar = 0;
  std::uint32_t table_offset = 0;
  unsigned pending_bar = 0;
  std::uint32_t pending_offset = 0;
  bool enabled = false;
  bool masked = false;
};
/// Nothing too when a BAR indicator is above 5.
std::optional<MsixCapability> msix_capability(ConfigSpace& config) noexcept;

}  // namespace pupci
