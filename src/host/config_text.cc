// SPDX-License-Identifier: BSD-2-Clause
#include "pupci/config_text.h"

#include <fmt/core.h>

#include <array>

#include "host/register_text.h"
#include "pupci/capability.h"
#include "pupci/pci_config.h"
#include "pupci/pci_ids.h"

namespace pupci {
namespace {

class Printer {
 public:
  explicit Printer(Function& function) : function_(function), config_(function) {}

  std::string print() {
    common();
    switch (read(pci::header_type, 1) & pci::header::type_mask) {
      case pci::header::endpoint:
        endpoint();
        break;
      case pci::header::bridge:
        bridge();
        break;
      default:
        line(2, "Header of a type that is not known");
        return text_;
    }
    list("Capability", capabilities(function_), false);
    if (config_.size() > pci::config_end) {
      list("Extended capability", extended_capabilities(function_), true);
    }
    return text_;
  }

 private:
  std::uint32_t read(unsigned offset, unsigned width) { return config_.read(offset, width); }

  template <typename... Arguments>
  void line(unsigned indent, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    text_.append(indent, ' ');
    text_ += fmt::format(format, std::forward<Arguments>(arguments)...);
    text_ += '\n';
  }

  void common() {
    const auto vendor = static_cast<std::uint16_t>(read(pci::vendor_id, 2));
    const auto device = static_cast<std::uint16_t>(read(pci::device_id, 2));
    line(2, "Common header:");
    line(4, "Vendor: {} (0x{:04x})", vendor_name(vendor), vendor);
    line(4, "Product: {} (0x{:04x})", product_name(vendor, device), device);
    print_register(text_, 4, command_register, read(pci::command, 2));
    print_register(text_, 4, status_register, read(pci::status, 2));
    line(4, "Class: {} (0x{:06x}, revision 0x{:02x})",
         class_name(read(pci::revision_id, 4) & ~0xffU), read(pci::revision_id, 4) >> 8,
         read(pci::revision_id, 1));
    line(4, "BIST: 0x{:02x}", read(pci::bist, 1));
    line(4, "Header type: 0x{:02x}{}", read(pci::header_type, 1),
         (read(pci::header_type, 1) & pci::header::multifunction) != 0 ? " (multi-function)" : "");
    line(4, "Latency timer: 0x{:02x}", read(pci::latency_timer, 1));
    line(4, "Cache line size: {} bytes", read(pci::cache_line_size, 1) * 4);
  }

  void bars() {
    for (const Bar& bar : function_.bars()) {
      const std::string label = bar.index == Bar::rom_index ? std::string("Expansion ROM")
                                                            : fmt::format("BAR {}", bar.index);
      line(4, "{}: {}{}, {:#x} bytes at {:#x}", label, kind(bar.kind),
           bar.prefetchable ? " prefetchable" : "", bar.size, bar.address);
    }
  }

  static const char* kind(Bar::Kind kind) noexcept {
    switch (kind) {
      case Bar::Kind::memory32:
        return "32-bit memory";
      case Bar::Kind::memory64:
        return "64-bit memory";
      case Bar::Kind::io:
        return "I/O";
      case Bar::Kind::rom:
        return "ROM";
    }
    return "?";
  }

  void interrupt() {
    static constexpr std::array<const char*, 5> pins{"none", "A", "B", "C", "D"};
    const unsigned pin = read(pci::interrupt_pin, 1);
    line(4, "Interrupt pin: {}", pin < pins.size() ? pins[pin] : "not valid");
    line(4, "Interrupt line: 0x{:02x}", read(pci::interrupt_line, 1));
  }

  void endpoint() {
    line(2, "Header of type 0 (device):");
    bars();
    line(4, "Subsystem vendor: 0x{:04x}", read(pci::subsystem_vendor_id, 2));
    line(4, "Subsystem: 0x{:04x}", read(pci::subsystem_id, 2));
    interrupt();
    line(4, "Minimum grant: 0x{:02x}", read(pci::min_grant, 1));
    line(4, "Maximum latency: 0x{:02x}", read(pci::max_latency, 1));
  }

