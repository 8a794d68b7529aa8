// SPDX-License-Identifier: BSD-2-Clause
#include "kern/module.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <sstream>
#include <system_error>

#include "kern/check.h"
#include "kern/console.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

struct Module {
  const modinfo* info;
  unsigned holds = 0;
};

struct Modules {
  std::mutex mutex;
  std::vector<Module> active;  // in order of initialisation
};

Modules& modules() {
  static auto& the_modules = *new Modules;
  return the_modules;
}

Module* find(const std::string& name) {  // mutex held
  for (Module& module : modules().active) {
    if (name == module.info->mi_name) return &module;
  }
  return nullptr;
}

bool requires_module(const modinfo& info, const std::string& name) {
  std::istringstream list(info.mi_required == nullptr ? "" : info.mi_required);
  for (std::string word; std::getline(list, word, ',');) {
    if (word == name) return true;
  }
  return false;
}

// The next one that requires none of the others; in a circle, simply the first.
std::size_t next_of(const std::vector<const modinfo*>& waiting) {
  for (std::size_t i = 0; i < waiting.size(); i++) {
    const bool must_wait = std::any_of(waiting.begin(), waiting.end(), [&](const modinfo* other) {
      return other != waiting[i] && requires_module(*waiting[i], other->mi_name);
    });
    if (!must_wait) return i;
  }
  return 0;
}

}  // namespace

void modules_start(const std::string& driver, std::vector<const modinfo*> waiting) {
  const KernelLock kernel;
  std::vector<const modinfo*> started;
  while (!waiting.empty()) {
    const auto next = waiting.begin() + static_cast<std::ptrdiff_t>(next_of(waiting));
    const modinfo* info = *next;
    waiting.erase(next);
    const int error = info->mi_modcmd(MODULE_CMD_INIT, nullptr);
    if (error != 0) {
      modules_stop(started);
      throw Error(error, fmt::format("driver {}: its module {} does not initialise: {}", driver,
                                     info->mi_name, std::generic_category().message(error)));
    }
    started.push_back(info);
    const std::scoped_lock lock(modules().mutex);
    modules().active.push_back({info});
  }
}

void modules_stop(const std::vector<const modinfo*>& stopping) {
  const KernelLock kernel;
  for (auto info = stopping.rbegin(); info != stopping.rend(); ++info) {
    if (const int error = (*info)->mi_modcmd(MODULE_CMD_FINI, nullptr)) {
      console_write(Message::error,
                    fmt::format("module {}: does not finish: {}\n", (*info)->mi_name,
                                std::generic_category().message(error)));
    }
    const std::scoped_lock lock(modules().mutex);
    auto& active = modules().active;
    active.erase(std::remove_if(active.begin(), active.end(),
                                [info](const Module& m) { return m.info == *info; }),
                 active.end());
  }
}

}  // namespace pupci::kern

using namespace pupci::kern;

int module_load(const char* name, int /*flags*/, prop_dictionary_t /*properties*/,
                modclass_t kind) {
  return module_autoload(name, kind);
}

int module_autoload(const char* name, modclass_t kind) {
  const std::scoped_lock lock(modules().mutex);
  const Module* module = find(name);
  if (module == nullptr) return ENOENT;
  return kind == MODULE_CLASS_ANY || kind == module->info->mi_class ? 0 : ENOENT;
}

int module_hold(const char* name) {
  const std::scoped_lock lock(modules().mutex);
  Module* module = find(name);
  if (module == nullptr) return ENOENT;
  module->holds++;
  return 0;
}

void module_rele(const char* name) {
  const std::scoped_lock lock(modules().mutex);
  Module* module = find(name);
  if (module == nullptr || module->holds == 0) {
    violation(fmt::format("module_rele: {} is not held", name), __builtin_return_address(0));
  }
  module->holds--;
}
