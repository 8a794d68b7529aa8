// SPDX-License-Identifier: BSD-2-Clause
// A short cut for reading a device's memory: QEMU keeps a frame buffer in its own memory, and the
// kernel copies it from there, many times as fast as the connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace pupci::qemu {

class Machine;

/// Memory at [bus_address, bus_address + size). Where it lies in QEMU is found out at the first
/// read, as the function may not decode its addresses before. For reads only: QEMU must see each
/// write, to know what to show. Thread-safe.
class MemoryWindow {
 public:
  MemoryWindow(std::shared_ptr<Machine> machine, std::uint64_t bus_address,
               std::uint64_t size) noexcept
      : machine_(std::move(machine)), bus_address_(bus_address), size_(size) {}

  /// Everything written before is in what is read. False when it cannot be done this way (now, or
  /// ever): no memory behind the address, or a system that forbids it.
  bool read(std::uint64_t offset, std::span<std::byte> to) noexcept;

 private:
  std::optional<std::uint64_t> base() noexcept;
  std::optional<std::uint64_t> find() noexcept;
  std::optional<std::uint64_t> translate(std::uint64_t address);
  bool agrees(std::uint64_t base);
  bool copy(std::uint64_t from, std::span<std::byte> to) const noexcept;

  std::shared_ptr<Machine> machine_;
  std::uint64_t bus_address_;
  std::uint64_t size_;
  std::mutex mutex_;
  std::optional<std::uint64_t> base_;
  unsigned attempts_ = 0;
};

}  // namespace pupci::qemu
