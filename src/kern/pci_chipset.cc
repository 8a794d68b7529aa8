// SPDX-License-Identifier: BSD-2-Clause
#include "kern/pci_chipset.h"

#include <atomic>
#include <cstdint>
#include <mutex>

#include "kern/bar_table.h"
#include "kern/bus_dma.h"
#include "kern/pci_intr.h"

namespace pupci::kern {
namespace {

std::atomic<pci_chipset_tag_t> running;

}  // namespace

void pci_start(Bus& bus) {
  auto chipset = std::make_unique<pupci_pci_chipset>(bus);
  chipset->dma32 = dma_tag_create(bus.dma(), 0, UINT32_MAX);
  chipset->dma64 = dma_tag_create(bus.dma(), 0, UINT64_MAX);
  running = chipset.release();
}

void pci_stop() noexcept {
  const pci_chipset_tag_t chipset = running.exchange(nullptr);
  if (chipset == nullptr) return;
  forget_bars();
  InterruptRouter::instance().clear();
  dma_tag_delete(chipset->dma32);
  dma_tag_delete(chipset->dma64);
  delete chipset;
}

pci_chipset_tag_t running_chipset() noexcept {
  return running.load(std::memory_order_acquire);
}

Bus* running_bus() noexcept {
  const pci_chipset_tag_t chipset = running_chipset();
  return chipset == nullptr ? nullptr : &chipset->bus;
}

}  // namespace pupci::kern

std::shared_ptr<pupci::Function> pupci_pci_chipset::find(pcitag_t tag) noexcept try {
  {
    const std::shared_lock lock(mutex_);
    const auto it = functions_.find(tag);
    if (it != functions_.end()) return it->second;
  }
  auto function = bus.function(pupci::kern::tag_address(tag));
  const std::unique_lock lock(mutex_);
  return functions_.emplace(tag, std::move(function)).first->second;
} catch (...) {
  return nullptr;  // not there; it may be later, so that is not remembered
}
