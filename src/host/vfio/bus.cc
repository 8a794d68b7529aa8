// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/bus.h"

#include <fmt/core.h>
#include <linux/vfio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <set>
#include <system_error>
#include <utility>

#include "host/vfio/dma.h"
#include "host/vfio/function.h"
#include "host/vfio/physical_dma.h"
#include "pupci/pci_config.h"

namespace pupci {
namespace vfio {
namespace {

std::unique_ptr<Iommu> open_iommu(const Spec& spec, const Sysfs& sysfs) {
  const bool iommufd =
      spec.api == Spec::Api::iommufd ||
      (spec.api == Spec::Api::best && !spec.unsafe && can_iommufd(sysfs, spec.functions));
  return iommufd ? open_iommufd(sysfs) : open_container(sysfs, spec.unsafe);
}

bool signalled(const Fd& fd) {
  std::uint64_t count = 0;
  return fd && ::read(fd.get(), &count, sizeof count) == sizeof count;
}

}  // namespace

VfioBus::VfioBus(std::string_view spec, const BusOptions& options, Sysfs sysfs)
    : sysfs_(std::move(sysfs)),
      spec_(parse_spec(spec, sysfs_)),
      iommu_(open_iommu(spec_, sysfs_)),
      notices_(::epoll_create1(EPOLL_CLOEXEC)) {
  open_functions();
  find_bridges();
  watch(faults_.fd());
  if (iommu_->translates()) {
    dma_ = std::make_unique<VfioDma>(iommu_, options.arena_size);
  } else {
    dma_ = physical_dma(options.arena_size);
    std::fprintf(stderr,
                 "pupci: %s: without an IOMMU its DMA reaches all of this machine's memory, and a "
                 "mistake of the driver can destroy what is there\n",
                 spec_.name.c_str());
  }
}

VfioBus::~VfioBus() {
  for (const auto& [address, opened] : opened_) {
    const RegionInfo config = opened.device->region(VFIO_PCI_CONFIG_REGION_INDEX);
    std::uint16_t command = 0;
    if (!opened.device->read(config.offset + pci::command, &command, sizeof command)) continue;
    command &= static_cast<std::uint16_t>(~pci::command_bit::master);
    opened.device->write(config.offset + pci::command, &command, sizeof command);
  }
}

void VfioBus::open_functions() {
  for (const SysfsFunction& place : spec_.functions) {
    Opened opened;
    opened.place = place;
    opened.device = std::make_shared<Device>(fmt::format("vfio: {}", to_string(place.address)),
                                             iommu_->open_function(place));
    listen(opened);
    opened_.emplace(place.address, std::move(opened));
  }
}

// In sysfs a function's directory is in that of the bridge above it.
void VfioBus::find_bridges() {
  for (const auto& [address, opened] : opened_) {
    for (auto above = opened.place.directory.parent_path(); above.has_relative_path();
         above = above.parent_path()) {
      const auto bridge = parse_address(above.filename().string());
      if (!bridge) break;
      if (auto place = sysfs_.find(*bridge)) bridges_.emplace(*bridge, std::move(*place));
    }
  }
}

void VfioBus::listen(Opened& opened) {
  opened.request = listen_to(*opened.device, VFIO_PCI_REQ_IRQ_INDEX);
  opened.error = listen_to(*opened.device, VFIO_PCI_ERR_IRQ_INDEX);
}

// No descriptor where the function or the kernel has no such event.
Fd VfioBus::listen_to(const Device& device, unsigned index) const {
  if (device.irqs(index) == 0) return {};
  Fd event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!event || device.enable_irqs(index, {event.get()}) != 0) return {};
  watch(event.get());
  return event;
}

void VfioBus::watch(int fd) const {
  epoll_event event{};
  event.events = EPOLLIN;
  if (fd >= 0) ::epoll_ctl(notices_.get(), EPOLL_CTL_ADD, fd, &event);
}

std::optional<Notice> VfioBus::take_notice() {
  for (const auto& [address, opened] : opened_) {
    if (signalled(opened.request)) {
      return Notice{fmt::format("{}: the kernel wants the function back: it is being removed or "
                                "unbound",
                                opened.device->name()),
                    true};
    }
    if (signalled(opened.error)) {
      return Notice{fmt::format("{}: the function reported an error that it cannot recover from; "
                                "the kernel log has the details",
                                opened.device->name()),
                    true};
    }
  }
  while (faults_.fd() >= 0) {
    const auto fault = faults_.next();
    if (!fault) break;
    if (opened_.count(fault->function) == 0) continue;
    return Notice{
        fmt::format("vfio: {}: DMA fault: the IOMMU refused a {} bus address {:#x}, which "
                    "nothing is mapped at",
                    to_string(fault->function), fault->write ? "write to" : "read of",
                    fault->bus_address),
        false};
  }
  return std::nullopt;
}

std::vector<Address> VfioBus::functions() {
  std::set<Address> all;
  for (const auto& [address, opened] : opened_) all.insert(address);
  for (const auto& [address, place] : bridges_) all.insert(address);
  return {all.begin(), all.end()};
}

std::shared_ptr<Function> VfioBus::function(const Address& address) {
  const std::scoped_lock lock(mutex_);
  auto& slot = functions_[address];
  if (auto existing = slot.lock()) return existing;
  std::shared_ptr<Function> made;
  if (const auto opened = opened_.find(address); opened != opened_.end()) {
    made = std::make_shared<VfioFunction>(opened->second.place, opened->second.device, iommu_,
                                          spec_.lines_by_eventfd);
  } else if (const auto bridge = bridges_.find(address); bridge != bridges_.end()) {
    made = std::make_shared<BridgeFunction>(bridge->second);
  } else {
    throw Error(ENODEV, fmt::format("{}: there is no function {}", name(), to_string(address)));
  }
  slot = made;
  return made;
}

}  // namespace vfio

std::shared_ptr<Bus> open_vfio(std::string_view rest, const BusOptions& options) {
  return std::make_shared<vfio::VfioBus>(rest, options);
}

}  // namespace pupci
