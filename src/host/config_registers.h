// SPDX-License-Identifier: BSD-2-Clause
// Registers of configuration space by the names of the PCI specification (section 6.1 of PCI Local
// Bus 3.0, section 3.2 of PCI-to-PCI Bridge 1.2, 7.5 of PCI Express 3.0).
#pragma once

namespace pupci::reg {

constexpr unsigned id = 0x00;
constexpr unsigned command = 0x04;
constexpr unsigned status = 0x06;
constexpr unsigned class_revision = 0x08;
constexpr unsigned header_type = 0x0e;
constexpr unsigned bar0 = 0x10;
constexpr unsigned rom = 0x30;
constexpr unsigned bridge_rom = 0x38;
constexpr unsigned capabilities = 0x34;
constexpr unsigned interrupt_line = 0x3c;
constexpr unsigned interrupt_pin = 0x3d;

constexpr unsigned command_io = 0x0001;
constexpr unsigned command_memory = 0x0002;
constexpr unsigned command_master = 0x0004;
constexpr unsigned command_intx_disable = 0x0400;
constexpr unsigned status_capabilities = 0x0010;

// Type 1 headers.
constexpr unsigned bus_numbers = 0x18;
constexpr unsigned io_base = 0x1c;
constexpr unsigned io_limit = 0x1d;
constexpr unsigned memory_base = 0x20;
constexpr unsigned memory_limit = 0x22;
constexpr unsigned prefetch_base = 0x24;
constexpr unsigned prefetch_limit = 0x26;
constexpr unsigned prefetch_base_upper = 0x28;
constexpr unsigned prefetch_limit_upper = 0x2c;
constexpr unsigned io_base_upper = 0x30;
constexpr unsigned io_limit_upper = 0x32;
constexpr unsigned bridge_control = 0x3e;
constexpr unsigned bridge_control_vga = 0x0008;
constexpr unsigned bridge_control_vga16 = 0x0010;
constexpr unsigned bridge_control_reset = 0x0040;

// Capability ids.
constexpr unsigned cap_msi = 0x05;
constexpr unsigned cap_express = 0x10;
constexpr unsigned cap_msix = 0x11;
constexpr unsigned cap_af = 0x13;

}  // namespace pupci::reg
