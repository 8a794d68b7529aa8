// SPDX-License-Identifier: BSD-2-Clause
// VFIO's container and groups: <linux/vfio.h>, and the kernel's Documentation/driver-api/vfio.rst.
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "host/vfio/iommu.h"
#include "host/vfio/obstacle.h"
#include "pupci/error.h"

namespace pupci::vfio {
namespace {

class Container final : public Iommu {
 public:
  Container(const Sysfs& sysfs, bool unsafe) : sysfs_(sysfs), unsafe_(unsafe) {
    const char* node = "/dev/vfio/vfio";
    container_ = Fd(::open(sysfs.at(node).c_str(), O_RDWR | O_CLOEXEC));
    if (!container_) throw cannot_open_container(node, errno);
  }

  Fd open_function(const SysfsFunction& function) override {
    const int group = join(function);
    const std::string name = to_string(function.address);
    Fd fd(::ioctl(group, VFIO_GROUP_GET_DEVICE_FD, name.c_str()));
    if (!fd) throw cannot_open_function(function, errno);
    return fd;
  }

  [[nodiscard]] std::vector<IovaRange> ranges() override;
  [[nodiscard]] std::uint64_t smallest_page() override;

  int map(std::uint64_t iova, void* memory, std::uint64_t size) noexcept override {
    if (unsafe_) return ENOTSUP;
    vfio_iommu_type1_dma_map map{};
    map.argsz = sizeof map;
    map.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
    map.vaddr = reinterpret_cast<std::uintptr_t>(memory);
    map.iova = iova;
    map.size = size;
    return ::ioctl(container_.get(), VFIO_IOMMU_MAP_DMA, &map) == 0 ? 0 : errno;
  }

  int unmap(std::uint64_t iova, std::uint64_t size) noexcept override {
    vfio_iommu_type1_dma_unmap unmap{};
    unmap.argsz = sizeof unmap;
    unmap.iova = iova;
    unmap.size = size;
    return ::ioctl(container_.get(), VFIO_IOMMU_UNMAP_DMA, &unmap) == 0 ? 0 : errno;
  }

  [[nodiscard]] std::vector<int> proof() const override {
    std::vector<int> groups;
    groups.reserve(groups_.size());
    for (const auto& [node, fd] : groups_) groups.push_back(fd.get());
    return groups;
  }

  [[nodiscard]] bool translates() const noexcept override { return !unsafe_; }

 private:
  int join(const SysfsFunction& function);
  void set_type(const SysfsFunction& function);
  std::vector<std::byte> info();

  const Sysfs& sysfs_;
  bool unsafe_;
  Fd container_;
  std::map<std::string, Fd> groups_;  // by node
  bool typed_ = false;
};

// The descriptor of the function's group, which is in the container then.
int Container::join(const SysfsFunction& function) {
  const std::string node = Sysfs::group_node(function);
  if (const auto open = groups_.find(node); open != groups_.end()) return open->second.get();
  Fd group(::open(sysfs_.at(node).c_str(), O_RDWR | O_CLOEXEC));
  if (!group) throw cannot_open_node(sysfs_, function, node, errno);
  vfio_group_status status{};
  status.argsz = sizeof status;
  if (::ioctl(group.get(), VFIO_GROUP_GET_STATUS, &status) != 0 ||
      (status.flags & VFIO_GROUP_FLAGS_VIABLE) == 0) {
    throw group_not_viable(sysfs_, function);
  }
  const int container = container_.get();
  if (::ioctl(group.get(), VFIO_GROUP_SET_CONTAINER, &container) != 0) {
    throw cannot_open_node(sysfs_, function, node, errno);
  }
  const int fd = group.get();
  groups_.emplace(node, std::move(group));
  set_type(function);
  return fd;
}

void Container::set_type(const SysfsFunction& function) {
  if (typed_) return;
  const unsigned long type = unsafe_ ? VFIO_NOIOMMU_IOMMU : VFIO_TYPE1v2_IOMMU;
  if (::ioctl(container_.get(), VFIO_SET_IOMMU, type) != 0) throw no_translation(function, errno);
  typed_ = true;
}

// vfio_iommu_type1_info with its capabilities.
std::vector<std::byte> Container::info() {
  std::vector<std::byte> bytes(sizeof(vfio_iommu_type1_info));
  for (;;) {
    auto* info = reinterpret_cast<vfio_iommu_type1_info*>(bytes.data());
    info->argsz = static_cast<std::uint32_t>(bytes.size());
    if (::ioctl(container_.get(), VFIO_IOMMU_GET_INFO, info) != 0) {
      const int error = errno;
      throw Error(error, fmt::format("vfio: VFIO_IOMMU_GET_INFO: {}",
                                     std::generic_category().message(error)));
    }
    if (info->argsz <= bytes.size()) return bytes;
    bytes.resize(info->argsz);
  }
}

std::vector<IovaRange> Container::ranges() {
  // Without the capability: a kernel before 5.4, which says nothing. The messages' window is known.
  std::vector<IovaRange> list{{0, 0xfedfffff}, {0xfef00000, (std::uint64_t{1} << 39) - 1}};
  if (unsafe_) return list;
  const std::vector<std::byte> bytes = info();
  const auto* info = reinterpret_cast<const vfio_iommu_type1_info*>(bytes.data());
  if ((info->flags & VFIO_IOMMU_INFO_CAPS) == 0) return list;
  for (std::uint32_t at = info->cap_offset;
       at != 0 && at + sizeof(vfio_iommu_type1_info_cap_iova_range) <= bytes.size();) {
    const auto* ranges =
        reinterpret_cast<const vfio_iommu_type1_info_cap_iova_range*>(bytes.data() + at);
    if (ranges->header.id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
      const std::size_t room = (bytes.size() - at - sizeof *ranges) / sizeof(vfio_iova_range);
      list.clear();
      for (std::size_t i = 0; i < ranges->nr_iovas && i < room; i++) {
        list.push_back({ranges->iova_ranges[i].start, ranges->iova_ranges[i].end});
      }
    }
    if (ranges->header.next <= at) break;
    at = ranges->header.next;
  }
  return list;
}

std::uint64_t Container::smallest_page() {
  if (unsafe_) return 4096;
  const std::vector<std::byte> bytes = info();
  const auto* info = reinterpret_cast<const vfio_iommu_type1_info*>(bytes.data());
  const std::uint64_t sizes = (info->flags & VFIO_IOMMU_INFO_PGSIZES) != 0 ? info->iova_pgsizes : 0;
  return sizes == 0 ? 4096 : sizes & (~sizes + 1);
}

}  // namespace

std::unique_ptr<Iommu> open_container(const Sysfs& sysfs, bool unsafe) {
  return std::make_unique<Container>(sysfs, unsafe);
}

}  // namespace pupci::vfio
