// SPDX-License-Identifier: BSD-2-Clause
// bus_dma(9): memory that a device does not reach as it is. The host maps it, or it is bounced:
// the device works on a copy, and bus_dmamap_sync() carries the bytes over.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kern/bus_dma.h"
#include "netbsd/sys/param.h"
#include "netbsd/sys/uio.h"

namespace pupci::kern {
namespace {

// The pages that hold [address, address + length).
struct Pages {
  std::byte* start;
  std::size_t size;
  std::size_t offset;  // of `address`
};

Pages pages_of(const Piece& piece) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(piece.address);
  const std::uintptr_t start = address & ~(Dma::page_size - 1);
  const std::uintptr_t end = (address + piece.length + Dma::page_size - 1) & ~(Dma::page_size - 1);
  return {reinterpret_cast<std::byte*>(start), end - start, address - start};
}

DmaConstraints limits_of(bus_dma_tag_t tag) noexcept {
  DmaConstraints limits;
  limits.lowest = tag->lowest;
  limits.highest = tag->highest;
  return limits;
}

void unmap_all(bus_dma_tag_t tag, DmaMap& map) noexcept {
  for (const MappedRange& range : map.ranges) tag->dma->unmap(range.bus, range.size);
  map.ranges.clear();
  map.open()->dm_nsegs = 0;
}

// Makes all pieces reachable where they lie; false when that cannot be. `fitted` tells whether
// the segments sufficed.
bool map_pieces(bus_dma_tag_t tag, DmaMap& map, const std::vector<Piece>& pieces, bool* fitted) {
  if (!tag->dma->can_map()) return false;
  *fitted = true;
  for (const Piece& piece : pieces) {
    std::uint64_t bus = 0;
    if (tag->dma->in_arena(piece.address, piece.length)) {
      bus = tag->dma->to_bus(piece.address);
      if (piece.space != nullptr || !tag->reaches(bus, piece.length)) break;
    } else {
      const Pages pages = pages_of(piece);
      map.ranges.reserve(map.ranges.size() + 1);
      if (piece.space != nullptr) break;
      const auto start = tag->dma->map(pages.start, pages.size, limits_of(tag));
      if (!start) break;
      map.ranges.push_back({*start, pages.size});
      bus = *start + pages.offset;
    }
    *fitted = *fitted && map.append(bus, piece.length);
    if (&piece == &pieces.back()) return true;
  }
  unmap_all(tag, map);
  return false;
}

// Calls `copy(memory, bounce, n, space)` for what of each piece lies in [offset, offset + length).
template <typename Copy>
void each_part(DmaMap& map, std::size_t offset, std::size_t length, Copy copy) noexcept {
  std::size_t start = 0;  // of the piece, in the map
  for (const Piece& piece : map.pieces) {
    const std::size_t first = std::max(offset, start);
    const std::size_t last = std::min(offset + length, start + piece.length);
    if (first < last) {
      copy(piece.address + (first - start), map.bounce + first, last - first, piece.space);
    }
    start += piece.length;
  }
}

}  // namespace

int dma_reserve_bounce(bus_dma_tag_t tag, DmaMap& map, std::size_t size) noexcept {
  if (map.bounce != nullptr && map.bounce_size >= size &&
      tag->reaches(tag->dma->to_bus(map.bounce), size)) {
    return 0;
  }
  dma_release_bounce(map);
  DmaConstraints limits = limits_of(tag);
  limits.alignment = Dma::page_size;
  // A buffer longer than the boundary is cut there; a shorter one need not be.
  if (map.boundary >= size) limits.boundary = std::max<std::uint64_t>(map.boundary, 4096);
  const std::size_t rounded = (size + Dma::page_size - 1) & ~(Dma::page_size - 1);
  map.bounce = static_cast<std::byte*>(tag->dma->allocate(rounded, limits));
  if (map.bounce == nullptr) return ENOMEM;
  map.bounce_size = rounded;
  return 0;
}

void dma_release_bounce(DmaMap& map) noexcept {
  if (map.bounce != nullptr) map.tag->dma->release(map.bounce, map.bounce_size);
  map.bounce = nullptr;
  map.bounce_size = 0;
}

int dma_load_pieces(bus_dma_tag_t tag, DmaMap& map, std::vector<Piece> pieces, std::size_t size,
                    int /*flags*/) noexcept try {
  bool fitted = false;
  if (!map_pieces(tag, map, pieces, &fitted)) {
    if (const int error = dma_reserve_bounce(tag, map, size); error != 0) return error;
    fitted = map.append(tag->dma->to_bus(map.bounce), size);
    map.pieces = std::move(pieces);
  }
  if (!fitted) {
    unmap_all(tag, map);
    map.pieces.clear();
    return EFBIG;
  }
  map.open()->dm_mapsize = size;
  map.loaded = true;
  return 0;
} catch (...) {
  unmap_all(tag, map);
  return ENOMEM;
}

void dma_copy_to_bounce(DmaMap& map, std::size_t offset, std::size_t length) noexcept {
  each_part(map, offset, length,
            [](std::byte* memory, std::byte* bounce, std::size_t n, vmspace* space) {
              if (space == nullptr) {
                std::memcpy(bounce, memory, n);
              } else {
                copyin_vmspace(space, memory, bounce, n);
              }
            });
}

void dma_copy_from_bounce(DmaMap& map, std::size_t offset, std::size_t length) noexcept {
  each_part(map, offset, length,
            [](std::byte* memory, std::byte* bounce, std::size_t n, vmspace* space) {
              if (space == nullptr) {
                std::memcpy(memory, bounce, n);
              } else {
                copyout_vmspace(space, bounce, memory, n);
              }
            });
}

}  // namespace pupci::kern
