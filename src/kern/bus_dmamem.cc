// SPDX-License-Identifier: BSD-2-Clause
// bus_dma(9): memory for DMA. It is arena memory in one run, so it is mapped from the start.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <mutex>
#include <unordered_map>

#include "kern/bus_dma.h"
#include "kern/check.h"
#include "kern/track.h"
#include "netbsd/sys/param.h"

namespace pupci::kern {
namespace {

struct Run {
  std::size_t size;
  unsigned maps;  // by bus_dmamem_map()
};

std::mutex runs_mutex;
std::unordered_map<void*, Run>& runs() {
  static auto& all = *new std::unordered_map<void*, Run>;
  return all;
}

std::size_t round_up(std::size_t size) noexcept {
  return (size + Dma::page_size - 1) & ~(Dma::page_size - 1);
}

// How many segments [bus, bus + size) makes when none may cross `boundary`.
std::uint64_t segments_of(std::uint64_t bus, std::uint64_t size, std::uint64_t boundary) noexcept {
  if (boundary == 0) return 1;
  return (bus + size - 1) / boundary - bus / boundary + 1;
}

void fill(bus_dma_segment_t* segments, int* count, std::uint64_t bus, std::uint64_t size,
          std::uint64_t boundary) noexcept {
  for (*count = 0; size > 0; (*count)++) {
    const std::uint64_t now =
        boundary == 0 ? size : std::min(size, boundary - (bus & (boundary - 1)));
    segments[*count] = {bus, now};
    bus += now;
    size -= now;
  }
}

// The memory of segments that follow one another; null when they do not or are not the arena's.
void* memory_of(bus_dma_tag_t tag, const bus_dma_segment_t* segments, int count,
                std::size_t size) noexcept {
  std::size_t total = 0;
  for (int i = 0; i < count; i++) {
    if (segments[i].ds_addr != segments[0].ds_addr + total) return nullptr;
    total += segments[i].ds_len;
  }
  return size > round_up(total) ? nullptr : tag->dma->from_bus(segments[0].ds_addr, size);
}

}  // namespace
}  // namespace pupci::kern

using namespace pupci;
using namespace pupci::kern;

int bus_dmamem_alloc(bus_dma_tag_t tag, bus_size_t size, bus_size_t alignment, bus_size_t boundary,
                     bus_dma_segment_t* segments, int nsegs, int* rsegs, int /*flags*/) {
  if (size == 0 || nsegs <= 0 || (alignment != 0 && !std::has_single_bit(alignment)) ||
      (boundary != 0 && !std::has_single_bit(boundary))) {
    return EINVAL;
  }
  DmaConstraints limits;
  limits.lowest = tag->lowest;
  limits.highest = tag->highest;
  limits.alignment = std::max<std::uint64_t>(alignment, Dma::page_size);
  const std::size_t rounded = round_up(size);
  if (boundary >= rounded) {
    limits.boundary = boundary;
  } else if (boundary != 0) {
    // Cut at the boundaries; starting at one makes the fewest segments.
    limits.alignment = std::max<std::uint64_t>(limits.alignment, boundary);
  }
  void* memory = tag->dma->allocate(rounded, limits);
  if (memory == nullptr) return ENOMEM;
  const std::uint64_t bus = tag->dma->to_bus(memory);
  if (segments_of(bus, size, boundary) > static_cast<std::uint64_t>(nsegs)) {
    tag->dma->release(memory, rounded);
    return ENOMEM;
  }
  try {
    const std::scoped_lock lock(runs_mutex);
    runs()[memory] = Run{rounded, 0};
  } catch (...) {
    tag->dma->release(memory, rounded);
    return ENOMEM;
  }
  fill(segments, rsegs, bus, size, boundary);
  track(Kind::dma_memory, memory, size, __builtin_return_address(0));
  return 0;
}

void bus_dmamem_free(bus_dma_tag_t tag, bus_dma_segment_t* segments, int nsegs) {
  const void* caller = __builtin_return_address(0);
  void* memory = nsegs > 0 ? tag->dma->from_bus(segments[0].ds_addr, 1) : nullptr;
  Run run{};
  {
    const std::scoped_lock lock(runs_mutex);
    const auto it = runs().find(memory);
    if (it != runs().end()) {
      run = it->second;
      runs().erase(it);
    }
  }
  if (run.size == 0) {
    violation(fmt::format("bus_dmamem_free: {:#x} was not allocated, or freed before",
                          nsegs > 0 ? segments[0].ds_addr : 0),
              caller);
  }
#ifdef PUPCI_DEBUG
  if (run.maps != 0) {
    violation(
        fmt::format("bus_dmamem_free: {} is still mapped (bus_dmamem_unmap)", fmt::ptr(memory)),
        caller);
  }
#endif
  untrack(Kind::dma_memory, memory);
  tag->dma->release(memory, run.size);
}

int bus_dmamem_map(bus_dma_tag_t tag, bus_dma_segment_t* segments, int nsegs, size_t size,
                   void** kvap, int /*flags*/) {
  void* memory = nsegs > 0 ? memory_of(tag, segments, nsegs, size) : nullptr;
  if (memory == nullptr) return EINVAL;
  const std::scoped_lock lock(runs_mutex);
  const auto it = runs().find(memory);
  if (it != runs().end() && it->second.maps++ == 0) {
    track(Kind::mapping, memory, size, __builtin_return_address(0));
  }
  *kvap = memory;
  return 0;
}

void bus_dmamem_unmap(bus_dma_tag_t, void* kva, size_t /*size*/) {
  const std::scoped_lock lock(runs_mutex);
  const auto it = runs().find(kva);
  if (it == runs().end()) return;  // a part of a run: not counted
  if (it->second.maps == 0) {
    violation(fmt::format("bus_dmamem_unmap: {} is not mapped", fmt::ptr(kva)),
              __builtin_return_address(0));
  }
  if (--it->second.maps == 0) untrack(Kind::mapping, kva);
}

paddr_t bus_dmamem_mmap(bus_dma_tag_t, bus_dma_segment_t* segments, int nsegs, off_t off,
                        int /*prot*/, int /*flags*/) {
  auto left = static_cast<std::uint64_t>(off);
  for (int i = 0; off >= 0 && i < nsegs; i++) {
    if (left < segments[i].ds_len) return atop(segments[i].ds_addr + left);
    left -= segments[i].ds_len;
  }
  return static_cast<paddr_t>(-1);
}
