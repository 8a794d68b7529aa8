// SPDX-License-Identifier: BSD-2-Clause
// Offsets and bits of PCI configuration space for the host world (PCI Local Bus 3.0 chapter 6, PCI
// Express Base chapter 7). Drivers have dev/pci/pcireg.h.
#pragma once

#include <cstdint>

namespace pupci::pci {

// Both header types.
inline constexpr unsigned vendor_id = 0x00;           // 16 bits; all ones: no function here
inline constexpr unsigned device_id = 0x02;           // 16
inline constexpr unsigned command = 0x04;             // 16
inline constexpr unsigned status = 0x06;              // 16
inline constexpr unsigned revision_id = 0x08;         // 8
inline constexpr unsigned class_code = 0x09;          // 24: interface, subclass, class
inline constexpr unsigned subclass = 0x0a;            // 8
inline constexpr unsigned base_class = 0x0b;          // 8
inline constexpr unsigned cache_line_size = 0x0c;     // 8, in 4-byte units
inline constexpr unsigned latency_timer = 0x0d;       // 8
inline constexpr unsigned header_type = 0x0e;         // 8
inline constexpr unsigned bist = 0x0f;                // 8
inline constexpr unsigned bar0 = 0x10;                // 32 each
inline constexpr unsigned capability_pointer = 0x34;  // 8
inline constexpr unsigned interrupt_line = 0x3c;      // 8
inline constexpr unsigned interrupt_pin = 0x3d;       // 8; 0 none, 1 A .. 4 D
inline constexpr unsigned header_end = 0x40;          // capabilities start no earlier
inline constexpr unsigned config_end = 0x100;
inline constexpr unsigned extended_end = 0x1000;

// Endpoints (header type 0).
inline constexpr unsigned subsystem_vendor_id = 0x2c;  // 16
inline constexpr unsigned subsystem_id = 0x2e;         // 16
inline constexpr unsigned rom_bar = 0x30;              // 32
inline constexpr unsigned min_grant = 0x3e;            // 8
inline constexpr unsigned max_latency = 0x3f;          // 8

// PCI-to-PCI bridges (header type 1).
inline constexpr unsigned primary_bus = 0x18;           // 8
inline constexpr unsigned secondary_bus = 0x19;         // 8
inline constexpr unsigned subordinate_bus = 0x1a;       // 8
inline constexpr unsigned secondary_latency = 0x1b;     // 8
inline constexpr unsigned io_base = 0x1c;               // 8: bits 7:4 are address bits 15:12
inline constexpr unsigned io_limit = 0x1d;              // 8
inline constexpr unsigned secondary_status = 0x1e;      // 16
inline constexpr unsigned memory_base = 0x20;           // 16: bits 15:4 are address bits 31:20
inline constexpr unsigned memory_limit = 0x22;          // 16
inline constexpr unsigned prefetch_base = 0x24;         // 16
inline constexpr unsigned prefetch_limit = 0x26;        // 16
inline constexpr unsigned prefetch_base_upper = 0x28;   // 32
inline constexpr unsigned prefetch_limit_upper = 0x2c;  // 32
inline constexpr unsigned io_base_upper = 0x30;         // 16
inline constexpr unsigned io_limit_upper = 0x32;        // 16
inline constexpr unsigned bridge_rom_bar = 0x38;        // 32
inline constexpr unsigned bridge_control = 0x3e;        // 16

namespace command_bit {
inline constexpr unsigned io = 1U << 0;
inline constexpr unsigned memory = 1U << 1;
inline constexpr unsigned master = 1U << 2;
inline constexpr unsigned parity = 1U << 6;
inline constexpr unsigned serr = 1U << 8;
inline constexpr unsigned intx_disable = 1U << 10;
}  // namespace command_bit

namespace status_bit {
inline constexpr unsigned intx = 1U << 3;
inline constexpr unsigned capabilities = 1U << 4;
inline constexpr unsigned errors = 0xf900;  // written ones clear them
}  // namespace status_bit

namespace header {
inline constexpr unsigned type_mask = 0x7f;
inline constexpr unsigned multifunction = 0x80;
inline constexpr unsigned endpoint = 0;
inline constexpr unsigned bridge = 1;
inline constexpr unsigned cardbus = 2;
}  // namespace header

namespace bar {
inline constexpr std::uint32_t io = 1U << 0;
inline constexpr std::uint32_t io_mask = ~0x3U;
inline constexpr std::uint32_t type_mask = 3U << 1;
inline constexpr std::uint32_t type_32 = 0U << 1;
inline constexpr std::uint32_t type_below_1m = 1U << 1;  // until PCI 2.2
inline constexpr std::uint32_t type_64 = 2U << 1;
inline constexpr std::uint32_t prefetchable = 1U << 3;
inline constexpr std::uint32_t memory_mask = ~0xfU;
inline constexpr std::uint32_t rom_enable = 1U << 0;
inline constexpr std::uint32_t rom_mask = ~0x7ffU;
}  // namespace bar

namespace capability_id {
inline constexpr unsigned power_management = 0x01;
inline constexpr unsigned agp = 0x02;
inline constexpr unsigned vpd = 0x03;
inline constexpr unsigned slot = 0x04;
inline constexpr unsigned msi = 0x05;
inline constexpr unsigned hotswap = 0x06;
inline constexpr unsigned pcix = 0x07;
inline constexpr unsigned hypertransport = 0x08;
inline constexpr unsigned vendor = 0x09;
inline constexpr unsigned debug_port = 0x0a;
inline constexpr unsigned resource_control = 0x0b;
inline constexpr unsigned hotplug = 0x0c;
inline constexpr unsigned subsystem = 0x0d;
inline constexpr unsigned agp8x = 0x0e;
inline constexpr unsigned secure = 0x0f;
inline constexpr unsigned express = 0x10;
inline constexpr unsigned msix = 0x11;
inline constexpr unsigned sata = 0x12;
inline constexpr unsigned advanced_features = 0x13;
inline constexpr unsigned enhanced_allocation = 0x14;
}  // namespace capability_id

namespace extended_id {
inline constexpr unsigned error_reporting = 0x0001;
inline constexpr unsigned virtual_channel = 0x0002;
inline constexpr unsigned serial_number = 0x0003;
inline constexpr unsigned power_budget = 0x0004;
inline constexpr unsigned access_control = 0x000d;
inline constexpr unsigned routing_id = 0x000e;
inline constexpr unsigned translation = 0x000f;
inline constexpr unsigned sriov = 0x0010;
inline constexpr unsigned resizable_bar = 0x0015;
inline constexpr unsigned latency_tolerance = 0x0018;
}  // namespace extended_id

// Power management, relative to the capability.
namespace pm {
inline constexpr unsigned capabilities = 2;  // 16
inline constexpr unsigned control = 4;       // 16; bits 1:0 are the state D0..D3
inline constexpr unsigned state_mask = 3;
inline constexpr unsigned no_soft_reset = 1U << 3;
inline constexpr unsigned length = 8;
}  // namespace pm

// MSI.
namespace msi {
inline constexpr unsigned control = 2;  // 16
inline constexpr unsigned enable = 1U << 0;
inline constexpr unsigned capable_shift = 1;  // log2 of the vectors offered, 3 bits
inline constexpr unsigned enabled_shift = 4;  // log2 of the vectors in use, 3 bits
inline constexpr unsigned address64 = 1U << 7;
inline constexpr unsigned maskable = 1U << 8;
inline constexpr unsigned address = 4;        // 32
inline constexpr unsigned address_upper = 8;  // 32, if address64
inline constexpr unsigned data32 = 8;         // 16
inline constexpr unsigned data64 = 12;        // 16
inline constexpr unsigned mask32 = 12;        // 32, if maskable; pending follows
inline constexpr unsigned mask64 = 16;
}  // namespace msi

// MSI-X.
namespace msix {
inline constexpr unsigned control = 2;        // 16
inline constexpr unsigned size_mask = 0x7ff;  // table entries - 1
inline constexpr unsigned mask_all = 1U << 14;
inline constexpr unsigned enable = 1U << 15;
inline constexpr unsigned table = 4;    // 32: bits 2:0 BAR, the rest the offset
inline constexpr unsigned pending = 8;  // 32, likewise
inline constexpr unsigned bar_mask = 7;
inline constexpr unsigned length = 12;
// A table entry.
inline constexpr unsigned entry_size = 16;
inline constexpr unsigned entry_address = 0;
inline constexpr unsigned entry_address_upper = 4;
inline constexpr unsigned entry_data = 8;
inline constexpr unsigned entry_control = 12;
inline constexpr unsigned entry_masked = 1U << 0;
}  // namespace msix

// PCI Express.
namespace express {
inline constexpr unsigned flags = 2;       // 16
inline constexpr unsigned type_shift = 4;  // 4 bits
inline constexpr unsigned type_endpoint = 0;
inline constexpr unsigned type_root_port = 4;
inline constexpr unsigned type_upstream = 5;
inline constexpr unsigned type_downstream = 6;
inline constexpr unsigned type_integrated = 9;
inline constexpr unsigned device_capabilities = 4;  // 32
inline constexpr std::uint32_t flr_capable = 1U << 28;
inline constexpr unsigned device_control = 8;  // 16
inline constexpr unsigned initiate_flr = 1U << 15;
inline constexpr unsigned device_status = 10;  // 16
inline constexpr unsigned transactions_pending = 1U << 5;
inline constexpr unsigned link_capabilities = 12;  // 32
inline constexpr unsigned link_control = 16;       // 16
inline constexpr unsigned link_status = 18;        // 16
}  // namespace express

// Advanced features (conventional PCI's function-level reset).
namespace af {
inline constexpr unsigned capabilities = 3;  // 8
inline constexpr unsigned flr_capable = 1U << 1;
inline constexpr unsigned control = 4;  // 8
inline constexpr unsigned initiate_flr = 1U << 0;
inline constexpr unsigned status = 5;  // 8
}  // namespace af

}  // namespace pupci::pci
