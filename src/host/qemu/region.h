// SPDX-License-Identifier: BSD-2-Clause
// Device memory and ports behind the qtest connection: always trapped.
#pragma once

#include <memory>

#include "host/qemu/qtest.h"
#include "pupci/region.h"

namespace pupci::qemu {

class TrappedRegion : public Region {
 public:
  TrappedRegion(std::shared_ptr<Qtest> transport, Space space, std::uint64_t bus_address,
                std::uint64_t size) noexcept;

  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override;
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override;
  void read_block(std::uint64_t offset, unsigned width, unsigned step, void* to,
                  std::size_t count) noexcept override;
  void flush() noexcept override;

 private:
  std::shared_ptr<Qtest> transport_;
};

}  // namespace pupci::qemu
