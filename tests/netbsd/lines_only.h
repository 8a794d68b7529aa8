// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>

#include "pupci/bus.h"

namespace pupci::netbsd::test {

// The same bus, whose functions offer no messages: their drivers take lines.
std::shared_ptr<Bus> lines_only(std::shared_ptr<Bus> bus);

}  // namespace pupci::netbsd::test
