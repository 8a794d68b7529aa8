// SPDX-License-Identifier: BSD-2-Clause
// The user space that copyin(9) and its kin see: buffers of a client, at the addresses that the
// client calls them by.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "kern/api.h"

// NetBSD's own name: uio_vmspace points to one. The kernel's own is vmspace_kernel(). This one is
// of buffers; a client that has a memory of its own makes another of it.
struct PUPCI_API vmspace {
 public:
  vmspace() = default;
  vmspace(const vmspace&) = default;
  vmspace& operator=(const vmspace&) = default;
  virtual ~vmspace();

  struct Range {
    std::vector<std::byte> bytes;
    bool writable = true;
    bool written = false;  // by copyout
  };

  // Bytes at a user address. False when they overlap others, or wrap around.
  bool add(std::uintptr_t address, std::vector<std::byte> bytes, bool writable = true);
  [[nodiscard]] const std::map<std::uintptr_t, Range>& ranges() const { return ranges_; }

  // False if not all of it lies in one range, or that is not writable.
  virtual bool copy_in(std::uintptr_t address, void* to, std::size_t size) const;
  virtual bool copy_out(const void* from, std::uintptr_t address, std::size_t size);
  // How many bytes can be read from an address on, at least; 0 when it cannot be read.
  [[nodiscard]] virtual std::size_t bytes_from(std::uintptr_t address) const;
  [[nodiscard]] virtual bool accessible(std::uintptr_t address, std::size_t size, bool write) const;

  // uvm_vslock(), uvm_vsunlock(): false when it is not accessible, or was not wired.
  bool wire(std::uintptr_t address, std::size_t size, bool write);
  bool unwire(std::uintptr_t address, std::size_t size);

  // References, of which the maker has one. release(): true for the last.
  void hold() noexcept { references_.count.fetch_add(1, std::memory_order_relaxed); }
  bool release() noexcept { return references_.count.fetch_sub(1, std::memory_order_acq_rel) == 1; }

 private:
  // What a copy does not take along.
  struct References {
    References() = default;
    References(const References& /*other*/) noexcept {}
    References& operator=(const References& /*other*/) noexcept { return *this; }
    std::atomic<unsigned> count{1};
  };
  struct Wired {
    Wired() = default;
    Wired(const Wired& /*other*/) noexcept {}
    Wired& operator=(const Wired& /*other*/) noexcept { return *this; }
    std::mutex mutex;
    std::multiset<std::pair<std::uintptr_t, std::size_t>> ranges;
  };

  std::map<std::uintptr_t, Range> ranges_;  // by address
  References references_;
  Wired wired_;
};

namespace pupci::kern {

// One that drivers may refer to for longer than its maker does.
struct ReleaseSpace {
  void operator()(vmspace* space) const noexcept {
    if (space->release()) delete space;
  }
};
using SpaceHandle = std::unique_ptr<vmspace, ReleaseSpace>;

// For the time of a scope, this thread works for a client with this user space, which is that of
// curproc too, unless that is the kernel's own.
class PUPCI_API UserScope {
 public:
  explicit UserScope(vmspace* space) noexcept;
  ~UserScope();
  UserScope(const UserScope&) = delete;
  UserScope& operator=(const UserScope&) = delete;

 private:
  vmspace* previous_;
  vmspace* of_process_;
};

// That of this thread's client; null without one.
PUPCI_API vmspace* current_user() noexcept;

}  // namespace pupci::kern
