// SPDX-License-Identifier: BSD-2-Clause
#include "kern/loader.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <mutex>
#include <string_view>
#include <system_error>
#include <unordered_set>

#include "kern/autoconf.h"
#include "kern/console.h"
#include "kern/elf_file.h"
#include "kern/evcnt.h"
#include "kern/kernel_names.h"
#include "kern/leaks.h"
#include "kern/module.h"
#include "kern/sysctl.h"
#include "netbsd/sys/conf.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/sysctl.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<const Driver*> drivers;
};

Registry& registry() {
  static auto& the_registry = *new Registry;
  return the_registry;
}

bool lies_in(const Driver& driver, const void* pc) {
  return !std::less<>{}(pc, driver.text_start()) && std::less<>{}(pc, driver.text_end());
}

std::vector<std::string> missing_in(const ElfFile& file) {
  std::vector<std::string> missing;
  for (const ElfSymbol& symbol : file.symbols()) {
    if (!symbol.defined && !symbol.weak && !is_kernel_name(symbol.name)) {
      missing.push_back(symbol.name);
    }
  }
  std::sort(missing.begin(), missing.end());
  return missing;
}

bool starts_with_any(const std::string& name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.rfind(prefix, 0) == 0; });
}

void check_names(const std::string& path, const ElfFile& file) {
  const auto missing = missing_in(file);
  if (missing.empty()) return;
  std::string list;
  bool sanitizer = false;
  for (const std::string& name : missing) {
    list += "\n  " + name;
    sanitizer = sanitizer || starts_with_any(name, {"__asan_", "__tsan_", "__ubsan_", "__msan_"});
  }
  throw Error(ENOSYS,
              fmt::format("{}: {} {} that pupci's kernel does not have:{}{}", path, missing.size(),
                          missing.size() == 1 ? "name" : "names", list,
                          sanitizer ? "\n(it was built with a sanitizer that this pupci was not "
                                      "built with)"
                                    : ""));
}

// The version that the driver was built for, as it stands in the file.
void check_version(const std::string& path, const ElfFile& file) {
  const ElfSymbol* symbol = file.find("pupci_ioconf");
  if (symbol == nullptr) {
    throw Error(ENOEXEC, fmt::format("{}: a shared object, but not a pupci driver (it has no "
                                     "pupci_ioconf); build drivers with `pupci build`",
                                     path));
  }
  struct {
    unsigned abi;
    unsigned size;
  } version{};
  if (!file.read(symbol->value, &version, sizeof version)) {
    throw Error(ENOEXEC, fmt::format("{}: damaged: its pupci_ioconf lies outside the file", path));
  }
  if (version.abi != PUPCI_IOCONF_ABI || version.size != sizeof(pupci_ioconf)) {
    throw Error(ENOEXEC, fmt::format("{}: built for version {} of pupci's driver interface, this "
                                     "is version {}; build it again with `pupci build`",
                                     path, version.abi, PUPCI_IOCONF_ABI));
  }
}

// Bounds of the executable segments of a loaded object, which has `ioconf`.
std::array<const void*, 2> text_of(const pupci_ioconf* ioconf, const ElfFile& file) {
  const ElfSymbol* symbol = file.find("pupci_ioconf");
  if (symbol == nullptr) return {};
  const std::uintptr_t base = reinterpret_cast<std::uintptr_t>(ioconf) - symbol->value;
  std::uint64_t low = UINT64_MAX;
  std::uint64_t high = 0;
  for (const ElfSegment& segment : file.segments()) {
    if (!segment.executable) continue;
    low = std::min(low, segment.address);
    high = std::max(high, segment.address + segment.memory_size);
  }
  if (low >= high) return {};
  return {reinterpret_cast<const void*>(base + low), reinterpret_cast<const void*>(base + high)};
}

std::vector<const modinfo*> modules_of(const pupci_ioconf& ioconf) {
  return {ioconf.modules_start, ioconf.modules_end};
}

