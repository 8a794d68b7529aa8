// SPDX-License-Identifier: BSD-2-Clause
// pupci build: driver sources to a shared object.
#include "build/build.h"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "cli/command.h"

namespace pupci::cli {

void add_build(CLI::App& app, Context& context) {
  auto options = std::make_shared<build::Options>();
#ifdef PUPCI_DEBUG
  options->debug = true;
#endif
  CLI::App* command = app.add_subcommand("build", "Compile driver sources to a shared object");
  command->add_option("FILE", options->sources, "C or C++ sources")->required();
  command->add_option("--name", options->name, "Name of the driver");
  const auto repeated = [&](const char* flags, std::vector<std::string>& values, const char* help,
                            const char* type) {
    command->add_option(flags, values, help)->allow_extra_args(false)->type_name(type);
  };
  repeated("--attach", options->attachments,
           "An attachment as in config(5); default: those that the sources define, at pci",
           "'DEV at ATTR [with CA]'");
  repeated("--device", options->devices,
           "A device as in config(5), with the attributes that it carries",
           "'DEV [{ LOC = N }] [: ATTR, ...]'");
  repeated("-I", options->include_dirs, "Search headers here, after pupci's own", "DIR");
  repeated("--idirafter", options->late_include_dirs,
           "Search headers here last: TREE/sys of a NetBSD source tree", "DIR");
  repeated("-D", options->definitions, "Define a macro", "NAME[=VALUE]");
  repeated("--cflag", options->compiler_flags, "Pass this on to the compiler", "FLAG");
  command->add_option("--cc", options->cc, "C compiler; default: $CC, else cc");
  command->add_option("--cxx", options->cxx, "C++ compiler; default: the one beside --cc");
  command->add_option("--sanitize", options->sanitize, "As for the compiler's -fsanitize=");
  command->add_option("-o", options->output, "Shared object to write; default: NAME.so");
  command->add_option("--keep", options->keep, "Keep what is generated in this folder")
      ->type_name("DIR");
  command->add_flag("--debug", options->debug, "Define DIAGNOSTIC, DEBUG and LOCKDEBUG");
  command->add_flag("-v,--verbose", options->verbose, "Show the commands");
  command->callback([options, &context] {
    const build::Product product = build::build(*options);
    if (!product.warnings.empty()) complain(fmt::format("warning: {}", product.warnings));
    context.status = ok;
  });
}

}  // namespace pupci::cli
