// SPDX-License-Identifier: BSD-2-Clause
// The sim host's Bus, and how its topology is built up.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "host/sim/function.h"
#include "host/sim/port.h"
#include "host/sim/topology.h"
#include "pupci/sim.h"

namespace pupci::sim {

void Segment::add(unsigned device, unsigned function, std::shared_ptr<Model> model) {
  const std::string& name = topology_.options().name;
  if (topology_.powered()) throw Error(EBUSY, name + ": the bus is in use; no more can be added");
  if (device > 31 || function > 7) {
    throw Error(EINVAL, fmt::format("{}: no device {} function {}", name, device, function));
  }
  const auto taken = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.device == device && entry.function == function;
  });
  if (taken) {
    throw Error(EEXIST, fmt::format("{}: device {} function {} is taken", name, device, function));
  }
  entries_.push_back({device, function, std::move(model), nullptr});
}

void Segment::add(std::shared_ptr<Model> model) {
  const Place place = first_free();
  add(place.device, place.function, std::move(model));
}

Segment& Segment::add_bridge(unsigned device, unsigned function) {
  add(device, function, Topology::make_bridge());
  entries_.back().behind = topology_.make_segment(this, device);
  return *entries_.back().behind;
}

Segment& Segment::add_bridge() {
  const Place place = first_free();
  return add_bridge(place.device, place.function);
}

// Devices first, so that functions share no device before they must.
Segment::Place Segment::first_free() const {
  for (unsigned function = 0; function < 8; function++) {
    for (unsigned device = 0; device < 32; device++) {
      const bool taken = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.device == device && entry.function == function;
      });
      if (!taken) return {device, function};
    }
  }
  throw Error(ENOSPC, topology_.options().name + ": more than 256 functions on one bus");
}

std::shared_ptr<Function> Topology::function(const Address& address,
                                             const std::shared_ptr<Topology>& self) {
  const auto found = model(address);
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_.at(address);
  auto function = slot.function.lock();
  if (function == nullptr) {
    function = std::make_shared<SimFunction>(self, address, slot.model, slot.line);
    slot.function = function;
  }
  return function;
}

Bus::Bus(const Options& options) : topology_(std::make_shared<Topology>(options)) {}
Bus::~Bus() {
  topology_->stop();
}

Segment& Bus::root() noexcept {
  return topology_->root();
}
std::string Bus::name() const {
  return topology_->options().name;
}
std::vector<Address> Bus::functions() {
  return topology_->functions();
}
std::shared_ptr<Function> Bus::function(const Address& address) {
  return topology_->function(address, topology_);
}
Dma& Bus::dma() noexcept {
  return topology_->dma();
}
int Bus::failure_fd() const noexcept {
  return topology_->failure_fd();
}
std::string Bus::failure() const {
  return topology_->failure();
}
void Bus::fail(const std::string& reason) {
  topology_->fail(reason);
}
void Bus::advance(std::chrono::nanoseconds by) {
  topology_->clock().advance(by);
}
std::vector<DmaFault> Bus::faults() const {
  return topology_->faults();
}
std::shared_ptr<Model> Bus::model(const Address& address) {
  return topology_->model(address);
}

}  // namespace pupci::sim