  void window(const char* name, std::uint64_t base, std::uint64_t limit) {
    if (base > limit) {
      line(4, "{} window: closed", name);
    } else {
      line(4, "{} window: {:#x}-{:#x}", name, base, limit);
    }
  }

  // Bridge Architecture 1.2, 3.2.5.6 to 3.2.5.10.
  void bridge() {
    line(2, "Header of type 1 (PCI-PCI bridge):");
    bars();
    line(4, "Primary bus: {}", read(pci::primary_bus, 1));
    line(4, "Secondary bus: {}", read(pci::secondary_bus, 1));
    line(4, "Subordinate bus: {}", read(pci::subordinate_bus, 1));
    line(4, "Secondary latency timer: 0x{:02x}", read(pci::secondary_latency, 1));
    print_register(text_, 4, secondary_status_register, read(pci::secondary_status, 2));
    const bool wide_io = (read(pci::io_base, 1) & 0xf) == 1;
    const auto io = [&](unsigned low, unsigned high) -> std::uint64_t {
      return ((read(low, 1) & 0xf0U) << 8) | (wide_io ? read(high, 2) << 16 : 0);
    };
    window("I/O", io(pci::io_base, pci::io_base_upper),
           io(pci::io_limit, pci::io_limit_upper) | 0xfff);
    const auto megabytes = [&](unsigned offset) -> std::uint64_t {
      return (read(offset, 2) & 0xfff0U) << 16;
    };
    window("Memory", megabytes(pci::memory_base), megabytes(pci::memory_limit) | 0xfffff);
    const bool wide = (read(pci::prefetch_base, 2) & 0xf) == 1;
    const auto upper = [&](unsigned offset) -> std::uint64_t {
      return wide ? std::uint64_t{read(offset, 4)} << 32 : 0;
    };
    window("Prefetchable memory", megabytes(pci::prefetch_base) | upper(pci::prefetch_base_upper),
           megabytes(pci::prefetch_limit) | upper(pci::prefetch_limit_upper) | 0xfffff);
    interrupt();
    print_register(text_, 4, bridge_control_register, read(pci::bridge_control, 2));
  }

  void list(const char* what, const CapabilityList& found, bool extended) {
    for (const Capability& capability : found.found) {
      const std::string version =
          extended ? fmt::format(", version {}", capability.version) : std::string();
      line(2, "{} at 0x{:02x}: {}{}", what, capability.offset,
           extended ? extended_capability_name(capability.id) : capability_name(capability.id),
           version);
      print_registers(text_, 4, config_, capability.offset,
                      extended ? extended_capability_registers(capability.id)
                               : capability_registers(capability.id));
      if (!extended && capability.id == pci::capability_id::msi) message(capability.offset);
    }
    if (found.fault != CapabilityFault::none) line(2, "{}", found.fault_text());
  }

  // Where the rest of an MSI capability lies depends on its control register.
  void message(unsigned at) {
    const std::uint32_t control = read(at + pci::msi::control, 2);
    const bool wide = (control & pci::msi::address64) != 0;
    if (wide) line(4, "Message address (upper) register: 0x{:08x}", read(at + 8, 4));
    line(4, "Message data register: 0x{:04x}", read(at + (wide ? 12 : 8), 2));
    if ((control & pci::msi::maskable) == 0) return;
    const unsigned mask = wide ? pci::msi::mask64 : pci::msi::mask32;
    line(4, "Vector mask register: 0x{:08x}", read(at + mask, 4));
    line(4, "Vector pending register: 0x{:08x}", read(at + mask + 4, 4));
  }

  Function& function_;
  FunctionConfig config_;
  std::string text_;
};

}  // namespace

std::string config_text(Function& function) {
  return Printer(function).print();
}

}  // namespace pupci
