// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/function.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "host/direct_access.h"
#include "host/netbsd/obstacle.h"
#include "host/netbsd/region.h"
#include "host/netbsd/shim.h"
#include "host/request.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci::netbsd {
namespace {

static_assert(Bar::rom_index == PUPCI_BAR_ROM);

std::vector<Bar> bars_of(const pupci_info& info) {
  std::vector<Bar> list;
  for (unsigned i = 0; i < PUPCI_NBARS; i++) {
    const pupci_bar& bar = info.bar[i];
    if (bar.size == 0) continue;
    Bar made;
    made.index = i;
    made.kind = i == PUPCI_BAR_ROM                   ? Bar::Kind::rom
                : (bar.flags & PUPCI_BAR_IO) != 0    ? Bar::Kind::io
                : (bar.flags & PUPCI_BAR_64BIT) != 0 ? Bar::Kind::memory64
                                                     : Bar::Kind::memory32;
    made.prefetchable = made.kind != Bar::Kind::rom && (bar.flags & PUPCI_BAR_PREFETCH) != 0;
    made.address = bar.address;
    made.size = bar.size;
    list.push_back(made);
  }
  return list;
}

std::uint32_t type_of(InterruptType type) {
  switch (type) {
    case InterruptType::intx:
      return PUPCI_INTR_INTX;
    case InterruptType::msi:
      return PUPCI_INTR_MSI;
    case InterruptType::msix:
      break;
  }
  return PUPCI_INTR_MSIX;
}

}  // namespace

NodeFunction::NodeFunction(std::shared_ptr<Node> node)
    : Function(node->address()), node_(std::move(node)), bars_(bars_of(node_->info())) {}

NodeFunction::~NodeFunction() {
  disable_interrupts();
}

// The register of the interrupt line means nothing to the function, but for whom it is written: the
// kernel's is firmware's, and drivers may scribble.
std::uint32_t NodeFunction::config_read(unsigned offset, unsigned width) noexcept {
  std::uint32_t value = 0;
  const bool good = width == 1 || width == 2 || width == 4;
  if (!good || !node_->config_read(offset, width, value)) {
    return static_cast<std::uint32_t>(all_ones(width));
  }
  const int line = line_;
  if (offset == pci::interrupt_line && line >= 0) {
    value = (value & ~0xffU) | static_cast<unsigned>(line);
  }
  return value;
}

void NodeFunction::config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept {
  const bool aligned = (width == 1 || width == 2 || width == 4) && offset % width == 0;
  if (aligned && offset == pci::interrupt_line) line_ = static_cast<int>(value & 0xff);
  node_->config_write(offset, width, value);
}

// Which mappings combine writes the kernel decides, by whether the BAR bears it.
std::unique_ptr<Region> NodeFunction::map(unsigned index, std::uint64_t offset, std::uint64_t size,
                                          MapMode /*mode*/) {
  const BarRequest request{node_->path(), address(), index, offset, size};
  const Bar& bar = request.find(bars_);
  if (bar.address == 0) request.refuse(ENOTSUP, "firmware has given it no address");
  const pupci_info& info = node_->info();
  if ((info.flags & PUPCI_INFO_PRIVILEGED) == 0) request.refuse(EPERM, why_not_mapped(EPERM));
  const BarPart part{index, bar.space(), bar.address + offset, offset, size};
  const pupci_bar& theirs = info.bar[index];
  if ((theirs.flags & PUPCI_BAR_MMAP) == 0) return trapped_region(part, node_);
  Mapping mapping(node_->shared_system(), node_->fd(), theirs.mmap_offset + offset, size);
  if (mapping.base() != nullptr) return direct_region(part, std::move(mapping), node_);
  const int error = errno;
  if (error == ENODEV) return trapped_region(part, node_);
  request.refuse(error, why_not_mapped(error));
}

unsigned NodeFunction::interrupt_count(InterruptType type) {
  const pupci_info& info = node_->info();
  switch (type) {
    case InterruptType::intx:
      return info.intx;
    case InterruptType::msi:
      return info.msi;
    case InterruptType::msix:
      return info.msix;
  }
  return 0;
}

