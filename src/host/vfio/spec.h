// SPDX-License-Identifier: BSD-2-Clause
// What stands after --host vfio: and which functions it means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/vfio/sysfs.h"

namespace pupci::vfio {

struct Spec {
  enum class Api { best, group, iommufd };
  std::string name;                      ///< "vfio:0000:03:00.0", as in messages
  std::vector<SysfsFunction> functions;  ///< ready to be opened, in order of address
  Api api = Api::best;
  bool unsafe = false;            ///< without an IOMMU
  bool lines_by_eventfd = false;  ///< as Line has it
};

/// Words between commas: addresses of functions; group=N, all functions of an IOMMU group;
/// iommu=group or iommu=iommufd, the kernel's interface; intx=call or intx=eventfd, how INTx is
/// unmasked; unsafe-noiommu. Throws Error.
Spec parse_spec(std::string_view text, const Sysfs& sysfs);

}  // namespace pupci::vfio
