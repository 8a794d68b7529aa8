// SPDX-License-Identifier: BSD-2-Clause
// What the tests of the vfio host find in their guest.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pupci/bus.h"

namespace pupci::test {

constexpr std::uint32_t edu_id = 0x11e81234;
constexpr std::uint32_t testdev_id = 0x00051b36;
constexpr std::uint32_t ivshmem_id = 0x11101af4;
constexpr std::uint32_t rocker_id = 0x00061b36;
constexpr std::uint32_t virtio_rng_id = 0x10441af4;

/// Functions of these ids that are bound to vfio-pci, in order of address.
std::vector<Address> offered(std::uint32_t id);
/// All that are bound to vfio-pci, as --host vfio: takes them.
std::string all_offered();

/// Those that this kernel has: "group", "iommufd".
std::vector<std::string> interfaces();

/// A bus with a small arena.
std::shared_ptr<Bus> open_small(const std::string& spec);

/// Waits for a notice; nothing after a long time.
std::optional<Notice> wait_notice(Bus& bus);

/// A command to the monitor of the QEMU that this is a guest of; false without one.
bool tell_qemu(const std::string& command);

void write_file(const std::string& path, const std::string& text);
bool eventually(const std::function<bool()>& condition);

/// What a child that runs `body` says on standard error before it exits; `body` is not to return
/// what matters otherwise.
std::string in_child(const std::function<void()>& body);

}  // namespace pupci::test
