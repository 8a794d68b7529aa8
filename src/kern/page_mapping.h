// SPDX-License-Identifier: BSD-2-Clause
// Which pages clients have mapped, so that they can be taken away: the other side of pmap(9)'s
// pmap_page_protect() and pmap_pv_protect(). Physical addresses are bus addresses here.
#pragma once

#include <cstdint>
#include <memory>

#include "kern/api.h"

namespace pupci::kern {

// A client with pages of devices or of the arena in its address space.
class PUPCI_API PageClient {
 public:
  PageClient() = default;
  virtual ~PageClient() = default;
  PageClient(const PageClient&) = delete;
  PageClient& operator=(const PageClient&) = delete;

  // Takes [address, address + size) from the client: whole pages that it has mapped. Returns when
  // it cannot reach them any more, or when all that can be done about it has been. May sleep.
  virtual void revoke(std::uint64_t address, std::uint64_t size) noexcept = 0;
};

// Whole pages. A driver may take pages away between its answer that they may be mapped and this; so
// who maps asks it again afterwards.
PUPCI_API void mapping_enter(const std::shared_ptr<PageClient>& client, std::uint64_t address,
                             std::uint64_t size);
// One entered mapping of that range, or what is left of it.
PUPCI_API void mapping_remove(const PageClient& client, std::uint64_t address, std::uint64_t size);
PUPCI_API void mapping_remove_all(const PageClient& client);
// Takes the range from all who have it mapped; the kernel lock is given up meanwhile.
PUPCI_API void mapping_revoke(std::uint64_t address, std::uint64_t size);

}  // namespace pupci::kern
