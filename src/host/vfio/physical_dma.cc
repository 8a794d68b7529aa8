// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/physical_dma.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "host/arena.h"
#include "host/fd.h"
#include "pupci/error.h"

namespace pupci::vfio {
namespace {

constexpr std::size_t huge = std::size_t{2} << 20;
constexpr unsigned huge_2_mib = 21U << 26;  // MFD_HUGE_2MB
constexpr const char* remedy = "set huge pages aside: sysctl vm.nr_hugepages=64";

[[noreturn]] void fail(const char* what, int error) {
  throw Error(error, fmt::format("vfio: DMA memory without an IOMMU: {}: {}", what,
                                 std::generic_category().message(error)));
}

// A huge page of the file, and where it is in the machine.
struct Frame {
  std::uint64_t physical;
  std::size_t index;
};

class Mapping {
 public:
  Mapping(std::size_t size, int protection, int flags, int fd) : size_(size) {
    base_ = ::mmap(nullptr, size, protection, flags, fd, 0);
    if (base_ == MAP_FAILED) fail("mmap", errno);
  }
  ~Mapping() {
    if (base_ != nullptr) ::munmap(base_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  [[nodiscard]] std::byte* base() const noexcept { return static_cast<std::byte*>(base_); }
  std::byte* release() noexcept { return static_cast<std::byte*>(std::exchange(base_, nullptr)); }

 private:
  void* base_;
  std::size_t size_;
};

// proc_pagemap: 64 bits a page; bit 63: present, bits 54:0 the frame.
std::uint64_t physical_address(int pagemap, const std::byte* at) {
  constexpr std::uint64_t present = std::uint64_t{1} << 63;
  constexpr std::uint64_t frame_mask = (std::uint64_t{1} << 55) - 1;
  std::uint64_t entry = 0;
  const auto page = reinterpret_cast<std::uintptr_t>(at) / Dma::page_size;
  if (::pread(pagemap, &entry, sizeof entry, static_cast<off_t>(page * sizeof entry)) !=
      sizeof entry) {
    fail("/proc/self/pagemap", errno);
  }
  // The kernel shows frame 0 to those who may not know.
  if ((entry & present) == 0 || (entry & frame_mask) == 0) fail("/proc/self/pagemap", EPERM);
  return (entry & frame_mask) * Dma::page_size;
}

std::vector<Frame> frames_of(const Mapping& all, std::size_t count) {
  const Fd pagemap(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  if (!pagemap) fail("/proc/self/pagemap", errno);
  std::vector<Frame> frames;
  for (std::size_t i = 0; i < count; i++) {
    frames.push_back({physical_address(pagemap.get(), all.base() + i * huge), i});
  }
  std::sort(frames.begin(), frames.end(),
            [](const Frame& a, const Frame& b) { return a.physical < b.physical; });
  return frames;
}

// The longest run without a gap, as [first, first + count).
std::pair<std::size_t, std::size_t> longest_run(const std::vector<Frame>& frames) {
  std::pair<std::size_t, std::size_t> best{0, 0};
  for (std::size_t first = 0; first < frames.size();) {
    std::size_t end = first + 1;
    while (end < frames.size() && frames[end].physical == frames[end - 1].physical + huge) end++;
    if (end - first > best.second) best = {first, end - first};
    first = end;
  }
  return best;
}

std::size_t free_pages() {
  std::size_t count = 0;
  std::ifstream("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages") >> count;
  return count;
}

class PhysicalDma final : public ArenaDma {
 public:
  PhysicalDma(std::byte* base, std::size_t size, std::uint64_t physical)
      : ArenaDma(base, size, physical), base_(base), size_(size) {}
  ~PhysicalDma() override { ::munmap(base_, size_); }

 private:
  std::byte* base_;
  std::size_t size_;
};

}  // namespace

std::unique_ptr<Dma> physical_dma(std::size_t size) {
  const std::size_t count = std::min(free_pages(), (size + huge - 1) / huge);
  if (count == 0) {
    throw Error(ENOMEM, fmt::format("vfio: DMA memory without an IOMMU has to lie in a row, and "
                                    "there is no huge page free; {}",
                                    remedy));
  }
  const Fd file(::memfd_create("pupci-dma", MFD_CLOEXEC | MFD_HUGETLB | huge_2_mib));
  if (!file || ::ftruncate(file.get(), static_cast<off_t>(count * huge)) != 0) {
    fail("memfd_create", errno);
  }
  constexpr int access = PROT_READ | PROT_WRITE;
  const Mapping all(count * huge, access, MAP_SHARED | MAP_POPULATE, file.get());
  const std::vector<Frame> frames = frames_of(all, count);
  const auto [first, run] = longest_run(frames);

  // The same pages again, in the order in which they lie.
  Mapping place(run * huge + huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  const auto start = reinterpret_cast<std::uintptr_t>(place.base());
  std::byte* base = place.base() + (huge - start % huge) % huge;
  for (std::size_t i = 0; i < run; i++) {
    const auto offset = static_cast<off_t>(frames[first + i].index * huge);
    if (::mmap(base + i * huge, huge, access, MAP_SHARED | MAP_FIXED | MAP_POPULATE, file.get(),
               offset) == MAP_FAILED) {
      fail("mmap", errno);
    }
  }
  ::madvise(base, run * huge, MADV_DONTFORK);
  // The margins of the reservation are address space, no more.
  auto dma = std::make_unique<PhysicalDma>(base, run * huge, frames[first].physical);
  place.release();
  return dma;
}

}  // namespace pupci::vfio
