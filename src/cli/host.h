// SPDX-License-Identifier: BSD-2-Clause
// What the subcommands that open a bus share: --host, and how they name functions.
#pragma once

#include <memory>
#include <string>

#include "cli/command.h"
#include "pupci/bus.h"

namespace pupci::cli {

struct HostOptions {
  std::string host = "qemu";
  std::string mode;
  bool trace = false;
};

void add_host_options(CLI::App& command, HostOptions& options);

// Throws pupci::Error.
std::shared_ptr<Bus> open_host(const HostOptions& options, const Context& context);

// "000:03:0", as pcictl(8) has it: bus, device and function, in decimal.
std::string pcictl_name(const Address& address);

// One line of `pcictl pci0 list`: "000:03:0: Red Hat, Inc. QEMU PCIe Root port (PCI bridge)".
std::string describe_function(Function& function);

// What is on the bus, a line each, indented, for messages; bridges left out.
std::string describe_bus(Bus& bus);

}  // namespace pupci::cli
