// SPDX-License-Identifier: BSD-2-Clause
// What a kmutex_t holds, for the parts of the kernel library that sleep with one as interlock.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "kern/lwp.h"
#include "netbsd/sys/mutex.h"

namespace pupci::kern {

struct Mutex {
  static constexpr std::uint32_t live = 0x6d757478;  // anything else was never initialised
  static constexpr std::uint32_t dead = 0x64656164;

  std::uint32_t magic;
  bool spin;
  std::uint8_t ipl;
  std::atomic<lwp*> owner;
  const void* created;   // return address of mutex_init(), to name it by
  pthread_mutex_t lock;  // POSIX's own, so that ThreadSanitizer sees the order of locks
};

inline Mutex* as_mutex(kmutex_t* m) noexcept {
  return reinterpret_cast<Mutex*>(m);
}
inline const Mutex* as_mutex(const kmutex_t* m) noexcept {
  return reinterpret_cast<const Mutex*>(m);
}

// mutex_enter() and mutex_exit() under the name of `what`, which the driver called.
void mutex_acquire(Mutex* m, const char* what, const void* caller) noexcept;
void mutex_release(Mutex* m, const char* what, const void* caller) noexcept;
// Panics unless this thread holds it.
void check_owned(const Mutex* m, const char* what, const void* caller) noexcept;

// " (mutex 0x... of edu_attach+0x1c (edu.c:231))" for the newest mutex held; empty in a release
// build.
std::string held_mutexes(const lwp& l);

}  // namespace pupci::kern
