// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/bus.h"

#include <fmt/core.h>
#include <poll.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "host/netbsd/config_function.h"
#include "host/netbsd/dma.h"
#include "host/netbsd/function.h"
#include "host/netbsd/node.h"
#include "host/netbsd/obstacle.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci {
namespace netbsd {

NetbsdBus::NetbsdBus(Spec spec, const BusOptions& options, std::shared_ptr<System> system)
    : spec_(std::move(spec)), system_(std::move(system)) {
  for (const std::string& path : spec_.nodes) open_node(path);
  for (const std::string& path : spec_.buses) look_at(path);
  dma_ = make_dma(options.arena_size);
  watch();
}

NetbsdBus::~NetbsdBus() {
  for (const auto& [address, node] : nodes_) node->set_command(0, pci::command_bit::master);
  if (kq_ >= 0) system_->close(kq_);
}

void NetbsdBus::open_node(const std::string& path) {
  auto node = std::make_shared<Node>(system_, path);
  nodes_.emplace(node->address(), std::move(node));
}

void NetbsdBus::look_at(const std::string& path) {
  const auto bus = std::make_shared<BusNode>(system_, path);
  for (const Address& address : bus->discover()) {
    if (nodes_.count(address) != 0) continue;
    const std::string holder = bus->driver(address);
    if (holder.starts_with("pupci")) {
      try {
        open_node(Spec::node_beside(path, holder));
        continue;
      } catch (const Error& error) {
        // Another process may have it. Of the others that is no fault.
        if (error.errnum() != EBUSY) throw;
      }
    }
    seen_.emplace(address, Seen{bus, holder});
  }
}

std::string NetbsdBus::why_no_dma() const {
  if (!nodes_.empty()) {
    return fmt::format("{}: no DMA: {}", nodes_.begin()->second->name(), why_not_mapped(EPERM));
  }
  const Address address = seen_.empty() ? Address() : seen_.begin()->first;
  return fmt::format(
      "{}: no DMA: this takes the kernel's module, and a function that it has "
      "claimed: {}",
      spec_.name, how_to_claim(address, ""));
}

std::unique_ptr<Dma> NetbsdBus::make_dma(std::size_t size) const {
  const bool privileged =
      !nodes_.empty() && (nodes_.begin()->second->info().flags & PUPCI_INFO_PRIVILEGED) != 0;
  if (!privileged) return no_dma(size, why_no_dma());
  return NodeDma::make(nodes_.begin()->second, size);
}

// A function that goes is at its end of file.
void NetbsdBus::watch() {
  if (nodes_.empty()) return;
  kq_ = system_->kqueue();
  if (kq_ >= 0) {
    for (const auto& [address, node] : nodes_) system_->kevent_add(kq_, node->fd());
    notice_fd_ = system_->pollable(kq_);
  }
  if (notice_fd_ >= 0) return;
  const int error = errno;
  if (kq_ >= 0) system_->close(kq_);
  throw Error(
      error, fmt::format("{}: no descriptor to hear by that a function goes: {}{}", spec_.name,
                         reason(error), error == EMFILE ? "; raise the limit with ulimit -n" : ""));
}

std::optional<Notice> NetbsdBus::take_notice() {
  if (noticed_ || kq_ < 0) return std::nullopt;
  const auto event = system_->kevent_take(kq_);
  if (!event || !event->eof) return std::nullopt;
  for (const auto& [address, node] : nodes_) {
    if (node->fd() != event->fd) continue;
    // Once, and then all leave.
    noticed_ = true;
    system_->retire(kq_);
    return Notice{fmt::format("{}: the kernel has taken the function back: it was removed or "
                              "detached",
                              node->name()),
                  true};
  }
  return std::nullopt;
}

std::string NetbsdBus::failure() const {
  pollfd gone{failure_fd(), POLLIN, 0};
  if (gone.fd < 0 || ::poll(&gone, 1, 0) != 1) return {};
  return fmt::format("{}: the kernel at {} has gone", spec_.name, spec_.kernel);
}

std::vector<Address> NetbsdBus::functions() {
  std::set<Address> all;
  for (const auto& [address, node] : nodes_) all.insert(address);
  for (const auto& [address, seen] : seen_) all.insert(address);
  return {all.begin(), all.end()};
}

std::shared_ptr<Function> NetbsdBus::function(const Address& address) {
  const std::scoped_lock lock(mutex_);
  auto& slot = functions_[address];
  if (auto existing = slot.lock()) return existing;
  std::shared_ptr<Function> made;
  if (const auto node = nodes_.find(address); node != nodes_.end()) {
    made = std::make_shared<NodeFunction>(node->second);
  } else if (const auto seen = seen_.find(address); seen != seen_.end()) {
    made = std::make_shared<ConfigFunction>(address, seen->second.bus, seen->second.holder);
  } else {
    functions_.erase(address);
    throw Error(ENODEV, fmt::format("{}: there is no function {}", name(), to_string(address)));
  }
  slot = made;
  return made;
}

}  // namespace netbsd

std::shared_ptr<Bus> open_netbsd(std::string_view rest, const BusOptions& options) {
  auto system = netbsd::native_system();
  netbsd::Spec spec = netbsd::parse_spec(rest, system != nullptr);
  if (!spec.kernel.empty()) system = netbsd::remote_system(spec.kernel);
  return std::make_shared<netbsd::NetbsdBus>(std::move(spec), options, std::move(system));
}

}  // namespace pupci
