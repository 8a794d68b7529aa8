// SPDX-License-Identifier: BSD-2-Clause
// wsdisplay(4), the driver that attaches where display drivers call config_found() with
// wsemuldisplaydev_attach_args, and what the command does with it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kern/api.h"
#include "kern/ioconf.h"

namespace pupci::wscons {

// For Kernel::add(), before drivers attach. Its device switch is "ttyE".
PUPCI_API const pupci_ioconf* wsdisplay_ioconf() noexcept;

// A program on the screens of the first display that has any: on its first screen at once, on each
// other when somebody goes there.
class PUPCI_API ConsoleProgram {
 public:
  // `variables` ("NAME=VALUE") go into its environment. Throws pupci::Error: ENXIO when there is no
  // such display.
  ConsoleProgram(const std::string& command, const std::vector<std::string>& variables);
  ~ConsoleProgram();  // hangs up on all screens
  ConsoleProgram(const ConsoleProgram&) = delete;
  ConsoleProgram& operator=(const ConsoleProgram&) = delete;

  // Readable once that of the first screen has ended and all that it wrote has been drawn.
  [[nodiscard]] int fd() const noexcept;
  // Then: its exit status, 128 + signal when a signal ended it.
  [[nodiscard]] int status() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pupci::wscons
