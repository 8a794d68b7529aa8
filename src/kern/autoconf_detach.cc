// SPDX-License-Identifier: BSD-2-Clause
// How devices go: config_detach() and its kin, autoconf(9).
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "kern/autoconf.h"
#include "kern/check.h"
#include "kern/console.h"
#include "kern/device_impl.h"
#include "kern/file_table.h"
#include "kern/klock.h"
#include "kern/leaks.h"
#include "kern/lwp.h"
#include "kern/watchdog.h"
#include "netbsd/sys/intr.h"

using namespace pupci::kern;
using namespace pupci::kern::autoconf;

namespace {

bool contains(const std::vector<device_t>& devices, device_t dev) {
  return std::find(devices.begin(), devices.end(), dev) != devices.end();
}

bool is_alive(device_t dev) {  // mutex held; dev may be dangling
  return contains(state().devices, dev);
}

// What its driver would not let go stays as it is, in memory, but is no device any more.
std::vector<device_t>& abandoned() {  // mutex held
  static auto& devices = *new std::vector<device_t>;
  return devices;
}

// Becomes the one who detaches it, after its attach and all that it has pending is done. ENXIO
// when another detached it meanwhile, EOPNOTSUPP when it was abandoned.
int enter(device_t dev) {
  std::unique_lock lock(state().mutex);
  if (contains(abandoned(), dev)) return EOPNOTSUPP;
  if (!is_alive(dev)) return ENXIO;
  const auto self = std::this_thread::get_id();
  if (dev->detaching == self || dev->attaching == self) {
    lock.unlock();
    panic(fmt::format("config_detach: {} waits for its own attach or detach", dev->xname));
  }
  wait_until(lock, "config_detach", [dev] {
    return !is_alive(dev) ||
           (!is_detaching(*dev) && dev->pending == 0 && dev->attaching == std::thread::id{});
  });
  if (!is_alive(dev)) return ENXIO;
  dev->detaching = std::this_thread::get_id();
  return 0;
}

void leave(device_t dev) {
  const std::scoped_lock lock(state().mutex);
  dev->detaching = {};
  dev->committed = false;
  state().changed.notify_all();
}

int call_detach(device_t dev, int flags) {
  const cfattach& ca = *dev->attachment;
  if ((flags & (DETACH_SHUTDOWN | DETACH_FORCE)) == DETACH_SHUTDOWN &&
      (ca.ca_flags & DVF_DETACH_SHUTDOWN) == 0) {
    return EOPNOTSUPP;
  }
  if (ca.ca_detach == nullptr) return EOPNOTSUPP;
  const ContextScope context(Context::thread, dev, IPL_NONE);
  const Activity activity(dev->xname, "detach");
  return ca.ca_detach(dev, flags);
}

device_t newest_child(device_t parent) {
  const std::scoped_lock lock(state().mutex);
  const auto& devices = state().devices;
  const auto found = std::find_if(devices.rbegin(), devices.rend(),
                                  [parent](device_t dev) { return dev->parent == parent; });
  return found == devices.rend() ? nullptr : *found;
}

bool has_abandoned_child(device_t parent) {
  const std::scoped_lock lock(state().mutex);
  return std::any_of(abandoned().begin(), abandoned().end(),
                     [parent](device_t dev) { return dev->parent == parent; });
}

void check_childless(device_t dev) {
  if (const device_t child = newest_child(dev)) {
    panic(
        fmt::format("config_detach: detached device {} has children {}", dev->xname, child->xname));
  }
}

enum class Afterlife { destroyed, abandoned };

// Takes a device out of everything. Not destroyed while iterators see it.
void remove(device_t dev, Afterlife afterlife = Afterlife::destroyed) {
  std::unique_lock lock(state().mutex);
  dev->committed = true;
  state().changed.notify_all();
  wait_until(lock, "config_detach", [dev] { return dev->holds == 0; });
  dev->active = false;
  cancel_deferred(dev);
  mark_entries(*dev, FSTATE_FOUND, FSTATE_NOTFOUND);
  give_back_unit(dev);
  auto& devices = state().devices;
  devices.erase(std::find(devices.begin(), devices.end(), dev));
  dev->gone = true;
  if (afterlife == Afterlife::destroyed) state().dead.push_back(dev);
  state().changed.notify_all();
}

std::vector<std::string> report_leaks(device_t dev) {
  if (files_inherit(dev)) return {};
  const std::vector<Tracked> leaks = leaks_of(dev);
  std::vector<std::string> lines = describe_leaks(dev->xname, leaks);
  for (const std::string& line : lines) console_write(Message::error, line + "\n");
  forget_leaks(leaks);
  return lines;
}

// After a successful detach function.
std::vector<std::string> finish(device_t dev, int flags) {
  check_childless(dev);
  const device_t parent = dev->parent;
  if (parent != nullptr && parent->attachment->ca_childdetached != nullptr) {
    const ContextScope context(Context::thread, parent, IPL_NONE);
    parent->attachment->ca_childdetached(parent, dev);
  }
  if ((flags & DETACH_QUIET) == 0) {
    console_write(Message::normal, fmt::format("{}: detached\n", dev->xname));
  }
  std::vector<std::string> leaks = report_leaks(dev);
  remove(dev);
  bury();
  return leaks;
}

}  // namespace

