// SPDX-License-Identifier: BSD-2-Clause
// pupci-config: the generator as a tool of our own build, for pupci_add_driver(). Users call
// `pupci build`, which needs the whole of pupci; this needs nothing of it.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "build/ioconf.h"

namespace {

int run(int argc, char** argv) {
  CLI::App app{"Writes ioconf.c, ioconf.h and locators.h of a driver", "pupci-config"};
  std::string name;
  std::string directory;
  std::vector<std::string> attachments;
  std::vector<std::string> devices;
  app.add_option("--name", name)->required();
  app.add_option("--attach", attachments)->allow_extra_args(false);
  app.add_option("--device", devices)->allow_extra_args(false);
  app.add_option("-o", directory, "Directory to write to")->required();
  CLI11_PARSE(app, argc, argv);

  pupci::build::Config config;
  config.name = name;
  for (const std::string& text : devices) parse_device(config, text);
  for (const std::string& text : attachments) parse_attachment(config, text);
  if (attachments.empty()) add_attachment_for(config, name);
  complete(config);
  pupci::build::write_if_changed(directory + "/ioconf.c", ioconf_c(config));
  pupci::build::write_if_changed(directory + "/ioconf.h", ioconf_h(config));
  pupci::build::write_if_changed(directory + "/locators.h", locators_h(config));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "pupci-config: %s\n", e.what());
    return 1;
  }
}
