// SPDX-License-Identifier: BSD-2-Clause
// The outputs of pupci run --display. libpupci-display is loaded when one is asked for, so that
// nothing else needs the libraries behind it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "wscons/output/output.h"

namespace pupci::cli {

// Loads libpupci-display, which is then there to stay. Throws pupci::Error when that cannot be
// done.
void* load_outputs();

class Outputs {
 public:
  // Opens them all, before drivers attach. Throws pupci::Error.
  explicit Outputs(const std::vector<std::string>& wanted);

  [[nodiscard]] bool empty() const noexcept { return outputs_.empty(); }
  // Shows the displays that are attached now, and says where. Throws pupci::Error when one that is
  // wanted is not there.
  void show();
  // Lets them leave behind what they do. What goes wrong is said; then it returns false.
  bool save();
  // Ends them; before the displays go.
  void close() { outputs_.clear(); }

 private:
  std::vector<std::unique_ptr<wscons::Output>> outputs_;
};

}  // namespace pupci::cli
