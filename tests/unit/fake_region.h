// SPDX-License-Identifier: BSD-2-Clause
// Regions of plain memory: one that the CPU reaches, one that only calls reach.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kern/check.h"
#include "pupci/region.h"

namespace pupci::test {

using Bytes = std::shared_ptr<std::vector<std::byte>>;

inline Bytes make_bytes(std::size_t size) {
  return std::make_shared<std::vector<std::byte>>(size);
}

class MemoryRegion final : public Region {
 public:
  enum class Access : std::uint8_t { direct, trapped };
  MemoryRegion(Bytes bytes, Access access, Space space = Space::memory)
      : Region(space, 0xfebf0000, bytes->size(),
               access == Access::direct ? bytes->data() : nullptr),
        bytes_(std::move(bytes)) {}

  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override {
    std::uint64_t value = ~std::uint64_t{0};
    if (!in_bounds(offset, width)) return value;
    value = 0;
    std::memcpy(&value, bytes_->data() + offset, width);
    return value;
  }
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override {
    if (in_bounds(offset, width)) std::memcpy(bytes_->data() + offset, &value, width);
  }

 private:
  Bytes bytes_;
};

// For EXPECT_EXIT: a panic's message on standard error, so that it can be matched.
inline void panic_to_stderr() {
  kern::set_panic_handler([](const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
    std::_Exit(3);
  });
}

}  // namespace pupci::test
