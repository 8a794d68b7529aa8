// SPDX-License-Identifier: BSD-2-Clause
// `pupci build`: sources to a driver's shared object. The steps are files of their own: what is to
// be built (ioconf.h; a reader of config(5) trees would fill in the same Config), headers.h,
// compile.h, link.h.
#pragma once

#include <string>

#include "build/options.h"

namespace pupci::build {

struct Product {
  std::string path;      // the shared object
  std::string warnings;  // for the user, empty if all is well
};

// Throws pupci::Error. The compiler's own messages go to standard error as they come.
Product build(Options options);

}  // namespace pupci::build
