// SPDX-License-Identifier: BSD-2-Clause
// The sysctl tree as the outside sees it: values as text, by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kern/api.h"

struct sysctllog;

namespace pupci::kern {

struct SysctlEntry {
  std::string name;         // "hw.edu0.debug"
  std::string type;         // "int", "string", "quad", "struct", "bool"
  std::string value;        // as sysctl(8) prints it; a struct in base 16
  std::string description;  // may be empty
  bool writable;
};

// All leaves at or below `prefix` ("" is everything) that are not hidden and can be read, in order
// of the tree. Thread context; runs drivers' helper functions under the kernel lock.
PUPCI_API std::vector<SysctlEntry> sysctl_list(std::string_view prefix);

// One leaf. 0, or ENOENT (no such name), EISDIR (a node with others below), or what the driver's
// helper answers.
PUPCI_API int sysctl_get(std::string_view name, SysctlEntry& entry);
// EINVAL when the text is no value of its type, EPERM when it is read-only.
PUPCI_API int sysctl_set(std::string_view name, const std::string& value);

// The SYSCTL_SETUP functions of a driver's linker set `sysctl_funcs`, when it is loaded; the result
// is for sysctl_teardown() before it is unloaded. May be null.
using SysctlSetup = void (*)(sysctllog**);
PUPCI_API sysctllog* sysctl_run_setup(const SysctlSetup* first, const SysctlSetup* end);
// Removes what still points into a driver's text or data, or was made by it; before it is unloaded.
PUPCI_API void sysctl_purge(const void* low, const void* high);
// Removes one node, with all below it, that was leaked.
PUPCI_API void sysctl_forget(const void* node);

}  // namespace pupci::kern
