// SPDX-License-Identifier: BSD-2-Clause
// Suspending, resuming and shutting down devices: pmf(9).
#include "netbsd/sys/pmf.h"

#include <fmt/core.h>

#include "kern/console.h"
#include "kern/device_impl.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/watchdog.h"
#include "netbsd/sys/intr.h"

using namespace pupci::kern;
using namespace pupci::kern::autoconf;

struct device_suspensor {
  const char* name;
};

namespace {

constexpr device_suspensor self_suspensor{"self"};
constexpr device_suspensor system_suspensor{"system"};
constexpr device_suspensor drvctl_suspensor{"drvctl"};
constexpr pmf_qual_t none{&system_suspensor, DEVACT_LEVEL_FULL};
constexpr pmf_qual_t self{&self_suspensor, DEVACT_LEVEL_DRIVER};
constexpr pmf_qual_t drvctl{&drvctl_suspensor, DEVACT_LEVEL_FULL};

bool call(device_t dev, const char* what, const std::function<bool()>& handler) {
  const KernelLock kernel;
  const ContextScope context(Context::thread, dev, IPL_NONE);
  const Activity activity(device_xname(dev), what);
  return handler();
}

bool suspend(device_t dev, PowerHandlers& level, const pmf_qual_t* qual) {
  if (level.suspended) return true;
  if (level.suspend != nullptr && !call(dev, "suspend", [&] { return level.suspend(dev, qual); })) {
    return false;
  }
  level.suspended = true;
  return true;
}

bool resume(device_t dev, PowerHandlers& level, const pmf_qual_t* qual) {
  if (!level.suspended) return true;
  if (level.resume != nullptr && !call(dev, "resume", [&] { return level.resume(dev, qual); })) {
    return false;
  }
  level.suspended = false;
  return true;
}

void deregister(device_t dev, PowerHandlers& level) {
  if (level.deregister != nullptr) level.deregister(dev);
  level = {};
}

// Calls `function` for each device, leaves or roots first; stops at the first that answers false.
bool each_device(deviter_flags_t order, const std::function<bool(device_t)>& function) {
  bool ok = true;
  deviter_t di;
  for (device_t dev = deviter_first(&di, order); ok && dev != nullptr; dev = deviter_next(&di)) {
    ok = function(dev);
  }
  deviter_release(&di);
  return ok;
}

bool is_below(device_t dev, device_t ancestor) {
  while (dev != nullptr && dev != ancestor) dev = device_parent(dev);
  return dev != nullptr;
}

}  // namespace

const device_suspensor_t* const device_suspensor_self = &self_suspensor;
const device_suspensor_t* const device_suspensor_system = &system_suspensor;
const device_suspensor_t* const device_suspensor_drvctl = &drvctl_suspensor;
const pmf_qual_t* const PMF_Q_NONE = &none;
const pmf_qual_t* const PMF_Q_SELF = &self;
const pmf_qual_t* const PMF_Q_DRVCTL = &drvctl;

bool pmf_device_register1(device_t dev, bool (*suspend_handler)(device_t, const pmf_qual_t*),
                          bool (*resume_handler)(device_t, const pmf_qual_t*),
                          bool (*shutdown_handler)(device_t, int)) {
  device_pmf_driver_register(dev, suspend_handler, resume_handler, shutdown_handler);
  if (!device_pmf_driver_child_register(dev)) {
    device_pmf_driver_deregister(dev);
    return false;
  }
  return true;
}

void pmf_device_deregister(device_t dev) {
  device_pmf_class_deregister(dev);
  device_pmf_bus_deregister(dev);
  device_pmf_driver_deregister(dev);
}

bool pmf_device_suspend(device_t dev, const pmf_qual_t* qual) {
  if (!device_pmf_is_registered(dev)) return false;
  return device_pmf_class_suspend(dev, qual) && device_pmf_driver_suspend(dev, qual) &&
         device_pmf_bus_suspend(dev, qual);
}

bool pmf_device_resume(device_t dev, const pmf_qual_t* qual) {
  if (!device_pmf_is_registered(dev)) return false;
  return device_pmf_bus_resume(dev, qual) && device_pmf_driver_resume(dev, qual) &&
         device_pmf_class_resume(dev, qual);
}

bool pmf_device_recursive_suspend(device_t dev, const pmf_qual_t* qual) {
  return each_device(DEVITER_F_LEAVES_FIRST,
                     [=](device_t d) { return !is_below(d, dev) || pmf_device_suspend(d, qual); });
}

bool pmf_device_recursive_resume(device_t dev, const pmf_qual_t* qual) {
  const device_t parent = device_parent(dev);
  if (parent != nullptr && !pmf_device_recursive_resume(parent, qual)) return false;
  return pmf_device_resume(dev, qual);
}

bool pmf_device_descendants_resume(device_t dev, const pmf_qual_t* qual) {
  return each_device(DEVITER_F_ROOT_FIRST, [=](device_t d) {
    return d == dev || !is_below(d, dev) || pmf_device_resume(d, qual);
  });
}

bool pmf_device_subtree_resume(device_t dev, const pmf_qual_t* qual) {
  return pmf_device_recursive_resume(dev, qual) && pmf_device_descendants_resume(dev, qual);
}

