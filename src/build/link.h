// SPDX-License-Identifier: BSD-2-Clause
// Linking a driver's objects, and what of the kernel they use that is not there.
#pragma once

#include <string>
#include <vector>

#include "build/compile.h"

namespace pupci::build {

struct UnknownName {
  std::string name;                  // as the driver's source has it
  std::vector<std::string> objects;  // those that use it
};

// Links `objects`, ioconf's last, into options.output. Throws pupci::Error.
void link(const Options& options, const Installation& installation, const Compiler& compiler,
          const std::vector<std::string>& objects);

// Names that the shared object needs and that this pupci does not give to drivers, with those of
// `objects` that use them. A sanitizer's own names come with it.
std::vector<UnknownName> unknown_names(const Options& options,
                                       const std::vector<std::string>& objects);

}  // namespace pupci::build
