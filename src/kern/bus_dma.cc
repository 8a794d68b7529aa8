// SPDX-License-Identifier: BSD-2-Clause
// bus_dma(9): tags, and maps on the fast path, where everything is arena memory. What is not is in
// bus_dma_bounce.cc, memory for DMA in bus_dmamem.cc.
#include "kern/bus_dma.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <new>

#include "kern/check.h"
#include "kern/console.h"
#include "kern/symbolize.h"
#include "kern/track.h"
#include "netbsd/sys/proc.h"
#include "netbsd/sys/uio.h"

namespace pupci::kern {
namespace {

[[maybe_unused]] constexpr int all_pre = BUS_DMASYNC_PREREAD | BUS_DMASYNC_PREWRITE;
[[maybe_unused]] constexpr int all_post = BUS_DMASYNC_POSTREAD | BUS_DMASYNC_POSTWRITE;

// Orders the CPU's accesses to memory against the device's. Loads and stores of x86 are in order
// already.
inline void order_memory() noexcept {
#if defined(__x86_64__)
  __asm__ __volatile__("" : : : "memory");
#else
  __sync_synchronize();
#endif
}

void unload(DmaMap& map) noexcept {
  pupci_bus_dmamap* open = map.open();
  if (__predict_false(!map.ranges.empty())) {
    for (const MappedRange& range : map.ranges) map.tag->dma->unmap(range.bus, range.size);
    map.ranges.clear();
  }
  if (__predict_false(!map.pieces.empty())) map.pieces.clear();
  map.loaded = false;
  open->dm_maxsegsz = map.max_segment;
  open->dm_mapsize = 0;
  open->dm_nsegs = 0;
}

// What every load begins with. 0, or EINVAL when `size` is too much.
int begin_load(DmaMap& map, std::size_t size, int flags, const char* what,
               const void* caller) noexcept {
#ifdef PUPCI_DEBUG
  if (map.loaded) {
    violation(fmt::format("{}: DMA map {} is loaded already", what, fmt::ptr(map.open())), caller);
  }
  map.synced = 0;
#else
  (void)what;
  (void)caller;
  if (__predict_false(map.loaded)) unload(map);
#endif
  pupci_bus_dmamap* open = map.open();
  open->dm_mapsize = 0;
  open->dm_nsegs = 0;
  if (__predict_false(open->dm_maxsegsz == 0 || open->dm_maxsegsz > map.max_segment)) {
    open->dm_maxsegsz = map.max_segment;
  }
  map.load_flags = flags;
  return size > map.size ? EINVAL : 0;
}

// The other end: whether all fitted.
int end_load(DmaMap& map, std::size_t size, bool fitted) noexcept {
  if (__predict_false(!fitted)) {
    unload(map);
    return EFBIG;
  }
  map.open()->dm_mapsize = size;
  map.loaded = true;
  return 0;
}

bool reaches(bus_dma_tag_t tag, const void* p, std::size_t size) noexcept {
  return tag->dma->in_arena(p, size) && tag->reaches(tag->dma->to_bus(p), size);
}

#ifdef PUPCI_DEBUG
// One warning for a map: a POST whose PRE never was loses data only where maps are bounced or
// caches not coherent, so drivers get away with it.
void warn_unpaired(DmaMap& map, const char* post, const char* pre, const void* caller) noexcept {
  if (map.told.exchange(true)) return;
  console_write(Message::error, fmt::format("bus_dmamap_sync: {} without {} before, in {}\n", post,
                                            pre, symbolize(caller)));
}

void check_sync(DmaMap& map, std::uint64_t offset, std::uint64_t length, int ops,
                const void* caller) noexcept {
  const auto* open = map.open();
  const auto fail = [&](const char* why) {
    violation(fmt::format("bus_dmamap_sync: DMA map {}: {}", fmt::ptr(open), why), caller);
  };
  if (!map.loaded) fail("nothing is loaded");
  if (offset > open->dm_mapsize || length > open->dm_mapsize - offset) {
    fail("the range is beyond what is loaded");
  }
  if (ops == 0 || (ops & ~(all_pre | all_post)) != 0) fail("no such operation");
  if ((ops & all_pre) != 0 && (ops & all_post) != 0) fail("PRE and POST in one call");
  if ((map.load_flags & BUS_DMA_READ) != 0 && (ops & BUS_DMASYNC_PREWRITE) != 0) {
    fail("PREWRITE of a map that was loaded with BUS_DMA_READ");
  }
  if ((map.load_flags & BUS_DMA_WRITE) != 0 && (ops & BUS_DMASYNC_PREREAD) != 0) {
    fail("PREREAD of a map that was loaded with BUS_DMA_WRITE");
  }
  const int before = map.synced.fetch_or(ops & all_pre, std::memory_order_relaxed);
  if ((ops & BUS_DMASYNC_POSTREAD) != 0 && (before & BUS_DMASYNC_PREREAD) == 0) {
    warn_unpaired(map, "POSTREAD", "PREREAD", caller);
  }
  if ((ops & BUS_DMASYNC_POSTWRITE) != 0 && (before & BUS_DMASYNC_PREWRITE) == 0) {
    warn_unpaired(map, "POSTWRITE", "PREWRITE", caller);
  }
}
#endif

void delete_map(DmaMap* map) noexcept {
  map->~DmaMap();
  ::operator delete(map, std::align_val_t{alignof(DmaMap)});
}

DmaMap* new_map(const DmaMap& form) {
  const std::size_t bytes = sizeof(DmaMap) + sizeof(pupci_bus_dmamap) +
                            static_cast<std::size_t>(form.segments - 1) * sizeof(bus_dma_segment_t);
  void* memory = ::operator new(bytes, std::align_val_t{alignof(DmaMap)});
  std::fill_n(static_cast<std::byte*>(memory), bytes, std::byte{0});
  auto* map = new (memory)
      DmaMap{form.tag, form.size, form.segments, form.max_segment, form.boundary, form.flags};
  new (map->open()) pupci_bus_dmamap{form.max_segment, 0, 0, {}};
  return map;
}

}  // namespace

bool DmaMap::append(std::uint64_t bus, std::uint64_t length) noexcept {
  pupci_bus_dmamap* map = open();
  const std::uint64_t most = map->dm_maxsegsz;
  const std::uint64_t mask = boundary - 1;  // all ones without a boundary
  bus_dma_segment_t* segment = map->dm_segs + map->dm_nsegs;
  if (map->dm_nsegs > 0 && segment[-1].ds_addr + segment[-1].ds_len == bus &&
      (boundary == 0 || (bus & mask) != 0)) {
    const std::uint64_t room = boundary == 0 ? UINT64_MAX : boundary - (bus & mask);
    const std::uint64_t more = std::min({length, room, most - segment[-1].ds_len});
    segment[-1].ds_len += more;
    bus += more;
    length -= more;
  }
  for (; length > 0; segment++) {
    if (map->dm_nsegs == segments) return false;
    std::uint64_t now = std::min(length, most);
    if (boundary != 0) now = std::min(now, boundary - (bus & mask));
    segment->ds_addr = bus;
    segment->ds_len = now;
    map->dm_nsegs++;
    bus += now;
    length -= now;
  }
  return true;
}

bus_dma_tag_t dma_tag_create(Dma& dma, std::uint64_t lowest, std::uint64_t highest) {
  return new pupci_bus_dma_tag{&dma, lowest, highest};
}

void dma_tag_delete(bus_dma_tag_t tag) noexcept {
  delete tag;
}

}  // namespace pupci::kern

