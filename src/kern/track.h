// SPDX-License-Identifier: BSD-2-Clause
// Who holds what: every resource that the kernel API hands to a driver is on this list from its
// creation to its end, with the driver's return address and the device for which it was made, so
// that what is left at detach can be named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kern/api.h"
#include "netbsd/sys/types.h"

namespace pupci::kern {

enum class Kind : std::uint8_t {
  memory,      // kmem, malloc
  pool,        // pool and pool_cache, and items taken from them
  dma_map,     // bus_dmamap_create
  dma_memory,  // bus_dmamem_alloc
  dma_tag,     // bus_dmatag_subregion
  mapping,     // bus_space_map, pci_mapreg_map
  interrupt,   // pci_intr_establish
  vectors,     // pci_intr_alloc
  callout,
  softint,
  workqueue,
  threadpool,
  thread,
  mutex,
  condvar,
  rwlock,
  evcnt,
  sysctl,
  devsw,
  percpu,
  selinfo,
  other,
};
PUPCI_API const char* to_string(Kind kind) noexcept;  // "memory", "DMA map", ...

struct Tracked {
  Kind kind;
  const void* object;
  std::size_t size;    // bytes, or 0
  const void* caller;  // return address in the driver
  device_t device;     // current()->device at creation, or null
};

// `object` may be tracked once per kind. Thread-safe, sharded by address.
PUPCI_API void track(Kind kind, const void* object, std::size_t size, const void* caller) noexcept;
// False if it was not tracked: the caller then reports a double free.
PUPCI_API bool untrack(Kind kind, const void* object) noexcept;

PUPCI_API std::vector<Tracked> tracked_for(device_t device);
// What is one's is another's from now on.
void track_hand_over(device_t from, device_t to);
// All whose caller lies in [low, high): the text of a driver.
PUPCI_API std::vector<Tracked> tracked_in(const void* low, const void* high);

}  // namespace pupci::kern
