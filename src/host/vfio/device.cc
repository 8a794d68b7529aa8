// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/device.h"

#include <fmt/core.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "pupci/error.h"

namespace pupci::vfio {
namespace {

// A structure of VFIO's with room behind it for what the kernel appends.
template <typename T>
class Sized {
 public:
  explicit Sized(std::size_t extra = 0) : bytes_(sizeof(T) + extra) { get().argsz = size(); }
  T& get() noexcept { return *reinterpret_cast<T*>(bytes_.data()); }
  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(bytes_.size());
  }
  std::byte* behind() noexcept { return bytes_.data() + sizeof(T); }
  // The capability at an offset that the kernel gave, or null.
  template <typename C>
  const C* at(std::uint32_t offset) const noexcept {
    return offset < sizeof(T) || offset + sizeof(C) > bytes_.size()
               ? nullptr
               : reinterpret_cast<const C*>(bytes_.data() + offset);
  }

 private:
  std::vector<std::byte> bytes_;
};

constexpr std::uint64_t page = 4096;

// Whole pages within; nothing when there are none.
void add_pages(std::vector<Stretch>& list, std::uint64_t begin, std::uint64_t end) {
  begin = (begin + page - 1) / page * page;
  end = end / page * page;
  if (begin < end) list.push_back({begin, end});
}

using Info = Sized<vfio_region_info>;

std::vector<Stretch> mappable(Info& info) {
  std::vector<Stretch> list;
  const vfio_region_info& region = info.get();
  if ((region.flags & VFIO_REGION_INFO_FLAG_MMAP) == 0) return list;
  std::uint32_t next = (region.flags & VFIO_REGION_INFO_FLAG_CAPS) != 0 ? region.cap_offset : 0;
  while (const auto* header = info.at<vfio_info_cap_header>(next)) {
    if (header->id == VFIO_REGION_INFO_CAP_SPARSE_MMAP) {
      const auto* sparse = info.at<vfio_region_info_cap_sparse_mmap>(next);
      if (sparse == nullptr) break;
      for (std::uint32_t i = 0; i < sparse->nr_areas; i++) {
        using Area = vfio_region_sparse_mmap_area;
        const auto* area =
            info.at<Area>(static_cast<std::uint32_t>(next + sizeof *sparse + i * sizeof(Area)));
        if (area != nullptr) add_pages(list, area->offset, area->offset + area->size);
      }
      std::sort(list.begin(), list.end(),
                [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
      return list;
    }
    if (header->next <= next) break;
    next = header->next;
  }
  add_pages(list, 0, region.size);
  return list;
}

// All zeros where the kernel does not know the index.
vfio_irq_info irq_info(int fd, unsigned index) noexcept {
  vfio_irq_info info{};
  info.argsz = sizeof info;
  info.index = index;
  return ::ioctl(fd, VFIO_DEVICE_GET_IRQ_INFO, &info) == 0 ? info : vfio_irq_info{};
}

}  // namespace

unsigned irq_index(InterruptType type) noexcept {
  switch (type) {
    case InterruptType::intx:
      return VFIO_PCI_INTX_IRQ_INDEX;
    case InterruptType::msi:
      return VFIO_PCI_MSI_IRQ_INDEX;
    case InterruptType::msix:
      break;
  }
  return VFIO_PCI_MSIX_IRQ_INDEX;
}

Device::Device(std::string name, Fd fd) : name_(std::move(name)), fd_(std::move(fd)) {
  vfio_device_info info{};
  info.argsz = sizeof info;
  if (::ioctl(fd_.get(), VFIO_DEVICE_GET_INFO, &info) != 0) {
    const int error = errno;
    throw Error(error, fmt::format("{}: VFIO_DEVICE_GET_INFO: {}", name_,
                                   std::generic_category().message(error)));
  }
  if ((info.flags & VFIO_DEVICE_FLAGS_PCI) == 0) {
    throw Error(ENODEV,
                fmt::format("{}: the kernel's VFIO driver for it is not one for PCI", name_));
  }
  resettable_ = (info.flags & VFIO_DEVICE_FLAGS_RESET) != 0;
}

RegionInfo Device::region(unsigned index) const {
  std::size_t extra = 0;
  for (;;) {
    Info info(extra);
    info.get().index = index;
    if (::ioctl(fd_.get(), VFIO_DEVICE_GET_REGION_INFO, &info.get()) != 0) return {};
    const std::uint32_t wanted = info.get().argsz;
    if (wanted > info.size()) {
      extra = wanted - sizeof(vfio_region_info);
      continue;
    }
    return {info.get().size, info.get().offset, mappable(info)};
  }
}

unsigned Device::irqs(unsigned index) const noexcept {
  return irq_info(fd_.get(), index).count;
}

bool Device::irqs_grow(unsigned index) const noexcept {
  const vfio_irq_info info = irq_info(fd_.get(), index);
  return info.count != 0 && (info.flags & VFIO_IRQ_INFO_NORESIZE) == 0;
}

bool Device::read(std::uint64_t offset, void* to, std::size_t size) const noexcept {
  return ::pread(fd_.get(), to, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
}

bool Device::write(std::uint64_t offset, const void* from, std::size_t size) const noexcept {
  return ::pwrite(fd_.get(), from, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
}

int Device::set_irqs(const Irqs& which, unsigned flags, const int* eventfds) const noexcept try {
  const std::size_t data = eventfds == nullptr ? 0 : which.count * sizeof *eventfds;
  Sized<vfio_irq_set> set(data);
  set.get().flags = flags;
  set.get().index = which.index;
  set.get().start = which.start;
  set.get().count = which.count;
  if (data != 0) std::memcpy(set.behind(), eventfds, data);
  const int result = ::ioctl(fd_.get(), VFIO_DEVICE_SET_IRQS, &set.get());
  // So many could be had, when positive.
  return result == 0 ? 0 : result > 0 ? ENOSPC : errno;
} catch (const std::bad_alloc&) {
  return ENOMEM;
}

int Device::enable_irqs(unsigned index, const std::vector<int>& eventfds) const noexcept {
  return set_irqs({index, 0, static_cast<unsigned>(eventfds.size())},
                  VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, eventfds.data());
}

int Device::set_irq(unsigned index, unsigned number, int eventfd) const noexcept {
  return set_irqs({index, number, 1}, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
                  &eventfd);
}

void Device::disable_irqs(unsigned index) const noexcept {
  set_irqs({index, 0, 0}, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, nullptr);
}

void Device::mask_intx(bool masked) const noexcept {
  vfio_irq_set set{};
  set.argsz = sizeof set;
  set.flags =
      VFIO_IRQ_SET_DATA_NONE | (masked ? VFIO_IRQ_SET_ACTION_MASK : VFIO_IRQ_SET_ACTION_UNMASK);
  set.index = VFIO_PCI_INTX_IRQ_INDEX;
  set.count = 1;
  ::ioctl(fd_.get(), VFIO_DEVICE_SET_IRQS, &set);
}

bool Device::unmask_intx_by(int eventfd) const noexcept {
  return set_irqs({VFIO_PCI_INTX_IRQ_INDEX, 0, 1},
                  VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK, &eventfd) == 0;
}

int Device::reset() const noexcept {
  if (!resettable_) return ENOTSUP;
  return ::ioctl(fd_.get(), VFIO_DEVICE_RESET) == 0 ? 0 : errno;
}

int Device::reset_bus(const std::vector<int>& proof) const {
  Sized<vfio_pci_hot_reset_info> info(sizeof(vfio_pci_dependent_device));
  // ENOSPC: there is more on the bus than room was given for.
  if (::ioctl(fd_.get(), VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, &info.get()) != 0) return ENOTSUP;
  if (info.get().count != 1) return ENOTSUP;
  Sized<vfio_pci_hot_reset> reset(proof.size() * sizeof(int));
  reset.get().count = static_cast<std::uint32_t>(proof.size());
  if (!proof.empty()) std::memcpy(reset.behind(), proof.data(), proof.size() * sizeof(int));
  return ::ioctl(fd_.get(), VFIO_DEVICE_PCI_HOT_RESET, &reset.get()) == 0 ? 0 : errno;
}

}  // namespace pupci::vfio
