// SPDX-License-Identifier: BSD-2-Clause
// pupci: the command. Each subcommand is a file of its own.
#include <exception>
#include <iostream>

#include "cli/command.h"

int main(int argc, char** argv) {
  CLI::App app{"PCI drivers written to the NetBSD kernel API, as ordinary processes", "pupci"};
  CLI11_PARSE(app, argc, argv);
  std::cout << app.help();
  return pupci::cli::usage;
}
