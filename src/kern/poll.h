// SPDX-License-Identifier: BSD-2-Clause
// Waiting for devices, for the control server: what poll(2) and kevent(2) are in a kernel.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "kern/api.h"
#include "netbsd/sys/event.h"
#include "netbsd/sys/types.h"

namespace pupci::kern {

// One who waits. Woken by selnotify(9) and knote(9).
class PUPCI_API Waiter {
 public:
  Waiter() = default;
  ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  void wake() noexcept;    // any context
  void cancel() noexcept;  // every wait ends now, and from now on
  [[nodiscard]] bool cancelled() noexcept;
  // Gives up the kernel lock meanwhile. False when the time was over before it was woken.
  bool wait(std::optional<std::chrono::steady_clock::time_point> deadline) noexcept;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool cancelled_ = false;
};

// The events that a device has of those asked for (POLLIN, POLLOUT, ...), as soon as it has any; 0
// when the time was over or the waiter was cancelled. Nothing: for ever.
PUPCI_API int poll_device(dev_t dev, int events, std::optional<std::chrono::milliseconds> timeout,
                          Waiter& waiter);

// A queue of events of devices, as kqueue(2) makes one.
class PUPCI_API EventQueue {
 public:
  EventQueue();
  ~EventQueue();  // detaches all
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  // EVFILT_READ, EVFILT_WRITE or whatever the driver knows. flags: EV_CLEAR, EV_ONESHOT. 0, or the
  // errno of the driver (EINVAL: it does not know the filter); EEXIST when it is there already.
  int add(dev_t dev, std::uint32_t filter, std::uint32_t flags, std::uint32_t fflags,
          std::int64_t data, void* udata);
  int remove(dev_t dev, std::uint32_t filter);  // ENOENT
  // What is active now, at most `count`; waits for the first one as poll_device() does.
  std::vector<struct kevent> wait(std::size_t count,
                                  std::optional<std::chrono::milliseconds> timeout, Waiter& waiter);

  struct Note;
  void activate(Note& note) noexcept;  // from knote(9)

 private:
  std::vector<struct kevent> collect(std::size_t count);
  void detach(std::unique_ptr<Note> note);

  std::mutex mutex_;
  std::vector<std::unique_ptr<Note>> notes_;
  Waiter* waiting_ = nullptr;
};

}  // namespace pupci::kern
