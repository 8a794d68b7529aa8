// SPDX-License-Identifier: BSD-2-Clause
// Device memory and ports behind the qtest connection: always trapped.
#pragma once

#include <memory>

#include "host/qemu/memory_window.h"
#include "host/qemu/qtest.h"
#include "pupci/region.h"

namespace pupci::qemu {

class TrappedRegion : public Region {
 public:
  TrappedRegion(std::shared_ptr<Qtest> transport, Space space, std::uint64_t bus_address,
                std::uint64_t size) noexcept;
  /// Of a device whose memory changes only while it executes an access, or not, and perhaps with a
  /// short cut for reads.
  TrappedRegion(std::shared_ptr<Qtest> transport, Space space, std::uint64_t bus_address,
                std::uint64_t size, bool changes_by_itself,
                std::unique_ptr<MemoryWindow> window) noexcept;

  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override;
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override;
  void read_block(std::uint64_t offset, unsigned width, unsigned step, void* to,
                  std::size_t count) noexcept override;
  void read_memory(std::uint64_t offset, void* to, std::size_t size) noexcept override;
  void write_memory(std::uint64_t offset, const void* from, std::size_t size) noexcept override;
  [[nodiscard]] bool changes_by_itself() const noexcept override { return changes_by_itself_; }
  void flush() noexcept override;

 private:
  std::shared_ptr<Qtest> transport_;
  bool changes_by_itself_ = true;
  std::unique_ptr<MemoryWindow> window_;
};

}  // namespace pupci::qemu