bool pmf_system_suspend(const pmf_qual_t* qual) {
  bool all = true;
  each_device(DEVITER_F_ROOT_FIRST, [&](device_t dev) {
    if (!device_pmf_is_registered(dev)) {
      console_write(Message::error,
                    fmt::format("{}: does not support suspend and resume\n", device_xname(dev)));
      all = false;
    }
    return true;
  });
  if (!all) return false;
  if (each_device(DEVITER_F_LEAVES_FIRST,
                  [=](device_t dev) { return pmf_device_suspend(dev, qual); })) {
    return true;
  }
  pmf_system_resume(qual);
  return false;
}

bool pmf_system_resume(const pmf_qual_t* qual) {
  bool ok = true;
  each_device(DEVITER_F_ROOT_FIRST, [&](device_t dev) {
    if (device_pmf_is_registered(dev) && !pmf_device_resume(dev, qual)) {
      console_write(Message::error, fmt::format("{}: resume failed\n", device_xname(dev)));
      ok = false;
    }
    return true;
  });
  return ok;
}

void pmf_system_shutdown(int howto) {
  each_device(DEVITER_F_LEAVES_FIRST, [=](device_t dev) {
    device_pmf_driver_shutdown(dev, howto);
    device_pmf_bus_shutdown(dev, howto);
    return true;
  });
}

bool device_pmf_is_registered(device_t dev) {
  return dev->power.registered;
}

bool device_is_self_suspended(device_t dev) {
  return dev->power.self_suspended != nullptr;
}

bool device_pmf_driver_register(device_t dev, bool (*suspend_handler)(device_t, const pmf_qual_t*),
                                bool (*resume_handler)(device_t, const pmf_qual_t*),
                                bool (*shutdown_handler)(device_t, int)) {
  dev->power.driver = {suspend_handler, resume_handler, shutdown_handler};
  dev->power.registered = true;
  return true;
}

void device_pmf_driver_deregister(device_t dev) {
  dev->power.driver = {};
  dev->power.registered = false;
}

bool device_pmf_driver_suspend(device_t dev, const pmf_qual_t* qual) {
  return suspend(dev, dev->power.driver, qual);
}

bool device_pmf_driver_resume(device_t dev, const pmf_qual_t* qual) {
  return resume(dev, dev->power.driver, qual);
}

bool device_pmf_driver_shutdown(device_t dev, int howto) {
  const auto handler = dev->power.driver.shutdown;
  return handler == nullptr || call(dev, "shutdown", [=] { return handler(dev, howto); });
}

bool device_pmf_driver_child_register(device_t dev) {
  const device_t parent = device_parent(dev);
  if (parent == nullptr || parent->power.child_register == nullptr) return true;
  return parent->power.child_register(dev);
}

void device_pmf_driver_set_child_register(device_t dev, bool (*function)(device_t)) {
  dev->power.child_register = function;
}

void device_pmf_bus_register(device_t dev, void* data,
                             bool (*suspend_handler)(device_t, const pmf_qual_t*),
                             bool (*resume_handler)(device_t, const pmf_qual_t*),
                             bool (*shutdown_handler)(device_t, int),
                             void (*deregister_handler)(device_t)) {
  dev->power.bus = {suspend_handler, resume_handler, shutdown_handler, deregister_handler, data};
}

void device_pmf_bus_deregister(device_t dev) {
  deregister(dev, dev->power.bus);
}

void* device_pmf_bus_private(device_t dev) {
  return dev->power.bus.data;
}

bool device_pmf_bus_suspend(device_t dev, const pmf_qual_t* qual) {
  return suspend(dev, dev->power.bus, qual);
}

bool device_pmf_bus_resume(device_t dev, const pmf_qual_t* qual) {
  return resume(dev, dev->power.bus, qual);
}

bool device_pmf_bus_shutdown(device_t dev, int howto) {
  const auto handler = dev->power.bus.shutdown;
  return handler == nullptr || call(dev, "shutdown", [=] { return handler(dev, howto); });
}

void device_pmf_class_register(device_t dev, void* data,
                               bool (*suspend_handler)(device_t, const pmf_qual_t*),
                               bool (*resume_handler)(device_t, const pmf_qual_t*),
                               void (*deregister_handler)(device_t)) {
  dev->power.device_class = {suspend_handler, resume_handler, nullptr, deregister_handler, data};
}

void device_pmf_class_deregister(device_t dev) {
  deregister(dev, dev->power.device_class);
}

void* device_pmf_class_private(device_t dev) {
  return dev->power.device_class.data;
}

bool device_pmf_class_suspend(device_t dev, const pmf_qual_t* qual) {
  return suspend(dev, dev->power.device_class, qual);
}

bool device_pmf_class_resume(device_t dev, const pmf_qual_t* qual) {
  return resume(dev, dev->power.device_class, qual);
}

// Active at all three levels; a level is what pmf(9) suspends on its own.
bool device_has_power(device_t dev) {
  return device_activation(dev, DEVACT_LEVEL_BUS);
}

bool device_activation(device_t dev, devact_level_t level) {
  const Power& power = dev->power;
  if (!device_is_active(dev) || power.bus.suspended) return false;
  if (level != DEVACT_LEVEL_BUS && power.driver.suspended) return false;
  return level != DEVACT_LEVEL_CLASS || !power.device_class.suspended;
}
