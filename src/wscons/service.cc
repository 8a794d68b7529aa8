// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/service.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <system_error>

#include "kern/klock.h"
#include "kern/lwp.h"
#include "pupci/error.h"

namespace pupci::wscons {

namespace {

constexpr std::chrono::milliseconds longest_pause{250};

}  // namespace

std::shared_ptr<Service> Service::get() {
  static std::mutex mutex;
  static auto& the = *new std::weak_ptr<Service>;
  const std::scoped_lock lock(mutex);
  auto service = the.lock();
  if (!service) the = service = std::make_shared<Service>();
  return service;
}

Service::Service() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_.get() < 0)
    throw Error(errno, fmt::format("eventfd: {}", std::generic_category().message(errno)));
  thread_ = std::make_unique<kern::Thread>("wsdisplay", [this] { run(); });
}

Service::~Service() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  const unsigned locks = kern::kernel_unlock_all();
  thread_->join();
  kern::kernel_lock(locks);
}

bool Service::in_thread() noexcept {
  return kern::current() == thread_->thread();
}

void Service::post(std::function<void()> work) {
  {
    const std::scoped_lock lock(mutex_);
    if (stop_) return;
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;  // it was woken already
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void Service::call(const std::function<void()>& work) {
  if (in_thread()) {
    work();
    return;
  }
  std::mutex mutex;
  std::condition_variable condition;
  bool done = false;
  post([&] {
    work();
    const std::scoped_lock lock(mutex);
    done = true;
    condition.notify_one();
  });
  const unsigned locks = kern::kernel_unlock_all();
  {
    std::unique_lock lock(mutex);
    condition.wait(lock, [&] { return done; });
  }
  kern::kernel_lock(locks);
}

void Service::watch(int fd, std::function<void()> ready, std::function<bool()> writes) {
  watched_[fd] = {std::move(ready), std::move(writes)};
}

void Service::unwatch(int fd) {
  watched_.erase(fd);
}

void Service::add(Drawable* drawable) {
  drawables_.push_back(drawable);
}

void Service::remove(Drawable* drawable) {
  std::erase(drawables_, drawable);
}

void Service::run() {
  int timeout = 0;
  while (true) {
    wait(timeout);
    const bool stopping = !run_posted();
    run_ready();
    timeout = draw();
    if (stopping) return;
  }
}

void Service::wait(int timeout) {
  std::vector<pollfd> polled{{wake_.get(), POLLIN, 0}};
  for (const auto& [fd, watched] : watched_) {
    const bool writes = watched.writes && watched.writes();
    polled.push_back({fd, static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0});
  }
  ready_.clear();
  if (::poll(polled.data(), polled.size(), timeout) <= 0) return;
  for (std::size_t i = 1; i < polled.size(); i++) {
    if (polled[i].revents != 0) ready_.push_back(polled[i].fd);
  }
  std::uint64_t count = 0;
  if (polled[0].revents != 0) [[maybe_unused]]
    const ssize_t drained = ::read(wake_.get(), &count, sizeof count);
}

// False when the thread is to end and nothing is left to run.
bool Service::run_posted() {
  while (true) {
    std::vector<std::function<void()>> work;
    {
      const std::scoped_lock lock(mutex_);
      if (posted_.empty()) return !stop_;
      work.swap(posted_);
    }
    for (const auto& item : work) item();
  }
}

void Service::run_ready() {
  for (const int fd : ready_) {
    const auto entry = watched_.find(fd);
    if (entry == watched_.end()) continue;   // another one's work ended it
    const auto ready = entry->second.ready;  // it may take itself off
    ready();
  }
}

int Service::draw() {
  const auto wanting = [](Drawable* drawable) { return drawable->wants_drawing(); };
  if (std::none_of(drawables_.begin(), drawables_.end(), wanting)) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_frame_ - Clock::now());
  if (left.count() > 0) return static_cast<int>(left.count());
  const auto begin = Clock::now();
  for (Drawable* drawable : drawables_) {
    if (drawable->wants_drawing()) drawable->draw();
  }
  // On a slow device most of the time is for what is to be read.
  const auto end = Clock::now();
  next_frame_ = end + std::clamp<Clock::duration>(2 * (end - begin), frame_time, longest_pause);
  return -1;
}

}  // namespace pupci::wscons
