// SPDX-License-Identifier: BSD-2-Clause
// Small drivers for tests of autoconf(9): a tree below mainbus that a test makes up.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kern/autoconf.h"
#include "kern/console.h"
#include "kern/device_properties.h"
#include "kern/klock.h"
#include "kern/loader.h"
#include "netbsd/sys/device.h"

namespace pupci::kern::test {

// What a test driver does; what is empty is what most drivers do.
struct Behaviour {
  std::function<int(device_t parent, cfdata_t cf, void* aux)> match;
  std::function<void(device_t parent, device_t self, void* aux)> attach;
  std::function<int(device_t self, int flags)> detach;
  std::function<int(device_t self)> deactivate;
  std::function<int(device_t self, const char* ifattr, const int* locators)> rescan;
  std::function<void(device_t self, device_t child)> childdetached;
  bool has_detach = true;
  std::size_t softc_size = 16;
  int flags = 0;
};

// All calls into all test drivers, in order: "attach a0", "detach a0", ...
std::vector<std::string>& journal();
void note(const std::string& line);

// A table of test drivers. Every driver carries the interface attribute "slot" with the locators
// "row" (default -1) and "column" (no default).
class Drivers {
 public:
  Drivers();
  ~Drivers();

  // A driver whose attachment has the same name.
  Drivers& driver(const std::string& name, Behaviour behaviour = {});
  // A line of the configuration. `parent`: "" for root, "*" for anything with a slot, "a", or "a1".
  Drivers& at(const std::string& name, const std::string& parent,
              std::vector<int> locators = {-1, -1}, short unit = 0, short state = FSTATE_STAR);
  // Hands the tables to autoconf(9).
  void load();
  void unload();
  cfdriver* driver_of(const std::string& name);
  // Attaches the root device of this name.
  device_t root(const std::string& name);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

// A found child as test drivers pass it: what its match functions look at.
struct Found {
  int kind = 0;
};
// Finds a child, with what prints as " kind N".
device_t find_child(device_t parent, int kind, const int* locators = nullptr);
int print_found(void* aux, const char* parent);

// Everything that the console shows from its construction on.
class Console {
 public:
  Console();
  ~Console();
  [[nodiscard]] std::string text() const { return *text_; }

 private:
  std::shared_ptr<std::string> text_ = std::make_shared<std::string>();
};

}  // namespace pupci::kern::test
