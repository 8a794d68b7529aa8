// SPDX-License-Identifier: BSD-2-Clause
#include "cli/host.h"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "pupci/pci_config.h"
#include "pupci/pci_ids.h"

namespace pupci::cli {

void add_host_options(CLI::App& command, HostOptions& options) {
  command
      .add_option("--host", options.host,
                  "What gives access to the bus: qemu, vfio:ADDRESS,..., netbsd:NODE,..., "
                  "sim:MODEL,...; for qemu, its own arguments stand after --")
      ->type_name("HOST")
      ->capture_default_str();
  command
      .add_option("--mode", options.mode,
                  "What displays show before their drivers run, on qemu; none: no mode is set")
      ->type_name("WxHxD")
      ->default_str("1024x768x32");
  command.add_flag("--trace", options.trace, "Show the host's own trace on standard error");
}

std::shared_ptr<Bus> open_host(const HostOptions& options, const Context& context) {
  BusOptions bus;
  bus.arguments = context.host_arguments;
  bus.mode = options.mode;
  bus.trace = options.trace;
  return open_bus(options.host, bus);
}

std::string pcictl_name(const Address& address) {
  return fmt::format("{:03}:{:02}:{}", address.bus, address.device, address.function);
}

std::string describe_function(Function& function) {
  return fmt::format("{}: {}", pcictl_name(function.address()),
                     device_info(function.config_read(pci::vendor_id, 4),
                                 function.config_read(pci::revision_id, 4), true));
}

std::string describe_bus(Bus& bus) {
  std::string lines;
  for (const Address& address : bus.functions()) {
    const auto function = bus.function(address);
    const unsigned type = function->config_read(pci::header_type, 1) & pci::header::type_mask;
    if (type == pci::header::bridge) continue;
    lines += fmt::format("\n  {}", describe_function(*function));
  }
  return lines.empty() ? "\n  nothing but bridges" : lines;
}

}  // namespace pupci::cli
