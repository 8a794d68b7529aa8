// SPDX-License-Identifier: BSD-2-Clause
// What drivers put off during attach, and when it runs: config_defer(9) and its kin.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "kern/autoconf.h"
#include "kern/check.h"
#include "kern/device_impl.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/watchdog.h"
#include "netbsd/sys/intr.h"

using namespace pupci::kern;
using namespace pupci::kern::autoconf;

namespace {

using Queue = std::vector<Deferred> State::*;

void run(const Deferred& deferred, const char* what) {
  const ContextScope context(Context::thread, deferred.dev, IPL_NONE);
  const Activity activity(deferred.dev->xname, what);
  deferred.function(deferred.dev);
}

// In order of their registration, those that are added meanwhile too.
void run_queue(Queue queue, const char* what) {
  for (;;) {
    Deferred next{};
    {
      const std::scoped_lock lock(state().mutex);
      auto& entries = state().*queue;
      if (entries.empty()) return;
      next = entries.front();
      entries.erase(entries.begin());
    }
    run(next, what);
    if (queue == &State::interrupts) config_pending_decr(next.dev);
  }
}

// Queues it, or says that it may run now.
bool put_off(Queue queue, bool State::* not_needed, device_t dev, void (*function)(device_t),
             const char* name) {
  std::unique_lock lock(state().mutex);
  if (state().*not_needed) return false;
  auto& entries = state().*queue;
  for (const Deferred& entry : entries) {
    if (entry.dev != dev) continue;
    lock.unlock();
    panic(fmt::format("{}: {} has deferred already", name, dev->xname));
  }
  entries.push_back({dev, function});
  // What waits for the root file system cannot hold up what comes before that.
  if (queue == &State::interrupts) dev->pending++;
  return true;
}

}  // namespace

namespace pupci::kern::autoconf {

void cancel_deferred(device_t dev) {
  for (const Queue queue : {&State::deferred, &State::interrupts, &State::mountroot}) {
    auto& entries = state().*queue;
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [dev](const Deferred& entry) { return entry.dev == dev; }),
                  entries.end());
  }
  auto& finalizers = state().finalizers;
  finalizers.erase(std::remove_if(finalizers.begin(), finalizers.end(),
                                  [dev](const Finalizer& entry) { return entry.dev == dev; }),
                   finalizers.end());
}

void process_deferred(device_t parent) {
  for (;;) {
    Deferred next{};
    {
      const std::scoped_lock lock(state().mutex);
      auto& entries = state().deferred;
      const auto found =
          std::find_if(entries.begin(), entries.end(),
                       [parent](const Deferred& entry) { return entry.dev->parent == parent; });
      if (found == entries.end()) return;
      next = *found;
      entries.erase(found);
    }
    run(next, "deferred attach");
    config_pending_decr(next.dev);
  }
}

}  // namespace pupci::kern::autoconf

void config_defer(device_t dev, void (*function)(device_t)) {
  if (dev->parent == nullptr) panic("config_defer: " + dev->xname + " has no parent to wait for");
  bool parent_attaches = false;
  {
    const std::scoped_lock lock(state().mutex);
    parent_attaches = dev->parent->attaching != std::thread::id{};
    for (const Deferred& entry : state().deferred) {
      if (entry.dev == dev) panic("config_defer: " + dev->xname + " has deferred already");
    }
    if (parent_attaches) {
      state().deferred.push_back({dev, function});
      dev->pending++;
    }
  }
  // A parent that finds its children later has no end of attach to wait for.
  if (!parent_attaches) run({dev, function}, "deferred attach");
}

void config_interrupts(device_t dev, void (*function)(device_t)) {
  if (!put_off(&State::interrupts, &State::interrupts_work, dev, function, "config_interrupts")) {
    run({dev, function}, "config_interrupts");
  }
}

void config_mountroot(device_t dev, void (*function)(device_t)) {
  if (!put_off(&State::mountroot, &State::up, dev, function, "config_mountroot")) {
    run({dev, function}, "config_mountroot");
  }
}

