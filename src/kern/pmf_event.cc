// SPDX-License-Identifier: BSD-2-Clause
// Events and what firmware says of the machine: pmf(9).
#include "kern/pmf_event.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/thread.h"
#include "netbsd/sys/device.h"

using namespace pupci::kern;

namespace {

struct Listener {
  device_t dev;
  pmf_generic_event_t event;
  void (*function)(device_t);
  bool global;  // hears of events of every device

  bool operator==(const Listener&) const = default;
};

struct Injected {
  device_t dev;  // null: of the system
  pmf_generic_event_t event;
};

struct Events {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Listener> listeners;
  std::deque<Injected> queue;
  std::unique_ptr<Thread> thread;
  bool stopping = false;
  std::map<std::string, std::string> platform;
};

Events& events() {
  static auto& the_events = *new Events;
  return the_events;
}

// A listener may be deregistered by the one before it, so each is looked up afresh.
void deliver(const Injected& injected) {
  const KernelLock kernel;
  std::vector<Listener> listeners;
  {
    const std::scoped_lock lock(events().mutex);
    listeners = events().listeners;
  }
  for (const Listener& listener : listeners) {
    if (listener.event != injected.event) continue;
    if (listener.dev != injected.dev && injected.dev != nullptr && !listener.global) continue;
    {
      const std::scoped_lock lock(events().mutex);
      const auto& now = events().listeners;
      if (std::find(now.begin(), now.end(), listener) == now.end()) continue;
    }
    const ContextScope context(Context::thread, listener.dev, 0);
    listener.function(listener.dev);
  }
}

void run() {
  std::unique_lock lock(events().mutex);
  for (;;) {
    events().changed.wait(lock, [] { return events().stopping || !events().queue.empty(); });
    if (events().queue.empty()) return;
    const Injected injected = events().queue.front();
    events().queue.pop_front();
    lock.unlock();
    deliver(injected);
    lock.lock();
  }
}

}  // namespace

namespace pupci::kern {

void pmf_event_stop() noexcept {
  std::unique_ptr<Thread> thread;
  {
    const std::scoped_lock lock(events().mutex);
    thread = std::move(events().thread);
    events().stopping = true;
    events().changed.notify_all();
  }
  thread.reset();
  const std::scoped_lock lock(events().mutex);
  events().stopping = false;
}

}  // namespace pupci::kern

bool pmf_event_inject(device_t dev, pmf_generic_event_t event) {
  const std::scoped_lock lock(events().mutex);
  if (events().stopping) return false;
  events().queue.push_back({dev, event});
  if (events().thread == nullptr) events().thread = std::make_unique<Thread>("pmfevent", run);
  events().changed.notify_all();
  return true;
}

bool pmf_event_register(device_t dev, pmf_generic_event_t event, void (*function)(device_t),
                        bool global) {
  const std::scoped_lock lock(events().mutex);
  events().listeners.push_back({dev, event, function, global});
  return true;
}

void pmf_event_deregister(device_t dev, pmf_generic_event_t event, void (*function)(device_t),
                          bool global) {
  const std::scoped_lock lock(events().mutex);
  auto& listeners = events().listeners;
  const auto found =
      std::find(listeners.begin(), listeners.end(), Listener{dev, event, function, global});
  if (found != listeners.end()) listeners.erase(found);
}

bool pmf_set_platform(const char* key, const char* value) {
  const std::scoped_lock lock(events().mutex);
  events().platform[key] = value;
  return true;
}

const char* pmf_get_platform(const char* key) {
  const std::scoped_lock lock(events().mutex);
  const auto found = events().platform.find(key);
  return found == events().platform.end() ? nullptr : found->second.c_str();
}