using namespace pupci;
using namespace pupci::kern;

int bus_dmatag_subregion(bus_dma_tag_t tag, bus_addr_t min_addr, bus_addr_t max_addr,
                         bus_dma_tag_t* result, int /*flags*/) {
  const std::uint64_t lowest = std::max<std::uint64_t>(tag->lowest, min_addr);
  const std::uint64_t highest = std::min<std::uint64_t>(tag->highest, max_addr);
  if (lowest > highest) return EINVAL;
  auto* made = new (std::nothrow) pupci_bus_dma_tag{tag->dma, lowest, highest};
  if (made == nullptr) return ENOMEM;
  track(Kind::dma_tag, made, sizeof *made, __builtin_return_address(0));
  *result = made;
  return 0;
}

void bus_dmatag_destroy(bus_dma_tag_t tag) {
  if (!untrack(Kind::dma_tag, tag)) {
    violation("bus_dmatag_destroy: not a tag of bus_dmatag_subregion, or destroyed before",
              __builtin_return_address(0));
  }
  dma_tag_delete(tag);
}

bool bus_dmatag_bounces_p(bus_dma_tag_t tag) {
  const Dma& dma = *tag->dma;
  return !dma.can_map() || !tag->reaches(dma.arena_bus(), dma.arena_size());
}

