// SPDX-License-Identifier: BSD-2-Clause
// Until autoconf.cc is there: weak, so that it wins.
#include "netbsd/sys/device.h"

__attribute__((weak)) device_t config_found_args(device_t, void*, cfprint_t,
                                                 const struct cfargs*) {
  return nullptr;
}
__attribute__((weak)) int config_stdsubmatch(device_t, cfdata_t, const int*, void*) {
  return 0;
}
__attribute__((weak)) const struct device_compatible_entry* device_compatible_lookup_id(
    uintptr_t, uintptr_t, const struct device_compatible_entry*) {
  return nullptr;
}
