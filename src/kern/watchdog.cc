// SPDX-License-Identifier: BSD-2-Clause
#include "kern/watchdog.h"

#include <fmt/core.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "kern/loader.h"
#include "kern/symbolize.h"
#include "os/fault.h"

namespace pupci::kern {
namespace {

using Clock = std::chrono::steady_clock;

struct Entry {
  std::string device;
  const char* what;
  pthread_t thread;
  Clock::time_point since;
  bool reported = false;
};

// Backtraces of other threads: the signal's handler leaves the frames here.
struct Sampler {
  static constexpr std::size_t max_frames = 64;
  std::array<const void*, max_frames> frames{};
  std::size_t first = 0;
  std::atomic<std::size_t> count{0};
  sem_t done{};
};

Sampler& sampler() {
  static auto& the_sampler = *new Sampler;
  return the_sampler;
}

int sample_signal() {
  return SIGRTMIN + 5;
}

_Unwind_Reason_Code collect(struct _Unwind_Context* context, void* count) {
  auto& n = *static_cast<std::size_t*>(count);
  if (n == Sampler::max_frames) return _URC_END_OF_STACK;
  sampler().frames[n++] = reinterpret_cast<const void*>(_Unwind_GetIP(context));
  return _URC_NO_REASON;
}

// The frames of the signal come first.
void on_sample(int /*signal*/, siginfo_t* /*info*/, void* context) {
  Sampler& s = sampler();
  std::size_t count = 0;
  _Unwind_Backtrace(collect, &count);
  const auto* const begin = s.frames.begin();
  const auto* const end = begin + count;
  const auto* const interrupted = std::find(begin, end, os::program_counter(context));
  s.first = static_cast<std::size_t>((interrupted == end ? begin : interrupted) - begin);
  s.count.store(count);
  sem_post(&s.done);
}

void prepare_sampler() {
  static std::once_flag once;
  std::call_once(once, [] {
    sem_init(&sampler().done, 0, 0);
    symbolize_warm(nullptr);  // loads what the handler needs
    struct sigaction action{};
    action.sa_sigaction = on_sample;
    action.sa_flags = SA_RESTART | SA_SIGINFO;
    sigaction(sample_signal(), &action, nullptr);
  });
}

// Program counters of a thread, innermost first; empty when it does not answer within a second.
std::vector<const void*> sample(pthread_t thread) {
  Sampler& s = sampler();
  while (sem_trywait(&s.done) == 0) {  // an answer that came too late the last time
  }
  if (pthread_kill(thread, sample_signal()) != 0) return {};
  timespec deadline{};
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 1;
  while (sem_timedwait(&s.done, &deadline) != 0) {
    if (errno != EINTR) return {};
  }
  const std::size_t count = s.count.load();
  return std::vector<const void*>(s.frames.begin() + s.first, s.frames.begin() + count);
}

class Watchdog {
 public:
  void push(std::string device, const char* what) {
    const std::scoped_lock lock(mutex_);
    entries_.push_back(Entry{std::move(device), what, pthread_self(), Clock::now()});
    changed_.notify_all();
  }

  void pop() {
    const std::scoped_lock lock(mutex_);
    auto mine = innermost(pthread_self());
    entries_.erase(std::next(mine).base());
    mine = innermost(pthread_self());
    if (mine != entries_.rend()) mine->since = Clock::now();
    changed_.notify_all();
  }

  void watch(std::chrono::milliseconds limit, std::function<void(const Hang&)> handler) {
    stop();
    if (limit.count() <= 0) return;
    prepare_sampler();
    limit_ = limit;
    handler_ = std::move(handler);
    stopping_ = false;
    thread_ = std::thread([this] { run(); });
  }

 private:
  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  std::list<Entry>::reverse_iterator innermost(pthread_t thread) {
    auto it = entries_.rbegin();
    while (it != entries_.rend() && pthread_equal(it->thread, thread) == 0) ++it;
    return it;
  }

  // The innermost activity that is due next, if any is watched.
  Entry* next_due() {
    Entry* next = nullptr;
    for (Entry& entry : entries_) {
      if (entry.reported || &*innermost(entry.thread) != &entry) continue;
      if (next == nullptr || entry.since < next->since) next = &entry;
    }
    return next;
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      Entry* entry = next_due();
      if (entry == nullptr) {
        changed_.wait(lock);
      } else if (const auto due = entry->since + limit_; Clock::now() < due) {
        changed_.wait_until(lock, due);
      } else {
        entry->reported = true;
        // The thread cannot end while its activity lasts, and that needs the mutex to end.
        const Hang hang = describe(*entry);
        lock.unlock();
        report(hang);
        lock.lock();
      }
    }
  }

  static Hang describe(const Entry& entry) {
    Hang hang{entry.device,
              entry.what,
              std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - entry.since),
              {},
              {}};
    for (const void* pc : sample(entry.thread)) {
      const std::string symbol = symbolize(pc);
      if (hang.function.empty() && driver_at(pc) != nullptr) hang.function = symbol;
      hang.backtrace.push_back(fmt::format("#{} {}", hang.backtrace.size(), symbol));
    }
    return hang;
  }

  void report(const Hang& hang) const {
    if (handler_) {
      handler_(hang);
      return;
    }
    std::string text = "pupci: " + to_string(hang) + "\n";
    for (const std::string& line : hang.backtrace) text += line + "\n";
    std::fputs(text.c_str(), stderr);
    std::fflush(nullptr);
    _exit(3);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Entry> entries_;  // oldest first
  std::chrono::milliseconds limit_{0};
  std::function<void(const Hang&)> handler_;
  bool stopping_ = false;
  std::thread thread_;
};

Watchdog& watchdog() {
  static auto& the_watchdog = *new Watchdog;
  return the_watchdog;
}

}  // namespace

Activity::Activity(std::string device, const char* what) {
  watchdog().push(std::move(device), what);
}

Activity::~Activity() {
  watchdog().pop();
}

std::string to_string(const Hang& hang) {
  return fmt::format("{}: {} has not ended after {:.1f} s{}", hang.device, hang.what,
                     static_cast<double>(hang.duration.count()) / 1000,
                     hang.function.empty() ? "" : ", in " + hang.function);
}

void set_attach_timeout(std::chrono::milliseconds limit, std::function<void(const Hang&)> handler) {
  watchdog().watch(limit, std::move(handler));
}

}  // namespace pupci::kern