int bus_dmamap_create(bus_dma_tag_t tag, bus_size_t size, int nsegments, bus_size_t maxsegsz,
                      bus_size_t boundary, int flags, bus_dmamap_t* result) {
  if (size == 0 || nsegments <= 0 || maxsegsz == 0) return EINVAL;
  if (boundary != 0 && !std::has_single_bit(boundary)) return EINVAL;
  try {
    // A segment never needs to be longer than the boundary or the map.
    DmaMap form{tag, size, nsegments, maxsegsz, boundary, flags};
    DmaMap* map = new_map(form);
    if ((flags & BUS_DMA_ALLOCNOW) != 0 && bus_dmatag_bounces_p(tag) &&
        dma_reserve_bounce(tag, *map, size) != 0) {
      delete_map(map);
      return ENOMEM;
    }
    *result = map->open();
    track(Kind::dma_map, *result, size, __builtin_return_address(0));
    return 0;
  } catch (...) {
    return ENOMEM;
  }
}

void bus_dmamap_destroy(bus_dma_tag_t, bus_dmamap_t map) {
  const void* caller = __builtin_return_address(0);
  if (!untrack(Kind::dma_map, map)) {
    violation(
        fmt::format("bus_dmamap_destroy: {} is no DMA map, or was destroyed before", fmt::ptr(map)),
        caller);
  }
  DmaMap& inner = DmaMap::of(map);
#ifdef PUPCI_DEBUG
  if (inner.loaded) {
    violation(fmt::format("bus_dmamap_destroy: DMA map {} is still loaded", fmt::ptr(map)), caller);
  }
#endif
  if (inner.loaded) unload(inner);
  dma_release_bounce(inner);
  delete_map(&inner);
}

int bus_dmamap_load(bus_dma_tag_t tag, bus_dmamap_t map, void* buffer, bus_size_t size,
                    struct proc* process, int flags) {
  DmaMap& inner = DmaMap::of(map);
  const int error = begin_load(inner, size, flags, "bus_dmamap_load", __builtin_return_address(0));
  if (__predict_false(error != 0)) return error;
  if (__predict_true((process == nullptr || process == &proc0) && reaches(tag, buffer, size))) {
    return end_load(inner, size, inner.append(tag->dma->to_bus(buffer), size));
  }
  if (process != nullptr && process != &proc0) {
    console_write(Message::error,
                  "bus_dmamap_load: memory of a client is loaded by bus_dmamap_load_uio()\n");
    return EINVAL;
  }
  try {
    return dma_load_pieces(tag, inner, {{static_cast<std::byte*>(buffer), size, nullptr}}, size,
                           flags);
  } catch (...) {
    return ENOMEM;
  }
}

