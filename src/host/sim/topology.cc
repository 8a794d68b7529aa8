// SPDX-License-Identifier: BSD-2-Clause
// Segments, bridges, and what firmware does: bus numbers, windows, BARs, interrupt wiring.
#include "host/sim/topology.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "host/sim/function.h"
#include "host/sim/port.h"

namespace pupci::sim {
namespace {

constexpr unsigned first_line = 16;  // as q35's I/O APIC has PCI's

// Where a PC has them: ports above the motherboard's, memory below the interrupt controllers,
// prefetchable 64-bit memory above everything.
constexpr std::uint64_t io_start = 0x1000;
constexpr std::uint64_t io_end = 0x10000;
constexpr std::uint64_t memory_start = 0x80000000;
constexpr std::uint64_t memory_end = 0xfec00000;
constexpr std::uint64_t prefetchable_start = 0x800000000;
constexpr std::uint64_t prefetchable_end = 0x8000000000;

constexpr std::uint64_t window = 0x100000;  // granularity of a bridge's memory windows
constexpr std::uint64_t io_window = 0x1000;

std::uint64_t up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

// A PCI-to-PCI bridge: nothing but configuration space.
class Bridge final : public Model {
 public:
  Bridge() : Model({.vendor = 0x1234, .device = 0x5000, .class_code = 0x060400}) {
    set_config(pci::header_type, 1, pci::header::bridge);
    set_config(pci::primary_bus, 4, 0, 0xffffffff);
    set_config(pci::io_base, 2, 0x0000, 0xf0f0);  // 16-bit I/O addresses
    set_config(pci::memory_base, 4, 0, 0xfff0fff0);
    set_config(pci::prefetch_base, 4, 0x00010001, 0xfff0fff0);  // 64 bits
    set_config(pci::prefetch_base_upper, 4, 0, 0xffffffff);
    set_config(pci::prefetch_limit_upper, 4, 0, 0xffffffff);
    set_config(pci::subsystem_id + 2, 2, 0);
    set_config(pci::bridge_control, 2, 0, 0x0fff);
    add_power_management();
    port().add_express(false, pci::express::type_root_port);
  }
};

}  // namespace

Topology::Topology(const Options& options)
    : options_(options),
      dma_({.size = options.arena_size,
            .bus = options.arena_bus,
            .backing =
                options.shared_arena ? ArenaDma::Backing::memfd : ArenaDma::Backing::anonymous}),
      vectors_left_(options.vector_limit),
      clock_(options.manual_clock) {
  for (unsigned i = 0; i < lines_.size(); i++) {
    lines_.at(i) = std::make_shared<Line>(first_line + i);
  }
  root_ = make_segment(nullptr, 0);
}

Topology::~Topology() {
  clock_.stop();
}

std::shared_ptr<Model> Topology::make_bridge() {
  return std::make_shared<Bridge>();
}

std::unique_ptr<Segment> Topology::make_segment(Segment* parent, unsigned parent_device) {
  std::unique_ptr<Segment> segment(new Segment(*this, parent));
  segment->parent_device_ = parent_device;
  return segment;
}

void Topology::power_on() {
  if (powered_) return;
  const std::lock_guard lock(mutex_);
  if (powered_) return;
  unsigned last = 0;
  number(*root_, 0, last);
  Pools pools{io_start, memory_start, prefetchable_start};
  assign(*root_, pools);
  powered_ = true;
  for (auto& [address, slot] : slots_) slot.model->port().power_on();
}

// Depth first, so that what is behind a bridge is a range of bus numbers.
void Topology::number(Segment& segment, unsigned bus, unsigned& last) {
  auto& entries = segment.entries_;
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.device, a.function) < std::pair(b.device, b.function);
  });
  for (auto& entry : entries) {
    Port& port = entry.model->port();
    const Address address{0, static_cast<std::uint8_t>(bus),
                          static_cast<std::uint8_t>(entry.device),
                          static_cast<std::uint8_t>(entry.function)};
    const bool several = std::any_of(entries.begin(), entries.end(), [&entry](const auto& other) {
      return other.device == entry.device && other.function != 0;
    });
    const unsigned type = port.peek(pci::header_type, 1);
    if (several) port.set_config(pci::header_type, 1, type | pci::header::multifunction, 0);
    const unsigned pin = port.peek(pci::interrupt_pin, 1);
    std::shared_ptr<Line> line;
    if (pin >= 1 && pin <= 4) line = lines_.at(line_of(segment, entry.device, pin));
    port.seal(*this, address, line.get());
    slots_[address] = Slot{entry.model, line, {}};
    if (entry.behind == nullptr) continue;
    if (last == 255) throw Error(ENOSPC, options_.name + ": more than 256 buses");
    const unsigned secondary = ++last;
    number(*entry.behind, secondary, last);
    port.write(pci::primary_bus, 4, bus | secondary << 8 | last << 16);
  }
}

// The usual swizzle: on its way up through a bridge a pin moves on by the device number.
unsigned Topology::line_of(const Segment& segment, unsigned device, unsigned pin) {
  unsigned wire = pin - 1 + device;
  for (const Segment* at = &segment; at->parent_ != nullptr; at = at->parent_) {
    wire += at->parent_device_;
  }
  return wire % 4;
}

