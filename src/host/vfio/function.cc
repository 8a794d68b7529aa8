// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/function.h"

#include <fmt/core.h>
#include <linux/vfio.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "host/config_space.h"
#include "host/direct_access.h"
#include "host/request.h"
#include "host/vfio/obstacle.h"
#include "host/vfio/region.h"
#include "pupci/capability.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci::vfio {
namespace {

constexpr std::uint64_t page = 4096;

}  // namespace

VfioFunction::VfioFunction(SysfsFunction place, std::shared_ptr<Device> device,
                           std::shared_ptr<Iommu> iommu, bool lines_by_eventfd)
    : Function(place.address),
      place_(std::move(place)),
      device_(std::move(device)),
      iommu_(std::move(iommu)),
      lines_by_eventfd_(lines_by_eventfd) {
  const RegionInfo config = device_->region(VFIO_PCI_CONFIG_REGION_INDEX);
  config_ = config.offset;
  config_size_ = config.size >= pci::extended_end ? pci::extended_end : pci::config_end;
  FunctionConfig space(*this);
  bars_ = size_bars(space).bars;
}

VfioFunction::~VfioFunction() {
  disable_interrupts();
}

bool VfioFunction::in_config(unsigned offset, unsigned width) const noexcept {
  return (width == 1 || width == 2 || width == 4) && offset % width == 0 && offset < config_size_ &&
         width <= config_size_ - offset;
}

std::uint32_t VfioFunction::config_read(unsigned offset, unsigned width) noexcept {
  std::uint32_t value = 0;
  if (!in_config(offset, width) || !device_->read(config_ + offset, &value, width)) {
    return static_cast<std::uint32_t>(all_ones(width));
  }
  return value;
}

void VfioFunction::config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept {
  if (in_config(offset, width)) device_->write(config_ + offset, &value, width);
}

void VfioFunction::set_command(unsigned set, unsigned clear) noexcept {
  config_write(pci::command, 2, (config_read(pci::command, 2) & ~clear) | set);
}

std::vector<Bar> VfioFunction::bars() {
  std::vector<Bar> now = bars_;
  FunctionConfig space(*this);
  refresh_addresses(space, now);
  return now;
}

// The pages with the MSI-X table, and nothing for other BARs.
Stretch VfioFunction::guarded(unsigned bar) {
  FunctionConfig space(*this);
  const auto msix = msix_capability(space);
  if (!msix || msix->table_bar != bar) return {};
  constexpr std::uint64_t entry = 16;
  const std::uint64_t end = msix->table_offset + entry * msix->vectors;
  return {msix->table_offset / page * page, (end + page - 1) / page * page};
}

// A CPU cannot have one piece of memory mapped in two ways (the kernel answers the second with
// SIGBUS), so the first mapping of a BAR decides for all: a prefetchable one must bear that writes
// are combined. VFIO's own mappings never are; sysfs's file for it takes root.
std::string VfioFunction::combining_file(const Bar& bar, MapMode mode) {
  if (!bar.prefetchable || bar.index == Bar::rom_index) return {};
  const std::string file = (place_.directory / fmt::format("resource{}_wc", bar.index)).string();
  const std::scoped_lock lock(mutex_);
  auto& combined = combined_.at(bar.index);
  if (!combined) combined = mode == MapMode::write_combining && can_combine(file);
  return *combined ? file : "";
}

std::unique_ptr<Region> VfioFunction::map(unsigned index, std::uint64_t offset, std::uint64_t size,
                                          MapMode mode) {
  const BarRequest request{"vfio", address(), index, offset, size};
  const std::vector<Bar> now = bars();
  const Bar& bar = request.find(now);
  BarPart part;
  part.info = device_->region(index == Bar::rom_index ? unsigned{VFIO_PCI_ROM_REGION_INDEX}
                                                      : VFIO_PCI_BAR0_REGION_INDEX + index);
  if (part.info.size < bar.size) {
    request.refuse(ENOTSUP,
                   "the kernel has no such region: what firmware assigned may be in "
                   "conflict; dmesg tells");
  }
  part.space = bar.space();
  part.bus_address = bar.address + offset;
  part.offset = offset;
  part.size = size;
  part.guarded = guarded(index);
  part.combining = combining_file(bar, mode);
  return make_region(device_, part, request);
}

