// SPDX-License-Identifier: BSD-2-Clause
// Waiting for drivers, for their clients: what poll(2) and kevent(2) are in a kernel.
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

// What can be waited for: a device, a file that a driver made.
class PUPCI_API EventSource {
 public:
  EventSource() = default;
  virtual ~EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;

  // The driver's poll and kqfilter functions.
  virtual int poll_events(int events) = 0;
  virtual int attach_filter(knote* kn) = 0;
};

// The events that a source has of those asked for (POLLIN, POLLOUT, ...), as soon as it has any; 0
// when the time was over or the waiter was cancelled. Nothing: for ever.
PUPCI_API int poll_source(EventSource& source, int events,
                          std::optional<std::chrono::milliseconds> timeout, Waiter& waiter);

// A queue of events, as kqueue(2) makes one. Any number of threads.
class PUPCI_API EventQueue {
 public:
  EventQueue();
  ~EventQueue();  // detaches all
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  // EVFILT_READ, EVFILT_WRITE or whatever the driver knows; `ident` is what its events call it by.
  // flags: EV_CLEAR, EV_ONESHOT. 0, or the errno of the driver (EINVAL: it does not know the
  // filter); EEXIST when it is there already. The source lives until it is removed, or told of by
  // source_closed().
  int add(EventSource& source, std::uintptr_t ident, std::uint32_t filter, std::uint32_t flags,
          std::uint32_t fflags, std::int64_t data, void* udata);
  int remove(EventSource& source, std::uint32_t filter);  // ENOENT
  // Nothing comes from it any more; when it has gone by itself, EV_EOF is its last event.
  void source_closed(EventSource& source, bool gone);
  // What is active now, at most `count`; waits for the first one as poll_source() does.
  std::vector<struct kevent> wait(std::size_t count,
                                  std::optional<std::chrono::milliseconds> timeout, Waiter& waiter);

  // Its waits end without an event, now and from now on.
  void end() noexcept;

  struct Note;
  void activate(Note& note) noexcept;  // from knote(9)

 private:
  using Notes = std::vector<std::shared_ptr<Note>>;
  std::vector<struct kevent> collect(std::size_t count);
  static void detach(Note& note, bool gone);
  // Takes out those of `source`, or all; mutex_ not held.
  Notes take(const EventSource* source, std::optional<std::uint32_t> filter);

  std::mutex mutex_;
  Notes notes_;
  std::vector<Waiter*> waiting_;
  bool ended_ = false;
};

}  // namespace pupci::kern
