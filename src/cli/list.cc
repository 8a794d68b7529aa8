// SPDX-License-Identifier: BSD-2-Clause
// pupci list: what is on the bus, in the shape of `pcictl pci0 list`.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/describe.h"
#include "cli/host.h"
#include "pupci/config_text.h"

namespace pupci::cli {
namespace {

struct ListOptions {
  HostOptions host;
  bool verbose = false;
  bool json = false;
};

int list(const ListOptions& options, const Context& context) {
  const auto bus = open_host(options.host, context);
  auto facts = nlohmann::ordered_json::array();
  for (const Address& address : bus->functions()) {
    const auto function = bus->function(address);
    if (options.json) {
      facts.push_back(function_facts(*function));
      continue;
    }
    fmt::print("{}\n", describe_function(*function));
    if (options.verbose) fmt::print("{}\n", config_text(*function));
  }
  if (options.json) fmt::print("{}\n", facts.dump(2));
  if (const std::string failure = bus->failure(); !failure.empty()) {
    complain(failure);
    return failed;
  }
  return ok;
}

}  // namespace

void add_list(CLI::App& app, Context& context) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = app.add_subcommand("list", "List the functions on the bus");
  add_host_options(*command, options->host);
  command->add_flag("-v,--verbose", options->verbose,
                    "Decode configuration space and capabilities");
  command->add_flag("--json", options->json, "Print all facts as JSON");
  command->callback([options, &context] { context.status = list(*options, context); });
}

}  // namespace pupci::cli
