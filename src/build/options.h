// SPDX-License-Identifier: BSD-2-Clause
// What `pupci build` was asked for.
#pragma once

#include <string>
#include <vector>

namespace pupci::build {

struct Options {
  std::vector<std::string> sources;
  std::string name;                      // empty: from the attachments or the first source
  std::vector<std::string> attachments;  // as in config(5), see ioconf.h; empty: from the sources
  std::vector<std::string> devices;
  std::vector<std::string> include_dirs;
  std::vector<std::string> late_include_dirs;  // -idirafter
  std::vector<std::string> definitions;        // "NAME" or "NAME=VALUE"
  std::vector<std::string> compiler_flags;     // passed on as they stand
  std::string cc;                              // empty: $CC, else cc
  std::string cxx;                             // empty: the one beside cc
  std::string sanitize;                        // as for -fsanitize=, or empty
  std::string output;                          // empty: NAME.so here
  std::string keep;                            // folder that keeps what was generated, or empty
  bool debug = false;                          // DIAGNOSTIC, DEBUG and LOCKDEBUG
  bool verbose = false;                        // shows the commands
};

}  // namespace pupci::build
