// SPDX-License-Identifier: BSD-2-Clause
// What the qemu host offers beyond pupci::Bus. `std::dynamic_pointer_cast<pupci::QemuBus>` tells
// whether a bus is one.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "pupci/bus.h"

namespace pupci {

class QemuBus : public Bus {
 public:
  /// Runs a command of QEMU's human monitor ("info pci", "screendump /tmp/x.ppm") and returns what
  /// it printed. Throws EIO when QEMU is gone. Thread-safe.
  virtual std::string monitor(std::string_view command) = 0;
  /// Runs a QMP command; `arguments` and the result are JSON texts. Throws EIO with QEMU's own
  /// words when it fails, EINVAL when `arguments` is not JSON.
  virtual std::string qmp(std::string_view command, std::string_view arguments = "{}") = 0;
  [[nodiscard]] virtual pid_t qemu_pid() const noexcept = 0;
  /// What was odd about the board at start, a line each: BARs that got no address and the like.
  [[nodiscard]] virtual const std::vector<std::string>& warnings() const noexcept = 0;
};

}  // namespace pupci
