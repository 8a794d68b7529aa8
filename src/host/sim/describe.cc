// SPDX-License-Identifier: BSD-2-Clause
// How a model's description becomes configuration space.
#include <fmt/core.h>
#include <sys/mman.h>

#include <bit>
#include <cstring>
#include <stdexcept>

#include "host/config_space.h"
#include "host/sim/port.h"
#include "host/sim/topology.h"

namespace pupci::sim {

Port::Port(Model& model, const Identity& identity) : model_(model) {
  set_config(pci::vendor_id, 2, identity.vendor, 0);
  set_config(pci::device_id, 2, identity.device, 0);
  set_config(pci::revision_id, 4, identity.class_code << 8 | identity.revision, 0);
  set_config(pci::command, 2, 0,
             pci::command_bit::io | pci::command_bit::memory | pci::command_bit::master |
                 pci::command_bit::parity | pci::command_bit::serr |
                 pci::command_bit::intx_disable);
  set_config(pci::cache_line_size, 2, 0, 0xffff);
  set_config(pci::interrupt_line, 1, 0, 0xff);
  set_config(pci::interrupt_pin, 1, identity.interrupt_pin, 0);
  set_config(pci::subsystem_vendor_id, 2, identity.subsystem_vendor, 0);
  set_config(pci::subsystem_id, 2, identity.subsystem, 0);
}

Port::~Port() {
  for (unsigned i = 0; i < memory_.size(); i++) {
    if (memory_.at(i) != nullptr) munmap(memory_.at(i), specs_.at(i).size);
  }
}

void Port::set_config(unsigned offset, unsigned width, std::uint32_t value,
                      std::uint32_t writable) {
  if (width > 4 || offset + width > bytes_.size()) {
    throw std::invalid_argument("sim: register outside of configuration space");
  }
  std::memcpy(&bytes_.at(offset), &value, width);
  std::memcpy(&writable_.at(offset), &writable, width);
}

void Port::add_bar(unsigned index, const BarSpec& spec) {
  const bool io = spec.kind == Bar::Kind::io;
  const bool wide = spec.kind == Bar::Kind::memory64;
  if (index + (wide ? 1 : 0) >= specs_.size() || !std::has_single_bit(spec.size) ||
      spec.size < (io ? 4 : 16) || spec.kind == Bar::Kind::rom || (io && spec.direct) ||
      (!wide && spec.size > std::uint64_t{1} << 31)) {
    throw std::invalid_argument(fmt::format("sim: BAR {}: no such BAR can be", index));
  }
  specs_.at(index) = spec;
  const std::uint64_t mask = ~(spec.size - 1);
  std::uint32_t fixed = io ? pci::bar::io : wide ? pci::bar::type_64 : 0;
  if (spec.prefetchable) fixed |= pci::bar::prefetchable;
  set_config(pci::bar0 + 4 * index, 4, fixed, static_cast<std::uint32_t>(mask));
  if (wide) set_config(pci::bar0 + 4 * index + 4, 4, 0, static_cast<std::uint32_t>(mask >> 32));
  if (spec.direct) {
    void* p = mmap(nullptr, spec.size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw Error(errno, fmt::format("sim: no memory for BAR {}", index));
    memory_.at(index) = static_cast<std::byte*>(p);
  }
}

unsigned Port::add_capability(unsigned id, std::span<const std::uint8_t> body,
                              std::span<const std::uint8_t> writable) {
  const unsigned offset = next_capability_;
  const auto end = static_cast<unsigned>((offset + 2 + body.size() + 3) & ~std::size_t{3});
  if (end > pci::config_end || writable.size() > body.size()) {
    throw std::invalid_argument("sim: no room for another capability");
  }
  set_config(pci::status, 2, peek(pci::status, 2) | pci::status_bit::capabilities, 0);
  set_config(next_pointer_, 1, offset, 0);
  set_config(offset, 2, id, 0);
  std::copy(body.begin(), body.end(), bytes_.begin() + offset + 2);
  std::copy(writable.begin(), writable.end(), writable_.begin() + offset + 2);
  next_pointer_ = offset + 1;
  next_capability_ = end;
  return offset;
}

unsigned Port::add_extended_capability(unsigned id, unsigned version,
                                       std::span<const std::uint8_t> body) {
  const unsigned offset = next_extended_;
  const auto end = static_cast<unsigned>((offset + 4 + body.size() + 3) & ~std::size_t{3});
  if (end > pci::extended_end) {
    throw std::invalid_argument("sim: no room for another extended capability");
  }
  set_config(offset, 4, (id & 0xffff) | (version & 0xf) << 16, 0);
  std::copy(body.begin(), body.end(), bytes_.begin() + offset + 4);
  if (last_extended_ != 0) {
    set_config(last_extended_, 4, peek(last_extended_, 4) | offset << 20, 0);
  }
  last_extended_ = offset;
  next_extended_ = end;
  config_size_ = pci::extended_end;
  return offset;
}

void Port::add_power_management() {
  std::array<std::uint8_t, pci::pm::length - 2> body{};
  body[0] = 3;  // version of the specification: 1.2
  body[pci::pm::control - 2] = pci::pm::no_soft_reset;
  std::array<std::uint8_t, pci::pm::length - 2> writable{};
  writable[pci::pm::control - 2] = pci::pm::state_mask;
  power_ = add_capability(pci::capability_id::power_management, body, writable);
}

void Port::add_msi(unsigned vectors, bool maskable) {
  if (!std::has_single_bit(vectors) || vectors > 32) {
    throw std::invalid_argument("sim: MSI vectors are a power of two up to 32");
  }
  const auto capable = static_cast<unsigned>(std::countr_zero(vectors));
  const std::size_t length = maskable ? 22 : 12;
  const std::array<std::uint8_t, 22> body{};
  std::array<std::uint8_t, 22> writable{};
  writable.fill(0xff);
  std::fill_n(writable.begin() + 18, 4, 0);  // pending bits
  msi_ = add_capability(pci::capability_id::msi, std::span(body).first(length),
                        std::span(writable).first(length));
  set_config(msi_ + pci::msi::control, 2,
             capable << pci::msi::capable_shift | pci::msi::address64 |
                 (maskable ? pci::msi::maskable : 0),
             pci::msi::enable | 7U << pci::msi::enabled_shift);
}

void Port::add_msix(unsigned vectors, unsigned bar, std::uint32_t table, std::uint32_t pending) {
  const std::uint64_t size = bar < specs_.size() ? specs_.at(bar).size : 0;
  if (vectors == 0 || vectors > pci::msix::size_mask + 1 || (table | pending) % 8 != 0 ||
      table + std::uint64_t{vectors} * pci::msix::entry_size > size ||
      pending + (std::uint64_t{vectors} + 63) / 64 * 8 > size || specs_.at(bar).direct) {
    throw std::invalid_argument("sim: MSI-X: the table does not fit a trapped BAR");
  }
  const std::array<std::uint8_t, pci::msix::length - 2> body{};
  msix_ = add_capability(pci::capability_id::msix, body, {});
  set_config(msix_ + pci::msix::control, 2, vectors - 1, pci::msix::mask_all | pci::msix::enable);
  set_config(msix_ + pci::msix::table, 4, table | bar, 0);
  set_config(msix_ + pci::msix::pending, 4, pending | bar, 0);
  table_ = {msix_, vectors, bar, table, bar, pending, false, false};
  entries_.resize(vectors);
}

void Port::add_express(bool flr, unsigned type) {
  const std::array<std::uint8_t, 0x3a> body{};
  express_ = add_capability(pci::capability_id::express, body, {});
  set_config(express_ + pci::express::flags, 2, 2 | type << pci::express::type_shift, 0);
  set_config(express_ + pci::express::device_capabilities, 4, flr ? pci::express::flr_capable : 0,
             0);
  set_config(express_ + pci::express::device_control, 2, 0,
             flr ? 0xffff : 0xffff & ~pci::express::initiate_flr);
  set_config(express_ + pci::express::link_capabilities, 4, 0x11, 0);  // 2.5 GT/s, one lane
  set_config(express_ + pci::express::link_control, 2, 0, 0x01ff);
  set_config(express_ + pci::express::link_status, 2, 0x11, 0);
  config_size_ = pci::extended_end;
}

void Port::seal(Topology& topology, const Address& address, Line* line) {
  topology_ = &topology;
  address_ = address;
  line_ = line;
  power_on_ = bytes_;
}

void Port::power_on() {
  bars_ = size_bars(*this).bars;
}

// --- What Model passes on.

Model::Model(const Identity& identity) : port_(std::make_unique<Port>(*this, identity)) {}
Model::~Model() = default;

void Model::remove() {
  port_->remove();
}
void Model::add_bar(unsigned index, const BarSpec& spec) {
  port_->add_bar(index, spec);
}
unsigned Model::add_capability(unsigned id, std::span<const std::uint8_t> body,
                               std::span<const std::uint8_t> writable) {
  return port_->add_capability(id, body, writable);
}
unsigned Model::add_extended_capability(unsigned id, unsigned version,
                                        std::span<const std::uint8_t> body) {
  return port_->add_extended_capability(id, version, body);
}
void Model::add_power_management() {
  port_->add_power_management();
}
void Model::add_msi(unsigned vectors, bool maskable) {
  port_->add_msi(vectors, maskable);
}
void Model::add_msix(unsigned vectors, unsigned bar, std::uint32_t table_offset,
                     std::uint32_t pending_offset) {
  port_->add_msix(vectors, bar, table_offset, pending_offset);
}
void Model::add_express(bool flr) {
  port_->add_express(flr, pci::express::type_endpoint);
}
void Model::set_config(unsigned offset, unsigned width, std::uint32_t value,
                       std::uint32_t writable) {
  port_->set_config(offset, width, value, writable);
}
void Model::set_no_reset() noexcept {
  port_->set_no_reset();
}

std::uint64_t Model::read(unsigned /*bar*/, std::uint64_t /*offset*/, unsigned /*width*/) {
  return UINT64_MAX;
}
void Model::write(unsigned /*bar*/, std::uint64_t /*offset*/, unsigned /*width*/,
                  std::uint64_t /*value*/) {}
void Model::config_written(unsigned /*offset*/, unsigned /*width*/) {}
void Model::reset() {}

std::uint32_t Model::config(unsigned offset, unsigned width) const noexcept {
  return port_->peek(offset, width);
}
void Model::set_register(unsigned offset, unsigned width, std::uint32_t value) {
  port_->set_register(offset, width, value);
}
void Model::vanish() {
  port_->vanish();
}
bool Model::dma_read(std::uint64_t bus_address, void* to, std::size_t size) {
  return port_->dma(bus_address, to, nullptr, size);
}
bool Model::dma_write(std::uint64_t bus_address, const void* from, std::size_t size) {
  return port_->dma(bus_address, nullptr, from, size);
}
void Model::raise_intx() {
  port_->assert_intx(true);
}
void Model::lower_intx() {
  port_->assert_intx(false);
}
void Model::signal(unsigned vector) {
  port_->signal(vector);
}
void Model::interrupt(unsigned vector) {
  if (messages_enabled()) {
    signal(vector);
  } else {
    raise_intx();
  }
}
bool Model::messages_enabled() const noexcept {
  return port_->messages_enabled();
}
unsigned Model::enabled_vectors() const noexcept {
  return static_cast<unsigned>(port_->enabled_vectors());
}
std::byte* Model::memory(unsigned bar) {
  return port_->memory(bar);
}
void Model::after(std::chrono::nanoseconds delay, std::function<void()> event) {
  port_->after(delay, std::move(event));
}
void Model::die(const std::string& reason) {
  port_->die(reason);
}

}  // namespace pupci::sim