bool NodeFunction::fill_in_program(pupci_intr_establish& request) {
  if ((node_->info().flags & PUPCI_INFO_INTX_MASK) != 0) return true;
  const auto vendor = static_cast<std::uint16_t>(config_read(pci::vendor_id, 2));
  const auto product = static_cast<std::uint16_t>(config_read(pci::device_id, 2));
  const Shim* shim = find_shim(vendor, product);
  if (shim == nullptr) return false;
  std::copy(std::begin(shim->handler), std::end(shim->handler), std::begin(request.handler));
  std::copy(std::begin(shim->acknowledge), std::end(shim->acknowledge),
            std::begin(request.acknowledge));
  return true;
}

std::shared_ptr<Source> NodeFunction::establish(InterruptType type, unsigned vector, int& error) {
  pupci_intr_establish request{};
  request.vector = vector;
  if (type == InterruptType::intx && !fill_in_program(request)) {
    error = EOPNOTSUPP;
    return nullptr;
  }
  error = node_->request(PUPCI_IOC_INTR_ESTABLISH, &request);
  if (error != 0) return nullptr;
  const unsigned number =
      type == InterruptType::intx ? config_read(pci::interrupt_line, 1) : vector;
  return std::make_shared<Source>(node_->shared_system(), request.fd, type, number);
}

std::vector<std::shared_ptr<Interrupt>> NodeFunction::enable_interrupts(InterruptType type,
                                                                        unsigned count) {
  const std::scoped_lock lock(mutex_);
  const InterruptRequest request{node_->path(), address(), type, count};
  request.check(interrupt_count(type), enabled_);
  pupci_intr_alloc alloc{type_of(type), count};
  int error = node_->request(PUPCI_IOC_INTR_ALLOC, &alloc);
  if (error == ENOMEM) error = ENOSPC;
  if (error != 0) {
    request.refuse(error, error == ENOSPC ? "the machine has no vectors left" : reason(error));
  }
  enabled_ = true;
  try {
    for (unsigned i = 0; i < count && error == 0; i++) {
      if (auto source = establish(type, i, error)) sources_.push_back(std::move(source));
    }
  } catch (...) {
    disable_locked();
    throw;
  }
  if (error != 0) disable_locked();
  if (error == EOPNOTSUPP || error == ENOTSUP) {
    request.refuse(
        error,
        "it cannot mask its line (it is older than PCI 2.3), and nothing is known of its "
        "registers; use its MSI, if it has that, or add it to src/host/netbsd/shim.cc");
  }
  if (error == EMFILE || error == ENFILE) {
    request.refuse(error, reason(error) + "; raise the limit with ulimit -n");
  }
  if (error != 0) request.refuse(error, reason(error));
  return {sources_.begin(), sources_.end()};
}

void NodeFunction::disable_interrupts() noexcept {
  const std::scoped_lock lock(mutex_);
  disable_locked();
}

void NodeFunction::disable_locked() noexcept {
  if (!std::exchange(enabled_, false)) return;
  for (const auto& source : sources_) source->disable();
  sources_.clear();
  node_->request(PUPCI_IOC_INTR_RELEASE);
}

void NodeFunction::reset() {
  constexpr std::uint32_t ways =
      PUPCI_INFO_RESET_FLR | PUPCI_INFO_RESET_AF | PUPCI_INFO_RESET_POWER;
  if ((node_->info().flags & ways) == 0) {
    throw Error(ENOTSUP, fmt::format("{}: cannot be reset: it has no way to", node_->name()));
  }
  const std::scoped_lock lock(mutex_);
  disable_locked();
  if (const int error = node_->request(PUPCI_IOC_RESET)) {
    throw Error(error, fmt::format("{}: cannot be reset: {}", node_->name(), reason(error)));
  }
  node_->set_command(0, pci::command_bit::master);
}

}  // namespace pupci::netbsd
