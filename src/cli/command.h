// SPDX-License-Identifier: BSD-2-Clause
// One subcommand: it adds itself to the parser and runs. One file each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;  // whoever only complains need not read all of it
}

namespace pupci::cli {

// Exit statuses, the same for every subcommand.
enum Status : int {
  ok = 0,
  failed = 1,   // what was asked for did not work
  usage = 2,    // the command line is wrong
  crashed = 3,  // a driver crashed or panicked
};

// What all subcommands share.
struct Context {
  std::vector<std::string> host_arguments;  // what stood after "--"
  int status = ok;                          // what the subcommand that ran returned
  char** argv = nullptr;                    // as main() got it, for starting anew
};

// Adds a subcommand; `context` outlives the parser.
void add_list(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_build(CLI::App& app, Context& context);
void add_peek(CLI::App& app, Context& context);
void add_poke(CLI::App& app, Context& context);
void add_control(CLI::App& app, Context& context);  // devices, evcnt, sysctl and so on
void add_doctor(CLI::App& app, Context& context);
void add_bind(CLI::App& app, Context& context);  // and unbind; Linux only
void add_help(CLI::App& app, Context& context);

// "pupci: MESSAGE" on standard error. The message names the thing, the reason and the remedy.
void complain(std::string_view message);

}  // namespace pupci::cli
