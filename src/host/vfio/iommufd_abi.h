// SPDX-License-Identifier: BSD-2-Clause
// The part of Linux's iommufd interface that is used here, and VFIO's calls that go with it: Debian
// 12's headers are older than both. The kernel's Documentation/userspace-api/iommufd.rst.
#pragma once

#include <linux/vfio.h>
#include <sys/ioctl.h>

#include <cstdint>

namespace pupci::vfio::abi {

constexpr unsigned long command(unsigned number) noexcept {
  return _IO(VFIO_TYPE, number);
}

constexpr unsigned long device_bind_iommufd = command(VFIO_BASE + 18);
constexpr unsigned long device_attach_iommufd = command(VFIO_BASE + 19);
constexpr unsigned long ioas_alloc = command(0x81);
constexpr unsigned long ioas_iova_ranges = command(0x84);
constexpr unsigned long ioas_map = command(0x85);
constexpr unsigned long ioas_unmap = command(0x86);

// The first member of each is its size in bytes.
struct DeviceBind {
  std::uint32_t size = sizeof(DeviceBind);
  std::uint32_t flags = 0;
  std::int32_t iommufd = -1;
  std::uint32_t device_id = 0;  // out
};

struct DeviceAttach {
  std::uint32_t size = sizeof(DeviceAttach);
  std::uint32_t flags = 0;
  std::uint32_t page_table = 0;  // an I/O address space
};

struct IoasAlloc {
  std::uint32_t size = sizeof(IoasAlloc);
  std::uint32_t flags = 0;
  std::uint32_t id = 0;  // out
};

struct IovaRange {
  std::uint64_t first;
  std::uint64_t last;
};

struct IoasIovaRanges {
  std::uint32_t size = sizeof(IoasIovaRanges);
  std::uint32_t ioas = 0;
  std::uint32_t count = 0;  // in: room for so many; out: there are so many
  std::uint32_t reserved = 0;
  std::uint64_t ranges = 0;     // IovaRange *
  std::uint64_t alignment = 0;  // out
};

constexpr std::uint32_t map_fixed_iova = 1;
constexpr std::uint32_t map_writable = 2;
constexpr std::uint32_t map_readable = 4;

struct IoasMap {
  std::uint32_t size = sizeof(IoasMap);
  std::uint32_t flags = map_fixed_iova | map_writable | map_readable;
  std::uint32_t ioas = 0;
  std::uint32_t reserved = 0;
  std::uint64_t memory = 0;
  std::uint64_t length = 0;
  std::uint64_t iova = 0;
};

struct IoasUnmap {
  std::uint32_t size = sizeof(IoasUnmap);
  std::uint32_t ioas = 0;
  std::uint64_t iova = 0;
  std::uint64_t length = 0;
};

}  // namespace pupci::vfio::abi
