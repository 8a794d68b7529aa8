// SPDX-License-Identifier: BSD-2-Clause
// A function through VFIO's own calls and nothing else, as a program of one's own would have it.
#pragma once

#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

namespace pupci::bench {

class BareVfio {
 public:
  explicit BareVfio(const std::string& address) {
    const std::filesystem::path link = "/sys/bus/pci/devices/" + address + "/iommu_group";
    const std::string group = std::filesystem::read_symlink(link).filename().string();
    container_ = check(::open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC));
    group_ = check(::open(("/dev/vfio/" + group).c_str(), O_RDWR | O_CLOEXEC));
    check(::ioctl(group_, VFIO_GROUP_SET_CONTAINER, &container_));
    check(::ioctl(container_, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU));
    device_ = check(::ioctl(group_, VFIO_GROUP_GET_DEVICE_FD, address.c_str()));
    const std::uint16_t command = 6;
    check(
        static_cast<int>(::pwrite(device_, &command, 2, region(VFIO_PCI_CONFIG_REGION_INDEX) + 4)));
    void* bar = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, device_,
                       region(VFIO_PCI_BAR0_REGION_INDEX));
    check(bar == MAP_FAILED ? -1 : 0);
    registers = static_cast<volatile std::uint32_t*>(bar);
  }
  ~BareVfio() {
    ::munmap(const_cast<std::uint32_t*>(registers), size);
    ::close(device_);
    ::close(group_);
    ::close(container_);
  }
  BareVfio(const BareVfio&) = delete;
  BareVfio& operator=(const BareVfio&) = delete;

  /// An eventfd for the first message.
  int enable_msi() const {
    const int event = check(::eventfd(0, EFD_CLOEXEC));
    alignas(vfio_irq_set) std::array<std::byte, sizeof(vfio_irq_set) + sizeof event> bytes{};
    auto* set = reinterpret_cast<vfio_irq_set*>(bytes.data());
    set->argsz = bytes.size();
    set->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
    set->index = VFIO_PCI_MSI_IRQ_INDEX;
    set->count = 1;
    std::memcpy(bytes.data() + sizeof *set, &event, sizeof event);
    check(::ioctl(device_, VFIO_DEVICE_SET_IRQS, set));
    return event;
  }

  void map(void* memory, std::uint64_t iova, std::uint64_t bytes) const {
    vfio_iommu_type1_dma_map map{};
    map.argsz = sizeof map;
    map.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
    map.vaddr = reinterpret_cast<std::uintptr_t>(memory);
    map.iova = iova;
    map.size = bytes;
    check(::ioctl(container_, VFIO_IOMMU_MAP_DMA, &map));
  }
  void unmap(std::uint64_t iova, std::uint64_t bytes) const {
    vfio_iommu_type1_dma_unmap unmap{};
    unmap.argsz = sizeof unmap;
    unmap.iova = iova;
    unmap.size = bytes;
    check(::ioctl(container_, VFIO_IOMMU_UNMAP_DMA, &unmap));
  }

  volatile std::uint32_t* registers = nullptr;

 private:
  static constexpr std::size_t size = 4096;

  static int check(int result) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), "bare vfio");
    return result;
  }
  off_t region(unsigned index) const {
    vfio_region_info info{};
    info.argsz = sizeof info;
    info.index = index;
    check(::ioctl(device_, VFIO_DEVICE_GET_REGION_INFO, &info));
    return static_cast<off_t>(info.offset);
  }

  int container_ = -1;
  int group_ = -1;
  int device_ = -1;
};

}  // namespace pupci::bench
