// SPDX-License-Identifier: BSD-2-Clause
// iommufd and the character devices of functions: the kernel's
// Documentation/userspace-api/iommufd.rst and driver-api/vfio.rst, "VFIO Device cdev".
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "host/vfio/iommu.h"
#include "host/vfio/iommufd_abi.h"
#include "host/vfio/obstacle.h"
#include "pupci/error.h"

namespace pupci::vfio {
namespace {

constexpr const char* iommufd_node = "/dev/iommu";

class Iommufd final : public Iommu {
 public:
  explicit Iommufd(const Sysfs& sysfs) : sysfs_(sysfs) {
    iommu_ = Fd(::open(sysfs.at(iommufd_node).c_str(), O_RDWR | O_CLOEXEC));
    if (!iommu_) throw cannot_open_container(iommufd_node, errno);
    abi::IoasAlloc alloc;
    if (::ioctl(iommu_.get(), abi::ioas_alloc, &alloc) != 0) refuse("IOMMU_IOAS_ALLOC", errno);
    ioas_ = alloc.id;
  }

  Fd open_function(const SysfsFunction& function) override {
    const std::string node = Sysfs::cdev_node(function);
    Fd fd(::open(sysfs_.at(node).c_str(), O_RDWR | O_CLOEXEC));
    if (!fd) throw cannot_open_node(sysfs_, function, node, errno);
    abi::DeviceBind bind;
    bind.iommufd = iommu_.get();
    if (::ioctl(fd.get(), abi::device_bind_iommufd, &bind) != 0) {
      const int error = errno;
      throw error == EPERM || error == EINVAL ? group_not_viable(sysfs_, function)
                                              : cannot_open_function(function, error);
    }
    abi::DeviceAttach attach;
    attach.page_table = ioas_;
    if (::ioctl(fd.get(), abi::device_attach_iommufd, &attach) != 0) {
      throw no_translation(function, errno);
    }
    return fd;
  }

  [[nodiscard]] std::vector<IovaRange> ranges() override {
    std::vector<abi::IovaRange> room(16);
    for (;;) {
      const abi::IoasIovaRanges answer = ask(room);
      if (answer.count > room.size()) {
        room.resize(answer.count);
        continue;
      }
      std::vector<IovaRange> list;
      for (std::uint32_t i = 0; i < answer.count; i++)
        list.push_back({room[i].first, room[i].last});
      return list;
    }
  }

  [[nodiscard]] std::uint64_t smallest_page() override {
    std::vector<abi::IovaRange> none;
    return std::max<std::uint64_t>(ask(none).alignment, 1);
  }

  int map(std::uint64_t iova, void* memory, std::uint64_t size) noexcept override {
    abi::IoasMap map;
    map.ioas = ioas_;
    map.memory = reinterpret_cast<std::uintptr_t>(memory);
    map.length = size;
    map.iova = iova;
    return ::ioctl(iommu_.get(), abi::ioas_map, &map) == 0 ? 0 : errno;
  }

  int unmap(std::uint64_t iova, std::uint64_t size) noexcept override {
    abi::IoasUnmap unmap;
    unmap.ioas = ioas_;
    unmap.iova = iova;
    unmap.length = size;
    return ::ioctl(iommu_.get(), abi::ioas_unmap, &unmap) == 0 ? 0 : errno;
  }

  [[nodiscard]] std::vector<int> proof() const override { return {}; }

 private:
  [[noreturn]] static void refuse(const char* what, int error) {
    throw Error(error, fmt::format("vfio: {}: {}: {}", iommufd_node, what,
                                   std::generic_category().message(error)));
  }

  // EMSGSIZE: there are more than there is room for.
  abi::IoasIovaRanges ask(std::vector<abi::IovaRange>& room) {
    abi::IoasIovaRanges ranges;
    ranges.ioas = ioas_;
    ranges.count = static_cast<std::uint32_t>(room.size());
    ranges.ranges = reinterpret_cast<std::uintptr_t>(room.data());
    if (::ioctl(iommu_.get(), abi::ioas_iova_ranges, &ranges) != 0 && errno != EMSGSIZE) {
      refuse("IOMMU_IOAS_IOVA_RANGES", errno);
    }
    return ranges;
  }

  const Sysfs& sysfs_;
  Fd iommu_;
  std::uint32_t ioas_ = 0;
};

}  // namespace

std::unique_ptr<Iommu> open_iommufd(const Sysfs& sysfs) {
  return std::make_unique<Iommufd>(sysfs);
}

bool can_iommufd(const Sysfs& sysfs, const std::vector<SysfsFunction>& functions) {
  const auto usable = [&](const std::string& node) {
    return !node.empty() && ::access(sysfs.at(node).c_str(), R_OK | W_OK) == 0;
  };
  return usable(iommufd_node) &&
         std::all_of(functions.begin(), functions.end(), [&](const SysfsFunction& function) {
           return usable(Sysfs::cdev_node(function));
         });
}

}  // namespace pupci::vfio
