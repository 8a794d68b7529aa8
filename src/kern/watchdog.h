// SPDX-License-Identifier: BSD-2-Clause
// What the kernel is doing with which device, and who says so when it takes too long.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "kern/api.h"

namespace pupci::kern {

// For the time of a scope, this thread runs `what` of a device's driver: "attach", "detach", ...
// Scopes nest; the clock of the outer one starts anew when the inner one ends.
class PUPCI_API Activity {
 public:
  Activity(std::string device, const char* what);
  ~Activity();
  Activity(const Activity&) = delete;
  Activity& operator=(const Activity&) = delete;
};

struct Hang {
  std::string device;                  // "edu0"
  std::string what;                    // "attach"
  std::chrono::milliseconds duration;  // so far
  std::string function;  // the driver's innermost function, with file and line; or empty
  std::vector<std::string> backtrace;  // of the thread that hangs; empty if it does not answer
};
// "edu0: attach has not ended after 5.0 s, in edu_wait+0x1c (edu.c:120)"
PUPCI_API std::string to_string(const Hang& hang);

// Watches every activity from now on: when the innermost one of a thread lasts longer than `limit`,
// calls `handler` once for it, in a thread of its own. Without a handler: prints the message and
// the backtrace on standard error and ends the process with exit status 3. 0 ends the watch.
PUPCI_API void set_attach_timeout(std::chrono::milliseconds limit,
                                  std::function<void(const Hang&)> handler = {});

}  // namespace pupci::kern
