// SPDX-License-Identifier: BSD-2-Clause
// Where this pupci's own files lie: found from the executable, so that a build tree, an installed
// tree and one that was moved work alike.
#pragma once

#include <string>

namespace pupci::build {

struct Installation {
  std::string share;  // netbsd/ (the kernel headers), kern/ioconf.h, driver.map

  [[nodiscard]] std::string headers() const { return share + "/netbsd"; }
};

// Throws pupci::Error (ENOENT) that names the folder that should be there.
Installation find_installation();

}  // namespace pupci::build