int config_finalize_register(device_t dev, int (*function)(device_t)) {
  {
    const std::scoped_lock lock(state().mutex);
    auto& finalizers = state().finalizers;
    for (const Finalizer& entry : finalizers) {
      if (entry.dev == dev && entry.function == function) return EEXIST;
    }
    if (!state().up) {
      finalizers.push_back({dev, function});
      return 0;
    }
  }
  while (function(dev) != 0) {
  }
  return 0;
}

void config_pending_incr(device_t dev) {
  const std::scoped_lock lock(state().mutex);
  dev->pending++;
}

void config_pending_decr(device_t dev) {
  const std::scoped_lock lock(state().mutex);
  if (dev->pending == 0) {
    violation("config_pending_decr: " + dev->xname + " has nothing pending",
              __builtin_return_address(0));
  }
  if (--dev->pending == 0) state().changed.notify_all();
}

namespace pupci::kern {
namespace {

void wait_for_pending() {
  std::unique_lock lock(state().mutex);
  const auto pending = [] {
    const auto& devices = state().devices;
    return std::find_if(devices.begin(), devices.end(),
                        [](device_t dev) { return dev->pending != 0; });
  };
  while (pending() != state().devices.end()) {
    // So that a watchdog names the device that everything waits for.
    const device_t dev = *pending();
    const std::string name = dev->xname;
    lock.unlock();
    const Activity activity(name, "config_pending_incr() without config_pending_decr()");
    lock.lock();
    wait_until(lock, "config_finalize",
               [&] { return pending() == state().devices.end() || *pending() != dev; });
  }
}

// All of them, over and over, until none does anything any more.
void run_finalizers() {
  bool again = true;
  while (again) {
    again = false;
    std::vector<Finalizer> finalizers;
    {
      const std::scoped_lock lock(state().mutex);
      finalizers = state().finalizers;
    }
    for (const Finalizer& finalizer : finalizers) {
      const ContextScope context(Context::thread, finalizer.dev, IPL_NONE);
      const Activity activity(finalizer.dev->xname, "finalize");
      if (finalizer.function(finalizer.dev) != 0) again = true;
    }
  }
}

}  // namespace

void autoconf_begin() {
  const std::scoped_lock lock(state().mutex);
  state().interrupts_work = false;
  state().up = false;
}

void autoconf_enable_interrupts() {
  {
    const std::scoped_lock lock(state().mutex);
    state().interrupts_work = true;
  }
  run_queue(&State::interrupts, "config_interrupts");
}

void autoconf_finish() {
  wait_for_pending();
  run_finalizers();
  {
    const std::scoped_lock lock(state().mutex);
    state().finalizers.clear();
    state().up = true;
  }
  run_queue(&State::mountroot, "config_mountroot");
}

int autoconf_rescan(device_t dev, const char* ifattr) {
  const KernelLock kernel;
  const auto rescan = dev->attachment->ca_rescan;
  if (rescan == nullptr) return EOPNOTSUPP;
  // Every locator open.
  const cfiattrdata* attribute = cfiattr_lookup(ifattr, dev->driver);
  const std::vector<int> open(
      attribute == nullptr ? 16 : static_cast<std::size_t>(std::max(attribute->ci_loclen, 1)), -1);
  const ContextScope context(Context::thread, dev, IPL_NONE);
  const Activity activity(dev->xname, "rescan");
  return rescan(dev, ifattr, open.data());
}

void autoconf_rescan_all() {
  const KernelLock kernel;
  deviter_t di;
  for (device_t dev = deviter_first(&di, DEVITER_F_ROOT_FIRST); dev != nullptr;
       dev = deviter_next(&di)) {
    if (dev->attachment->ca_rescan != nullptr) autoconf_rescan(dev, nullptr);
  }
  deviter_release(&di);
}

std::vector<DeviceNode> autoconf_tree() {
  const std::scoped_lock lock(state().mutex);
  std::vector<DeviceNode> tree;
  for (const device_t dev : state().devices) {
    DeviceNode node;
    node.name = dev->xname;
    if (dev->parent != nullptr) node.parent = dev->parent->xname;
    node.driver = dev->driver->cd_name;
    if (const char* iattr = cfdata_ifattr(dev->cf)) node.attribute = iattr;
    node.locators = dev->locators;
    node.unit = dev->unit;
    node.active = dev->active;
    tree.push_back(std::move(node));
  }
  return tree;
}

}  // namespace pupci::kern
