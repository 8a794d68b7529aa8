// SPDX-License-Identifier: BSD-2-Clause
// Loads drivers: checks a shared object before the dynamic linker sees it, so that everything that
// is wrong with it is one message.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kern/api.h"
#include "kern/ioconf.h"

namespace pupci::kern {

// A driver whose tables autoconf(9) knows. Its code stays in memory to the end of the process:
// what a driver leaked may still run.
class PUPCI_API Driver {
 public:
  // Throws pupci::Error: ENOENT and the like for a file that cannot be read, ENOEXEC for what is
  // not a driver of this machine and version, ENOSYS with all names that it needs and the kernel
  // lacks, EEXIST when a driver of that name is there.
  static std::unique_ptr<Driver> load(const std::string& path);
  // One that is linked into this process.
  static std::unique_ptr<Driver> adopt(const pupci_ioconf* ioconf);

  ~Driver();  // its devices are gone; finishes its modules, takes its tables out
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  [[nodiscard]] std::string name() const { return ioconf_->name; }
  [[nodiscard]] const std::string& path() const { return path_; }  // empty for an adopted one
  [[nodiscard]] const pupci_ioconf& ioconf() const { return *ioconf_; }
  // Its text, for reports by return address; both null for an adopted one.
  [[nodiscard]] const void* text_start() const { return text_start_; }
  [[nodiscard]] const void* text_end() const { return text_end_; }
  // What the driver wants to attach to, as messages say it: "edu at pci".
  [[nodiscard]] std::vector<std::string> offers() const;

 private:
  struct Switches;
  explicit Driver(const pupci_ioconf* ioconf, std::string path);
  void add_tables();
  void report_leaks() const;
  [[nodiscard]] bool has_abandoned_devices() const;
  void add_switch(void* handle, const std::string& symbol);

  const pupci_ioconf* ioconf_;
  std::string path_;
  const void* text_start_ = nullptr;
  const void* text_end_ = nullptr;
  struct sysctllog* sysctl_ = nullptr;     // what its SYSCTL_SETUP functions made
  std::vector<struct cfdriver*> drivers_;  // those that were added, in order
  bool globals_added_ = false;
  bool modules_started_ = false;
  bool tables_added_ = false;
  std::vector<short> states_;  // cf_fstate of each entry, to restore
  std::unique_ptr<Switches> switches_;
};

// Whose text an address lies in; null for none.
PUPCI_API const Driver* driver_at(const void* pc) noexcept;

// The names that a driver's file needs and this process does not offer to drivers, sorted.
// Throws as Driver::load().
PUPCI_API std::vector<std::string> missing_names(const std::string& path);

}  // namespace pupci::kern
