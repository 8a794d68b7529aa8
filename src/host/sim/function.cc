// SPDX-License-Identifier: BSD-2-Clause
// Functions and regions of the sim host.
#include "host/sim/function.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "host/direct_access.h"
#include "host/request.h"
#include "host/sim/port.h"

namespace pupci::sim {
namespace {

// Each access goes through the model.
class TrappedRegion final : public Region {
 public:
  TrappedRegion(std::shared_ptr<Model> model, const Bar& bar, std::uint64_t offset,
                std::uint64_t size) noexcept
      : Region(bar.space(), bar.address + offset, size, nullptr),
        model_(std::move(model)),
        bar_(bar.index),
        offset_(offset) {}

  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return UINT64_MAX;
    return model_->port().bar_read(bar_, offset_ + offset, width);
  }
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return;
    model_->port().bar_write(bar_, offset_ + offset, width, value);
  }

 private:
  std::shared_ptr<Model> model_;
  unsigned bar_;
  std::uint64_t offset_;
};

// Plain memory. Accesses are single loads and stores where the address is aligned.
class DirectRegion final : public Region {
 public:
  DirectRegion(std::shared_ptr<Model> model, const Bar& bar, std::uint64_t offset,
               std::uint64_t size, std::byte* base) noexcept
      : Region(Space::memory, bar.address + offset, size, base),
        model_(std::move(model)),
        base_(base) {}

  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return UINT64_MAX;
    switch (aligned(offset, width) ? width : 0) {
      case 1:
        return load<std::uint8_t>(offset);
      case 2:
        return load<std::uint16_t>(offset);
      case 4:
        return load<std::uint32_t>(offset);
      case 8:
        return load<std::uint64_t>(offset);
      default:
        break;
    }
    std::uint64_t value = 0;
    std::memcpy(&value, base_ + offset, width);
    return value;
  }

  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return;
    switch (aligned(offset, width) ? width : 0) {
      case 1:
        return store<std::uint8_t>(offset, value);
      case 2:
        return store<std::uint16_t>(offset, value);
      case 4:
        return store<std::uint32_t>(offset, value);
      case 8:
        return store<std::uint64_t>(offset, value);
      default:
        std::memcpy(base_ + offset, &value, width);
    }
  }

 private:
  [[nodiscard]] bool aligned(std::uint64_t offset, unsigned width) const noexcept {
    return (reinterpret_cast<std::uintptr_t>(base_) + offset) % width == 0;
  }
  template <typename T>
  [[nodiscard]] std::uint64_t load(std::uint64_t offset) const noexcept {
    return __atomic_load_n(reinterpret_cast<const T*>(base_ + offset), __ATOMIC_RELAXED);
  }
  template <typename T>
  void store(std::uint64_t offset, std::uint64_t value) noexcept {
    __atomic_store_n(reinterpret_cast<T*>(base_ + offset), static_cast<T>(value), __ATOMIC_RELAXED);
  }

  std::shared_ptr<Model> model_;  // owns the memory
  std::byte* base_;
};

}  // namespace

SimFunction::SimFunction(std::shared_ptr<Topology> topology, const Address& address,
                         std::shared_ptr<Model> model, std::shared_ptr<Line> line)
    : Function(address),
      topology_(std::move(topology)),
      model_(std::move(model)),
      line_(std::move(line)) {}

SimFunction::~SimFunction() {
  model_->port().disable_interrupts();
}

unsigned SimFunction::config_size() const noexcept {
  return model_->port().size();
}

std::uint32_t SimFunction::config_read(unsigned offset, unsigned width) noexcept {
  return model_->port().read(offset, width);
}

void SimFunction::config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept {
  model_->port().write(offset, width, value);
}

std::vector<Bar> SimFunction::bars() {
  return model_->port().bars();
}

std::unique_ptr<Region> SimFunction::map(unsigned index, std::uint64_t offset, std::uint64_t size,
                                         MapMode /*mode*/) {
  const BarRequest request{topology_->options().name, address(), index, offset, size};
  const std::vector<Bar> now = bars();
  const Bar& bar = request.find(now);
  if (bar.kind == Bar::Kind::rom) request.refuse(ENOTSUP, "sim has no expansion ROMs");
  std::byte* memory = model_->port().memory(index);
  if (memory == nullptr) return std::make_unique<TrappedRegion>(model_, bar, offset, size);
  return std::make_unique<DirectRegion>(model_, bar, offset, size, memory + offset);
}

unsigned SimFunction::interrupt_count(InterruptType type) {
  return model_->port().interrupt_count(type);
}

std::vector<std::shared_ptr<Interrupt>> SimFunction::enable_interrupts(InterruptType type,
                                                                       unsigned count) {
  return model_->port().enable_interrupts(type, count, line_);
}

void SimFunction::disable_interrupts() noexcept {
  model_->port().disable_interrupts();
}

void SimFunction::reset() {
  model_->port().reset();
}

}  // namespace pupci::sim
