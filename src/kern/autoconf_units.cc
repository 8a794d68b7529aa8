// SPDX-License-Identifier: BSD-2-Clause
// Unit numbers: a driver's cd_devs, and which cfdata entries are found.
#include <algorithm>
#include <cstring>

#include "kern/device_impl.h"

namespace pupci::kern::autoconf {

int take_unit(const cfdata& cf, device_t dev) {
  cfdriver& driver = *dev->driver;
  int unit = cf.cf_unit;
  const auto in_use = [&driver](int u) {
    return u < driver.cd_ndevs && driver.cd_devs[u] != nullptr;
  };
  if (cf.cf_fstate == FSTATE_STAR) {
    while (in_use(unit)) unit++;
  } else if (in_use(unit)) {
    return -1;
  }
  if (unit >= driver.cd_ndevs) {
    const int wanted = std::max(4, std::max(unit + 1, driver.cd_ndevs * 2));
    auto* grown = new device_t[static_cast<std::size_t>(wanted)]();
    std::copy_n(driver.cd_devs, driver.cd_ndevs, grown);
    delete[] driver.cd_devs;
    driver.cd_devs = grown;
    driver.cd_ndevs = wanted;
  }
  driver.cd_devs[unit] = dev;
  return unit;
}

// An array without devices goes, so that a driver can be attached afresh.
void give_back_unit(device_t dev) {
  cfdriver& driver = *dev->driver;
  driver.cd_devs[dev->unit] = nullptr;
  if (std::all_of(driver.cd_devs, driver.cd_devs + driver.cd_ndevs,
                  [](device_t d) { return d == nullptr; })) {
    delete[] driver.cd_devs;
    driver.cd_devs = nullptr;
    driver.cd_ndevs = 0;
  }
}

void mark_entries(const device& dev, short from, short to) {
  for (cfdata* table : state().tables) {
    for (cfdata* cf = table; cf->cf_name != nullptr; cf++) {
      if (std::strcmp(cf->cf_name, dev.driver->cd_name) == 0 && cf->cf_unit == dev.unit &&
          cf->cf_fstate == from) {
        cf->cf_fstate = to;
      }
    }
  }
}

}  // namespace pupci::kern::autoconf
