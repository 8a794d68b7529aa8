// SPDX-License-Identifier: BSD-2-Clause
// The functions of the NetBSD machine that these tests run on: those that pupci(4) has claimed.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pupci/bus.h"

namespace pupci::native {

constexpr std::uint32_t edu_id = 0x11e81234;
constexpr std::uint32_t testdev_id = 0x00051b36;
constexpr std::uint32_t scratch_id = 0x11101af4;  // ivshmem-plain
constexpr std::uint32_t rocker_id = 0x00061b36;

// netbsd:/dev/pci0, or what the environment's PUPCI_NATIVE_HOST says.
std::shared_ptr<Bus> open_machine();

// Of the functions with these vendor and product, in order.
std::vector<Address> find(Bus& bus, std::uint32_t id);

}  // namespace pupci::native
