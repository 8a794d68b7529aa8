// SPDX-License-Identifier: BSD-2-Clause
// The models that come with the sim host, by file. Their registers are described where they are
// implemented.
#pragma once

#include <memory>
#include <string_view>

#include "pupci/sim.h"

namespace pupci::sim {

std::shared_ptr<Model> make_edu(std::string_view variant);
std::shared_ptr<Model> make_registers(std::string_view variant);
std::shared_ptr<Model> make_dma_engine(std::string_view variant);
std::shared_ptr<Model> make_vectors(std::string_view variant);
std::shared_ptr<Model> make_testdev(std::string_view variant);
std::shared_ptr<Model> make_faulty(std::string_view variant);

/// Throws EINVAL: `model` has no such variant, but those of `known`.
[[noreturn]] void bad_variant(std::string_view model, std::string_view variant,
                              std::string_view known);

}  // namespace pupci::sim
