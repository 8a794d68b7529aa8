// SPDX-License-Identifier: BSD-2-Clause
// DMA through an IOMMU: an arena that is mapped as it is used, and other memory on demand.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "host/arena.h"
#include "host/vfio/iommu.h"
#include "host/vfio/iova.h"

namespace pupci::vfio {

/// The arena is address space that is locked and mapped in chunks of a huge page, each as the first
/// byte of it is handed out: what a driver does not use costs no locked memory. Chunks stay mapped
/// until the end, so that to allocate and release is arithmetic. Thread-safe.
class VfioDma final : public Dma {
 public:
  static constexpr std::size_t chunk_size = std::size_t{2} << 20;

  /// All functions must be open. Maps a first chunk, so that a limit is met here. Throws Error.
  VfioDma(std::shared_ptr<Iommu> iommu, std::size_t arena_size);
  /// Unmaps all, then frees.
  ~VfioDma() override;

  void* allocate(std::size_t size, const DmaConstraints& constraints = {}) noexcept override;
  void release(void* p, std::size_t size) noexcept override;

  [[nodiscard]] bool can_map() const noexcept override { return true; }
  std::optional<std::uint64_t> map(void* p, std::size_t size,
                                   const DmaConstraints& constraints) noexcept override;
  void unmap(std::uint64_t bus, std::size_t size) noexcept override;

 private:
  struct Space {
    explicit Space(std::size_t size);
    ~Space();
    Space(const Space&) = delete;
    Space& operator=(const Space&) = delete;
    std::byte* base = nullptr;
    std::size_t size;
  };

  // 0 or an errno value.
  int map_chunks(const void* p, std::size_t size) noexcept;
  int map_chunk(std::size_t index) noexcept;
  void complain(int error, std::size_t wanted) noexcept;

  std::shared_ptr<Iommu> iommu_;
  IovaSpace iovas_;
  Space space_;
  std::uint64_t bus_;
  Arena arena_;
  std::mutex mutex_;
  std::vector<std::atomic<bool>> mapped_;  // by chunk; set under the mutex
  std::atomic<std::uint64_t> locked_{0};   // bytes
  std::atomic<bool> complained_{false};
};

}  // namespace pupci::vfio