int bus_dmamap_load_uio(bus_dma_tag_t tag, bus_dmamap_t map, struct uio* uio, int flags) {
  DmaMap& inner = DmaMap::of(map);
  const std::size_t size = uio->uio_resid;
  const int error =
      begin_load(inner, size, flags, "bus_dmamap_load_uio", __builtin_return_address(0));
  if (error != 0) return error;
  try {
    vmspace* space = VMSPACE_IS_KERNEL_P(uio->uio_vmspace) ? nullptr : uio->uio_vmspace;
    std::vector<Piece> pieces;
    std::size_t left = size;
    bool direct = space == nullptr;
    for (int i = 0; i < uio->uio_iovcnt && left > 0; i++) {
      const std::size_t length = std::min(left, uio->uio_iov[i].iov_len);
      if (length == 0) continue;
      pieces.push_back({static_cast<std::byte*>(uio->uio_iov[i].iov_base), length, space});
      direct = direct && reaches(tag, uio->uio_iov[i].iov_base, length);
      left -= length;
    }
    if (left != 0) return EINVAL;
    if (!direct) return dma_load_pieces(tag, inner, std::move(pieces), size, flags);
    const bool fitted = std::all_of(pieces.begin(), pieces.end(), [&](const Piece& piece) {
      return inner.append(tag->dma->to_bus(piece.address), piece.length);
    });
    return end_load(inner, size, fitted);
  } catch (...) {
    return ENOMEM;
  }
}

int bus_dmamap_load_raw(bus_dma_tag_t tag, bus_dmamap_t map, bus_dma_segment_t* segments, int nsegs,
                        bus_size_t size, int flags) {
  DmaMap& inner = DmaMap::of(map);
  const int error =
      begin_load(inner, size, flags, "bus_dmamap_load_raw", __builtin_return_address(0));
  if (error != 0) return error;
  bool fitted = true;
  bool reached = true;
  bus_size_t left = size;
  for (int i = 0; i < nsegs && left > 0 && fitted; i++) {
    const bus_size_t length = std::min(left, segments[i].ds_len);
    reached = reached && tag->reaches(segments[i].ds_addr, length);
    fitted = inner.append(segments[i].ds_addr, length);
    left -= length;
  }
  if (fitted && left != 0) {
    unload(inner);
    return EINVAL;
  }
  if (reached) return end_load(inner, size, fitted);
  // Above what the tag reaches, but this process can copy it.
  try {
    std::vector<Piece> pieces;
    left = size;
    for (int i = 0; i < nsegs && left > 0; i++) {
      const bus_size_t length = std::min(left, segments[i].ds_len);
      void* memory = tag->dma->from_bus(segments[i].ds_addr, length);
      if (memory == nullptr) return EINVAL;
      pieces.push_back({static_cast<std::byte*>(memory), length, nullptr});
      left -= length;
    }
    map->dm_nsegs = 0;
    return dma_load_pieces(tag, inner, std::move(pieces), size, flags);
  } catch (...) {
    return ENOMEM;
  }
}

void bus_dmamap_unload(bus_dma_tag_t, bus_dmamap_t map) {
  DmaMap& inner = DmaMap::of(map);
#ifdef PUPCI_DEBUG
  if (!inner.loaded) {
    violation(fmt::format("bus_dmamap_unload: DMA map {} is not loaded", fmt::ptr(map)),
              __builtin_return_address(0));
  }
#endif
  order_memory();
  unload(inner);
}

void bus_dmamap_sync(bus_dma_tag_t, bus_dmamap_t map, bus_addr_t offset, bus_size_t length,
                     int ops) {
  DmaMap& inner = DmaMap::of(map);
#ifdef PUPCI_DEBUG
  check_sync(inner, offset, length, ops, __builtin_return_address(0));
#endif
  if (__predict_true(inner.pieces.empty())) {
    order_memory();
    return;
  }
  if (offset > map->dm_mapsize) return;
  length = std::min<bus_size_t>(length, map->dm_mapsize - offset);
  if ((ops & BUS_DMASYNC_POSTREAD) != 0) dma_copy_from_bounce(inner, offset, length);
  // Also before a read: what the device leaves alone must come back as it was.
  if ((ops & all_pre) != 0) dma_copy_to_bounce(inner, offset, length);
  order_memory();
}
