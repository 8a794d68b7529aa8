// SPDX-License-Identifier: BSD-2-Clause
// From edu's interrupt to a handler: through pci_intr_establish(9), and by a bare loop.
#pragma once

#include <poll.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "kern/kernel.h"
#include "pupci/bus.h"
#include "ratio.h"

namespace pupci::bench {

namespace edu {
constexpr std::uint64_t status = 0x24;
constexpr std::uint64_t raise = 0x60;
constexpr std::uint64_t acknowledge = 0x64;
}  // namespace edu

inline std::shared_ptr<Function> edu_of(Bus& bus) {
  for (const Address& address : bus.functions()) {
    auto function = bus.function(address);
    if (function->config_read(0, 4) == 0x11e81234) return function;
  }
  throw Error(ENODEV, "no edu");
}

// Interrupts, one after the other, until the handler has counted each. `raise` has the device send
// one.
inline void rounds(benchmark::State& state, const std::function<void()>& raise,
                   const std::atomic<unsigned>& count) {
  unsigned expected = count;
  for (auto _ : state) {
    raise();
    ++expected;
    while (count.load(std::memory_order_acquire) != expected) std::this_thread::yield();
  }
}

// A thread that waits for a descriptor and calls `serve` when it is readable.
class BareLoop {
 public:
  BareLoop(int fd, std::function<void()> serve)
      : loop_([this, fd, serve = std::move(serve)] {
          while (!stop_) {
            pollfd wait{fd, POLLIN, 0};
            if (poll(&wait, 1, 100) <= 0) continue;
            serve();
            count.fetch_add(1, std::memory_order_release);
          }
        }) {}
  ~BareLoop() {
    stop_ = true;
    loop_.join();
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  std::atomic<unsigned> count = 0;

 private:
  std::atomic<bool> stop_ = false;
  std::thread loop_;
};

inline void driver_interrupt(benchmark::State& state, const std::shared_ptr<Bus>& bus,
                             InterruptType type) {
  std::atomic<unsigned> count = 0;
  kern::KernelOptions options;
  options.properties = {"intrbench0:count=u64:" +
                        std::to_string(reinterpret_cast<std::uintptr_t>(&count))};
  if (type == InterruptType::intx) options.properties.emplace_back("intrbench0:intx=u64:1");
  kern::Kernel kernel(bus, options);
  kernel.load(PUPCI_BENCH_DRIVER_DIR "/intrbench.so");
  kernel.attach_all();
  const auto registers = edu_of(*bus)->map(0, 0, 4096);
  rounds(state, [&] { registers->write(edu::raise, 4, 0x10000); }, count);
}

}  // namespace pupci::bench
