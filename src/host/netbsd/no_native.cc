// SPDX-License-Identifier: BSD-2-Clause
// Where there is no NetBSD.
#include "host/netbsd/system.h"

namespace pupci::netbsd {

std::shared_ptr<System> native_system() {
  return nullptr;
}

}  // namespace pupci::netbsd
