// SPDX-License-Identifier: BSD-2-Clause
// From a readable descriptor to the handlers of a driver. One thread waits for the vectors of a
// function, or for one INTx line, and calls their handlers itself.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kern/api.h"
#include "kern/thread.h"
#include "netbsd/sys/evcnt.h"
#include "netbsd/sys/types.h"
#include "os/poller.h"
#include "pupci/interrupt.h"

namespace pupci::kern {

using InterruptFunction = int (*)(void*);

// One pci_intr_establish().
struct Handler {
  InterruptFunction function;
  void* argument;
  int ipl;
  bool mpsafe;
  std::string name;  // of the device
  device_t device;
};

class Dispatcher;

// A vector or a line, with the handlers that share it. Thread-safe.
class InterruptSource {
 public:
  // "msix0", "vec 3"; "ioapic0", "pin 23".
  InterruptSource(std::shared_ptr<Interrupt> interrupt, std::string group, std::string name);
  ~InterruptSource();
  InterruptSource(const InterruptSource&) = delete;
  InterruptSource& operator=(const InterruptSource&) = delete;

  // Appends to the chain; the first one unmasks.
  void add(std::shared_ptr<Handler> handler);
  // Returns when the handler runs no more; false if it was not there. The last one masks. Gives up
  // the kernel lock while it waits. A violation from within a handler of this source.
  bool remove(const Handler* handler, const void* caller);

  // For the dispatcher: takes what is signalled, calls the chain, acknowledges.
  void service() noexcept;

  [[nodiscard]] Interrupt& interrupt() noexcept { return *interrupt_; }
  [[nodiscard]] const evcnt* counter() const noexcept { return &counter_; }
  [[nodiscard]] std::string title() const { return group_ + " " + name_; }
  [[nodiscard]] bool empty() const;

 private:
  using Chain = std::vector<std::shared_ptr<Handler>>;

  [[nodiscard]] bool call_all(const Chain& chain) noexcept;
  void count_unclaimed(const Chain& chain) noexcept;

  const std::shared_ptr<Interrupt> interrupt_;
  const std::string group_;
  const std::string name_;
  evcnt counter_{};

  mutable std::mutex mutex_;
  std::condition_variable served_;
  std::shared_ptr<const Chain> chain_ = std::make_shared<const Chain>();
  bool in_service_ = false;
  std::uint64_t services_ = 0;
  std::atomic<unsigned> unclaimed_{0};  // in a row
};

// The thread and what it waits for.
class Dispatcher {
 public:
  // Throws pupci::Error.
  explicit Dispatcher(const std::string& name);
  ~Dispatcher();  // waits for the thread
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  void add(const std::shared_ptr<InterruptSource>& source);
  void remove(const InterruptSource& source) noexcept;

 private:
  void run() noexcept;
  std::shared_ptr<InterruptSource> find(int fd);

  os::Poller poller_;
  Fd wake_;
  std::mutex mutex_;
  std::map<int, std::shared_ptr<InterruptSource>> sources_;  // by descriptor
  std::unique_ptr<Thread> thread_;
};

}  // namespace pupci::kern
