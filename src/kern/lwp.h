// SPDX-License-Identifier: BSD-2-Clause
// The calling thread as the kernel API sees it: which context it is in, what it holds, and for
// which device it works. Every thread of the process has one, made at its first call.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "kern/api.h"
#include "netbsd/sys/types.h"

namespace pupci::kern {

enum class Context : std::uint8_t {
  thread,   // may sleep
  softint,  // softint(9), callout(9): may take adaptive locks, may not sleep for long (cv, kpause)
  interrupt,  // a handler of pci_intr_establish(9): no sleeping
};

}  // namespace pupci::kern

struct cpu_info;
struct kauth_cred;
extern "C" {
extern PUPCI_API struct proc proc0;
extern PUPCI_API struct cpu_info cpu_info_primary;
}

namespace pupci::kern {
class SleepQueue;  // sleepq.h
class Waiter;      // poll.h
}  // namespace pupci::kern

// NetBSD's own name. Drivers see the first members, under the names that sys/lwp.h has for them.
struct lwp {
  proc* process = &proc0;             // l_proc: the client of a cdevsw call, else the kernel's own
  cpu_info* cpu = &cpu_info_primary;  // l_cpu
  kauth_cred* credentials = nullptr;  // l_cred
  const char* name = "user";          // l_name
  lwpid_t lid = 0;                    // l_lid: positive

  pupci::kern::Context context = pupci::kern::Context::thread;
  int ipl = 0;                       // what spl*() recorded
  int spin_ipl = 0;                  // ipl before the outermost spin mutex
  unsigned spin_locks = 0;           // spin mutexes held
  unsigned kernel_locks = 0;         // depth of KERNEL_LOCK
  unsigned no_preempt = 0;           // depth of kpreempt_disable()
  unsigned section_depth = 0;        // see section.h
  std::atomic<unsigned> section{0};  // odd inside one
  device_t device = nullptr;         // for which device this thread works now, if known
  void* stack_base = nullptr;        // arena stack of a kernel thread, else null
  std::size_t stack_size = 0;
  static constexpr std::size_t max_held = 16;
  std::array<const void*, max_held> held{};  // mutexes held, newest last (PUPCI_DEBUG only)
  unsigned held_count = 0;
  int dup_fd = -1;  // l_dupfd: what an open function made instead
  // What it sleeps for (the wmesg of tsleep() and cv_init()), or null. For diagnostics of hangs.
  std::atomic<const char*> sleeping_for{nullptr};

  // Set for good by interrupt(): sleeps with PCATCH and cv_wait_sig end with EINTR.
  std::atomic<bool> interrupted{false};
  std::mutex sleep_mutex;                          // guards sleeping_on, waiting
  pupci::kern::Waiter* waiting = nullptr;          // for events of drivers
  pupci::kern::SleepQueue* sleeping_on = nullptr;  // interruptible sleeps only
};

namespace pupci::kern {

// The calling thread's lwp. Never null, no lock, no allocation after a thread's first call.
PUPCI_API lwp* current() noexcept;

// Makes `l` the calling thread's lwp, from the start of a kernel thread to its end.
void thread_begins(lwp* l) noexcept;
void thread_ends(lwp* l) noexcept;

// Ends the thread's sleep, if it can be interrupted, with EINTR, and every later one until
// `interrupted` is reset by its owner: its client has gone or a signal came. Any context; the
// caller sees to it that the thread does not end meanwhile.
PUPCI_API void interrupt(lwp* l) noexcept;

// For the time of a scope: this thread works in a context, for a device. At its end the level and
// the locks must be as they were; if they are not, the panic names `handler`, the driver function
// that ran, if given.
class PUPCI_API ContextScope {
 public:
  ContextScope(Context context, device_t device, int ipl, const void* handler = nullptr) noexcept;
  ~ContextScope();
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  const void* handler_;
  int entered_ipl_;
  unsigned spin_locks_;
  unsigned kernel_locks_;
  unsigned held_count_;
  Context context_;
  device_t device_;
  int ipl_;
};

}  // namespace pupci::kern
