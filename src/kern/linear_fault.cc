// SPDX-License-Identifier: BSD-2-Clause
#include "kern/linear_fault.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/eventfd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <optional>
#include <system_error>

#include "host/fd.h"
#include "os/fault.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

std::mutex mutex;
std::atomic<pthread_t> holder{};
std::atomic<bool> is_held{false};

struct Slot {
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::uintptr_t> end{0};
  std::atomic<Shadow*> shadow{nullptr};
};
std::array<Slot, most_shadows> slots;

// A fault's pages to be fetched by a thread, as a signal handler must not: to talk to a host takes
// memory and stack. One at a time, of the handler that holds the lock, which stands for both.
struct Errand {
  sem_t wanted{};
  sem_t done{};
  Shadow* shadow = nullptr;  // null: the thread shall end
  std::size_t first = 0;
  std::size_t count = 0;
};
Errand errand;

// Wakes the thread that flushes; guarded by the lock, but the descriptors. These are never
// destroyed: a driver that was not detached leaves the thread to wait on them when the process
// exits.
Fd& wake = *new Fd;
Fd& stop = *new Fd;
bool flush_is_due = false;
constexpr int frame_ms = 16;

struct sigaction previous;

void wait(sem_t& semaphore) noexcept {
  while (::sem_wait(&semaphore) != 0) continue;  // EINTR
}

void send_for(Shadow& shadow, std::size_t first, std::size_t count) noexcept {
  errand.shadow = &shadow;
  errand.first = first;
  errand.count = count;
  ::sem_post(&errand.wanted);
  wait(errand.done);
}

bool serve(std::uintptr_t address, std::optional<bool> write) noexcept {
  for (Slot& slot : slots) {
    const std::uintptr_t begin = slot.begin.load(std::memory_order_acquire);
    if (begin == 0 || address < begin || address >= slot.end.load(std::memory_order_acquire)) {
      continue;
    }
    if (LinearLock::held_here()) return false;
    const LinearLock lock;
    Shadow* shadow = slot.shadow.load(std::memory_order_acquire);
    if (shadow == nullptr || reinterpret_cast<std::uintptr_t>(shadow->view()) != begin) {
      return false;
    }
    shadow->fault(address - begin, write, send_for);
    if (shadow->dirty() && !flush_is_due) {
      flush_is_due = true;
      ::eventfd_write(wake.get(), 1);
    }
    return true;
  }
  return false;
}

void hand_on(int number, siginfo_t* info, void* context) noexcept {
  ::pthread_sigmask(SIG_BLOCK, &previous.sa_mask, nullptr);
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(number, info, context);
  } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    ::signal(number, SIG_DFL);  // and the access is made again
  } else {
    previous.sa_handler(number);
  }
}

void on_fault(int number, siginfo_t* info, void* context) {
  const int error = errno;
  const bool by_protection = info->si_code == SEGV_ACCERR;
  if (!by_protection ||
      !serve(reinterpret_cast<std::uintptr_t>(info->si_addr), os::faulted_by_write(context))) {
    hand_on(number, info, context);
  }
  errno = error;
}

void install_handler() {
  struct sigaction current{};
  ::sigaction(SIGSEGV, nullptr, &current);
  if ((current.sa_flags & SA_SIGINFO) != 0 && current.sa_sigaction == on_fault) return;
  previous = current;
  struct sigaction action{};
  action.sa_sigaction = on_fault;
  // A stack that ran over is the next handler's, which needs another one.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGSEGV, &action, nullptr);
}

Fd event() {
  Fd fd(::eventfd(0, EFD_CLOEXEC));
  if (!fd) throw Error(errno, "eventfd: " + std::generic_category().message(errno));
  return fd;
}

// No signal of the program's is for the threads.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

void linear_lock() noexcept {
  mutex.lock();
  holder.store(pthread_self(), std::memory_order_relaxed);
  is_held.store(true, std::memory_order_release);
}

void linear_unlock() noexcept {
  is_held.store(false, std::memory_order_relaxed);
  mutex.unlock();
}

bool LinearLock::held_here() noexcept {
  // Whoever sees that it is held sees by whom: it was not this thread that let go of it before.
  return is_held.load(std::memory_order_acquire) &&
         pthread_equal(holder.load(std::memory_order_relaxed), pthread_self()) != 0;
}

Shadow* linear_shadow(std::size_t index) noexcept {
  return slots[index].shadow.load(std::memory_order_relaxed);
}

void linear_watch(Shadow& shadow) {
  for (Slot& slot : slots) {
    if (slot.shadow.load(std::memory_order_relaxed) != nullptr) continue;
    const auto begin = reinterpret_cast<std::uintptr_t>(shadow.view());
    slot.shadow.store(&shadow, std::memory_order_release);
    slot.end.store(begin + shadow.size(), std::memory_order_release);
    slot.begin.store(begin, std::memory_order_release);
    linear_shadows.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  throw Error(ENOMEM, "too many linear mappings at a time");
}

void linear_unwatch(const Shadow& shadow) noexcept {
  for (Slot& slot : slots) {
    if (slot.shadow.load(std::memory_order_relaxed) != &shadow) continue;
    slot.begin.store(0, std::memory_order_release);
    slot.end.store(0, std::memory_order_release);
    slot.shadow.store(nullptr, std::memory_order_release);
    linear_shadows.fetch_sub(1, std::memory_order_relaxed);
  }
}

LinearService::LinearService() {
  wake = event();
  stop = event();
  flush_is_due = false;
  ::sem_init(&errand.wanted, 0, 0);
  ::sem_init(&errand.done, 0, 0);
  install_handler();
  const SignalsBlocked blocked;
  fetcher_ = std::thread([this] { fetch_for_faults(); });
  flusher_ = std::thread([this] { flush_in_time(); });
}

LinearService::~LinearService() {
  ::eventfd_write(stop.get(), 1);
  flusher_.join();
  errand.shadow = nullptr;
  ::sem_post(&errand.wanted);
  fetcher_.join();
}

void LinearService::fetch_for_faults() noexcept {
  for (;;) {
    wait(errand.wanted);
    if (errand.shadow == nullptr) return;
    errand.shadow->fetch(errand.first, errand.count);
    ::sem_post(&errand.done);
  }
}

void LinearService::flush_in_time() noexcept {
  std::array<pollfd, 2> waiting{{{stop.get(), POLLIN, 0}, {wake.get(), POLLIN, 0}}};
  for (;;) {
    ::poll(waiting.data(), 2, -1);
    // A frame's worth is gathered, unless it ends.
    if (waiting[0].revents != 0 || ::poll(waiting.data(), 1, frame_ms) > 0) return;
    if (waiting[1].revents == 0) continue;
    eventfd_t ignored = 0;
    ::eventfd_read(wake.get(), &ignored);
    const LinearLock lock;
    flush_is_due = false;
    linear_each([](Shadow& shadow) { shadow.flush(); });
  }
}

}  // namespace pupci::kern
