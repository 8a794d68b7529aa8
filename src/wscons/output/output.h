// SPDX-License-Identifier: BSD-2-Clause
// Where a display is shown: a VNC server, a PNG file. libpupci-display holds them and is loaded
// only when one is asked for.
#pragma once

#include <memory>
#include <string>

#include "kern/api.h"
#include "wscons/display.h"

namespace pupci::wscons {

// Every function may be called from any thread, one at a time.
class PUPCI_API Output {
 public:
  Output() = default;
  virtual ~Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // As a client or a reader finds it: "vnc:127.0.0.1:5900", with the port that was chosen for 0.
  [[nodiscard]] virtual std::string name() const = 0;
  // The display that is wanted, "wsdisplay1"; empty: the first one.
  [[nodiscard]] virtual std::string wanted() const = 0;
  // A word to the wise that goes with it, or nothing.
  [[nodiscard]] virtual std::string warning() const { return {}; }
  // Shows this display from now on. Once. Throws pupci::Error.
  virtual void show(std::shared_ptr<Display> display) = 0;
  // Leaves what there is to see behind, if this output is one that does. Throws pupci::Error.
  virtual void save() = 0;
};

// What open_output() made; when it could not, `output` is null and `error` names the thing, the
// reason and the remedy.
struct OpenedOutput {
  std::unique_ptr<Output> output;
  std::string error;
};

// By what stands after --display. Ports are bound and files tried at once, so that what is wrong
// with them is said before drivers attach.
PUPCI_API OpenedOutput open_output(const std::string& what);

}  // namespace pupci::wscons

extern "C" {
// open_output() for dlsym(3). Does not throw.
PUPCI_API void pupci_open_output(const char* what, pupci::wscons::OpenedOutput* opened);
}
