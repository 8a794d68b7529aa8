// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/dma.h"

#include <fmt/core.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "host/vfio/obstacle.h"
#include "pupci/error.h"

namespace pupci::vfio {
namespace {

constexpr int plain = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

std::size_t chunks(std::size_t size) {
  return (size + VfioDma::chunk_size - 1) / VfioDma::chunk_size;
}

// Below 4 GiB if there is room, for devices and drivers that know no more.
std::uint64_t place(IovaSpace& iovas, std::size_t size) {
  DmaConstraints constraints;
  constraints.alignment = VfioDma::chunk_size;
  for (const std::uint64_t highest : {std::uint64_t{UINT32_MAX}, UINT64_MAX}) {
    constraints.highest = highest;
    if (const auto iova = iovas.take(size, constraints)) return *iova;
  }
  throw Error(ENOMEM, fmt::format("vfio: the IOMMU has no {:#x} bus addresses in a row for DMA "
                                  "memory",
                                  size));
}

}  // namespace

VfioDma::Space::Space(std::size_t wanted) : size(chunks(wanted) * chunk_size) {
  // One chunk more, to align.
  void* got = ::mmap(nullptr, size + chunk_size, PROT_READ | PROT_WRITE, plain, -1, 0);
  if (got == MAP_FAILED) {
    const int error = errno;
    throw Error(error, fmt::format("vfio: cannot reserve {:#x} bytes for DMA memory: {}", size,
                                   std::generic_category().message(error)));
  }
  const auto start = reinterpret_cast<std::uintptr_t>(got);
  const std::size_t head = (chunk_size - start % chunk_size) % chunk_size;
  base = static_cast<std::byte*>(got) + head;
  if (head != 0) ::munmap(got, head);
  ::munmap(base + size, chunk_size - head);
  // Devices write to it: a child must not take pages along, nor make them copied.
  ::madvise(base, size, MADV_DONTFORK);
  ::madvise(base, size, MADV_HUGEPAGE);
}

VfioDma::Space::~Space() {
  ::munmap(base, size);
}

VfioDma::VfioDma(std::shared_ptr<Iommu> iommu, std::size_t arena_size)
    : iommu_(std::move(iommu)),
      iovas_(iommu_->ranges(), std::max<std::uint64_t>(iommu_->smallest_page(), page_size)),
      space_(arena_size),
      bus_(place(iovas_, space_.size)),
      arena_(space_.base, space_.size, bus_),
      mapped_(chunks(space_.size)) {
  set_arena(space_.base, space_.size, bus_);
  // The last, as the arena hands out the highest first.
  if (const int error = map_chunk(mapped_.size() - 1)) {
    throw cannot_lock(error, chunk_size, 0);
  }
}

VfioDma::~VfioDma() {
  for (std::size_t i = 0; i < mapped_.size(); i++) {
    if (mapped_[i]) iommu_->unmap(bus_ + i * chunk_size, chunk_size);
  }
}

void* VfioDma::allocate(std::size_t size, const DmaConstraints& constraints) noexcept {
  void* p = arena_.allocate(size, constraints);
  if (p == nullptr) return nullptr;
  const int error = map_chunks(p, size);
  if (error == 0) return p;
  static_cast<void>(arena_.release(p, size));
  complain(error, size);
  return nullptr;
}

void VfioDma::release(void* p, std::size_t size) noexcept {
  if (arena_.release(p, size)) return;
  std::fprintf(stderr,
               "pupci: dma: release of %zu bytes at %p ignored: not allocated, or with another "
               "size\n",
               size, p);
}

int VfioDma::map_chunks(const void* p, std::size_t size) noexcept {
  const auto first = static_cast<std::size_t>(static_cast<const std::byte*>(p) - space_.base);
  for (std::size_t i = first / chunk_size; i <= (first + size - 1) / chunk_size; i++) {
    if (mapped_[i].load(std::memory_order_acquire)) continue;
    if (const int error = map_chunk(i)) return error;
  }
  return 0;
}

int VfioDma::map_chunk(std::size_t index) noexcept {
  const std::scoped_lock lock(mutex_);
  if (mapped_[index]) return 0;
  std::byte* chunk = space_.base + index * chunk_size;
  // A huge page if one is set aside, else what is there, which the kernel may make one.
  constexpr int of_2_mib = 21 << 26;  // MAP_HUGE_2MB, which needs a kernel header
  constexpr int huge = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | of_2_mib | MAP_FIXED;
  if (::mmap(chunk, chunk_size, PROT_READ | PROT_WRITE, huge, -1, 0) == MAP_FAILED) {
    ::mmap(chunk, chunk_size, PROT_READ | PROT_WRITE, plain | MAP_FIXED, -1, 0);
    ::madvise(chunk, chunk_size, MADV_HUGEPAGE);
  }
  ::madvise(chunk, chunk_size, MADV_DONTFORK);
  if (const int error = iommu_->map(bus_ + index * chunk_size, chunk, chunk_size)) return error;
  locked_ += chunk_size;
  mapped_[index].store(true, std::memory_order_release);
  return 0;
}

// Once: drivers try again and again.
void VfioDma::complain(int error, std::size_t wanted) noexcept try {
  if (complained_.exchange(true)) return;
  std::fprintf(stderr, "pupci: %s\n", cannot_lock(error, wanted, locked_).what());
} catch (...) {
  return;  // no memory to say it in
}

std::optional<std::uint64_t> VfioDma::map(void* p, std::size_t size,
                                          const DmaConstraints& constraints) noexcept try {
  const auto iova = iovas_.take(size, constraints);
  if (!iova) {
    errno = ERANGE;
    return std::nullopt;
  }
  const std::uint64_t rounded = iovas_.rounded(size);
  if (const int error = iommu_->map(*iova, p, rounded)) {
    iovas_.give(*iova, size);
    if (error == ENOMEM || error == ENOSPC) complain(error, size);
    errno = error;
    return std::nullopt;
  }
  locked_ += rounded;
  return iova;
} catch (...) {
  errno = ENOMEM;
  return std::nullopt;
}

void VfioDma::unmap(std::uint64_t bus, std::size_t size) noexcept try {
  const std::uint64_t rounded = iovas_.rounded(size);
  // What cannot be unmapped is not handed out again.
  if (iommu_->unmap(bus, rounded) != 0) return;
  locked_ -= rounded;
  iovas_.give(bus, size);
} catch (...) {
  return;  // the range is lost, the memory is not
}

}  // namespace pupci::vfio
