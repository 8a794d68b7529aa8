// SPDX-License-Identifier: BSD-2-Clause
// The life of a device from config_found() to config_detach(): autoconf(9).
#include "kern/autoconf.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "kern/check.h"
#include "kern/console.h"
#include "kern/device_impl.h"
#include "kern/device_properties.h"
#include "kern/device_register.h"
#include "kern/heap.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/watchdog.h"
#include "netbsd/sys/intr.h"

using namespace pupci::kern;
using namespace pupci::kern::autoconf;

namespace pupci::kern::autoconf {

State& state() {
  static auto& the_state = *new State;  // immortal: drivers may ask while statics are destroyed
  return the_state;
}

void wait_until(std::unique_lock<std::mutex>& lock, const char* what,
                const std::function<bool()>& condition) {
  if (condition()) return;
  lock.unlock();
  check_sleepable(what, nullptr);
  const unsigned holds = kernel_unlock_all();
  lock.lock();
  state().changed.wait(lock, condition);
  if (holds == 0) return;
  // The kernel lock comes before the mutex in the order of locks.
  lock.unlock();
  kernel_lock(holds);
  lock.lock();
}

bool is_detaching(const device& dev) {
  return dev.detaching != std::thread::id{};
}

std::vector<device_t> all_devices() {
  const std::scoped_lock lock(state().mutex);
  return state().devices;
}

namespace {

// From the arena, since drivers do DMA to and from their softc too.
void* allocate_softc(std::size_t size) {
  return heap_allocate(size, Owner::kernel, nullptr, true);
}

void free_softc(const device& dev) {
  if (dev.allocation == nullptr) return;
  heap_free(dev.allocation, any_size, Owner::kernel, nullptr, "config_detach");
}

void destroy(device_t dev) {
  prop_object_release(dev->properties);
  free_softc(*dev);
  delete dev;
}

}  // namespace

void bury() {
  std::vector<device_t> dead;
  {
    const std::scoped_lock lock(state().mutex);
    if (state().iterators == 0) dead.swap(state().dead);
  }
  std::for_each(dead.begin(), dead.end(), destroy);
}

}  // namespace pupci::kern::autoconf

namespace {

void say(Message kind, std::string_view text) {
  console_write(kind, text);
}

std::vector<int> copy_locators(device_t parent, const cfdata& cf, const int* locators) {
  if (parent == nullptr || locators == nullptr) return {};
  const cfiattrdata* attribute = cfiattr_lookup(cfdata_ifattr(&cf), parent->driver);
  return attribute == nullptr ? std::vector<int>{}
                              : std::vector<int>(locators, locators + attribute->ci_loclen);
}

prop_dictionary_t initial_properties(const device& dev) {
  const prop_dictionary_t properties = prop_dictionary_create();
  prop_dictionary_set_string(properties, "device-driver", dev.driver->cd_name);
  prop_dictionary_set_uint16(properties, "device-unit", static_cast<std::uint16_t>(dev.unit));
  if (dev.parent != nullptr) {
    prop_dictionary_set_string(properties, "device-parent", device_xname(dev.parent));
  }
  return properties;
}

// A device in the lists, with everything but its attach function called; or null.
device_t create_device(device_t parent, cfdata_t cf, const int* locators, void* aux) {
  auto dev = std::make_unique<device>();
  dev->driver = config_cfdriver_lookup(cf->cf_name);
  dev->attachment = config_cfattach_lookup(cf->cf_name, cf->cf_atname);
  if (dev->driver == nullptr || dev->attachment == nullptr) return nullptr;
  dev->device_class = dev->driver->cd_class;
  dev->cf = cf;
  dev->parent = parent;
  dev->depth = parent == nullptr ? 0 : parent->depth + 1;
  dev->locators = copy_locators(parent, *cf, locators);
  dev->attaching = std::this_thread::get_id();
  if (dev->attachment->ca_devsize != 0) {
    dev->allocation = allocate_softc(dev->attachment->ca_devsize);
    if (dev->allocation == nullptr) return nullptr;
    dev->softc = dev->allocation;
  }
  {
    const std::scoped_lock lock(state().mutex);
    dev->unit = take_unit(*cf, dev.get());
    if (dev->unit >= 0) {
      dev->xname = fmt::format("{}{}", cf->cf_name, dev->unit);
      mark_entries(*dev, FSTATE_NOTFOUND, FSTATE_FOUND);
    }
  }
  if (dev->unit < 0) {
    free_softc(*dev);
    return nullptr;
  }
  dev->properties = initial_properties(*dev);
  device_register(dev.get(), aux);
  apply_device_properties(dev->xname, dev->properties);
  const std::scoped_lock lock(state().mutex);
  state().devices.push_back(dev.get());
  return dev.release();
}

void announce(device_t dev, void* aux, cfprint_t print) {
  const std::string where = dev->parent == nullptr
                                ? fmt::format("{} (root)", dev->xname)
                                : fmt::format("{} at {}", dev->xname, dev->parent->xname);
  say(Message::naive, where);
  say(Message::normal, where);
  if (dev->parent != nullptr && print != nullptr) print(aux, nullptr);
}

}  // namespace

