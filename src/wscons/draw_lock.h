// SPDX-License-Identifier: BSD-2-Clause
// Who draws on a display: one thread at a time, and that thread as deep as it likes, since a
// driver's drawing function may print a message that is drawn on the same display.
#pragma once

#include <atomic>
#include <mutex>

struct lwp;

namespace pupci::wscons {

class DrawLock {
 public:
  // Any context. As with mutex(9), who waits lets go of the kernel lock meanwhile.
  void lock() noexcept;
  void unlock() noexcept;

  // While polling, which is for the last words of a kernel, nobody waits: a thread that finds the
  // lock taken, perhaps by one that will never go on, draws all the same.
  void set_polling(bool on) noexcept { polling_.store(on, std::memory_order_relaxed); }

 private:
  void wait(lwp* self) noexcept;

  std::mutex mutex_;
  std::atomic<lwp*> owner_{nullptr};
  unsigned depth_ = 0;                  // of the owner
  std::atomic<unsigned> intruders_{0};  // threads that draw without it
  std::atomic<bool> polling_{false};
};

}  // namespace pupci::wscons