std::string exists_message(const pupci_ioconf& ioconf, const char* name) {
  return fmt::format("driver {}: a driver {} is loaded already", ioconf.name, name);
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

std::vector<std::string> missing_names(const std::string& path) {
  return missing_in(ElfFile(path));
}

// The device switches that were registered for it.
struct Driver::Switches {
  struct Pair {
    const bdevsw* block;
    const cdevsw* character;
  };
  std::vector<Pair> attached;
};

Driver::Driver(const pupci_ioconf* ioconf, std::string path)
    : ioconf_(ioconf), path_(std::move(path)), switches_(std::make_unique<Switches>()) {}

std::unique_ptr<Driver> Driver::load(const std::string& path) {
  const ElfFile file(path);
  check_version(path, file);
  check_names(path, file);
  // Its names stay its own (RTLD_LOCAL, and linked -Bsymbolic); RTLD_DEEPBIND would say the same
  // but cannot be had with the sanitizers. A slash, or the search path for libraries is tried.
  const std::string file_name = path.find('/') == std::string::npos ? "./" + path : path;
  void* handle = dlopen(file_name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) throw Error(ENOEXEC, fmt::format("{}: {}", path, dlerror()));
  const auto* ioconf = static_cast<const pupci_ioconf*>(dlsym(handle, "pupci_ioconf"));
  if (ioconf == nullptr) throw Error(ENOEXEC, fmt::format("{}: {}", path, dlerror()));
  std::unique_ptr<Driver> driver(new Driver(ioconf, path));
  const auto text = text_of(ioconf, file);
  driver->text_start_ = text[0];
  driver->text_end_ = text[1];
  driver->add_tables();
  for (const ElfSymbol& symbol : file.symbols()) {
    if (symbol.defined && ends_with(symbol.name, "_cdevsw"))
      driver->add_switch(handle, symbol.name);
  }
  return driver;
}

std::unique_ptr<Driver> Driver::adopt(const pupci_ioconf* ioconf) {
  if (ioconf->abi != PUPCI_IOCONF_ABI || ioconf->size != sizeof(pupci_ioconf)) {
    throw Error(ENOEXEC,
                fmt::format("driver {}: built for another version of pupci", ioconf->name));
  }
  std::unique_ptr<Driver> driver(new Driver(ioconf, {}));
  driver->add_tables();
  return driver;
}

void Driver::add_tables() {
  for (const cfdata* cf = ioconf_->cfdata; cf->cf_name != nullptr; cf++) {
    states_.push_back(cf->cf_fstate);
  }
  for (auto* const* driver = ioconf_->cfdrivers; *driver != nullptr; driver++) {
    if (config_cfdriver_attach(*driver) != 0) {
      throw Error(EEXIST, exists_message(*ioconf_, (*driver)->cd_name));
    }
    drivers_.push_back(*driver);
  }
  for (const auto* init = ioconf_->cfattachinit; init->cfai_name != nullptr; init++) {
    for (auto* const* ca = init->cfai_list; *ca != nullptr; ca++) {
      if (const int error = config_cfattach_attach(init->cfai_name, *ca)) {
        throw Error(error,
                    fmt::format("driver {}: attachment {} of {}: {}", ioconf_->name, (*ca)->ca_name,
                                init->cfai_name, std::generic_category().message(error)));
      }
    }
  }
  {
    const std::scoped_lock lock(registry().mutex);
    registry().drivers.push_back(this);
  }
  evcnt_attach_set(ioconf_->evcnts_start, ioconf_->evcnts_end);
  sysctl_ = sysctl_run_setup(ioconf_->sysctl_start, ioconf_->sysctl_end);
  globals_added_ = true;
  modules_start(ioconf_->name, modules_of(*ioconf_));
  modules_started_ = true;
  config_cfdata_attach(ioconf_->cfdata, 0);
  tables_added_ = true;
}

void Driver::add_switch(void* handle, const std::string& symbol) {
  const std::string switch_name = symbol.substr(0, symbol.size() - std::strlen("_cdevsw"));
  const auto* character = static_cast<const cdevsw*>(dlsym(handle, symbol.c_str()));
  const auto* block = static_cast<const bdevsw*>(dlsym(handle, (switch_name + "_bdevsw").c_str()));
  // Its module may have done it.
  if (cdevsw_lookup_major(character) != NODEVMAJOR) return;
  devmajor_t block_major = NODEVMAJOR;
  devmajor_t character_major = NODEVMAJOR;
  if (const int error =
          devsw_attach(switch_name.c_str(), block, &block_major, character, &character_major)) {
    throw Error(error, fmt::format("driver {}: {}: {}", ioconf_->name, symbol,
                                   std::generic_category().message(error)));
  }
  switches_->attached.push_back({block, character});
}

// What its code made for no device in particular, or in a thread of nobody's.
void Driver::report_leaks() const {
  if (text_start_ == nullptr) return;
  const std::vector<Tracked> leaks = leaks_in(text_start_, text_end_);
  if (!has_abandoned_devices()) {
    for (const std::string& line : describe_leaks(name(), leaks)) {
      console_write(Message::error, line + "\n");
    }
  }
  forget_leaks(leaks);
}

bool Driver::has_abandoned_devices() const {
  for (const auto* init = ioconf_->cfattachinit; init->cfai_name != nullptr; init++) {
    for (auto* const* ca = init->cfai_list; *ca != nullptr; ca++) {
      if (autoconf_abandoned(*ca)) return true;
    }
  }
  return false;
}

Driver::~Driver() {
  for (const Switches::Pair& pair : switches_->attached) devsw_detach(pair.block, pair.character);
  if (tables_added_) config_cfdata_detach(ioconf_->cfdata);
  if (modules_started_) modules_stop(modules_of(*ioconf_));
  if (globals_added_) {
    if (sysctl_ != nullptr) sysctl_teardown(&sysctl_);
    evcnt_detach_set(ioconf_->evcnts_start, ioconf_->evcnts_end);
    report_leaks();
    sysctl_purge(text_start_, text_end_);
  }
  {
    const std::scoped_lock lock(registry().mutex);
    auto& all = registry().drivers;
    all.erase(std::remove(all.begin(), all.end(), this), all.end());
  }
  for (const auto* init = ioconf_->cfattachinit; init->cfai_name != nullptr; init++) {
    for (auto* const* ca = init->cfai_list; *ca != nullptr; ca++) {
      config_cfattach_detach(init->cfai_name, *ca);
    }
  }
  for (auto* driver : drivers_) config_cfdriver_detach(driver);
  for (std::size_t i = 0; i < states_.size(); i++) ioconf_->cfdata[i].cf_fstate = states_[i];
}

std::vector<std::string> Driver::offers() const {
  std::vector<std::string> all;
  for (const cfdata* cf = ioconf_->cfdata; cf->cf_name != nullptr; cf++) {
    const char* at = cfdata_ifattr(cf);
    all.push_back(fmt::format("{} at {}", cf->cf_name, at == nullptr ? "root" : at));
  }
  return all;
}

const Driver* driver_at(const void* pc) noexcept {
  const std::scoped_lock lock(registry().mutex);
  for (const Driver* driver : registry().drivers) {
    if (lies_in(*driver, pc)) return driver;
  }
  return nullptr;
}

}  // namespace pupci::kern
