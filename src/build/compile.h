// SPDX-License-Identifier: BSD-2-Clause
// Compiling driver sources in the driver world.
#pragma once

#include <string>
#include <vector>

#include "build/installation.h"
#include "build/options.h"

namespace pupci::build {

struct Compiler {
  std::string cc;
  std::string cxx;
  std::string own_headers;  // stdarg.h and the like: the compiler's, not libc's

  // The command for `source` up to what is to be done with it (-c, -M ...), in the driver world;
  // `generated` is the folder of generated headers.
  [[nodiscard]] std::vector<std::string> command(const Options& options,
                                                 const Installation& installation,
                                                 const std::string& generated,
                                                 const std::string& source) const;
};

// Throws pupci::Error when there is no such compiler.
Compiler find_compiler(const Options& options);

bool is_cxx(const std::string& source);

// Compiles all sources, as many at a time as there are processors; the objects in the same order.
// The compiler's messages go to standard error as they are. Throws pupci::Error when one failed.
std::vector<std::string> compile(const Options& options, const Installation& installation,
                                 const Compiler& compiler, const std::string& directory,
                                 const std::vector<std::string>& sources);

// The same for one generated source.
std::string compile_one(const Options& options, const Installation& installation,
                        const Compiler& compiler, const std::string& directory,
                        const std::string& source, const std::string& object);

}  // namespace pupci::build
