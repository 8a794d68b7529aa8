// SPDX-License-Identifier: BSD-2-Clause
// pupci: the command. Each subcommand is a file of its own.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>

#include "cli/command.h"
#include "pupci/error.h"

namespace pupci::cli {

namespace {

// What stands after the first "--" is the host's, and not for the parser to see.
std::vector<std::string> split_arguments(int argc, char** argv, Context& context) {
  std::vector<std::string> own;
  int i = 1;
  for (; i < argc && std::string_view(argv[i]) != "--"; ++i) own.emplace_back(argv[i]);
  for (++i; i < argc; ++i) context.host_arguments.emplace_back(argv[i]);
  return own;
}

void add_commands(CLI::App& app, Context& context) {
  add_list(app, context);
  add_run(app, context);
  add_build(app, context);
  add_peek(app, context);
  add_poke(app, context);
  add_control(app, context);
  add_doctor(app, context);
#ifdef __linux__
  add_bind(app, context);
#endif
  add_help(app, context);
}

// CLI11 takes a word that it does not know for a missing subcommand.
bool check_command(CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) {
    std::fputs(app.help().c_str(), stderr);
    return false;
  }
  if (words[0].starts_with('-')) return true;
  const auto found = app.get_subcommands([&](CLI::App* c) { return c->get_name() == words[0]; });
  if (!found.empty()) return true;
  complain(fmt::format("{}: no such command; see pupci --help", words[0]));
  return false;
}

int parse_and_run(int argc, char** argv) {
  CLI::App app{"PCI drivers written to the NetBSD kernel API, as ordinary processes", "pupci"};
  app.set_version_flag("--version", "pupci " PUPCI_VERSION);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* parser, const CLI::Error& error) {
    const auto commands = parser->get_subcommands();
    const std::string name = commands.empty() ? "" : commands.front()->get_name() + " ";
    return fmt::format("pupci: {}{}{}; see pupci {}--help\n",
                       name.empty() ? "" : name.substr(0, name.size() - 1),
                       name.empty() ? "" : ": ", error.what(), name);
  });
  Context context;
  context.argv = argv;
  add_commands(app, context);

  std::vector<std::string> words = split_arguments(argc, argv, context);
  if (!check_command(app, words)) return usage;
  std::reverse(words.begin(), words.end());  // as CLI11 wants it
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? ok : usage;
  }
  return context.status;
}

}  // namespace
}  // namespace pupci::cli

int main(int argc, char** argv) {
  using namespace pupci::cli;
  try {
    return parse_and_run(argc, argv);
  } catch (const pupci::Error& e) {
    complain(e.what());
  } catch (const std::bad_alloc&) {
    complain("not enough memory");
  } catch (const std::exception& e) {
    complain(fmt::format("internal error: {}; please report it", e.what()));
  }
  return failed;
}
