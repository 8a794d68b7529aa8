// SPDX-License-Identifier: BSD-2-Clause
// What there is to know of a function, in JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "pupci/function.h"

namespace pupci::cli {

// Identity, BARs, bridge windows, interrupts, capabilities.
nlohmann::ordered_json function_facts(Function& function);

const char* kind_name(Bar::Kind kind) noexcept;  // "memory", "memory 64-bit", "I/O", "ROM"

}  // namespace pupci::cli
