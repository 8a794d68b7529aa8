// SPDX-License-Identifier: BSD-2-Clause
// struct device and the state of autoconf(9), shared by autoconf*.cc, device.cc, deviter.cc and
// pmf.cc only.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "netbsd/sys/device.h"

namespace pupci::kern::autoconf {

// One of the three levels at which pmf(9) suspends and resumes a device.
struct PowerHandlers {
  bool (*suspend)(device_t, const pmf_qual_t*) = nullptr;
  bool (*resume)(device_t, const pmf_qual_t*) = nullptr;
  bool (*shutdown)(device_t, int) = nullptr;
  void (*deregister)(device_t) = nullptr;
  void* data = nullptr;
  bool suspended = false;
};

struct Power {
  bool registered = false;
  PowerHandlers driver, bus, device_class;
  bool (*child_register)(device_t) = nullptr;
  const pmf_qual_t* self_suspended = nullptr;
};

}  // namespace pupci::kern::autoconf

// NetBSD's own name. Fields without a comment never change between attach and detach.
struct device {
  devclass_t device_class = DV_DULL;
  std::string xname;
  cfdata_t cf = nullptr;
  cfdriver_t driver = nullptr;
  cfattach_t attachment = nullptr;
  int unit = 0;
  device_t parent = nullptr;
  int depth = 0;
  std::vector<int> locators;
  void* softc = nullptr;       // device_set_private() may change it
  void* allocation = nullptr;  // what to free; softc unless it was changed
  prop_dictionary_t properties = nullptr;

  // Under State::mutex.
  bool active = true;
  std::thread::id attaching;  // the thread inside its attach function
  std::thread::id detaching;  // the thread inside config_detach()
  bool committed = false;     // the detach under way cannot fail any more
  bool gone = false;          // not in State::devices any more
  unsigned holds = 0;         // device_acquire()
  unsigned pending = 0;       // config_pending_incr()
  std::vector<void (*)(device_t, devactive_t)> activity_handlers;

  pupci::kern::autoconf::Power power;  // under the kernel lock
};

namespace pupci::kern::autoconf {

struct Deferred {
  device_t dev;
  void (*function)(device_t);
};

struct Finalizer {
  device_t dev;
  int (*function)(device_t);
};

struct State {
  std::mutex mutex;
  std::condition_variable changed;  // of any field below, or of a device's

  std::vector<cfdriver*> drivers;
  std::vector<cfdata*> tables;    // each ends with a null name
  std::vector<device_t> devices;  // in order of attachment
  unsigned iterators = 0;         // deviters under way: the dead are kept until there are none
  std::vector<device_t> dead;

  std::vector<Deferred> deferred;     // config_defer
  std::vector<Deferred> interrupts;   // config_interrupts
  std::vector<Deferred> mountroot;    // config_mountroot
  std::vector<Finalizer> finalizers;  // config_finalize_register
  bool interrupts_work = true;        // without a Kernel nothing is ever deferred
  bool up = true;                     // finalized and root mounted
};

State& state();

// Waits for `condition`, evaluated with the mutex held, giving up the kernel lock meanwhile.
// `lock` is locked on entry and on return, and is given up in between.
void wait_until(std::unique_lock<std::mutex>& lock, const char* what,
                const std::function<bool()>& condition);

bool is_detaching(const device& dev);  // mutex held
// Destroys devices that no iterator can see any more. Mutex not held.
void bury();
// Forgets what a device has deferred; mutex held.
void cancel_deferred(device_t dev);
// Runs what children of `parent` have put off until its attach is done.
void process_deferred(device_t parent);

// Both with the mutex held. The unit that an entry gets, with its place in cd_devs taken; -1 when a
// wired one is in use.
int take_unit(const cfdata& cf, device_t dev);
void give_back_unit(device_t dev);
// Every entry that names this very unit: found now, or not any more. Mutex held.
void mark_entries(const device& dev, short from, short to);

// A snapshot in order of attachment.
std::vector<device_t> all_devices();
std::vector<cfdata*> all_tables();

}  // namespace pupci::kern::autoconf
