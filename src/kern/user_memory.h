// SPDX-License-Identifier: BSD-2-Clause
// The user space that copyin(9) and its kin see: buffers of a client, at the addresses that the
// client calls them by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "kern/api.h"

// NetBSD's own name: uio_vmspace points to one. The kernel's own is vmspace_kernel().
struct PUPCI_API vmspace {
 public:
  struct Range {
    std::vector<std::byte> bytes;
    bool writable = true;
    bool written = false;  // by copyout
  };

  // Bytes at a user address. False when they overlap others, or wrap around.
  bool add(std::uintptr_t address, std::vector<std::byte> bytes, bool writable = true);
  [[nodiscard]] const std::map<std::uintptr_t, Range>& ranges() const { return ranges_; }

  // False if not all of it lies in one range, or that is not writable.
  bool copy_in(std::uintptr_t address, void* to, std::size_t size) const;
  bool copy_out(const void* from, std::uintptr_t address, std::size_t size);
  // How many bytes follow in the range of an address; 0 outside.
  [[nodiscard]] std::size_t bytes_from(std::uintptr_t address) const;

 private:
  std::map<std::uintptr_t, Range> ranges_;  // by address
};

namespace pupci::kern {

// For the time of a scope, this thread works for a client with this user space. Not used by two
// threads at a time.
class PUPCI_API UserScope {
 public:
  explicit UserScope(vmspace* space) noexcept;
  ~UserScope();
  UserScope(const UserScope&) = delete;
  UserScope& operator=(const UserScope&) = delete;

 private:
  vmspace* previous_;
};

// That of this thread's client; null without one.
PUPCI_API vmspace* current_user() noexcept;

}  // namespace pupci::kern
