// SPDX-License-Identifier: BSD-2-Clause
#include "kern/kernel.h"

#include <atomic>
#include <cerrno>
#include <exception>

#include "kern/autoconf.h"
#include "kern/console.h"
#include "kern/device_properties.h"
#include "kern/klock.h"
#include "kern/loader.h"
#include "kern/root.h"
#include "kern/subsystems.h"
#include "kern/thread.h"
#include "netbsd/sys/device.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

std::atomic<Kernel*> the_kernel{nullptr};

bool is_root_driver(const std::string& name) {
  return name == "mainbus" || name == "pci" || name == "ppb";
}

unsigned driver_devices() {
  unsigned count = 0;
  for (const DeviceNode& node : autoconf_tree()) {
    if (!is_root_driver(node.driver)) count++;
  }
  return count;
}

// Drivers do DMA to and from their stack, in attach and detach too, so these run in a thread whose
// stack lies in the arena.
template <typename Function>
void in_kernel_thread(const char* name, Function function) {
  std::exception_ptr failure;
  Thread thread(name, [&] {
    try {
      function();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

struct Kernel::Impl {
  std::shared_ptr<Bus> bus;
  std::vector<std::unique_ptr<Driver>> drivers;
  bool booted = false;

  // In reverse: a driver's modules may need those of the one before.
  void unload() {
    while (!drivers.empty()) drivers.pop_back();
  }
};

Kernel::Kernel(std::shared_ptr<Bus> bus, KernelOptions options) : impl_(std::make_unique<Impl>()) {
  Kernel* none = nullptr;
  if (!the_kernel.compare_exchange_strong(none, this)) {
    throw Error(EBUSY, "a kernel runs in this process already");
  }
  impl_->bus = std::move(bus);
  try {
    set_device_properties(options.properties);
    subsystems_start(*this);
    add(root_ioconf());
  } catch (...) {
    impl_->unload();
    subsystems_stop();
    the_kernel = nullptr;
    throw;
  }
}

Kernel::~Kernel() {
  detach_all();
  impl_->unload();
  subsystems_stop();
  the_kernel = nullptr;
}

Bus& Kernel::bus() noexcept {
  return *impl_->bus;
}

Kernel* Kernel::running() noexcept {
  return the_kernel;
}

Driver& Kernel::load(const std::string& path) {
  impl_->drivers.push_back(Driver::load(path));
  return *impl_->drivers.back();
}

Driver& Kernel::add(const pupci_ioconf* ioconf) {
  impl_->drivers.push_back(Driver::adopt(ioconf));
  return *impl_->drivers.back();
}

std::vector<const Driver*> Kernel::drivers() const {
  std::vector<const Driver*> all;
  for (const auto& driver : impl_->drivers) {
    if (&driver->ioconf() != root_ioconf()) all.push_back(driver.get());
  }
  return all;
}

unsigned Kernel::attach_all() {
  const unsigned before = driver_devices();
  in_kernel_thread("autoconf", [this] {
    const KernelLock kernel;
    if (impl_->booted) {
      autoconf_rescan_all();
      return;
    }
    impl_->booted = true;
    autoconf_begin();
    config_rootfound("mainbus", nullptr);
    autoconf_enable_interrupts();
    autoconf_finish();
  });
  for (const std::string& text : unused_device_properties()) {
    console_write(Message::error, "--prop " + text + ": no such device was attached\n");
  }
  return driver_devices() - before;
}

std::vector<std::string> Kernel::detach_all() {
  std::vector<std::string> report;
  if (impl_->booted) in_kernel_thread("autodetach", [&] { report = autoconf_detach_all(); });
  impl_->booted = false;
  return report;
}

}  // namespace pupci::kern