int config_detach(device_t dev, int flags) {
  const KernelLock kernel;
  if (const int error = enter(dev)) return error;
  if (const int error = call_detach(dev, flags)) {
    if ((flags & DETACH_FORCE) != 0) {
      panic(fmt::format("config_detach: forced detach of {} failed ({})", dev->xname,
                        std::strerror(error)));
    }
    if (dev->committed) {
      panic(fmt::format("config_detach: {} refused ({}) after config_detach_commit()", dev->xname,
                        std::strerror(error)));
    }
    leave(dev);
    return error;
  }
  finish(dev, flags);
  return 0;
}

int config_detach_release(device_t dev, int flags) {
  device_release(dev);
  return config_detach(dev, flags);
}

void config_detach_commit(device_t dev) {
  const std::scoped_lock lock(state().mutex);
  if (dev->detaching != std::this_thread::get_id()) {
    violation(fmt::format("config_detach_commit: {} is not in its detach function", dev->xname),
              __builtin_return_address(0));
  }
  dev->committed = true;
  state().changed.notify_all();
}

int config_detach_children(device_t parent, int flags) {
  const KernelLock kernel;
  while (const device_t child = newest_child(parent)) {
    if (const int error = config_detach(child, flags)) return error;
  }
  // One that its driver would not let go still uses what its bus gave it.
  return has_abandoned_child(parent) ? EOPNOTSUPP : 0;
}

bool config_detach_all(int flags) {
  const KernelLock kernel;
  bool progress = false;
  deviter_t di;
  for (device_t d = deviter_first(&di, DEVITER_F_LEAVES_FIRST); d != nullptr;
       d = deviter_next(&di)) {
    if (newest_child(d) == nullptr && config_detach(d, flags | DETACH_SHUTDOWN) == 0) {
      progress = true;
    }
  }
  deviter_release(&di);
  return progress;
}

namespace {

bool is_below(device_t dev, device_t ancestor) {
  while (dev != nullptr && dev != ancestor) dev = dev->parent;
  return dev != nullptr;
}

bool set_active(device_t dev, bool active) {
  const std::scoped_lock lock(state().mutex);
  return std::exchange(dev->active, active);
}

}  // namespace

int config_deactivate(device_t dev) {
  const KernelLock kernel;
  int result = 0;
  deviter_t di;
  for (device_t d = deviter_first(&di, DEVITER_F_ROOT_FIRST); d != nullptr; d = deviter_next(&di)) {
    if (!is_below(d, dev) || !set_active(d, false)) continue;
    const auto activate = d->attachment->ca_activate;
    if (activate == nullptr) continue;
    const ContextScope context(Context::thread, d, IPL_NONE);
    const Activity activity(d->xname, "deactivate");
    result = activate(d, DVACT_DEACTIVATE);
    if (result != 0) set_active(d, true);
  }
  deviter_release(&di);
  return result;
}

namespace pupci::kern {
namespace {

void abandon(device_t dev, std::vector<std::string>& report, int error) {
  if (dev->attachment->ca_detach == nullptr) {
    device_pmf_driver_shutdown(dev, 0);
    report.push_back(fmt::format("{}: its driver has no detach function", dev->xname));
  } else {
    report.push_back(
        fmt::format("{}: its driver refused to detach it: {}", dev->xname, std::strerror(error)));
  }
  console_write(Message::error, report.back() + "\n");
  {
    const std::scoped_lock lock(state().mutex);
    abandoned().push_back(dev);
  }
  remove(dev, Afterlife::abandoned);
}

// One of autoconf_detach_all(): its driver's refusal must not take the others' chance.
void detach_for_good(device_t dev, std::vector<std::string>& report) {
  constexpr int flags = DETACH_FORCE | DETACH_SHUTDOWN;
  if (enter(dev) != 0) return;
  if (const int error = call_detach(dev, flags)) {
    abandon(dev, report, error);
    return;
  }
  for (std::string& line : finish(dev, flags)) report.push_back(std::move(line));
}

}  // namespace

bool autoconf_abandoned(const cfattach* attachment) {
  const std::scoped_lock lock(state().mutex);
  return std::any_of(abandoned().begin(), abandoned().end(),
                     [attachment](device_t dev) { return dev->attachment == attachment; });
}

std::vector<std::string> autoconf_detach_all() {
  const KernelLock kernel;
  std::vector<std::string> report;
  for (;;) {
    device_t newest = nullptr;
    {
      const std::scoped_lock lock(state().mutex);
      if (state().devices.empty()) break;
      newest = state().devices.back();
    }
    detach_for_good(newest, report);
  }
  return report;
}

}  // namespace pupci::kern
