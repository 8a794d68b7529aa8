// SPDX-License-Identifier: BSD-2-Clause
// From a sim device's interrupt to the thread that handles it and back, beside bare poll() and
// read() of an eventfd; what a trapped access costs; how long a bus of 250 functions takes to open.
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "pupci/sim.h"
#include "ratio.h"

namespace {

using namespace pupci;

std::uint64_t take(int fd) {
  std::uint64_t count = 0;
  return read(fd, &count, sizeof count) == sizeof count ? count : 0;
}

void post(int fd) {
  const std::uint64_t one = 1;
  if (write(fd, &one, sizeof one) != sizeof one) std::abort();
}

// A thread that waits for `fd` and calls handle() for each signal; `reply` then wakes the caller.
class Handler {
 public:
  Handler(int fd, std::function<void()> handle) : handle_(std::move(handle)) {
    thread_ = std::thread([this, fd] {
      while (!stop_) {
        pollfd wait{fd, POLLIN, 0};
        poll(&wait, 1, 10);
        if ((wait.revents & POLLIN) == 0) continue;
        handle_();
        post(reply_);
      }
    });
  }
  ~Handler() {
    stop_ = true;
    thread_.join();
    close(reply_);
  }
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

  void wait() const { take(reply_); }

 private:
  int reply_ = eventfd(0, 0);
  std::function<void()> handle_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

void bare_eventfd(benchmark::State& state) {
  const int fd = eventfd(0, EFD_NONBLOCK);
  {
    const Handler handler(fd, [fd] { take(fd); });
    for (auto _ : state) {
      post(fd);
      handler.wait();
    }
  }
  close(fd);
}
BENCHMARK(bare_eventfd)->UseRealTime()->Repetitions(5);

void sim_interrupt(benchmark::State& state, InterruptType type) {
  const auto bus = open_bus("sim:msix");
  const auto function = bus->function({});
  function->config_write(4, 2, 6);
  const auto bar = function->map(0, 0, 4096);
  const auto interrupt = function->enable_interrupts(type, 1).at(0);
  const bool level = type == InterruptType::intx;
  interrupt->unmask();
  const Handler handler(interrupt->fd(), [&] {
    interrupt->take();
    if (level) bar->write(0x10, 4, 0);
    interrupt->acknowledge();
  });
  for (auto _ : state) {
    if (level) {
      bar->write(0x10, 4, 1);
    } else {
      bar->write(0x04, 4, 0);
    }
    handler.wait();
  }
}
void sim_msix(benchmark::State& state) {
  sim_interrupt(state, InterruptType::msix);
}
void sim_intx(benchmark::State& state) {
  sim_interrupt(state, InterruptType::intx);
}
BENCHMARK(sim_msix)->UseRealTime()->Repetitions(5);
BENCHMARK(sim_intx)->UseRealTime()->Repetitions(5);

void sim_trapped_read(benchmark::State& state) {
  const auto bus = open_bus("sim:regs");
  const auto bar = bus->function({})->map(0, 0, 4096);
  for (auto _ : state) benchmark::DoNotOptimize(bar->read(0x14, 4));
}
BENCHMARK(sim_trapped_read);

void sim_direct_read(benchmark::State& state) {
  const auto bus = open_bus("sim:regs");
  const auto bar = bus->function({})->map(1, 0, 4096);
  auto* word = static_cast<volatile std::uint32_t*>(bar->base());
  for (auto _ : state) benchmark::DoNotOptimize(*word);
}
BENCHMARK(sim_direct_read);

void sim_open_250(benchmark::State& state) {
  for (auto _ : state) {
    const auto bus = open_bus("sim:regs*250");
    for (const Address& address : bus->functions()) {
      benchmark::DoNotOptimize(bus->function(address)->bars().size());
    }
  }
}
BENCHMARK(sim_open_250)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
  return pupci::bench::run(argc, argv,
                           {{"sim_msix", "bare_eventfd"}, {"sim_intx", "bare_eventfd"}});
}
