// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/mappings.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace pupci::netbsd {
namespace {

void replace(std::byte* at, std::size_t size) noexcept {
  constexpr int access = PROT_READ | PROT_WRITE;
  constexpr int plain = MAP_PRIVATE | MAP_ANONYMOUS;
  void* copy = ::mmap(nullptr, size, access, plain, -1, 0);
  if (copy == MAP_FAILED) {
    ::mmap(at, size, PROT_NONE, plain | MAP_FIXED | MAP_NORESERVE, -1, 0);
    return;
  }
  std::memcpy(copy, at, size);
  ::mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, at);
}

}  // namespace

RemoteMapping Mappings::remove(void* base, std::size_t size) noexcept {
  const std::scoped_lock lock(mutex_);
  for (auto it = list_.begin(); it != list_.end(); ++it) {
    if (it->base != base || it->size != size) continue;
    const RemoteMapping found = *it;
    list_.erase(it);
    ::munmap(base, size);
    return found;
  }
  return {};
}

void Mappings::revoke(const Revocation& what) noexcept {
  const std::scoped_lock lock(mutex_);
  for (const RemoteMapping& each : list_) {
    const std::uint64_t begin = std::max(each.file_offset, what.offset);
    const std::uint64_t end =
        std::min(each.file_offset + each.size, what.offset + std::min(what.size, ~what.offset));
    if (begin < end) replace(each.base + (begin - each.file_offset), end - begin);
  }
}

}  // namespace pupci::netbsd
