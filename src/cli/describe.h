// SPDX-License-Identifier: BSD-2-Clause
// A function's configuration space in words and in JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "pupci/function.h"

namespace pupci::cli {

// Several indented lines: identity, command and status, BARs, bridge windows, capabilities.
std::string describe_config(Function& function);

// The same facts for programs.
nlohmann::ordered_json function_facts(Function& function);

const char* kind_name(Bar::Kind kind) noexcept;  // "memory", "memory 64-bit", "I/O", "ROM"

}  // namespace pupci::cli
