// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/qemu_bus.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "host/qemu/board.h"
#include "host/qemu/display.h"
#include "host/qemu/region.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci {

std::shared_ptr<Bus> open_qemu(std::string_view rest, const BusOptions& options) {
  if (!rest.empty()) {
    throw Error(EINVAL, fmt::format("--host qemu:{}: takes nothing here; arguments for QEMU stand "
                                    "after --",
                                    rest));
  }
  return std::make_shared<qemu::Board>(options);
}

namespace qemu {

Board::Board(const BusOptions& options) : machine_(std::make_shared<Machine>(options)) {
  enable_config_window(*machine_->transport());
  BoardConfig config(*machine_->transport());
  found_ = enumerate(config, board_resources(machine_->memory()));
  connect_doorbell();
  note_interrupt_lines();
  light_displays(options.mode);
  machine_->transport()->flush();
  if (machine_->transport()->lost()) {
    machine_->stop();
    throw Error(EIO, machine_->failure());
  }
}

Board::~Board() {
  machine_->stop();
}

void Board::connect_doorbell() {
  const auto self =
      std::find_if(found_.functions.begin(), found_.functions.end(),
                   [](const EnumeratedFunction& f) { return f.address == doorbell_address; });
  if (self == found_.functions.end() || self->bars.empty() || self->bars[0].address == 0) {
    // The message address of a plain MSI has 32 bits, so this one must not fail.
    throw Error(EIO, "qemu: the doorbell device got no address; the board has too many devices");
  }
  machine_->doorbell()->connect(machine_->transport(), self->bars[0].address);
  found_.functions.erase(self);
}

// As firmware tells an operating system.
void Board::note_interrupt_lines() {
  BoardConfig config(*machine_->transport());
  for (const auto& function : found_.functions) {
    const unsigned pin = config.read(function.address, pci::interrupt_pin, 1);
    if (pin < 1 || pin > 4) continue;
    config.write(function.address, pci::interrupt_line, 1, interrupt_line(function, pin));
  }
}

// The first display is the console.
void Board::light_displays(const std::string& mode) {
  constexpr unsigned display_class = 3;
  if (mode == "none") return;
  const VideoMode wanted = parse_video_mode(mode.empty() ? "1024x768x32" : mode);
  BoardConfig config(*machine_->transport());
  for (const auto& found : found_.functions) {
    if (config.read(found.address, pci::class_code + 2, 1) != display_class) continue;
    const bool first = framebuffers_.empty();
    try {
      auto lit = set_display_mode(*function(found.address), wanted);
      if (!lit) continue;
      lit->console = first;
      framebuffers_[found.address] = std::move(*lit);
    } catch (const Error& error) {
      if (!mode.empty()) throw;
      found_.warnings.emplace_back(error.what());  // nobody asked for it
    }
  }
}

std::vector<Address> Board::functions() {
  std::vector<Address> addresses;
  addresses.reserve(found_.functions.size());
  for (const auto& function : found_.functions) addresses.push_back(function.address);
  return addresses;
}

std::shared_ptr<Function> Board::function(const Address& address) {
  const std::scoped_lock lock(mutex_);
  auto& slot = open_[address];
  if (auto existing = slot.lock()) return existing;
  for (const auto& function : found_.functions) {
    if (function.address != address) continue;
    auto created = std::make_shared<QemuFunction>(machine_, place(function));
    slot = created;
    return created;
  }
  throw Error(ENODEV, fmt::format("qemu: there is no function {}", to_string(address)));
}

QemuFunction::Place Board::place(const EnumeratedFunction& self) const {
  QemuFunction::Place place;
  place.self = self;
  if (const auto lit = framebuffers_.find(self.address); lit != framebuffers_.end()) {
    place.framebuffer = lit->second;
  }
  place.alone_on_bus =
      !self.bridge && std::count_if(found_.functions.begin(), found_.functions.end(),
                                    [&](const EnumeratedFunction& other) {
                                      return other.address.bus == self.address.bus;
                                    }) == 1;
  return place;
}

std::unique_ptr<Region> Board::map(Space space, std::uint64_t bus_address, std::uint64_t size,
                                   MapMode /*mode*/) {
  const std::uint64_t last = bus_address + (size - 1);
  const std::uint64_t highest = space == Space::io ? 0xffff : memory_end - 1;
  if (size == 0 || last < bus_address || last > highest) {
    throw Error(ERANGE, fmt::format("qemu: {:#x} {} at {:#x}: no such range", size,
                                    space == Space::io ? "ports" : "bytes", bus_address));
  }
  return std::make_unique<TrappedRegion>(machine_->transport(), space, bus_address, size);
}

std::string Board::monitor(std::string_view command) {
  return machine_->qmp().human(command);
}

std::string Board::qmp(std::string_view command, std::string_view arguments) {
  const auto parsed = nlohmann::json::parse(arguments, nullptr, false);
  if (parsed.is_discarded()) {
    throw Error(EINVAL, fmt::format("qemu: {}: not JSON: {}", command, arguments));
  }
  return machine_->qmp().execute(command, parsed).dump();
}

}  // namespace qemu
}  // namespace pupci
