// SPDX-License-Identifier: BSD-2-Clause
// The memory behind kmem(9), malloc(9) and pool(9): pages of the bus's arena, cut into size
// classes, with a cache in each thread.
//
// Beside each object, out of an overflow's reach, stands who allocated it, for which device and
// how large; so a double free, a wrong size and a leak are found in every build. In PUPCI_DEBUG
// objects end in a canary, freed ones are filled and reused late; under the address sanitizer they
// have red zones instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "kern/api.h"
#include "kern/track.h"
#include "pupci/dma.h"

namespace pupci::kern {

// Whose object it is: it must be freed by the functions that allocated it.
enum class Owner : std::uint8_t {
  nobody,  // free
  kmem,
  malloc,
  pool,
  idle,  // free in a pool: not reported as leaked
  uvm,
  kernel,  // the seam's own
};

// From now on memory comes from `dma`, which stays until heap_detach(). Objects from before (a
// private arena without a bus) stay valid and may be freed.
PUPCI_API void heap_attach(Dma* dma);
// Gives everything back to the attached Dma, leaked objects too. No thread may use them any more.
PUPCI_API void heap_detach() noexcept;

// At least 16-byte aligned; cache-line aligned from 64 bytes on, page-aligned from a page on, and
// to `alignment` (a power of two up to a page). Null when there is no memory. `size` is not 0.
// Never sleeps; any context.
PUPCI_API void* heap_allocate(std::size_t size, Owner owner, const void* caller, bool zero,
                              std::size_t alignment = 1) noexcept;

constexpr std::size_t any_size = SIZE_MAX;
// Ends with violation() unless `p` is a live object of `owner` with `size`. `function` is the name
// of the kernel function that the driver called.
PUPCI_API void heap_free(void* p, std::size_t size, Owner owner, const void* caller,
                         const char* function) noexcept;
// The size that was asked for; checks as heap_free().
PUPCI_API std::size_t heap_size(const void* p, Owner owner, const void* caller,
                                const char* function) noexcept;
// Hands an object over: to a pool's free list and back, each time with a new caller.
PUPCI_API void heap_change_owner(void* p, Owner from, Owner to, const void* caller,
                                 const char* function) noexcept;

// Where an address lies: inside which object, live or freed.
struct HeapObject {
  const void* start = nullptr;  // null: not in the heap
  std::size_t size = 0;         // as asked for
  Owner owner = Owner::nobody;
  const void* caller = nullptr;  // who allocated it, or freed it
};
PUPCI_API HeapObject heap_find(const void* address) noexcept;

// The bus address of a byte of the arena that kernel memory comes from, or nothing.
PUPCI_API std::optional<std::uint64_t> heap_bus_address(const void* p) noexcept;

// Whether the page at a bus address is of that arena.
PUPCI_API bool heap_has_bus_page(std::uint64_t bus) noexcept;

// Live objects, for leak reports.
PUPCI_API std::vector<Tracked> heap_objects_for(device_t device);
void heap_hand_over(device_t from, device_t to);
PUPCI_API std::vector<Tracked> heap_objects_in(const void* low, const void* high);
// Bytes in live objects and pages taken from the arena.
struct HeapUse {
  std::size_t objects;
  std::size_t bytes;
  std::size_t pages;
};
PUPCI_API HeapUse heap_use();

// Functions that give memory back when there is none, tried before an allocation that must not
// fail gives up. Called in thread context.
PUPCI_API void heap_on_shortage(void (*reclaim)());
PUPCI_API void heap_reclaim();

}  // namespace pupci::kern
