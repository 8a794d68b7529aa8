// SPDX-License-Identifier: BSD-2-Clause
// The one kernel context: a bus, the drivers loaded, the device tree. Its life is the life of the
// kernel API: subsystems start in the constructor and stop in the destructor, in the order of the
// table in kernel.cc.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kern/api.h"
#include "kern/ioconf.h"
#include "netbsd/sys/types.h"
#include "pupci/bus.h"

namespace pupci::kern {

class Driver;  // a loaded driver, see loader.h

struct KernelOptions {
  std::vector<std::string> properties;  // "edu0:key=value", see device_properties.cc
  std::vector<std::string> units;       // reserved for wired-down units; empty
};

class PUPCI_API Kernel {
 public:
  // One at a time in a process. Throws pupci::Error.
  Kernel(std::shared_ptr<Bus> bus, KernelOptions options);
  ~Kernel();  // detach_all(), then stops everything
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  [[nodiscard]] Bus& bus() noexcept;

  // Loads a driver shared object. Throws pupci::Error that lists all missing names.
  Driver& load(const std::string& path);
  // Adds a driver that is linked into this process (tests): its generated ioconf.
  Driver& add(const pupci_ioconf* ioconf);

  // All of them, in order of loading; the built-in ones (mainbus, pci, ppb) are not among them.
  [[nodiscard]] std::vector<const Driver*> drivers() const;

  // Root autoconfiguration: mainbus, pci, bridges, then everything that matches; config_interrupts
  // and config_defer queues have run when it returns. The number of driver devices attached.
  unsigned attach_all();
  // Detaches children first, newest first; forced. What leaked, one line each, as it was printed.
  std::vector<std::string> detach_all();

  // The kernel that runs, or null.
  static Kernel* running() noexcept;

  struct Impl;
  [[nodiscard]] Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace pupci::kern
