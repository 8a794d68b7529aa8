// SPDX-License-Identifier: BSD-2-Clause
// The one thread that all terminals live in: it reads programs' output, draws, and takes keys.
// There is one as long as somebody holds it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "host/fd.h"
#include "kern/thread.h"

namespace pupci::wscons {

// Something that is drawn from time to time. Called in the service's thread, without locks.
class Drawable {
 public:
  virtual ~Drawable() = default;
  [[nodiscard]] virtual bool wants_drawing() = 0;
  virtual void draw() = 0;
};

class Service {
 public:
  // Between two drawings of what comes without end, at least; the first is drawn at once.
  static constexpr std::chrono::milliseconds frame_time{16};

  // The one there is, or a new one. Throws pupci::Error when there is no memory for the thread.
  static std::shared_ptr<Service> get();
  Service();
  ~Service();  // what was posted has run
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Runs `work` in the thread, in order. Any context; after the thread's end it does nothing.
  void post(std::function<void()> work);
  // And waits for it; whoever holds the kernel lock gives it up meanwhile. At once if this is the
  // thread.
  void call(const std::function<void()>& work);

  // Only in the thread. `ready` is called when there is something to read, or the end, or, while
  // `writes` says that it is wanted, room to write.
  void watch(int fd, std::function<void()> ready, std::function<bool()> writes);
  void unwatch(int fd);
  void add(Drawable* drawable);
  void remove(Drawable* drawable);

 private:
  using Clock = std::chrono::steady_clock;
  void run();
  bool run_posted();
  void run_ready();
  int draw();  // milliseconds to the next drawing, or -1
  void wait(int timeout);
  [[nodiscard]] bool in_thread() noexcept;

  Fd wake_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  bool stop_ = false;
  struct Watched {
    std::function<void()> ready;
    std::function<bool()> writes;
  };
  std::map<int, Watched> watched_;
  std::vector<int> ready_;
  std::vector<Drawable*> drawables_;
  Clock::time_point next_frame_{};
  std::unique_ptr<kern::Thread> thread_;
};

}  // namespace pupci::wscons
