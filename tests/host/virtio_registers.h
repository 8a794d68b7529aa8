// SPDX-License-Identifier: BSD-2-Clause
// The common configuration of a virtio device (virtio 1.1, 4.1.4), for tests of what a reset does.
#pragma once

#include <cstdint>
#include <memory>

#include "pupci/capability.h"
#include "pupci/pci_config.h"

namespace pupci::test {

struct VirtioRegisters {
  static constexpr std::uint32_t random_id = 0x10441af4;
  static constexpr std::uint64_t size = 0x38;
  static constexpr unsigned status = 0x14;
  static constexpr unsigned queue_size = 0x18;
  static constexpr unsigned queue_descriptors = 0x20;
  static constexpr unsigned acknowledged_with_driver = 3;  // of the status

  // Null when there are none.
  static std::unique_ptr<Region> map(Function& function) {
    constexpr unsigned common = 1;
    for (const Capability& one : capabilities(function).found) {
      if (one.id == pci::capability_id::vendor &&
          function.config_read(one.offset + 3, 1) == common) {
        return function.map(function.config_read(one.offset + 4, 1),
                            function.config_read(one.offset + 8, 4), size);
      }
    }
    return nullptr;
  }
};

}  // namespace pupci::test
