// SPDX-License-Identifier: BSD-2-Clause
// The tables of autoconf(9): drivers, their attachments, and what config(1) wrote about them.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "kern/autoconf.h"
#include "kern/device_impl.h"

using namespace pupci::kern;
using namespace pupci::kern::autoconf;

namespace {

// Mutex held.
cfdriver* find_driver(std::string_view name) {
  for (cfdriver* driver : state().drivers) {
    if (name == driver->cd_name) return driver;
  }
  return nullptr;
}

cfattach* find_attachment(const cfdriver& driver, std::string_view name) {
  for (cfattach* ca = driver.cd_attach.lh_first; ca != nullptr; ca = ca->ca_list.le_next) {
    if (name == ca->ca_name) return ca;
  }
  return nullptr;
}

bool has_device(const std::function<bool(device_t)>& predicate) {
  const auto& devices = state().devices;
  return std::any_of(devices.begin(), devices.end(), predicate);
}

int attach_attachments(const cfattachinit* init) {
  for (; init->cfai_name != nullptr; init++) {
    for (cfattach* const* ca = init->cfai_list; *ca != nullptr; ca++) {
      if (const int error = config_cfattach_attach(init->cfai_name, *ca)) return error;
    }
  }
  return 0;
}

void detach_attachments(const cfattachinit* init) {
  for (; init->cfai_name != nullptr; init++) {
    for (cfattach* const* ca = init->cfai_list; *ca != nullptr; ca++) {
      config_cfattach_detach(init->cfai_name, *ca);
    }
  }
}

}  // namespace

namespace pupci::kern::autoconf {

std::vector<cfdata*> all_tables() {
  const std::scoped_lock lock(state().mutex);
  return state().tables;
}

}  // namespace pupci::kern::autoconf

int config_cfdriver_attach(cfdriver* driver) {
  const std::scoped_lock lock(state().mutex);
  if (find_driver(driver->cd_name) != nullptr) return EEXIST;
  driver->cd_attach.lh_first = nullptr;
  state().drivers.push_back(driver);
  return 0;
}

int config_cfdriver_detach(cfdriver* driver) {
  const std::scoped_lock lock(state().mutex);
  auto& drivers = state().drivers;
  const auto found = std::find(drivers.begin(), drivers.end(), driver);
  if (found == drivers.end()) return ESRCH;
  if (has_device([driver](device_t dev) { return dev->driver == driver; })) return EBUSY;
  if (driver->cd_attach.lh_first != nullptr) return EBUSY;
  drivers.erase(found);
  return 0;
}

cfdriver* config_cfdriver_lookup(const char* name) {
  const std::scoped_lock lock(state().mutex);
  return find_driver(name);
}

int config_cfattach_attach(const char* name, cfattach* ca) {
  const std::scoped_lock lock(state().mutex);
  cfdriver* driver = find_driver(name);
  if (driver == nullptr) return ESRCH;
  if (find_attachment(*driver, ca->ca_name) != nullptr) return EEXIST;
  ca->ca_list.le_next = driver->cd_attach.lh_first;
  ca->ca_list.le_prev = &driver->cd_attach.lh_first;
  if (ca->ca_list.le_next != nullptr) ca->ca_list.le_next->ca_list.le_prev = &ca->ca_list.le_next;
  driver->cd_attach.lh_first = ca;
  return 0;
}

int config_cfattach_detach(const char* name, cfattach* ca) {
  const std::scoped_lock lock(state().mutex);
  const cfdriver* driver = find_driver(name);
  if (driver == nullptr || find_attachment(*driver, ca->ca_name) != ca) return ESRCH;
  if (has_device([ca](device_t dev) { return dev->attachment == ca; })) return EBUSY;
  if (ca->ca_list.le_next != nullptr) ca->ca_list.le_next->ca_list.le_prev = ca->ca_list.le_prev;
  *ca->ca_list.le_prev = ca->ca_list.le_next;
  ca->ca_list = {};
  return 0;
}

cfattach* config_cfattach_lookup(const char* name, const char* ca_name) {
  const std::scoped_lock lock(state().mutex);
  const cfdriver* driver = find_driver(name);
  return driver == nullptr ? nullptr : find_attachment(*driver, ca_name);
}

int config_cfdata_attach(cfdata_t table, int scannow) {
  {
    const std::scoped_lock lock(state().mutex);
    state().tables.push_back(table);
  }
  if (scannow != 0) autoconf_rescan_all();
  return 0;
}

int config_cfdata_detach(cfdata_t table) {
  // Devices that came from the table go first; one that refuses keeps it.
  for (;;) {
    device_t victim = nullptr;
    {
      const std::scoped_lock lock(state().mutex);
      const auto& devices = state().devices;
      const auto found = std::find_if(devices.rbegin(), devices.rend(), [table](device_t dev) {
        for (const cfdata* cf = table; cf->cf_name != nullptr; cf++) {
          if (dev->cf == cf) return true;
        }
        return false;
      });
      if (found != devices.rend()) victim = *found;
    }
    if (victim == nullptr) break;
    if (const int error = config_detach(victim, 0)) return error;
  }
  const std::scoped_lock lock(state().mutex);
  auto& tables = state().tables;
  const auto found = std::find(tables.begin(), tables.end(), table);
  if (found == tables.end()) return EINVAL;
  tables.erase(found);
  return 0;
}

int config_init_component(cfdriver* const* drivers, const cfattachinit* attachments,
                          cfdata* table) {
  cfdriver* const* done = drivers;
  int error = 0;
  for (; *done != nullptr && error == 0; done++) error = config_cfdriver_attach(*done);
  if (error != 0) {
    done--;  // the one that failed is not ours
  } else if ((error = attach_attachments(attachments)) == 0 &&
             (error = config_cfdata_attach(table, 1)) == 0) {
    return 0;
  } else {
    detach_attachments(attachments);
  }
  while (done != drivers) config_cfdriver_detach(*--done);
  return error;
}

int config_fini_component(cfdriver* const* drivers, const cfattachinit* attachments,
                          cfdata* table) {
  if (const int error = config_cfdata_detach(table)) return error;
  detach_attachments(attachments);
  int result = 0;
  for (; *drivers != nullptr; drivers++) {
    if (const int error = config_cfdriver_detach(*drivers)) result = error;
  }
  return result;
}

const cfiattrdata* cfiattr_lookup(const char* name, const cfdriver* driver) {
  const auto in = [name](const cfdriver& d) -> const cfiattrdata* {
    if (d.cd_attrs == nullptr) return nullptr;
    for (const auto* attribute = d.cd_attrs; *attribute != nullptr; attribute++) {
      if (std::strcmp((*attribute)->ci_name, name) == 0) return *attribute;
    }
    return nullptr;
  };
  if (name == nullptr) return nullptr;
  if (driver != nullptr) return in(*driver);
  const std::scoped_lock lock(state().mutex);
  for (const cfdriver* any : state().drivers) {
    if (const auto* found = in(*any)) return found;
  }
  return nullptr;
}

const char* cfdata_ifattr(const cfdata* cf) {
  return cf->cf_pspec == nullptr ? nullptr : cf->cf_pspec->cfp_iattr;
}

bool ifattr_match(const char* iattr, const char* want) {
  return iattr == nullptr || std::strcmp(iattr, want) == 0;
}
