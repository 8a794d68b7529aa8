// SPDX-License-Identifier: BSD-2-Clause
#include "kern/linear.h"

#include <mutex>
#include <vector>

#include "kern/bar_table.h"
#include "kern/linear_fault.h"
#include "kern/linear_shadow.h"

namespace pupci::kern {
namespace {

// Those that are open, with their users; the service lives as long as there are any. For opening
// and closing only, so never held in a fault.
struct Open {
  std::shared_ptr<Shadow> shadow;
  unsigned users = 0;
};
struct Registry {
  std::mutex mutex;
  std::unique_ptr<LinearService> service;
  std::vector<Open> open;
};
Registry& registry() {
  static auto& the_registry = *new Registry;
  return the_registry;
}

std::shared_ptr<Shadow> share(const std::shared_ptr<Region>& region,
                              const std::optional<Address>& function) {
  Registry& all = registry();
  const std::scoped_lock lock(all.mutex);
  for (Open& open : all.open) {
    if (&open.shadow->region() != region.get()) continue;
    open.users++;
    return open.shadow;
  }
  auto shadow = std::make_shared<Shadow>(region, function);
  if (all.service == nullptr) all.service = std::make_unique<LinearService>();
  all.open.push_back({shadow, 1});
  try {
    const LinearLock linear;
    linear_watch(*shadow);
  } catch (...) {
    all.open.pop_back();
    throw;
  }
  return shadow;
}

bool concerns(const Shadow& shadow, const std::optional<Address>& function) noexcept {
  return !function || !shadow.function() || *function == *shadow.function();
}

// Whether there are any.
bool flush_all(const std::optional<Address>& function) noexcept {
  bool any = false;
  linear_each([&](Shadow& shadow) {
    if (!concerns(shadow, function)) return;
    any = true;
    shadow.flush();
  });
  return any;
}

}  // namespace

std::atomic<unsigned> linear_shadows{0};

std::unique_ptr<LinearMemory> LinearMemory::open(std::unique_ptr<Region> region) {
  const std::uint64_t size = region->size();
  const auto owned = find_bar(region->space(), region->bus_address(), size);
  const std::shared_ptr<Region> whole = owned ? bar_region(*owned) : nullptr;
  if (whole == nullptr) {
    return std::make_unique<LinearMemory>(share(std::move(region), std::nullopt), 0, size);
  }
  const std::uint64_t offset = region->bus_address() - whole->bus_address();
  return std::make_unique<LinearMemory>(share(whole, owned->function), offset, size);
}

LinearMemory::LinearMemory(std::shared_ptr<Shadow> shadow, std::uint64_t offset,
                           std::uint64_t size) noexcept
    : shadow_(std::move(shadow)), offset_(offset), size_(size) {}

LinearMemory::~LinearMemory() {
  Registry& all = registry();
  const std::scoped_lock lock(all.mutex);
  for (auto open = all.open.begin(); open != all.open.end(); ++open) {
    if (open->shadow != shadow_) continue;
    if (--open->users > 0) return;
    {
      const LinearLock linear;
      shadow_->flush();
      linear_unwatch(*shadow_);
    }
    all.open.erase(open);
    break;
  }
  if (all.open.empty()) all.service.reset();
}

std::byte* LinearMemory::base() const noexcept {
  return shadow_->view() + offset_;
}

LinearAccess::LinearAccess(const std::optional<Address>& function, Kind kind) noexcept
    : function_(function), kind_(kind) {
  linear_lock();
  concerns_any_ = flush_all(function_);
  if (!concerns_any_) linear_unlock();  // another device's registers
}

LinearAccess::~LinearAccess() {
  if (!concerns_any_) return;
  linear_each([this](Shadow& shadow) {
    if (concerns(shadow, function_)) shadow.forget(kind_);
  });
  linear_unlock();
}

void linear_flush(const std::optional<Address>& function) noexcept {
  if (!linear_in_use()) return;
  const LinearLock lock;
  flush_all(function);
}

LinearStatistics linear_statistics() noexcept {
  const LinearCounters& c = linear_counters;
  return {c.faults, c.pages_fetched, c.transfers, c.bytes_sent};
}

}  // namespace pupci::kern
