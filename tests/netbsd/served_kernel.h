// SPDX-License-Identifier: BSD-2-Clause
// A kernel in a process of its own, with the NetBSD kernel module in it, for the netbsd host.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"

namespace pupci::netbsd::test {

class ServedKernel {
 public:
  // On `host`, with what would stand after "--". Fails the test when it does not come up.
  explicit ServedKernel(const std::string& host, const std::vector<std::string>& arguments = {});

  // "netbsd:/dev/pci0,kernel=..." for a node or several.
  [[nodiscard]] std::string spec(const std::string& nodes) const;
  // All that was written to its trace.
  [[nodiscard]] std::vector<std::string> trace() const;
  // Until a line of the trace begins so; false after long.
  [[nodiscard]] bool wait_for_trace(const std::string& beginning) const;
  // Detaches a device of its, as drvctl -d.
  void detach(const std::string& device) const;
  // What interrupts are established in it, as its counters name them.
  [[nodiscard]] std::vector<std::string> interrupts() const;
  // At once, and with it all that it has.
  void kill();
  // Ends it by its own means: its exit status.
  int end();
  [[nodiscard]] const pupci::test::Folder& folder() const { return folder_; }

 private:
  pupci::test::Folder folder_;
  std::unique_ptr<pupci::test::Command> program_;
};

}  // namespace pupci::netbsd::test
