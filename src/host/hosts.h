// SPDX-License-Identifier: BSD-2-Clause
// The hosts of this system: the one list of them, in os/.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "pupci/bus.h"

namespace pupci {

struct Host {
  std::string_view name;
  std::string_view usage;  // as in messages; empty if it is only known to say why it is not here
  // `rest` is what follows "NAME:", or empty. Throws pupci::Error.
  std::shared_ptr<Bus> (*open)(std::string_view rest, const BusOptions& options);
};

std::span<const Host> hosts();

}  // namespace pupci