unsigned VfioFunction::interrupt_count(InterruptType type) {
  return device_->irqs(irq_index(type));
}

// In words, for who asked for what there is not.
std::string VfioFunction::offer() {
  std::string list;
  for (const InterruptType type : {InterruptType::intx, InterruptType::msi, InterruptType::msix}) {
    if (const unsigned count = interrupt_count(type); count != 0) {
      list += fmt::format("{}{} {}", list.empty() ? "have the driver use " : " or ", count,
                          to_string(type));
    }
  }
  return list.empty() ? "nor of any other type: have the driver poll" : list;
}

std::vector<std::shared_ptr<Interrupt>> VfioFunction::enable_interrupts(InterruptType type,
                                                                        unsigned count) {
  const std::scoped_lock lock(mutex_);
  const InterruptRequest request{"vfio", address(), type, count};
  if (interrupt_count(type) == 0) request.refuse(EINVAL, "it has none; " + offer());
  request.check(interrupt_count(type), enabled_.has_value());
  const bool grow = type == InterruptType::msix && device_->irqs_grow(irq_index(type));
  added_ = grow ? std::make_shared<AddedVectors>(device_) : nullptr;
  std::vector<std::shared_ptr<Source>> sources;
  for (unsigned i = 0; i < count; i++) {
    if (type == InterruptType::intx) {
      sources.push_back(
          std::make_shared<Line>(device_, config_read(pci::interrupt_line, 1), lines_by_eventfd_));
    } else {
      sources.push_back(std::make_shared<Vector>(type, i, added_));
    }
  }
  if (const int error = enable_locked(type, sources)) {
    request.refuse(error, why_no_interrupts(type, error));
  }
  sources_.assign(sources.begin(), sources.end());
  enabled_ = type;
  // A new one is masked; what came in between is a level and comes again.
  if (type == InterruptType::intx) sources[0]->mask();
  return {sources.begin(), sources.end()};
}

// Where vectors are added later, the first makes the function's MSI-X its kind of interrupt.
int VfioFunction::enable_locked(InterruptType type,
                                const std::vector<std::shared_ptr<Source>>& sources) {
  if (type == InterruptType::intx) set_command(0, pci::command_bit::intx_disable);
  if (added_) return device_->enable_irqs(irq_index(type), {-1});
  std::vector<int> eventfds;
  eventfds.reserve(sources.size());
  for (const auto& source : sources) eventfds.push_back(source->eventfd());
  return device_->enable_irqs(irq_index(type), eventfds);
}

void VfioFunction::disable_interrupts() noexcept {
  const std::scoped_lock lock(mutex_);
  disable_locked();
}

void VfioFunction::disable_locked() noexcept {
  if (!enabled_) return;
  if (added_) added_->end();
  device_->disable_irqs(irq_index(*enabled_));
  for (const auto& each : sources_) {
    if (const auto source = each.lock()) source->disable();
  }
  sources_.clear();
  added_.reset();
  enabled_.reset();
}

void VfioFunction::reset() {
  const std::scoped_lock lock(mutex_);
  int error = device_->reset();
  if (error == ENOTSUP) error = device_->reset_bus(iommu_->proof());
  if (error != 0) {
    throw Error(ENOTSUP,
                fmt::format("vfio: {}: cannot be reset: {}", to_string(address()),
                            error == ENOTSUP ? "neither it nor a bus of its own has a way to"
                                             : std::generic_category().message(error)));
  }
  disable_locked();
  set_command(0, pci::command_bit::master);
}

}  // namespace pupci::vfio
