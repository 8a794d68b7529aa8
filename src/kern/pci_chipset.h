// SPDX-License-Identifier: BSD-2-Clause
// The machine behind pci(9): the functions of the bus that the kernel runs on, by tag.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <unordered_map>

#include "kern/api.h"
#include "netbsd/dev/pci/pcivar.h"
#include "pupci/bus.h"

// What a pci_chipset_tag_t points at.
struct pupci_pci_chipset {
  explicit pupci_pci_chipset(pupci::Bus& bus_) : bus(bus_) {}

  pupci::Bus& bus;
  bus_dma_tag_t dma32 = nullptr;
  bus_dma_tag_t dma64 = nullptr;

  // Where pba_bridgetag points, by number of the bus behind the bridge. Nodes stay where they are.
  std::map<int, pcitag_t> bridge_tags;
  // The child device of each function that has one. Both are guarded by the kernel lock.
  std::map<pcitag_t, device_t> children;

  // Null when there is none. Takes a lock for reading; opens the function the first time.
  std::shared_ptr<pupci::Function> find(pcitag_t tag) noexcept;

 private:
  std::shared_mutex mutex_;
  std::unordered_map<pcitag_t, std::shared_ptr<pupci::Function>> functions_;
};

namespace pupci::kern {

// A segment other than 0 counts its buses from segment * 256, so that bus numbers tell all.
constexpr pcitag_t make_tag(const Address& a) noexcept {
  return (static_cast<pcitag_t>(a.segment) << 16) | (static_cast<pcitag_t>(a.bus) << 8) |
         (static_cast<pcitag_t>(a.device) << 3) | a.function;
}
constexpr Address tag_address(pcitag_t tag) noexcept {
  return {static_cast<std::uint16_t>(tag >> 16), static_cast<std::uint8_t>(tag >> 8),
          static_cast<std::uint8_t>((tag >> 3) & 31), static_cast<std::uint8_t>(tag & 7)};
}

// Between these two the kernel runs on `bus`. Throws pupci::Error.
PUPCI_API void pci_start(Bus& bus);
PUPCI_API void pci_stop() noexcept;

// Null when no kernel runs.
PUPCI_API pci_chipset_tag_t running_chipset() noexcept;
PUPCI_API Bus* running_bus() noexcept;

}  // namespace pupci::kern