void Topology::assign(Segment& segment, Pools& pools) {
  for (auto& entry : segment.entries_) {
    Port& port = entry.model->port();
    if (entry.behind != nullptr) {
      assign_bridge(entry, pools);
    } else {
      assign_bars(port, pools);
    }
    if (const auto slot = slots_.find(port.address()); slot->second.line != nullptr) {
      port.write(pci::interrupt_line, 1, slot->second.line->number());
    }
  }
}

void Topology::assign_bars(Port& port, Pools& pools) {
  unsigned decode = 0;
  for (unsigned index = 0; index < 6; index++) {
    const BarSpec& spec = port.bar_spec(index);
    if (spec.size == 0) continue;
    const bool io = spec.kind == Bar::Kind::io;
    const bool high = spec.kind == Bar::Kind::memory64 && spec.prefetchable;
    std::uint64_t& pool = io ? pools.io : high ? pools.prefetchable : pools.memory;
    const std::uint64_t end = io ? io_end : high ? prefetchable_end : memory_end;
    const std::uint64_t address = up(pool, spec.size);
    if (address > end || spec.size > end - address) continue;  // stays unassigned
    pool = address + spec.size;
    const unsigned offset = pci::bar0 + 4 * index;
    port.write(offset, 4, static_cast<std::uint32_t>(address));
    if (spec.kind == Bar::Kind::memory64) {
      port.write(offset + 4, 4, static_cast<std::uint32_t>(address >> 32));
    }
    decode |= io ? pci::command_bit::io : pci::command_bit::memory;
  }
  port.write(pci::command, 2, decode);
}

void Topology::assign_bridge(Segment::Entry& bridge, Pools& pools) {
  pools = {up(pools.io, io_window), up(pools.memory, window), up(pools.prefetchable, window)};
  const Pools start = pools;
  assign(*bridge.behind, pools);
  pools = {up(pools.io, io_window), up(pools.memory, window), up(pools.prefetchable, window)};

  // A window whose base is above its limit is closed.
  Port& port = bridge.model->port();
  const bool io = pools.io != start.io;
  const std::uint64_t io_low = io ? start.io : 0xf000;
  const std::uint64_t io_high = io ? pools.io - 1 : 0;
  port.write(pci::io_base, 1, (io_low >> 8) & 0xf0);
  port.write(pci::io_limit, 1, (io_high >> 8) & 0xf0);
  const bool memory = pools.memory != start.memory;
  port.write(pci::memory_base, 2, memory ? (start.memory >> 16) & 0xfff0 : 0xfff0);
  port.write(pci::memory_limit, 2, memory ? ((pools.memory - 1) >> 16) & 0xfff0 : 0);
  const bool high = pools.prefetchable != start.prefetchable;
  const std::uint64_t low_end = high ? start.prefetchable : 0xfff00000;
  const std::uint64_t high_end = high ? pools.prefetchable - 1 : 0;
  port.write(pci::prefetch_base, 2, (low_end >> 16) & 0xfff0);
  port.write(pci::prefetch_base_upper, 4, static_cast<std::uint32_t>(low_end >> 32));
  port.write(pci::prefetch_limit, 2, (high_end >> 16) & 0xfff0);
  port.write(pci::prefetch_limit_upper, 4, static_cast<std::uint32_t>(high_end >> 32));
  port.write(
      pci::command, 2,
      pci::command_bit::master | pci::command_bit::memory | (io ? pci::command_bit::io : 0U));
}

std::vector<Address> Topology::functions() {
  power_on();
  std::vector<Address> list;
  const std::lock_guard lock(mutex_);
  list.reserve(slots_.size());
  for (const auto& [address, slot] : slots_) list.push_back(address);
  return list;
}

std::shared_ptr<Model> Topology::model(const Address& address) {
  power_on();
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(address);
  if (slot == slots_.end()) {
    throw Error(ENODEV, fmt::format("{}: no function at {}", options_.name, to_string(address)));
  }
  return slot->second.model;
}

void Topology::fail(const std::string& reason) {
  const std::lock_guard lock(failure_mutex_);
  if (failed_) return;
  failure_ = reason;
  failed_ = true;
  failure_event_.post();
}

std::string Topology::failure() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

void Topology::add_fault(const DmaFault& fault) {
  const std::lock_guard lock(failure_mutex_);
  faults_.push_back(fault);
  if (!options_.trace) return;
  std::fprintf(stderr, "%s: %s: DMA fault: %s of %zu bytes at bus address %#llx\n",
               options_.name.c_str(), to_string(fault.function).c_str(),
               fault.write ? "write" : "read", fault.size,
               static_cast<unsigned long long>(fault.bus_address));
}

std::vector<DmaFault> Topology::faults() const {
  const std::lock_guard lock(failure_mutex_);
  return faults_;
}

bool Topology::take_vectors(unsigned count) noexcept {
  const std::lock_guard lock(failure_mutex_);
  if (count > vectors_left_) return false;
  vectors_left_ -= count;
  return true;
}

void Topology::give_vectors(unsigned count) noexcept {
  const std::lock_guard lock(failure_mutex_);
  vectors_left_ += count;
}

}  // namespace pupci::sim