device_t config_attach_args(device_t parent, cfdata_t cf, void* aux, cfprint_t print,
                            const cfargs* args) {
  const KernelLock kernel;
  const device_t dev = create_device(parent, cf, args == nullptr ? nullptr : args->locators, aux);
  if (dev == nullptr) return nullptr;
  announce(dev, aux, print);
  config_pending_incr(dev);
  {
    const ContextScope context(Context::thread, dev, IPL_NONE);
    const Activity activity(dev->xname, "attach");
    dev->attachment->ca_attach(parent, dev, aux);
  }
  {
    const std::scoped_lock lock(state().mutex);
    dev->attaching = {};
    state().changed.notify_all();
  }
  config_pending_decr(dev);
  if (!device_pmf_is_registered(dev)) {
    say(Message::debug, fmt::format("{}: WARNING: power management not supported\n", dev->xname));
  }
  process_deferred(dev);
  return dev;
}

device_t config_attach_acquire(device_t parent, cfdata_t cf, void* aux, cfprint_t print,
                               const cfargs* args) {
  const KernelLock kernel;  // nobody detaches it before it is held
  const device_t dev = config_attach_args(parent, cf, aux, print, args);
  if (dev != nullptr) device_acquire(dev);
  return dev;
}

device_t config_attach_loc(device_t parent, cfdata_t cf, const int* locators, void* aux,
                           cfprint_t print) {
  return config_attach_args(parent, cf, aux, print, CFARGS(.locators = locators));
}

device_t config_found_args(device_t parent, void* aux, cfprint_t print, const cfargs* args) {
  const KernelLock kernel;
  if (const cfdata_t cf = config_search(parent, aux, args)) {
    return config_attach_args(parent, cf, aux, print, args);
  }
  if (print == nullptr) return nullptr;
  switch (print(aux, device_xname(parent))) {
    case UNCONF:
      say(Message::normal, " not configured\n");
      break;
    case UNSUPP:
      say(Message::normal, " unsupported\n");
      break;
    default:
      break;
  }
  return nullptr;
}

device_t config_found_acquire(device_t parent, void* aux, cfprint_t print, const cfargs* args) {
  const KernelLock kernel;  // as above
  const device_t dev = config_found_args(parent, aux, print, args);
  if (dev != nullptr) device_acquire(dev);
  return dev;
}

device_t config_found_sm_loc(device_t parent, const char* iattr, const int* locators, void* aux,
                             cfprint_t print, cfsubmatch_t submatch) {
  return config_found_args(parent, aux, print,
                           CFARGS(.submatch = submatch, .iattr = iattr, .locators = locators));
}

device_t config_found_ia(device_t parent, const char* iattr, void* aux, cfprint_t print) {
  return config_found_args(parent, aux, print, CFARGS(.iattr = iattr));
}

device_t config_rootfound(const char* name, void* aux) {
  const KernelLock kernel;
  if (const cfdata_t cf = config_rootsearch(nullptr, name, aux)) {
    return config_attach_args(nullptr, cf, aux, nullptr, CFARGS_NONE);
  }
  say(Message::error, fmt::format("root device {} not configured\n", name));
  return nullptr;
}

device_t config_attach_pseudo(cfdata_t cf) {
  const device_t dev = config_attach_pseudo_acquire(cf, nullptr);
  if (dev != nullptr) device_release(dev);
  return dev;
}

device_t config_attach_pseudo_acquire(cfdata_t cf, void* aux) {
  const KernelLock kernel;
  const device_t dev = create_device(nullptr, cf, nullptr, aux);
  if (dev == nullptr) return nullptr;
  {
    const ContextScope context(Context::thread, dev, IPL_NONE);
    const Activity activity(dev->xname, "attach");
    dev->attachment->ca_attach(nullptr, dev, aux);
  }
  {
    const std::scoped_lock lock(state().mutex);
    dev->attaching = {};
    state().changed.notify_all();
  }
  device_acquire(dev);
  process_deferred(dev);
  return dev;
}

void null_childdetached(device_t /*parent*/, device_t /*child*/) {}
