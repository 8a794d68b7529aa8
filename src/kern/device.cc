// SPDX-License-Identifier: BSD-2-Clause
// Accessors and look-up of devices: device_lookup(9), driver(9).
#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "kern/check.h"
#include "kern/device_impl.h"

using namespace pupci::kern;
using namespace pupci::kern::autoconf;

devclass_t device_class(device_t dev) {
  return dev->device_class;
}
cfdata_t device_cfdata(device_t dev) {
  return dev->cf;
}
cfdriver_t device_cfdriver(device_t dev) {
  return dev->driver;
}
cfattach_t device_cfattach(device_t dev) {
  return dev->attachment;
}
int device_unit(device_t dev) {
  return dev->unit;
}
const char* device_xname(device_t dev) {
  return dev->xname.c_str();
}
device_t device_parent(device_t dev) {
  return dev->parent;
}
prop_dictionary_t device_properties(device_t dev) {
  return dev->properties;
}

// Many drivers look up a unit that does not exist and ask for its softc before they check.
void* device_private(device_t dev) {
  return dev == nullptr ? nullptr : dev->softc;
}

void device_set_private(device_t dev, void* softc) {
  if (dev->softc != nullptr) {
    violation("device_set_private: " + dev->xname + " has private data already",
              __builtin_return_address(0));
  }
  dev->softc = softc;
}

int device_locator(device_t dev, u_int locator) {
  if (locator >= dev->locators.size()) {
    violation("device_locator: " + dev->xname + " has no locator " + std::to_string(locator),
              __builtin_return_address(0));
  }
  return dev->locators[locator];
}

bool device_is_a(device_t dev, const char* driver) {
  return dev != nullptr && dev->driver != nullptr && std::strcmp(dev->driver->cd_name, driver) == 0;
}

bool device_attached_to_iattr(device_t dev, const char* iattr) {
  const char* own = dev->cf == nullptr ? nullptr : cfdata_ifattr(dev->cf);
  return own != nullptr && std::strcmp(own, iattr) == 0;
}

bool device_is_active(device_t dev) {
  const std::scoped_lock lock(state().mutex);
  return dev->active;
}

bool device_is_enabled(device_t dev) {
  return device_is_active(dev);
}

bool device_is_attached(device_t dev) {
  const std::scoped_lock lock(state().mutex);
  return dev->attaching == std::thread::id{} && !dev->gone;
}

namespace {

// Mutex held.
device_t unit_of(cfdriver_t driver, int unit) {
  if (driver == nullptr || unit < 0 || unit >= driver->cd_ndevs) return nullptr;
  return driver->cd_devs[unit];
}

// Waits until the device is attached, or surely gone, and holds it. `find` is asked again after
// each wait, with the mutex held.
device_t acquire(const char* what, const std::function<device_t()>& find) {
  std::unique_lock lock(state().mutex);
  for (;;) {
    const device_t dev = find();
    if (dev == nullptr || dev->committed) return nullptr;
    if (dev->attaching == std::thread::id{} && !is_detaching(*dev)) {
      dev->holds++;
      return dev;
    }
    const auto self = std::this_thread::get_id();
    if (dev->attaching == self || dev->detaching == self) {
      lock.unlock();
      panic(fmt::format("{}: {} waits for its own attach or detach", what, dev->xname));
    }
    wait_until(lock, what, [&] {
      const device_t again = find();
      return again != dev || again->committed ||
             (again->attaching == std::thread::id{} && !is_detaching(*again));
    });
  }
}

}  // namespace

device_t device_lookup(cfdriver_t driver, int unit) {
  const std::scoped_lock lock(state().mutex);
  return unit_of(driver, unit);
}

void* device_lookup_private(cfdriver_t driver, int unit) {
  return device_private(device_lookup(driver, unit));
}

device_t device_lookup_acquire(cfdriver_t driver, int unit) {
  return acquire("device_lookup_acquire", [=] { return unit_of(driver, unit); });
}

void device_acquire(device_t dev) {
  const std::scoped_lock lock(state().mutex);
  dev->holds++;
}

void device_release(device_t dev) {
  const std::scoped_lock lock(state().mutex);
  if (dev->holds == 0) {
    violation("device_release: " + dev->xname + " is not held", __builtin_return_address(0));
  }
  if (--dev->holds == 0) state().changed.notify_all();
}

device_t device_find_by_xname(const char* name) {
  const std::scoped_lock lock(state().mutex);
  const auto& devices = state().devices;
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [name](device_t dev) { return dev->xname == name; });
  return found == devices.end() ? nullptr : *found;
}

device_t device_find_by_driver_unit(const char* driver, int unit) {
  return device_lookup(config_cfdriver_lookup(driver), unit);
}

device_t device_find_by_driver_unit_acquire(const char* driver, int unit) {
  return device_lookup_acquire(config_cfdriver_lookup(driver), unit);
}

bool device_active(device_t dev, devactive_t type) {
  std::vector<void (*)(device_t, devactive_t)> handlers;
  {
    const std::scoped_lock lock(state().mutex);
    handlers = dev->activity_handlers;
  }
  for (auto* handler : handlers) handler(dev, type);
  return !handlers.empty();
}

bool device_active_register(device_t dev, void (*handler)(device_t, devactive_t)) {
  const std::scoped_lock lock(state().mutex);
  dev->activity_handlers.push_back(handler);
  return true;
}

void device_active_deregister(device_t dev, void (*handler)(device_t, devactive_t)) {
  const std::scoped_lock lock(state().mutex);
  auto& handlers = dev->activity_handlers;
  const auto found = std::find(handlers.begin(), handlers.end(), handler);
  if (found != handlers.end()) handlers.erase(found);
}

device_t booted_device = nullptr;
int booted_partition = 0;
