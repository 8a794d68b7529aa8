// SPDX-License-Identifier: BSD-2-Clause
// bus_dma(9): tags and maps behind the opaque types.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "kern/api.h"
#include "netbsd/sys/bus_dma.h"
#include "pupci/dma.h"

struct vmspace;

struct pupci_bus_dma_tag {
  pupci::Dma* dma;
  std::uint64_t lowest;
  std::uint64_t highest;  // inclusive

  [[nodiscard]] bool reaches(std::uint64_t bus, std::uint64_t size) const noexcept {
    return size == 0 || (bus >= lowest && bus <= highest && size - 1 <= highest - bus);
  }
};

namespace pupci::kern {

// A root tag for [lowest, highest] of a bus; ends with bus_dmatag_destroy() too.
PUPCI_API bus_dma_tag_t dma_tag_create(Dma& dma, std::uint64_t lowest, std::uint64_t highest);
PUPCI_API void dma_tag_delete(bus_dma_tag_t tag) noexcept;

// Memory that a bounced map stands for, in order.
struct Piece {
  std::byte* address;
  std::size_t length;
  vmspace* space;  // null: the kernel's, that is this process's
};

// A range that Dma::map() made reachable, for the time of a load.
struct MappedRange {
  std::uint64_t bus;
  std::size_t size;
};

// The part of a map that drivers do not see; the public part follows it in memory.
struct alignas(16) DmaMap {
  bus_dma_tag_t tag;
  std::uint64_t size;
  int segments;
  std::uint64_t max_segment;
  std::uint64_t boundary;  // 0: none
  int flags;

  bool loaded = false;
  int load_flags = 0;
  std::vector<Piece> pieces;        // empty unless bounced
  std::vector<MappedRange> ranges;  // empty unless mapped
  std::byte* bounce = nullptr;      // kept from load to load
  std::size_t bounce_size = 0;
#ifdef PUPCI_DEBUG
  std::atomic<int> synced{0};  // PRE operations since the load
  std::atomic<bool> told{false};
#endif

  [[nodiscard]] pupci_bus_dmamap* open() noexcept {
    return reinterpret_cast<pupci_bus_dmamap*>(this + 1);
  }
  static DmaMap& of(bus_dmamap_t map) noexcept { return *(reinterpret_cast<DmaMap*>(map) - 1); }

  // Appends [bus, bus + length), in as few segments as the constraints allow; false when that is
  // too many.
  bool append(std::uint64_t bus, std::uint64_t length) noexcept;
};

// The slow half of loading: memory that the tag does not reach as it is. `pieces` make up `size`
// bytes. 0 or an errno; nothing is loaded after one.
int dma_load_pieces(bus_dma_tag_t tag, DmaMap& map, std::vector<Piece> pieces, std::size_t size,
                    int flags) noexcept;
// Room to bounce `size` bytes within the limits of `tag`; 0 or ENOMEM.
int dma_reserve_bounce(bus_dma_tag_t tag, DmaMap& map, std::size_t size) noexcept;
void dma_release_bounce(DmaMap& map) noexcept;
// Copies [offset, offset + length) of a bounced map.
void dma_copy_to_bounce(DmaMap& map, std::size_t offset, std::size_t length) noexcept;
void dma_copy_from_bounce(DmaMap& map, std::size_t offset, std::size_t length) noexcept;

}  // namespace pupci::kern
