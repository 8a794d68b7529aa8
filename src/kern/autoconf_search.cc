// SPDX-License-Identifier: BSD-2-Clause
// Which driver for what was found: the first half of autoconf(9).
#include <cstring>

#include "kern/device_impl.h"
#include "kern/lwp.h"

using namespace pupci::kern;
using namespace pupci::kern::autoconf;

namespace {

// The best entry so far; among equals the earlier one stays.
class Candidates {
 public:
  Candidates(device_t parent, void* aux, const cfargs* args)
      : parent_(parent), aux_(aux), locators_(args == nullptr ? nullptr : args->locators) {
    if (args != nullptr) ask_ = args->submatch != nullptr ? args->submatch : args->search;
  }

  void consider(cfdata_t cf) {
    const int priority =
        ask_ != nullptr ? ask_(parent_, cf, locators_, aux_) : config_match(parent_, cf, aux_);
    if (priority > best_priority_) {
      best_priority_ = priority;
      best_ = cf;
    }
  }

  [[nodiscard]] cfdata_t best() const { return best_; }

 private:
  device_t parent_;
  void* aux_;
  const int* locators_;
  cfsubmatch_t ask_ = nullptr;
  cfdata_t best_ = nullptr;
  int best_priority_ = 0;
};

bool available(const cfdata& cf) {
  return cf.cf_fstate == FSTATE_NOTFOUND || cf.cf_fstate == FSTATE_STAR;
}

// Whether an entry that asks for `wanted` may attach at `parent`.
bool is_parent(device_t parent, const cfparent& wanted) {
  if (cfiattr_lookup(wanted.cfp_iattr, parent->driver) == nullptr) return false;
  if (wanted.cfp_parent == nullptr) return true;
  if (std::strcmp(wanted.cfp_parent, parent->driver->cd_name) != 0) return false;
  return wanted.cfp_unit == DVUNIT_ANY || wanted.cfp_unit == parent->unit;
}

}  // namespace

int config_match(device_t parent, cfdata_t cf, void* aux) {
  const cfattach* ca = config_cfattach_lookup(cf->cf_name, cf->cf_atname);
  if (ca == nullptr || ca->ca_match == nullptr) return 0;
  return ca->ca_match(parent, cf, aux);
}

int config_probe(device_t parent, cfdata_t cf, void* aux) {
  return config_match(parent, cf, aux);
}

int config_stdsubmatch(device_t parent, cfdata_t cf, const int* locators, void* aux) {
  const cfiattrdata* attribute = cfiattr_lookup(cfdata_ifattr(cf), parent->driver);
  const int count = attribute == nullptr || cf->cf_loc == nullptr ? 0 : attribute->ci_loclen;
  for (int i = 0; i < count; i++) {
    const cflocdesc& locator = attribute->ci_locdesc[i];
    const bool unspecified =
        locator.cld_defaultstr != nullptr && cf->cf_loc[i] == locator.cld_default;
    if (!unspecified && (locators == nullptr || cf->cf_loc[i] != locators[i])) return 0;
  }
  return config_match(parent, cf, aux);
}

cfdata_t config_search(device_t parent, void* aux, const cfargs* args) {
  Candidates candidates(parent, aux, args);
  const char* iattr = args == nullptr ? nullptr : args->iattr;
  for (cfdata* table : all_tables()) {
    for (cfdata* cf = table; cf->cf_name != nullptr; cf++) {
      if (cf->cf_pspec == nullptr || !available(*cf)) continue;
      if (iattr != nullptr && std::strcmp(iattr, cfdata_ifattr(cf)) != 0) continue;
      if (is_parent(parent, *cf->cf_pspec)) candidates.consider(cf);
    }
  }
  return candidates.best();
}

cfdata_t config_search_loc(cfsubmatch_t submatch, device_t parent, const char* iattr,
                           const int* locators, void* aux) {
  return config_search(parent, aux,
                       CFARGS(.submatch = submatch, .iattr = iattr, .locators = locators));
}

cfdata_t config_search_ia(cfsubmatch_t submatch, device_t parent, const char* iattr, void* aux) {
  return config_search_loc(submatch, parent, iattr, nullptr, aux);
}

cfdata_t config_rootsearch(cfsubmatch_t submatch, const char* name, void* aux) {
  Candidates candidates(nullptr, aux, CFARGS(.submatch = submatch));
  for (cfdata* table : all_tables()) {
    for (cfdata* cf = table; cf->cf_name != nullptr; cf++) {
      if (cf->cf_pspec == nullptr && available(*cf) && std::strcmp(cf->cf_name, name) == 0) {
        candidates.consider(cf);
      }
    }
  }
  return candidates.best();
}
