// SPDX-License-Identifier: BSD-2-Clause
// What the tests of pupci run share: drivers that misbehave, and an eye on QEMU.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "command.h"

namespace pupci::test {

// Source of a driver `bad` for QEMU's edu device, with these bodies of its functions. They may use
// what stands in `helpers`.
std::string bad_driver(const std::string& attach, const std::string& detach = "return 0;",
                       const std::string& helpers = "");

// A folder with a driver in it, an own place for control sockets, and a QEMU in PATH that notes
// its process id before it becomes the real one.
class Place {
 public:
  Place();

  // Builds `source` to a shared object; its path. Fails the test when it does not compile.
  [[nodiscard]] std::string build(const std::string& source,
                                  const std::vector<std::string>& options = {}) const;
  // For Command and pupci().
  [[nodiscard]] std::vector<std::string> environment() const;
  // Of every QEMU that was started.
  [[nodiscard]] std::vector<pid_t> qemus() const;
  // Fails the test when a QEMU still runs after a while, or none ever did.
  void expect_qemu_gone() const;
  [[nodiscard]] const Folder& folder() const noexcept { return folder_; }

 private:
  Folder folder_;
};

}  // namespace pupci::test
