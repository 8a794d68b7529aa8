// SPDX-License-Identifier: BSD-2-Clause
// What this process has mapped of a kernel elsewhere, and what it loses of that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "host/netbsd/kernel_socket.h"

namespace pupci::netbsd {

struct RemoteMapping {
  std::byte* base = nullptr;
  std::size_t size = 0;
  int fd = -1;              ///< of the kernel's, that was mapped
  std::int64_t offset = 0;  ///< there
  std::uint64_t file_offset = 0;
};

/// Thread-safe.
class Mappings {
 public:
  /// Held from the call to the kernel to add(), so that a mapping is not taken away in between.
  [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  /// With lock(). Throws std::bad_alloc.
  void add(const RemoteMapping& mapping) { list_.push_back(mapping); }
  /// Unmaps it and forgets it; null base when there is none of this address and size.
  RemoteMapping remove(void* base, std::size_t size) noexcept;
  /// Puts memory of this process in the place of what the kernel takes away, with what was there:
  /// whoever still uses it finds it, and reaches nothing any more.
  void revoke(const Revocation& what) noexcept;

 private:
  std::mutex mutex_;
  std::vector<RemoteMapping> list_;
};

}  // namespace pupci::netbsd
