// SPDX-License-Identifier: BSD-2-Clause
// The calling thread as the kernel API sees it: which context it is in, what it holds, and for
// which device it works. Every thread of the process has one, made at its first call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kern/api.h"
#include "netbsd/sys/types.h"

namespace pupci::kern {

enum class Context : std::uint8_t {
  thread,   // may sleep
  softint,  // softint(9), callout(9): may take adaptive locks, may not sleep for long (cv, kpause)
  interrupt,  // a handler of pci_intr_establish(9): no sleeping
};

}  // namespace pupci::kern

// NetBSD's own name: drivers hold lwp_t * and never look inside.
struct lwp {
  const char* name = "user";
  pupci::kern::Context context = pupci::kern::Context::thread;
  int ipl = 0;                 // what spl*() recorded
  unsigned spin_locks = 0;     // spin mutexes held
  unsigned kernel_locks = 0;   // depth of KERNEL_LOCK
  device_t device = nullptr;   // for which device this thread works now, if known
  proc* process = nullptr;     // client of a cdevsw call, else the kernel's own
  void* stack_base = nullptr;  // arena stack of a kernel thread, else null
  std::size_t stack_size = 0;
  static constexpr std::size_t max_held = 16;
  std::array<const void*, max_held> held{};  // locks held, newest last (PUPCI_DEBUG only)
  unsigned held_count = 0;
  // Set when a sleep with PCATCH or cv_wait_sig must end with EINTR (its client has gone).
  bool interrupted = false;
};

namespace pupci::kern {

// The calling thread's lwp. Never null, no lock, no allocation after a thread's first call.
PUPCI_API lwp* current() noexcept;

// For the time of a scope: this thread works in a context, for a device.
class PUPCI_API ContextScope {
 public:
  ContextScope(Context context, device_t device, int ipl) noexcept;
  ~ContextScope();
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  Context context_;
  device_t device_;
  int ipl_;
};

}  // namespace pupci::kern
